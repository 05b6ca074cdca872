// Puts the parts together: what the session says is shown, what the person does is said.
const byId = (id) => document.getElementById(id);
const REFRESH_PERIOD = 30000; // milliseconds between questions for what no event tells
const CROWD = 50; // people from which on joining and leaving may not be told
const STATES = {
	connecting: "Connecting…", pausing: "Reconnecting…", stopped: "Not connected",
};

class Page {
	constructor() {
		this.store = new Store(location.pathname);
		const saved = this.store.takeTab();
		this.stash = new Map(); // by name: the lines and last number of rooms that were left
		this.hasLost = false;
		this.makeParts();
		this.session = new Session(this, this.store, saved);
		if (saved)
			this.restore(saved);
		this.takeFragment();
		this.link = new Link(this.linkHost());
		this.listen();
		byId("page").hidden = false;
		this.showForm(this.store.nick ? "say" : "join");
		this.fitViewport();
		this.link.open();
	}

	makeParts() {
		this.log = new Log({
			scroller: byId("scroll"), log: byId("log"),
			pending: byId("pending"), newer: byId("newer"),
		});
		this.composer = new Composer(
			{ form: byId("say"), field: byId("text"), left: byId("left"), send: byId("send") },
			{
				say: (line) => this.session.say(line),
				sources: () => this.sources(),
				ask: (lines, then) => this.askPaste(lines, then),
				speak: (text) => { byId("spoken").textContent = text; },
				lastFrom: () => (this.session ? this.session.lastFrom : ""),
			},
		);
		this.side = new Side(
			{
				side: byId("side"), opener: byId("open-side"),
				rooms: byId("rooms").lastElementChild, people: byId("people").lastElementChild,
			},
			{
				write: (name) => this.writeTo(name),
				join: (room) => this.joinRoom(room),
				rename: () => this.rename(),
				opened: () => { if (this.session.isHere) this.session.askPeople(true); },
			},
		);
		this.attention = new Attention({ icon: byId("icon"), button: byId("notify") });
	}

	linkHost() {
		return {
			opened: () => this.session.connected(),
			heard: (line) => this.session.line(line),
			lost: () => this.lost(),
			stopped: (code, reason) => this.stopped(code, reason),
			changed: () => this.showState(),
			probe: () => this.probe(),
			isWaiting: () => byId("page").dataset.form !== "unlock" &&
				(!this.session.isHere || this.session.pending.isWaiting()),
		};
	}

	restore(saved) {
		this.log.restore(saved.lines);
		for (const item of this.session.pending.items)
			this.log.addPending(item, item.who);
		this.composer.history = saved.history;
		this.composer.place = saved.history.length;
		this.composer.set(saved.draft);
	}

	listen() {
		window.addEventListener("pagehide", () => this.leave());
		window.addEventListener("pageshow", (event) => {
			if (event.persisted)
				this.comeBack();
		});
		window.addEventListener("online", () => this.link.wake());
		window.addEventListener("focus", () => this.lookedAt());
		document.addEventListener("visibilitychange", () => this.lookedAt());
		window.addEventListener("hashchange", () => this.fragmentChanged());
		byId("join").addEventListener("submit", (event) => this.nickGiven(event));
		byId("unlock").addEventListener("submit", (event) => this.passwordGiven(event));
		byId("stopped").addEventListener("submit", (event) => this.tryAgain(event));
		byId("rename").addEventListener("click", () => this.rename());
		byId("keep").addEventListener("click", () => this.showForm("say"));
		setInterval(() => this.refresh(), REFRESH_PERIOD);
		if (window.visualViewport) {
			visualViewport.addEventListener("resize", () => this.fitViewport());
			visualViewport.addEventListener("scroll", () => this.fitViewport());
		}
	}

	// The keyboard of a phone takes its room from the page, whether or not the browser says so.
	fitViewport() {
		const view = window.visualViewport;
		if (!view || view.scale > 1.01)
			return;
		byId("page").style.setProperty("--height", `${view.height}px`);
		byId("page").style.setProperty("--top", `${view.offsetTop}px`);
		this.log.keepEnd();
	}

	// ---- Coming and going

	leave() {
		this.saveTab();
		this.link.close();
	}

	comeBack() {
		this.store.takeTab();
		if (this.link.state === "closed")
			this.link.open();
	}

	saveTab() {
		if (this.session.room || this.session.id)
			this.store.keepSeen(this.session.room, this.session.id);
		this.store.saveTab({
			...this.session.save(),
			lines: this.log.save(),
			history: this.composer.history,
			draft: this.composer.field.value,
		});
	}

	// A phone may end a page in the background without a word.
	lookedAt() {
		if (document.hidden) {
			this.saveTab();
			return;
		}
		this.store.takeTab();
		this.attention.seen();
		this.link.wake();
	}

	probe() {
		if (this.session.phase !== "here")
			return false;
		this.session.probe();
		return true;
	}

	lost() {
		const wasIn = this.session.phase === "here" || this.session.phase === "catching";
		this.session.lost();
		if (wasIn && this.link.state !== "closed")
			this.notice("loss connect!");
		byId("log").setAttribute("aria-live", "off");
	}

	stopped(code, reason) {
		const said = this.session.error || reason || "The server has ended the connection.";
		byId("reason").textContent = code === CLOSED_BY_ORDER ? "You have left." : said;
		this.showForm("stopped");
	}

	tryAgain(event) {
		event.preventDefault();
		this.showForm(this.store.nick ? "say" : "join");
		this.link.attempts = 0;
		this.link.open();
	}

	showState() {
		byId("status").textContent = STATES[this.link.state] || "";
	}

	// ---- Forms at the foot of the page: one of them is there at a time

	showForm(name) {
		const isReading = this.isReading && name === "say";
		for (const id of ["say", "join", "unlock", "stopped"])
			byId(id).hidden = id !== name || isReading;
		byId("reading").hidden = !isReading;
		byId("page").dataset.form = name;
		const field = { say: "text", join: "nick", unlock: "password" }[name];
		if (name === "say")
			this.composer.fit();
		if (name !== "say" || !matchMedia("(pointer: coarse)").matches)
			byId(field || "again").focus();
	}

	showCard(title, hint) {
		byId("join").querySelector("h2").textContent = title || "Chat";
		byId("join").querySelector(".hint").textContent = hint;
	}

	askNick(problem, canKeep) {
		const nick = byId("nick");
		nick.value = nick.value || this.store.nick;
		byId("join-problem").textContent = problem;
		byId("keep").hidden = !canKeep;
		this.showCard(canKeep ? "Change your name" : this.session.name, "");
		byId("join").querySelector(".key").hidden = !/claimed/.test(problem);
		byId("join").querySelector("[type=submit]").textContent = canKeep ? "Change" : "Join";
		this.showForm("join");
		nick.select();
	}

	rename() {
		this.side.close();
		this.askNick("", true);
	}

	nickGiven(event) {
		event.preventDefault();
		const nick = byId("nick").value.trim();
		const key = byId("key").value.trim();
		if (!nick)
			return;
		if (key)
			this.store.keepKey(nick, key);
		byId("key").value = "";
		this.useNick(nick);
	}

	useNick(nick) {
		if (this.session.phase === "here" || this.session.phase === "catching") {
			this.session.askNick(nick, {});
			return;
		}
		this.store.nick = nick;
		this.showForm("say");
		if (this.link.state !== "open" && this.link.state !== "connecting")
			this.link.open();
	}

	passwordGiven(event) {
		event.preventDefault();
		const password = byId("password").value;
		byId("password").value = "";
		this.showForm("say");
		this.session.answerPassword(password);
	}

	askPaste(lines, then) {
		const dialog = byId("paste");
		byId("paste-title").textContent = `Send ${lines.length} lines?`;
		byId("pasted").textContent = lines.join("\n");
		dialog.returnValue = "";
		dialog.onclose = () => {
			if (dialog.returnValue === "send")
				then();
			this.composer.focus();
		};
		dialog.showModal();
	}

	// ---- What the session tells

	send(line) {
		this.link.send(line);
	}

	greeted() {
		const { session } = this;
		this.composer.setLimit(session.limit);
		this.isReading = session.isReadOnly;
		const others = session.people.online - 1;
		this.showCard(session.name, others > 0 ? `${others} online` : "");
		this.showTitle();
		if (this.isReading)
			this.showForm("say");
		else if (!this.store.nick)
			this.link.close(); // who is gone within two seconds leaves no trace in the room
		else if (byId("page").dataset.form !== "say")
			this.showForm("say");
	}

	showTitle() {
		const { name, room, rooms, home } = this.session;
		const isNamed = room && (rooms.isMany() || !sameName(room, home));
		const title = name || "Chat";
		byId("title").textContent = isNamed ? room : title;
		this.attention.setTitle(isNamed ? `${room} – ${title}` : title);
	}

	ready() {
		this.link.settled();
		this.log.flushAll();
		byId("log").setAttribute("aria-live", "polite");
		this.showFragment();
		this.showTitle();
		if (byId("page").dataset.form === "unlock")
			this.showForm("say");
	}

	named() {
		byId("rename").textContent = this.session.me;
		byId("rename").className = colourClass(this.session.me);
		byId("rename").setAttribute("aria-label", `You are ${this.session.me}: change your name`);
		if (byId("page").dataset.form === "join")
			this.showForm("say");
		this.peopleChanged();
	}

	nickRefused(nick, text) {
		byId("nick").value = nick;
		this.askNick(text, this.session.me !== "");
	}

	passwordAsked(problem) {
		byId("unlock-problem").textContent = problem;
		this.showForm("unlock");
	}

	doorIsForReading() {
		this.isReading = true;
		this.showForm("say");
	}

	show(item, isNews) {
		const invitation = item.kind === "answer" && /^invitation (\S+\/\S+),/.exec(item.text);
		if (invitation)
			item.link = `${location.href.split("#")[0]}#${encodeURI(invitation[1])}`;
		this.log.add(item);
		if (isNews)
			this.attention.heard(item);
	}

	repeat(item) {
		this.log.addOld(item);
	}

	notice(text) {
		this.log.add({ kind: "notice", who: "", text, id: 0, time: Math.floor(Date.now() / 1000) });
	}

	pending(item) {
		const [, who] = /^\s*\/msg\s+(\S+)/i.exec(item.line) || [];
		item.who = item.kind === "sent" ? who || this.session.lastFrom : this.session.me;
		this.log.addPending(item, item.who);
	}

	settled(items) {
		this.log.settle(items.map((item) => item.key));
	}

	failed(items) {
		for (const item of items)
			this.log.fail(item, () => this.session.say(item.line));
	}

	clear() {
		this.log.reset();
	}

	forgetIds() {
		this.log.forgetIds();
		this.stash.clear();
	}

	peopleChanged() {
		const { people, me } = this.session || {};
		byId("side").hidden = !people.online && !this.session.rooms.isMany();
		this.side.showPeople(people, me);
	}

	// ---- Rooms

	roomsChanged() {
		this.side.showRooms(this.session.rooms);
		this.showTitle();
		this.peopleChanged();
	}

	stashedId(room) {
		const kept = this.stash.get(room.toLowerCase());
		return kept ? kept.id : 0;
	}

	stashRoom(room, id) {
		this.stash.set(room.toLowerCase(), { id, lines: this.log.save() });
	}

	changeRoom(room) {
		const kept = this.stash.get(room.toLowerCase());
		byId("log").setAttribute("aria-live", "off");
		this.log.restore(kept ? kept.lines : []);
		return kept ? kept.id : 0;
	}

	joinRoom(room, word) {
		this.side.close();
		if (this.session.isHere && !(sameName(room, this.session.room) && !word))
			this.session.join(room, word);
		this.composer.focus();
	}

	// #tea, or an invitation: #tea/WORD. The word serves once.
	takeFragment() {
		const [, room, word] = /^#([^/]+)(?:\/(.+))?$/.exec(decodeFragment()) || [];
		if (room)
			this.session.target = { room, word: word || "" };
		return room ? this.session.target : null;
	}

	// A link was followed, or the browser went back or forward. Without a fragment it is home.
	fragmentChanged() {
		const target = this.takeFragment() || { room: this.session.home };
		if (target.room)
			this.joinRoom(target.room, target.word);
	}

	// The address says where we are. It becomes a new one where the old one was that of a room.
	showFragment() {
		const { room, home } = this.session;
		const fragment = room && !sameName(room, home) ? `#${encodeURIComponent(room)}` : "";
		if (location.hash !== fragment)
			history[location.hash === this.fragment ? "pushState" : "replaceState"](
				null, "", location.pathname + location.search + fragment);
		this.fragment = fragment;
	}

	refresh() {
		const { session } = this;
		if (!session.isHere || document.hidden)
			return;
		if (session.rooms.isMany())
			session.askRooms();
		if (session.people.online > CROWD)
			session.askPeople();
	}

	// ---- What the composer asks for

	sources() {
		const { people, rooms, me } = this.session;
		return {
			names: people.bySpeech().map((person) => person.name).filter((name) =>
				!name.startsWith("#") && !sameName(name, me)),
			rooms: rooms.list.map((room) => room.name),
		};
	}

	writeTo(name) {
		this.side.close();
		this.showForm("say");
		this.composer.set(`/msg ${name} ${this.composer.field.value.replace(/^\/msg \S+ /, "")}`);
		this.composer.focus();
	}
}

function decodeFragment() {
	try {
		return decodeURIComponent(location.hash);
	} catch {
		return location.hash;
	}
}

const page = new Page();
