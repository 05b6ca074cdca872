// Drawing the eye of somebody who looks elsewhere: the title counts the lines that are meant for
// them, the icon has a mark, and a notification comes if they once allowed it.
const ICON = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>" +
	"<path fill='#2f8f83' d='M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-7 6v-6H6a4 4 0 0 1-4-4" +
	"V8a4 4 0 0 1 4-4z'/>";
const ICON_MARK = "<circle cx='25' cy='7' r='7' fill='#d6453d'/>";

class Attention {
	constructor({ icon, button }) {
		Object.assign(this, { icon, button });
		this.title = "Chat";
		this.mentions = 0;
		this.isUnread = false;
		button.addEventListener("click", () => this.request());
		this.show();
	}

	isAway() {
		return document.hidden || !document.hasFocus();
	}

	setTitle(title) {
		this.title = title;
		this.show();
	}

	show() {
		const mark = this.mentions ? `(${this.mentions}) ` : this.isUnread ? "• " : "";
		const icon = ICON + (this.mentions ? ICON_MARK : "") + "</svg>";
		if (document.title !== mark + this.title)
			document.title = mark + this.title;
		if (this.shown !== icon)
			this.icon.href = `data:image/svg+xml,${encodeURIComponent(icon)}`;
		this.shown = icon;
		this.button.hidden = !("Notification" in window) || Notification.permission !== "default";
	}

	// A line has come that was said just now.
	heard(item) {
		if (!this.isAway() || !item.who || item.isOwn)
			return;
		this.isUnread = true;
		this.mentions += item.isMention ? 1 : 0;
		if (item.isMention)
			this.notify(item);
		this.show();
	}

	seen() {
		if (this.isAway())
			return;
		this.mentions = 0;
		this.isUnread = false;
		this.show();
	}

	async request() {
		await Notification.requestPermission();
		this.show();
	}

	notify(item) {
		if (!("Notification" in window) || Notification.permission !== "granted")
			return;
		try {
			const note = new Notification(`${item.who} – ${this.title}`,
				{ body: item.text, tag: this.title });
			note.onclick = () => {
				window.focus();
				note.close();
			};
		} catch {
			// A phone has them only from a service worker, which this page has none of.
		}
	}
}
