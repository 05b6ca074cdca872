// The WebSocket (RFC 6455, https://www.rfc-editor.org/rfc/rfc6455) beside the page, opened again
// whenever it is lost. A page can neither see pings nor trust its timers while it is in the
// background, so whatever may have cut the connection unnoticed makes it ask for a sign of life.
const PAUSE_FIRST = 500; // milliseconds; doubled with each attempt that fails
const PAUSE_MAX = 60000;
const OPEN_TIMEOUT = 15000;
const PROBE_TIMEOUT = 5000;
const QUIET_MAX = 30000; // something is due, and nothing comes; twice as long after each time
const SLEEP_MIN = 90000; // timers of a page in the background run once a minute
const CLOSED_BY_ORDER = 1000;
const TRY_LATER = 1013;

// Whether the server means what a close code says: not to come back by itself.
function isFinalCode(code) {
	return code === CLOSED_BY_ORDER || code === TRY_LATER || (code >= 4000 && code < 5000);
}

function socketUrl() {
	const url = new URL("ws", location.href.split(/[?#]/)[0]);
	url.protocol = url.protocol.replace("http", "ws");
	return url.href;
}

class Link {
	// host: opened(), heard(line), lost(), stopped(code, reason), changed(), probe(), isWaiting().
	constructor(host) {
		this.host = host;
		this.state = "closed"; // connecting, open, pausing, stopped
		this.attempts = 0;
		this.patience = QUIET_MAX;
		this.retryAt = 0;
		this.heardAt = 0;
		this.tickedAt = Date.now();
		setInterval(() => this.tick(), 1000);
	}

	change(state) {
		this.state = state;
		this.host.changed();
	}

	open() {
		this.drop();
		const socket = new WebSocket(socketUrl());
		this.socket = socket;
		this.since = Date.now();
		socket.onopen = () => this.opened();
		socket.onmessage = (event) => this.heard(event.data);
		socket.onclose = (event) => this.closed(event.code, event.reason);
		this.change("connecting");
	}

	opened() {
		this.heardAt = Date.now();
		this.probedAt = 0;
		this.host.opened();
		this.change("open");
	}

	heard(data) {
		const { socket } = this;
		const lines = String(data).split("\n");
		this.heardAt = Date.now();
		this.probedAt = 0;
		if (lines[lines.length - 1] === "")
			lines.pop();
		for (const line of lines)
			if (socket === this.socket)
				this.host.heard(line);
	}

	closed(code, reason) {
		this.socket = null;
		this.host.lost();
		if (isFinalCode(code)) {
			this.change("stopped");
			this.host.stopped(code, reason);
		} else {
			this.pause();
		}
	}

	// All is well: the next pause is a short one.
	settled() {
		this.attempts = 0;
	}

	// Half of the pause is left to chance, so that not all come back at once.
	pause() {
		const pause = Math.min(PAUSE_FIRST * 2 ** this.attempts, PAUSE_MAX);
		this.attempts++;
		this.retryAt = Date.now() + pause / 2 + Math.random() * pause / 2;
		this.timer = setTimeout(() => this.open(), this.retryAt - Date.now());
		this.change("pausing");
	}

	send(line) {
		if (this.socket && this.socket.readyState === WebSocket.OPEN)
			this.socket.send(line);
	}

	// Lets go of the socket without waiting for its close event, which a dead one never has.
	drop() {
		clearTimeout(this.timer);
		if (!this.socket)
			return;
		const { socket } = this;
		this.socket = null;
		socket.onopen = socket.onmessage = socket.onclose = null;
		socket.close(CLOSED_BY_ORDER);
		this.host.lost();
	}

	close() {
		this.state = "closed";
		this.drop();
		this.change("closed");
	}

	// Something happened that may have cut the connection, or mended what was in its way.
	wake() {
		if (this.state === "pausing")
			this.open();
		else if (this.state === "open" && !this.probedAt && this.host.probe())
			this.probedAt = Date.now();
	}

	// Nothing has come that should have. A server that does not greet has no answer to give either.
	doubt() {
		// In a room with /slow it may have been for nothing.
		this.patience *= 2;
		this.wake();
		if (this.probedAt)
			return;
		this.drop();
		this.pause();
	}

	tick() {
		const now = Date.now();
		const hasSlept = now - this.tickedAt > SLEEP_MIN;
		this.tickedAt = now;
		if (this.state === "connecting" && now - this.since > OPEN_TIMEOUT) {
			this.drop();
			this.pause();
		} else if (this.state === "open" && this.probedAt && now - this.probedAt > PROBE_TIMEOUT) {
			this.open();
		} else if (hasSlept) {
			this.wake();
		} else if (this.state === "open" && now - this.heardAt > this.patience &&
			this.host.isWaiting()) {
			this.doubt();
		}
	}
}
