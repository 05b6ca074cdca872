// Completing the word before the caret: commands, rooms after /join, and names, those who spoke
// last first, after @, a bracket or a quote too.
const COMMANDS = ["/me", "/msg", "/r", "/who", "/nick", "/help", "/quit", "/clear", "/ignore",
	"/unignore", "/replay", "/search", "/quiet", "/rooms", "/join", "/topic", "/invite", "/claim",
	"/unclaim", "/stats", "/ping", "/op", "/kick", "/ban", "/unban", "/bans", "/motd", "/announce",
	"/slow", "/shutdown"];

// Letters without their case and accents.
function foldedWord(text) {
	return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function startsFolded(text, start) {
	return foldedWord(text).startsWith(foldedWord(start));
}

// { start, candidates }: what may stand in place of the text from start to the caret.
function completions(before, { names, rooms }) {
	const word = /[^\s@("'“‘«]*$/.exec(before)[0];
	const start = before.length - word.length;
	if (/^\/\S*$/.test(before)) {
		const found = COMMANDS.filter((command) => startsFolded(command, before));
		return { start: 0, candidates: before === "/" ? [] : found.map((each) => `${each} `) };
	}
	if (/^\/join +\S*$/i.test(before))
		return { start, candidates: rooms.filter((room) => startsFolded(room, word)) };
	const found = word ? names.filter((name) => startsFolded(name, word)) : [];
	return { start, candidates: found.map((name) => name + (start === 0 ? ": " : " ")) };
}

// One word being completed: each further TAB puts the next candidate in.
class Completion {
	constructor(field, sources) {
		const before = field.value.slice(0, field.selectionStart);
		Object.assign(this, { field, index: -1, end: before.length }, completions(before, sources));
		this.word = before.slice(this.start);
	}

	// Returns what was put in, null if there is nothing.
	step(direction) {
		const { candidates, field } = this;
		if (candidates.length === 0)
			return null;
		const first = direction > 0 ? 0 : candidates.length - 1;
		const count = candidates.length;
		this.index = this.index < 0 ? first : (this.index + direction + count) % count;
		const text = candidates[this.index];
		field.setRangeText(text, this.start, this.end, "end");
		this.end = this.start + text.length;
		return text;
	}

	undo() {
		this.field.setRangeText(this.word, this.start, this.end, "end");
	}
}
