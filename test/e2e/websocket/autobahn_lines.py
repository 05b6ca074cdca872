"""Lines over a WebSocket by autobahn: each of standard input is a message, each message is printed."""

import asyncio
import sys
from urllib.parse import urlsplit

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol


class Lines(WebSocketClientProtocol):
    def onOpen(self):
        asyncio.ensure_future(self.say())

    async def say(self):
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            self.sendMessage(line.rstrip(b"\n"))
        self.sendClose(1000)

    def onMessage(self, payload, isBinary):
        print(payload.decode(), end="", flush=True)

    def onClose(self, wasClean, code, reason):
        print(f"closed {code}", flush=True)
        self.factory.loop.stop()


async def connect(loop, url):
    factory = WebSocketClientFactory(url)
    factory.protocol = Lines
    await loop.create_connection(factory, urlsplit(url).hostname, urlsplit(url).port)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(connect(loop, sys.argv[1]))
loop.run_forever()
