// The things that outlive the page. The name, keys and how far each room was read stay with the
// browser; where this tab was stays with the tab, from the moment it is left until it is loaded
// again, so that a copy of a tab does not take the place of the first. Where storage is denied,
// memory has to do.
function storageOf(kind) {
	try {
		window[kind].setItem("chatd", "");
		window[kind].removeItem("chatd");
		return window[kind];
	} catch {
		const memory = new Map();
		return {
			getItem: (key) => memory.get(key) || null,
			setItem: (key, value) => memory.set(key, value),
			removeItem: (key) => memory.delete(key),
		};
	}
}

class Store {
	// Several servers may share an origin, each under a path of its own.
	constructor(path) {
		this.key = `chatd ${path}`;
		this.lasting = storageOf("localStorage");
		this.tab = storageOf("sessionStorage");
		this.data = { nick: "", keys: {}, seen: {}, ...this.read(this.lasting) };
	}

	read(storage) {
		try {
			return JSON.parse(storage.getItem(this.key)) || null;
		} catch {
			return null;
		}
	}

	// Another tab may have kept something meanwhile.
	change(change) {
		Object.assign(this.data, this.read(this.lasting));
		change(this.data);
		this.write(this.lasting, this.data);
	}

	write(storage, data) {
		try {
			storage.setItem(this.key, JSON.stringify(data));
			return true;
		} catch {
			return false; // full
		}
	}

	get nick() {
		return this.data.nick;
	}

	set nick(nick) {
		this.change((data) => { data.nick = nick; });
	}

	keyOf(nick) {
		return this.data.keys[nick.toLowerCase()] || "";
	}

	// An empty key is forgotten.
	keepKey(nick, key) {
		this.change((data) => {
			if (key)
				data.keys[nick.toLowerCase()] = key;
			else
				delete data.keys[nick.toLowerCase()];
		});
	}

	seenIn(room) {
		return this.data.seen[room];
	}

	keepSeen(room, id) {
		this.change((data) => { data.seen[room] = id; });
	}

	saveTab(state) {
		if (!this.write(this.tab, state))
			this.write(this.tab, { ...state, lines: [] });
	}

	// Takes what saveTab() left, once.
	takeTab() {
		const state = this.read(this.tab);
		this.tab.removeItem(this.key);
		return state;
	}
}
