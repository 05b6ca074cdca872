// Lines over a WebSocket by ws for Node.js: each of standard input is a message, each message is
// printed.
"use strict";
const readline = require("readline");
const WebSocket = require("ws");

const socket = new WebSocket(process.argv[2]);
socket.on("open", () => {
	const lines = readline.createInterface({ input: process.stdin });
	lines.on("line", (line) => socket.send(line));
	lines.on("close", () => socket.close(1000));
});
socket.on("message", (data) => process.stdout.write(data.toString()));
socket.on("close", (code) => {
	process.stdout.write(`closed ${code}\n`);
	process.stdin.destroy();
});
