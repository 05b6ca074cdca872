// The lines that a person sent and has not seen to be said. The server counts messages and actions,
// from the moment it gave a token (docs/protocol.md, "Was it said?"); so does this list, and each
// line keeps its number until its echo comes. A line is held until it is sent, and in doubt once
// the connection that it was sent on is lost.
let pendingKey = 0;

class Pending {
	constructor(saved) {
		this.sent = saved ? saved.sent : 0;
		this.items = saved ? saved.items.map((item) => ({ ...item, key: ++pendingKey })) : [];
		this.lost();
	}

	add(line) {
		const item = { key: ++pendingKey, line, number: 0, state: "held", ...parseTyped(line) };
		this.items.push(item);
		return item;
	}

	// Private lines are not in the feed, and not counted.
	isCounted(item) {
		return item.kind === "said" || item.kind === "action";
	}

	markSent(item) {
		item.state = "sent";
		item.number = this.isCounted(item) ? ++this.sent : 0;
	}

	held() {
		return this.items.filter((item) => item.state === "held");
	}

	isWaiting() {
		return this.items.some((item) => item.state === "sent");
	}

	// Takes those away for which leaves() is true, and returns them.
	take(leaves) {
		const taken = this.items.filter(leaves);
		this.items = this.items.filter((item) => !taken.includes(item));
		return taken;
	}

	// An own line has come back: it and those of its kind before it wait no more. Where the server
	// has cleaned the text, the order tells which it was.
	confirm(message) {
		const waiting = this.items.filter((item) => item.state !== "held" &&
			this.isCounted(item) === (message.kind !== "sent"));
		const same = waiting.findIndex((item) =>
			item.kind === message.kind && item.text === message.text);
		const first = waiting.findIndex((item) => item.kind === message.kind);
		const settled = waiting.slice(0, (same >= 0 ? same : first) + 1);
		return this.take((item) => settled.includes(item));
	}

	// The server has refused a line of that many bytes; without a number, the first that waits.
	refuse(bytes) {
		const refused = this.items.find((item) => item.state !== "held" &&
			(bytes === undefined ? this.isCounted(item) : utf8Length(item.line) === bytes));
		return this.take((item) => item === refused);
	}

	lost() {
		for (const item of this.items)
			item.state = item.state === "held" ? "held" : "doubt";
	}

	// There is a new token, and the server counts from 0.
	restartCount() {
		this.sent = 0;
		for (const item of this.items)
			item.number = 0;
	}

	// The server has dealt with the first count lines, and no others have arrived.
	said(count) {
		this.sent = count;
		const isInDoubt = (item) => item.state === "doubt" && this.isCounted(item);
		for (const item of this.items.filter(isInDoubt)) {
			item.isDealtWith = item.number <= count;
			item.state = item.isDealtWith ? "doubt" : "held";
		}
	}

	// All that was said meanwhile has come. A line that is still in doubt was not said: it is held
	// to be sent again, if that is certain; else it is taken away and returned. One that was dealt
	// with, and may be among lines that were missed, is taken as said.
	resolve(nothingMissed) {
		const isUnsaid = (item) => nothingMissed && item.state === "doubt" &&
			this.isCounted(item) && !item.isDealtWith;
		for (const item of this.items.filter(isUnsaid))
			item.state = "held";
		const taken = this.take((item) => item.state === "doubt");
		const isSaid = (item) => item.isDealtWith && !nothingMissed;
		return { said: taken.filter(isSaid), failed: taken.filter((item) => !isSaid(item)) };
	}

	save() {
		return { sent: this.sent, items: this.items };
	}
}
