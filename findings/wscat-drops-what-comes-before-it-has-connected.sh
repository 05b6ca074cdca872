#!/bin/bash
# wscat 6.0.1 (npm), the command-line WebSocket client: a line that is on its standard input before it
# has connected is dropped and not sent later, so "echo hello | wscat -c URL" says nothing and exits 0.
# A message given with -x is sent only if standard input stays open until then: with </dev/null, as
# under cron, it is not, and the exit status is 0 as well.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --ignore-scripts wscat@6.0.1 ws@8.18.3 >/dev/null
cat >count.js <<'JS'
// For each way to call wscat: what a server has received when both have ended, and wscat's status.
const { spawn } = require('child_process');
const { WebSocketServer } = require('ws');

function received(input, args) {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
      const url = `ws://127.0.0.1:${server.address().port}/`;
      const client = spawn('node_modules/.bin/wscat', ['-c', url, ...args], {
        stdio: [input === 'none' ? 'ignore' : 'pipe', 'ignore', 'ignore'],
      });
      const got = [];
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          got.push(data.toString());
          if (input === 'open') client.stdin.end();
        });
        if (input === 'line') setTimeout(() => client.stdin.end('from the pipe\n'), 500);
      });
      if (input === 'now') client.stdin.end('from the pipe\n');
      client.on('exit', (status) => {
        setTimeout(() => server.close(() => resolve(`[${got}] status ${status}`)), 200);
      });
    });
  });
}

(async () => {
  console.log('a line at once:', await received('now', []));
  console.log('a line when connected:', await received('line', []));
  console.log('-x, standard input open:', await received('open', ['-x', 'hello']));
  console.log('-x, standard input at its end:', await received('none', ['-x', 'hello']));
})();
JS
seen=$(timeout 60 node count.js)
expected='a line at once: [] status 0
a line when connected: [from the pipe] status 0
-x, standard input open: [hello] status 0
-x, standard input at its end: [] status 0'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
