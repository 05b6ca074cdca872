// Text as chatd sees it: lines are limited in bytes of UTF-8, and names differ by more than case.
const encoder = new TextEncoder();

function utf8Length(text) {
	return encoder.encode(text).length;
}

// Nothing of it would be seen, so the server ignores the line.
function isBlank(text) {
	const shown = /[^\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]/;
	return !shown.test(text);
}

// The server drops controls, and what they begin; without them a line is what it looks like.
function withoutControls(text) {
	return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, "");
}

// The first thing that is seen of it is a slash: a command, or `//` for a message.
function startsWithSlash(text) {
	return /^[\s\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]*\//.test(text);
}

function sameName(a, b) {
	return a.toLowerCase() === b.toLowerCase();
}

// Whether a name stands in a text as a word of its own.
function hasWord(text, word) {
	const inside = /[\p{L}\p{N}_]/u;
	const where = text.toLowerCase();
	const what = word.toLowerCase();
	for (let at = where.indexOf(what); what && at >= 0; at = where.indexOf(what, at + 1)) {
		const before = where.slice(0, at).slice(-1);
		const after = where.slice(at + what.length, at + what.length + 1);
		if (!inside.test(before) && !inside.test(after))
			return true;
	}
	return false;
}

// "1 line", "2 lines".
function counted(count, noun) {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// A span of time in the largest unit that makes at least two of it.
function spanText(seconds) {
	if (seconds < 120)
		return `${seconds} s`;
	return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
