// The lists of rooms and people beside the conversation; on a phone they lie over it when asked
// for.
const PEOPLE_SHOWN = 500;

class Side {
	// host: write(name), rename(), join(room), opened().
	constructor({ side, rooms, people, opener }, host) {
		Object.assign(this, { side, rooms, people, opener, host });
		opener.addEventListener("click", () => this.toggle());
		side.addEventListener("keydown", (event) => {
			if (event.key === "Escape")
				this.close();
		});
	}

	get isOpen() {
		return this.side.classList.contains("open");
	}

	toggle() {
		this.side.classList.toggle("open");
		this.opener.setAttribute("aria-expanded", String(this.isOpen));
		if (this.isOpen)
			this.host.opened();
		const first = this.side.querySelector("button");
		if (this.isOpen && first)
			first.focus();
	}

	close() {
		if (!this.isOpen)
			return;
		this.toggle();
		this.opener.focus();
	}

	// Redraws a list once a frame at most, and leaves the focus where it was.
	later(list, items) {
		const isWaiting = list.items;
		list.items = items;
		if (isWaiting)
			return;
		setTimeout(() => {
			const { activeElement } = document;
			const focused = list.contains(activeElement) ? activeElement.dataset.name : "";
			list.replaceChildren(...list.items());
			list.items = null;
			for (const button of list.querySelectorAll("button"))
				if (focused && button.dataset.name === focused)
					button.focus();
		}, 50);
	}

	showPeople(people, me) {
		const online = Math.max(people.online, people.map.size);
		this.opener.textContent = `${online} online`;
		this.opener.hidden = online === 0;
		this.later(this.people, () => {
			const names = people.byName();
			const items = names.slice(0, PEOPLE_SHOWN).map((person) => this.personItem(person, me));
			const more = online - items.length;
			return more > 0 ? [...items, make("li", "quiet", `and ${more} more`)] : items;
		});
	}

	personItem({ name, note }, me) {
		const item = make("li");
		const isMe = me !== "" && sameName(name, me);
		const label = make("button", `person ${colourClass(name)}`, name);
		label.dir = "auto";
		label.type = "button";
		label.dataset.name = name;
		label.title = isMe ? "Change your name" : `Write to ${name} alone`;
		label.addEventListener("click", () => (isMe ? this.host.rename() : this.host.write(name)));
		item.append(label);
		const notes = isMe ? "you" : note.replace("you", "");
		if (notes)
			item.append(make("span", "quiet", ` ${notes}`));
		return item;
	}

	showRooms(rooms) {
		this.rooms.parentElement.hidden = !rooms.isMany();
		this.later(this.rooms, () => rooms.list.map((room) => this.roomItem(room)));
	}

	roomItem(room) {
		const item = make("li");
		const button = make("button", "room", room.name);
		button.type = "button";
		button.dir = "auto";
		button.dataset.name = room.name;
		button.title = room.topic;
		button.addEventListener("click", () => this.host.join(room.name));
		if (room.isHere)
			button.setAttribute("aria-current", "true");
		item.append(button);
		if (room.unread) {
			const unread = make("span", "unread", String(room.unread));
			unread.append(make("span", "aside", " unread"));
			item.append(unread);
		}
		if (room.isLocked)
			item.append(make("span", "quiet", "password"));
		return item;
	}
}
