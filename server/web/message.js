// Tells the lines of the server apart. The forms are those of docs/protocol.md, "To the client",
// and the table stands in the same order as that of proto/message.c.
const STAMP = / --([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;
const FORMS = [
	["said", /^\[([^ [\]:]+)\]: /, true],
	["action", /^\* ([^ [\]:]+) /, true],
	["event", /^\*\*\* ()/, true],
	["received", /^\[([^ [\]:]+) -> you\]: /, true],
	["sent", /^\[you -> ([^ [\]:]+)\]: /, true],
	["answer", /^=== ()/, false],
	["error", /^!!! ()/, false],
];

// The line as one form, or null.
function parseForm(line, [kind, opening, stamped]) {
	const head = opening.exec(line);
	const stamp = stamped ? STAMP.exec(line) : null;
	const end = stamp ? stamp.index : line.length;
	if (!head || (stamped && !stamp) || end < head[0].length)
		return null;
	return { kind, who: head[1], text: line.slice(head[0].length, end), stamp: stamp && stamp[1] };
}

// id is 0 and time null for a line that has no tag.
function parseLine(line) {
	const tag = /^@(\d+) (-?\d+) /.exec(line);
	const rest = tag ? line.slice(tag[0].length) : line;
	let message = null;
	for (let i = 0; i < FORMS.length && !message; i++)
		message = parseForm(rest, FORMS[i]);
	message = message || { kind: "other", who: "", text: rest, stamp: null };
	message.id = tag ? Number(tag[1]) : 0;
	message.time = tag ? Number(tag[2]) : null;
	return message;
}

// The kind and text that a typed line will have once it is said.
function parseTyped(line) {
	const [, word, rest] = /^\s*(\S*)\s*([^]*)$/.exec(line);
	if (!startsWithSlash(line))
		return { kind: "said", text: line };
	if (word.startsWith("//"))
		return { kind: "said", text: line.replace("/", "") };
	if (word.toLowerCase() === "/me")
		return { kind: "action", text: rest };
	if (/^\/(msg|r)$/i.test(word))
		return { kind: "sent", text: word.length > 2 ? rest.replace(/^\S+\s*/, "") : rest };
	return { kind: "command", text: line };
}
