// Messages as elements. People's words go in as text and never as markup; a link is made only of
// what begins with http:// or https://.
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const calendar = new Intl.DateTimeFormat([], {
	weekday: "long", year: "numeric", month: "long", day: "numeric",
});
const moment = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });

function make(tag, className, text) {
	const element = document.createElement(tag);
	if (className)
		element.className = className;
	if (text)
		element.textContent = text;
	return element;
}

// Where a link ends: not with the punctuation of the sentence around it.
function trimLink(link) {
	let end = link.length;
	for (;;) {
		const last = link[end - 1];
		const head = link.slice(0, end);
		const isClosing = last === ")" && head.split(")").length > head.split("(").length;
		if (!isClosing && !/[.,;:!?'"\]}>*_~…]/.test(last))
			return head;
		end--;
	}
}

function isLink(text) {
	try {
		return /^https?:$/.test(new URL(text).protocol);
	} catch {
		return false;
	}
}

function makeLink(text) {
	const link = make("a", "", text);
	link.href = text;
	link.target = "_blank";
	link.rel = "noopener noreferrer nofollow";
	return link;
}

// Appends a text, its links made clickable.
function appendText(element, text) {
	let at = 0;
	for (const match of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
		const link = trimLink(match[0]);
		if (!isLink(link))
			continue;
		element.append(text.slice(at, match.index), makeLink(link));
		at = match.index + link.length;
	}
	element.append(text.slice(at));
}

function makeName(name) {
	const element = make("b", `who ${colourClass(name)}`, name);
	element.dir = "auto";
	return element;
}

// The name of the speaker, with words for all that only the place and look of it tell.
function makeHead(item) {
	const head = make("span", "head");
	if (item.kind === "received")
		head.append(makeName(item.who), " → you");
	else if (item.kind === "sent")
		head.append("you → ", makeName(item.who));
	else if (item.kind === "said")
		head.append(makeName(item.who));
	if (item.kind === "received" || item.kind === "sent")
		head.append(make("span", "aside", " (private)"));
	head.append(make("span", "aside", ": "));
	return head;
}

function makeTime(item) {
	const element = make("time", "time");
	if (item.time === null) {
		element.textContent = item.stamp ? item.stamp.slice(11, 16) : "";
		return element;
	}
	const date = new Date(item.time * 1000);
	element.textContent = clock.format(date);
	element.dateTime = date.toISOString();
	element.title = moment.format(date);
	return element;
}

function makeText(item) {
	const text = make("span", "text");
	text.dir = "auto";
	if (item.kind === "action")
		text.append(makeName(item.who), " ");
	appendText(text, item.text);
	if (item.link)
		text.append(" ", makeLink(item.link));
	return text;
}

function lineClass(item) {
	let name = `line ${item.kind}`;
	if (item.kind === "received" || item.kind === "sent")
		name += " private";
	if (item.kind === "event" && item.text.startsWith("announcement: "))
		name += " announcement";
	if (item.isOwn)
		name += " own";
	return item.isMention ? `${name} mention` : name;
}

const PLAIN = new Set(["event", "notice", "answer", "error", "other", "action"]);

function makeLine(item) {
	const line = make("div", lineClass(item));
	if (!PLAIN.has(item.kind))
		line.append(makeHead(item));
	line.append(makeText(item));
	if (item.time !== null || item.stamp)
		line.append(makeTime(item));
	if (item.isOwn) {
		const mark = make("span", "mark", "✓");
		mark.title = "sent";
		mark.setAttribute("role", "img");
		mark.setAttribute("aria-label", "sent");
		line.append(mark);
	}
	return line;
}

function dayOf(time) {
	return time === null ? "" : calendar.format(new Date(time * 1000));
}
