// The rooms of the server, and how many lines of each came since it was last read.
class Rooms {
	constructor(store, changed) {
		this.store = store;
		this.changed = changed;
		this.list = [];
	}

	// The answer to /rooms: "NAME (you) (password): N online, up to ID - TOPIC" for each.
	set(answers, current) {
		const form =
			/^(\S+)((?: \((?:you|password)\))*)(?:: (\d+) online, up to (\d+)(?: - (.*))?)?$/;
		const found = answers.map((answer) => form.exec(answer)).filter((match) => match &&
			(match[3] || match[2]));
		this.list = found.map(([, name, notes, online, last, topic]) => ({
			name,
			isHere: sameName(name, current) || notes.includes("(you)"),
			isLocked: notes.includes("(password)"),
			online: online ? Number(online) : null,
			unread: last ? this.unreadOf(name, Number(last)) : 0,
			topic: topic || "",
		}));
		for (const room of this.list)
			room.unread = room.isHere ? 0 : room.unread;
		this.changed();
	}

	// A room that was never entered is counted from the first time it is seen.
	unreadOf(name, last) {
		const seen = this.store.seenIn(name);
		if (seen === undefined || seen > last)
			this.store.keepSeen(name, last);
		return seen === undefined || seen > last ? 0 : last - seen;
	}

	isMany() {
		return this.list.length > 1;
	}
}
