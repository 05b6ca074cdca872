// The field that a person types in: a line at a time, no longer than the server takes.
const HISTORY_MAX = 200;
const NEAR_LIMIT = 200; // bytes left from which on they are shown

class Composer {
	// host: say(line), sources(), ask(lines, then), speak(text), lastFrom().
	constructor({ form, field, left, send }, host) {
		Object.assign(this, { form, field, left, button: send, host });
		this.limit = LIMIT_DEFAULT;
		this.history = [];
		this.place = 0;
		this.draft = "";
		this.completion = null;
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.submit();
		});
		field.addEventListener("keydown", (event) => this.keyed(event));
		field.addEventListener("beforeinput", (event) => this.beforeInput(event));
		field.addEventListener("input", () => this.changed());
		field.addEventListener("paste", (event) => this.pasted(event));
		this.changed();
	}

	// ---- Keys

	keyed(event) {
		// The key that ends a composition is not for us; Safari tells it by 229 alone.
		if (event.isComposing || event.keyCode === 229)
			return;
		const act = event.ctrlKey || event.metaKey || event.altKey ? null : this.actOf(event);
		if (event.key !== "Shift" && event.key !== "Tab")
			this.completion = null;
		if (act && act() !== false)
			event.preventDefault();
	}

	actOf(event) {
		const { key, shiftKey } = event;
		if (key === "Enter")
			return () => this.submit();
		if (key === "Tab")
			return () => this.complete(shiftKey ? -1 : 1);
		if (key === "Escape" && this.completion)
			return this.undoAct(this.completion);
		if (key === "ArrowUp" && this.isAtEdge(0))
			return () => this.recall(-1);
		return key === "ArrowDown" && this.isAtEdge(this.field.value.length)
			? () => this.recall(1) : null;
	}

	undoAct(completion) {
		return () => {
			completion.undo();
			this.changed();
		};
	}

	// Within several rows the arrows move the caret first.
	isAtEdge(edge) {
		const row = parseFloat(getComputedStyle(this.field).lineHeight);
		const { selectionStart, selectionEnd } = this.field;
		return this.field.scrollHeight < 2.5 * row ||
			(selectionStart === edge && selectionEnd === edge);
	}

	// A keyboard on glass may send no key but put in a line break.
	beforeInput(event) {
		if (event.inputType !== "insertLineBreak" && event.inputType !== "insertParagraph")
			return;
		event.preventDefault();
		if (!event.isComposing)
			this.submit();
	}

	complete(direction) {
		this.completion = this.completion || new Completion(this.field, this.host.sources());
		const { completion } = this;
		const text = completion.step(direction);
		if (text === null) {
			this.completion = null;
			return false; // TAB goes on to what is next on the page
		}
		this.fit();
		const { length } = completion.candidates;
		const place = length > 1 ? `, ${completion.index + 1} of ${length}` : "";
		this.host.speak(text.trim() + place);
		return true;
	}

	// ---- History

	recall(step) {
		const place = this.place + step;
		if (place < 0 || place > this.history.length)
			return;
		if (this.place === this.history.length)
			this.draft = this.field.value;
		this.place = place;
		this.set(place === this.history.length ? this.draft : this.history[place]);
	}

	// Keys and passwords are not kept.
	remember(line) {
		const isSecret = /^\s*\/(op|nick\s+\S+)\s+\S/i.test(line);
		if (!isSecret && this.history[this.history.length - 1] !== line)
			this.history.push(line);
		this.history = this.history.slice(-HISTORY_MAX);
		this.place = this.history.length;
	}

	// ---- Text

	set(text) {
		this.field.value = text;
		this.field.setSelectionRange(text.length, text.length);
		this.changed();
	}

	changed() {
		if (/[\r\n]/.test(this.field.value)) // dropped, or put in by a keyboard
			this.takeLines(this.field.value);
		const last = this.host.lastFrom();
		if (last && this.field.value === "/r ")
			this.set(`/msg ${last} `);
		this.completion = null;
		this.fit();
	}

	fit() {
		const left = this.limit - utf8Length(this.field.value);
		this.left.textContent = left < 0 ? `${-left} too many` : `${left} left`;
		this.left.hidden = left > Math.min(NEAR_LIMIT, this.limit / 4);
		this.left.classList.toggle("over", left < 0);
		this.button.disabled = left < 0;
		this.field.setAttribute("aria-invalid", String(left < 0));
		this.fitHeight();
	}

	// A long line takes several rows, up to what the style sheet allows.
	fitHeight() {
		const { field } = this;
		field.style.height = "auto";
		field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
	}

	setLimit(limit) {
		this.limit = limit;
		this.fit();
	}

	submit() {
		const line = this.field.value;
		if (isBlank(line) || this.button.disabled)
			return;
		this.set("");
		this.remember(line);
		this.host.say(line);
	}

	// ---- Several lines at once

	pasted(event) {
		const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
		if (!/[\r\n]/.test(text))
			return;
		event.preventDefault();
		const { value, selectionStart, selectionEnd } = this.field;
		this.takeLines(value.slice(0, selectionStart) + text + value.slice(selectionEnd));
	}

	// They are text even where they look like commands.
	takeLines(text) {
		const lines = text.split(/\r\n?|\n/).filter((line) => !isBlank(line));
		if (lines.length < 2) {
			this.set(lines.join(""));
			return;
		}
		this.set("");
		this.host.ask(lines, () => {
			for (const line of lines)
				this.host.say(startsWithSlash(line) ? `/${line.trimStart()}` : line);
		});
	}

	focus() {
		this.field.focus();
	}
}
