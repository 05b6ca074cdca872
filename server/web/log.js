// The messages as they are seen. Lines are put in once a frame, a bounded number of them, so that
// the page never stands still; at most LINES_MAX are kept. It follows the newest line only while
// that is in view.
const LINES_MAX = 2000;
const LINES_A_FRAME = 120;
const LINES_A_SECTION = 50; // drawn, and forgotten, together
const LINES_SAVED = 1000;
const NEAR_END = 40; // pixels
const PAUSE_HIDDEN = 250; // milliseconds: nothing is drawn in the background
const SAME_SPEECH = 300; // seconds after which a name is shown again

class Log {
	constructor({ scroller, log, pending, newer }) {
		Object.assign(this, { scroller, log, pendingList: pending, newer });
		this.isFollowing = true;
		this.pendingLines = new Map();
		this.reset();
		scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
		newer.addEventListener("click", () => this.follow());
		const observer = new ResizeObserver(() => this.keepEnd());
		observer.observe(scroller);
		observer.observe(log); // a line out of view is only guessed at, and grows when it is seen
	}

	reset() {
		this.lines = []; // { item, element, day }
		this.queue = [];
		this.unseen = 0;
		this.log.replaceChildren();
		document.body.className = "bare";
		this.showUnseen();
	}

	// ---- Following the newest line

	// It stops following when it is scrolled up; the end may also move away by itself.
	scrolled() {
		const { scrollHeight, scrollTop, clientHeight } = this.scroller;
		if (scrollHeight - scrollTop - clientHeight < NEAR_END)
			this.isFollowing = true;
		else if (scrollTop < this.top)
			this.isFollowing = false;
		this.top = scrollTop;
		if (this.isFollowing)
			this.unseen = 0;
		this.showUnseen();
	}

	showUnseen() {
		this.newer.hidden = this.unseen === 0;
		this.newer.textContent = `${this.unseen} new`;
	}

	keepEnd() {
		if (this.isFollowing)
			this.scroller.scrollTop = this.scroller.scrollHeight;
	}

	follow() {
		this.flushAll();
		this.isFollowing = true;
		this.unseen = 0;
		this.showUnseen();
		this.keepEnd();
	}

	// ---- Putting lines in

	add(item) {
		this.queue.push(item);
		this.schedule();
	}

	// A line from before, which goes where its number says, unless it is there.
	addOld(item) {
		this.add({ ...item, isOld: true });
	}

	schedule() {
		if (this.isScheduled)
			return;
		this.isScheduled = true;
		const run = () => {
			this.isScheduled = false;
			this.flush(LINES_A_FRAME);
		};
		if (document.hidden)
			setTimeout(run, PAUSE_HIDDEN);
		else
			requestAnimationFrame(run);
	}

	flushAll() {
		this.flush(Infinity);
	}

	// The oldest of more than are kept need not be drawn to be forgotten.
	skip() {
		const over = this.queue.length - LINES_MAX;
		for (const item of over > 0 ? this.queue.splice(0, over) : [])
			this.settle(item.settles);
	}

	flush(count) {
		this.skip();
		for (const item of this.queue.splice(0, count))
			this.put(item);
		document.body.className = this.lines.length ? "" : "bare";
		this.trim();
		this.keepEnd();
		if (!this.isFollowing)
			this.showUnseen();
		if (this.queue.length)
			this.schedule();
	}

	put(item) {
		this.settle(item.settles);
		if (item.isOld && this.lines.length) {
			this.insert(item);
			return;
		}
		const line = { item, element: makeLine(item), day: null };
		this.lines.push(line);
		this.append(line.element);
		this.place(this.lines.length - 1);
		this.unseen += this.isFollowing || item.kind === "notice" ? 0 : 1;
	}

	append(element) {
		const { lastChild } = this.log;
		const isFull = !lastChild || lastChild.childElementCount >= LINES_A_SECTION;
		const section = isFull ? make("div", "section") : lastChild;
		section.append(element);
		if (isFull)
			this.log.append(section);
	}

	insert(item) {
		let at = this.lines.length;
		while (at > 0 && !(this.lines[at - 1].item.id && this.lines[at - 1].item.id <= item.id))
			at--;
		if (at > 0 && this.lines[at - 1].item.id === item.id)
			return;
		const line = { item, element: makeLine(item), day: null };
		const next = this.lines[at];
		if (next)
			(next.day || next.element).before(line.element);
		else
			this.append(line.element);
		this.lines.splice(at, 0, line);
		this.place(at);
		if (next)
			this.place(at + 1);
	}

	// The look of a line depends on the one before it: a new day, the same person going on.
	place(index) {
		const line = this.lines[index];
		const before = index > 0 ? this.lines[index - 1] : null;
		const day = dayOf(line.item.time);
		line.date = day || (before ? before.date : "");
		const isNewDay = day !== "" && !(before && before.date === day);
		if (line.day && !isNewDay)
			line.day.remove();
		if (isNewDay && !line.day)
			line.element.before(line.day = make("h2", "day", day));
		line.day = isNewDay ? line.day : null;
		line.element.classList.toggle("same", !isNewDay && this.goesOn(line.item, before));
	}

	goesOn(item, before) {
		return before !== null && item.kind === before.item.kind && item.who === before.item.who &&
			!PLAIN.has(item.kind) && !item.isMention && item.time - before.item.time < SAME_SPEECH;
	}

	trim() {
		if (this.lines.length <= LINES_MAX)
			return;
		while (this.lines.length > LINES_MAX) {
			const section = this.log.firstChild;
			this.lines.splice(0, section.querySelectorAll(".line").length);
			section.remove();
		}
		this.place(0);
	}

	forgetIds() {
		for (const line of this.lines)
			line.item.id = 0;
	}

	// ---- What is not yet said

	addPending(item, who) {
		const isPrivate = item.kind === "sent";
		const line = makeLine({ ...item, who, id: 0, time: null, stamp: null, isOwn: false });
		line.className = `line ${item.kind} own waiting${isPrivate ? " private" : ""}`;
		line.append(make("span", "time", "sending…"));
		this.pendingLines.set(item.key, line);
		this.pendingList.append(line);
		this.follow();
	}

	settle(keys) {
		for (const key of keys || []) {
			const line = this.pendingLines.get(key);
			this.pendingLines.delete(key);
			if (line)
				line.remove();
		}
	}

	// It was not said, and only the person can tell whether it should still be.
	fail(item, again) {
		const line = this.pendingLines.get(item.key);
		if (!line)
			return;
		const buttons = make("span", "unsent");
		const send = make("button", "", "Send again");
		const drop = make("button", "", "Drop");
		send.type = drop.type = "button";
		drop.addEventListener("click", () => this.settle([item.key]));
		send.addEventListener("click", () => {
			this.settle([item.key]);
			again();
		});
		buttons.append("Perhaps not sent. ", send, " ", drop);
		line.classList.add("failed");
		line.querySelector(".time").replaceWith(buttons);
		this.keepEnd();
	}

	// ---- Keeping a room's lines while another is shown

	save() {
		this.flushAll();
		return this.lines.slice(-LINES_SAVED).map((line) => ({ ...line.item, settles: undefined }));
	}

	// At once, since they were here before: the page begins where it was.
	restore(items) {
		this.reset();
		this.queue.push(...items);
		this.isFollowing = true;
		this.flushAll();
	}
}
