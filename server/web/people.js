// The people who are here, as /who and the events of the room tell; those who spoke last come first
// when a name is completed.
const PEOPLE_ASKED_FOR = 500; // a longer list costs the server more than it is worth to a page

class People {
	constructor(changed) {
		this.changed = changed;
		this.map = new Map();
		this.online = 0;
		this.turn = 0;
	}

	get(name) {
		return this.map.get(name.toLowerCase());
	}

	put(name, note = "") {
		const known = this.get(name);
		this.map.set(name.toLowerCase(), { name, note, spoke: known ? known.spoke : 0 });
	}

	drop(name) {
		this.map.delete(name.toLowerCase());
	}

	spoke(name) {
		const person = this.get(name);
		if (person)
			person.spoke = ++this.turn;
	}

	// The answer to /who: "alice (you) since STAMP, idle 3 s" for each.
	set(answers) {
		const before = this.map;
		this.map = new Map();
		for (const answer of answers) {
			const match = /^(\S+)((?: \([^)]*\))*) since /.exec(answer);
			if (!match)
				continue;
			this.put(match[1], match[2].replace(/[()]/g, "").trim());
			const known = before.get(match[1].toLowerCase());
			this.get(match[1]).spoke = known ? known.spoke : 0;
		}
		this.online = this.map.size;
		this.changed();
	}

	// "WHO joined (3 online)", "WHO left (text)", "OLD is now NEW".
	event(text) {
		const came = /^(\S+) joined \((\d+) online\)$/.exec(text);
		const left = /^(\S+) left \((?:(\d+) online\)$)?/.exec(text);
		const renamed = /^(\S+) is now (\S+)$/.exec(text);
		if (came)
			this.came(came[1], Number(came[2]));
		else if (left)
			this.left(left[1], left[2] ? Number(left[2]) : this.online - 1);
		else if (renamed)
			this.renamed(renamed[1], renamed[2]);
		if (came || left || renamed)
			this.changed();
	}

	came(name, online) {
		this.put(name);
		this.online = online;
	}

	left(name, online) {
		this.drop(name);
		this.online = Math.max(online, 0);
	}

	renamed(from, to) {
		const person = this.get(from);
		this.drop(from);
		this.put(to, person ? person.note : "");
		this.get(to).spoke = person ? person.spoke : 0;
	}

	byName() {
		return [...this.map.values()].sort((a, b) => a.name.localeCompare(b.name));
	}

	bySpeech() {
		return this.byName().sort((a, b) => b.spoke - a.spoke);
	}
}
