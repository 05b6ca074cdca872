// The protocol, over one connection after the other: lines of text come in, lines go out, and the
// host is told what to show. The rule that must hold: no line of the feed is missed, shown twice or
// said twice over any loss (docs/protocol.md, "Tags, and coming back").
//
// A connection goes through these phases: down, greeting, password, tags (the answer to /resume is
// due), entering (that to /join), catching (lines from before we came) and here.
const LIMIT_DEFAULT = 1024;
const PASSWORD_TRIES = 3;

class Session {
	constructor(host, store, saved) {
		this.host = host;
		this.store = store;
		this.phase = "down";
		this.me = saved ? saved.me : "";
		this.slot = "";
		this.asking = "";
		this.limit = LIMIT_DEFAULT;
		this.name = "";
		this.home = "";
		this.room = saved ? saved.room : "";
		this.id = saved ? saved.id : 0;
		this.token = saved ? saved.token : "";
		this.passwords = saved ? saved.passwords : {}; // by room, "" for the server's
		this.pending = new Pending(saved && saved.pending);
		this.people = new People(() => host.peopleChanged());
		this.rooms = new Rooms(store, () => host.roomsChanged());
		this.target = { room: this.room, word: "" };
		this.lastFrom = "";
		this.lostAt = 0;
		this.marker = 0;
		this.commands = [];
		this.begin();
	}

	// The state of one connection only.
	begin() {
		this.queries = [];
		this.tail = 0;
		this.early = [];
		this.isReturning = this.id > 0;
		this.isTokenShown = false;
		this.isNickAsked = false;
		this.challenges = 0;
		this.isRestarted = false;
		this.isRepeated = false;
		this.missed = 0;
		this.error = "";
	}

	connected() {
		this.begin();
		this.phase = "greeting";
	}

	lost() {
		if (this.phase === "here" || this.phase === "catching")
			this.lostAt = this.lostAt || Date.now();
		this.phase = "down";
		this.asking = "";
		this.pending.lost();
	}

	save() {
		return {
			me: this.me, room: this.room, id: this.id, token: this.token, passwords: this.passwords,
			pending: this.pending.save(),
		};
	}

	get isHere() {
		return this.phase === "here";
	}

	// ---- Asking

	send(line) {
		this.tail = 0;
		this.host.send(line);
	}

	// A mark in the stream: its answer comes after those to all that was sent before it.
	mark() {
		if (!this.tail) {
			this.marker++;
			this.send(`/ping ~${this.marker}`);
			this.tail = this.marker;
		}
		return this.tail;
	}

	// Asks for a sign of life.
	probe() {
		this.tail = 0;
		this.mark();
	}

	// Sends a line between two marks, so that what is answered to it can be told from all else.
	// takes: which of the answers are not shown, "all", "errors" or "none". isFirst: nothing else
	// is on its way, so there is no need for the first mark.
	ask(line, { takes = "all", isFirst = false, done }) {
		const query = { takes, done, answers: [], errors: [], isOpen: isFirst };
		query.first = isFirst ? 0 : this.mark();
		if (line)
			this.send(line);
		query.last = this.mark();
		this.queries.push(query);
	}

	ponged([, number]) {
		if (this.tail === Number(number))
			this.tail = 0; // what is asked from now on needs a new mark
		const isDue = (query) => (query.isOpen ? query.last : query.first) === Number(number);
		while (this.queries.length && isDue(this.queries[0])) {
			if (this.queries[0].isOpen)
				this.finish(this.queries.shift());
			else
				this.queries[0].isOpen = true;
		}
		return true;
	}

	finish(query) {
		query.done(query);
	}

	// True: a query has taken the answer, which is not shown.
	isTaken(message) {
		const query = this.queries[0];
		if (!query || !query.isOpen)
			return false;
		const list = message.kind === "error" ? query.errors : query.answers;
		list.push(message.text);
		return query.takes === "all" || (query.takes === "errors" && message.kind === "error");
	}

	// ---- Coming in

	greeted([text]) {
		const slot = / you are (#\d+)/.exec(text);
		const online = /(\d+) of \d+ online/.exec(text);
		const limit = /messages up to (\d+) bytes/.exec(text);
		const room = /, room (\S+),/.exec(text);
		this.name = text.replace(/: (you are #|\d+ of ).*$/, "");
		this.slot = slot ? slot[1] : "";
		this.people.online = online ? Number(online[1]) : 0;
		this.limit = limit ? Number(limit[1]) : LIMIT_DEFAULT;
		this.home = room ? room[1] : "";
		this.isReadOnly = /, for reading,/.test(text);
		this.phase = "tags";
		this.host.greeted();
		if (!this.isTokenShown && (this.store.nick || this.isReadOnly))
			this.enter();
		return !this.store.nick || this.isReturning;
	}

	enter() {
		if (!this.token) {
			this.introduce();
			return;
		}
		this.isTokenShown = true;
		this.send(`/resume ${this.id} ${this.token} ${this.pending.sent}`);
	}

	// Whether we want to be in another room than the one where newcomers are put.
	isBoundElsewhere() {
		return this.target.room !== "" && !sameName(this.target.room, this.home);
	}

	// Comes in without a token. In another room the name is taken only there, so that nobody hears
	// of somebody passing through.
	introduce() {
		this.token = "";
		this.me = "";
		const isHome = !this.isBoundElsewhere();
		if (isHome && !this.isReadOnly)
			this.askNick(this.store.nick, { isFirst: true });
		const isKnown = isHome && this.id > 0 && sameName(this.room, this.home);
		this.send(isKnown ? `/resume ${this.id}` : "/resume");
	}

	resumed([, id, token]) {
		const isKnown = this.isTokenShown;
		this.token = token;
		if (!isKnown)
			this.pending.restartCount();
		if (!isKnown && this.isBoundElsewhere()) {
			this.homeId = Number(id);
			this.join(this.target.room, this.target.word);
			return true;
		}
		if (!isKnown)
			this.room = this.home;
		this.tellBack(Number(id));
		this.id = Number(id);
		this.settleIn();
		return true;
	}

	// The server does not take up where we were.
	refused(text) {
		if (!this.isReturning || text.startsWith("not carried out"))
			return false;
		if (text.includes("has not been said yet")) {
			this.restarted();
			if (this.isTokenShown && !this.isReadOnly)
				this.askNick(this.store.nick, { isFirst: true });
			this.isTokenShown = false;
			this.me = "";
		} else if (this.isTokenShown) {
			this.isTokenShown = false;
			this.introduce();
		}
		return true;
	}

	// The server was started without its history, and counts from 1 again.
	restarted() {
		this.isRestarted = true;
		this.isReturning = false;
		this.host.forgetIds();
	}

	tellBack(id) {
		const missed = this.missed || Math.max(this.isReturning ? id - this.id : 0, 0);
		let what = "nothing was missed";
		if (this.isRestarted || (this.isReturning && id < this.id))
			what = "the server was restarted, lines may be missing";
		else if (missed)
			what = `${counted(missed, "line")} ${missed === 1 ? "was" : "were"} missed`;
		this.missed = missed;
		const away = Math.round((Date.now() - this.lostAt) / 1000);
		if (this.lostAt)
			this.host.notice(`back after ${spanText(away)}, ${what}`);
		else if (this.isReturning && what !== "nothing was missed")
			this.host.notice(what);
		this.lostAt = 0;
	}

	said([, count]) {
		if (this.phase !== "catching")
			return false;
		this.pending.said(Number(count));
		this.flush();
		return true;
	}

	// Asks for all that a room is shown with; what comes before the last answer is from before.
	settleIn() {
		this.phase = "catching";
		if (!this.me && !this.isNickAsked && !this.isReadOnly)
			this.askNick(this.store.nick, {});
		if (this.early.length && !this.isReturning)
			this.ask(`/replay ${this.early.length}`, { done() {} });
		this.askPeople();
		this.askRooms();
		this.ask("", { takes: "none", done: () => this.ready() });
	}

	ready() {
		if (!this.isRepeated && !this.isReturning)
			this.early.forEach((message) => this.show(message));
		this.early = [];
		this.phase = "here";
		const { said, failed } = this.pending.resolve(!this.missed && !this.isRestarted);
		this.host.settled(said);
		this.host.failed(failed);
		this.isReturning = false;
		this.host.ready();
		this.flush();
	}

	askPeople(isWanted) {
		if (isWanted || this.people.online <= PEOPLE_ASKED_FOR)
			this.ask("/who", { done: (query) => this.people.set(query.answers) });
	}

	askRooms() {
		this.ask("/rooms", { done: (query) => this.rooms.set(query.answers, this.room) });
	}

	// ---- The name

	askNick(nick, { isFirst = false, key = this.store.keyOf(nick), isTyped = false }) {
		this.asking = nick;
		this.isNickAsked = true;
		this.ask(`/nick ${nick}${key ? ` ${key}` : ""}`, {
			takes: isTyped ? "none" : "errors",
			isFirst,
			done: (query) => this.nickAnswered(nick, key, query.errors, isTyped),
		});
	}

	nickAnswered(nick, key, errors, isTyped) {
		const isSame = sameName(this.asking, nick);
		if (errors.length) {
			this.asking = isSame ? "" : this.asking;
			if (!isTyped)
				this.host.nickRefused(nick, errors[errors.length - 1]);
			return;
		}
		if (isSame)
			this.named(nick);
		if (key)
			this.store.keepKey(nick, key);
	}

	named(nick) {
		this.me = nick;
		this.asking = "";
		this.store.nick = nick;
		this.host.named();
		if (this.isHere)
			this.flush();
	}

	isMe(who) {
		return sameName(who, this.me || this.slot) || who === this.slot ||
			(this.asking !== "" && sameName(who, this.asking));
	}

	// ---- Rooms

	join(room, word = "") {
		const id = sameName(room, this.room) ? this.id : this.host.stashedId(room);
		this.phase = "entering";
		this.challenges = 0;
		this.target = { room, word: "" };
		this.send(`/join ${room}${word ? `/${word}` : ""}${id && !word ? ` ${id}` : ""}`);
	}

	// "=== room NAME": before the answer to /resume it says where we are, else that we are there.
	entered([, room, online]) {
		if (this.phase === "tags") {
			this.room = room;
			this.target = { room, word: "" };
			return true;
		}
		if (!sameName(room, this.room)) {
			this.leaveRoom();
			this.id = this.host.changeRoom(room);
			this.isReturning = this.id > 0;
		}
		this.room = room;
		this.target = { room, word: "" };
		this.people.online = Number(online) || 0;
		this.early = [];
		this.lostAt = 0;
		this.settleIn();
		return true;
	}

	// That we left is the next line there, and no news to us.
	leaveRoom() {
		if (this.room)
			this.store.keepSeen(this.room, this.id + 1);
		this.host.stashRoom(this.room, this.id);
	}

	// An error while /join is due. A wrong password is asked for again, but for the third time.
	joinRefused(text) {
		if (text.includes("has not been said yet")) {
			this.restarted();
			this.id = 0;
		} else if (!this.challenges || this.challenges === PASSWORD_TRIES) {
			this.stay();
		}
	}

	// We are where we were, or where newcomers are put.
	stay() {
		this.phase = "here";
		this.host.ready();
		if (this.me)
			return;
		if (this.room && !sameName(this.room, this.home)) {
			this.leaveRoom();
			this.host.changeRoom(this.home);
		}
		this.room = this.home;
		this.target = { room: this.home, word: "" };
		this.id = this.homeId;
		this.isReturning = false;
		this.settleIn();
	}

	// ---- The password

	challenged() {
		this.challenges++;
		if (this.phase === "greeting")
			this.phase = "password";
		const known = this.challenges === 1 && this.passwords[this.lockedRoom()];
		if (known)
			this.send(known);
		else if (this.store.nick || this.phase !== "password")
			this.host.passwordAsked(this.error);
		else
			this.host.greeted(); // the name comes first
		this.error = "";
		return true;
	}

	lockedRoom() {
		return this.phase === "password" ? "" : this.target.room.toLowerCase();
	}

	// It is kept for this tab: somebody who comes back is asked again.
	answerPassword(password) {
		this.passwords[this.lockedRoom()] = password;
		this.send(password);
	}

	// ---- Hearing

	line(text) {
		const message = parseLine(text);
		if (message.kind === "answer")
			this.heardAnswer(message);
		else if (message.kind === "error")
			this.heardError(message);
		else
			this.heardMessage(message);
		if (message.kind !== "error")
			this.error = ""; // it is a reason only for what comes right after it
	}

	heardAnswer(message) {
		const { text } = message;
		const isGreeting = this.phase === "greeting" || this.phase === "password";
		for (const [form, act, greets] of ANSWERS) {
			const match = form.exec(text);
			if (match && greets !== !isGreeting && this[act](match))
				return;
		}
		if (!this.isTaken(message) && !(this.phase === "tags" && this.isReturning))
			this.show(message);
	}

	// Our own lines may be among those: at the next mark the server has dealt with all of them.
	heardMissed([, count]) {
		const waiting = this.pending.items.filter((item) => item.state === "sent");
		this.missed += Number(count);
		if (this.isHere && waiting.length)
			this.ask("", {
				takes: "none",
				done: () => this.host.settled(this.pending.take((item) => waiting.includes(item))),
			});
		return this.phase === "tags" && this.isReturning;
	}

	heardKey([, nick, key]) {
		this.store.keepKey(nick, key);
		return false;
	}

	heardUnclaimed() {
		this.store.keepKey(this.me, "");
		return false;
	}

	heardError(message) {
		const { text } = message;
		this.error = text;
		if (this.phase === "greeting" && this.token)
			this.enter(); // it may be our own old connection that holds the place
		if (this.phase === "greeting" || this.phase === "password")
			return; // shown with the next question, or when the server closes
		const isAsked = this.queries.length > 0 && this.queries[0].isOpen;
		if (this.phase === "tags" && !isAsked && this.refused(text))
			return;
		if (this.isTaken(message))
			return;
		const long = /^message too long \((\d+)/.exec(text);
		if (long)
			this.host.settled(this.pending.refuse(Number(long[1])));
		else if (/^(not said|this door)/.test(text))
			this.host.settled(this.pending.refuse());
		if (text.startsWith("this door"))
			this.host.doorIsForReading();
		if (this.phase === "entering")
			this.joinRefused(text);
		this.show(message);
	}

	heardMessage(message) {
		const isPrivate = message.kind === "received" || message.kind === "sent";
		if (!message.id && !isPrivate && message.kind !== "other" && this.phase !== "here" &&
			this.phase !== "catching") {
			if (message.kind !== "event")
				this.early.push(message);
			return;
		}
		if (message.id && message.id <= this.id) {
			this.isRepeated = true;
			this.host.repeat(this.itemOf(message));
			return;
		}
		this.id = message.id || this.id;
		this.heardNew(message);
	}

	heardNew(message) {
		const item = this.itemOf(message);
		if (message.kind === "event") {
			this.people.event(message.text);
		} else if (message.kind === "received") {
			this.lastFrom = message.who;
		} else if (message.who) {
			this.people.spoke(message.who);
		}
		if (item.isOwn)
			item.settles = this.pending.confirm(message).map((each) => each.key);
		this.host.show(item, this.isHere || this.isReturning);
	}

	// All that is shown of a message.
	itemOf(message) {
		const isSpeech = message.kind === "said" || message.kind === "action";
		const isOwn = message.kind === "sent" || (isSpeech && this.isMe(message.who));
		const isPrivate = message.kind === "received" || message.kind === "sent";
		const name = this.me || this.asking;
		return {
			kind: message.kind,
			who: message.who,
			text: message.text,
			id: message.id,
			time: isPrivate ? Math.floor(Date.now() / 1000) : message.time,
			stamp: message.stamp,
			isOwn,
			isMention: message.kind === "received" ||
				(isSpeech && !isOwn && name !== "" && hasWord(message.text, name)),
		};
	}

	show(message) {
		this.host.show(this.itemOf(message), false);
	}

	// ---- Saying

	// A line that a person typed.
	say(typed) {
		const line = withoutControls(typed);
		if (isBlank(line))
			return;
		const { kind, text } = parseTyped(line);
		if (kind === "command" || isBlank(text)) {
			this.commands.push(line);
		} else {
			// The server counts what begins with "/me " in just this way.
			this.host.pending(this.pending.add(kind === "action" ? `/me ${text}` : line));
		}
		if (this.isHere)
			this.flush();
	}

	// Sends what is held.
	flush() {
		if (!this.me && !this.isReadOnly)
			return;
		for (const item of this.pending.held()) {
			this.pending.markSent(item);
			if (item.kind === "sent")
				this.sayPrivately(item);
			else
				this.send(item.line);
		}
		while (this.isHere && this.commands.length)
			this.command(this.commands.shift());
	}

	sayPrivately(item) {
		this.ask(item.line, {
			takes: "none",
			done: (query) => {
				if (query.errors.length)
					this.host.settled(this.pending.take((each) => each === item));
			},
		});
	}

	command(line) {
		const [word, first = "", second = ""] = line.trim().split(/\s+/);
		const name = word.toLowerCase();
		if (name === "/clear")
			this.host.clear();
		else if (name === "/resume")
			this.host.notice("this page does that by itself");
		else if (name === "/join" && first && !second)
			this.join(...first.replace(/^#/, "").split("/"));
		else if (name === "/nick" && first)
			this.askNick(first, { isTyped: true, key: second || this.store.keyOf(first) });
		else
			this.send(line.trimEnd());
		if (name === "/quit")
			this.token = "";
	}
}

// The answers that mean something to a program, what is done then (true: they are not shown), and
// whether that is before the greeting only (true) or after it only (false).
const ANSWERS = [
	[/^password:$/, "challenged"],
	[/^.*$/, "greeted", true],
	[/^resume (\d+) (\S+)$/, "resumed", false],
	[/^said (\d+) of (\d+)$/, "said", false],
	[/^room (\S+?)(?:: (\d+) online)?$/, "entered", false],
	[/^pong ~(\d+)$/, "ponged", false],
	[/^you missed (\d+) lines?/, "heardMissed", false],
	[/^claimed (\S+) (\S+)$/, "heardKey", false],
	[/^unclaimed/, "heardUnclaimed", false],
];
