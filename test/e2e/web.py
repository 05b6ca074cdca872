"""The page in a real browser: who serves it, and what a person does with it."""

import asyncio
import os
import queue
import re
import shutil
import socket
import struct
import sys
import threading
from http import HTTPStatus
from pathlib import Path

import pytest

from wire import DEADLINE, until

PAGE = os.environ.get("CHAT_PAGE", "page.html")
TOKEN = "0123456789abcdef" * 2
PACKAGES = {"selenium": "python3-selenium", "websockets": "python3-websockets",
            "chromium": "chromium", "chromedriver": "chromium-driver"}

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--lang=en-GB"]

# The keys of WebDriver.
KEYS = {"enter": "\ue007", "tab": "\ue004", "shift": "\ue008", "escape": "\ue00c", "up": "\ue013",
        "down": "\ue015", "home": "\ue011"}


def needs(name):
    """A module, or the test is skipped."""
    return pytest.importorskip(name, reason=f"needs {name} (Debian package {PACKAGES[name]})")


sys.path.insert(0, str(Path(__file__).parents[2] / "server" / "web"))
import pack  # noqa: E402, it lies with the page


def page_headers():
    """Those that the server sends with the page."""
    text = Path(PAGE).read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": pack.policy_of(script, style) + " 'none'",
    }


class Peer:
    """A server of the test's own, with any words at any moment: it serves the page at every path that
    ends in a slash, and a WebSocket beside it."""

    def __init__(self, port=0):
        self.websockets = needs("websockets")
        self.loop = asyncio.new_event_loop()
        self.sockets = set()
        self.connections = queue.Queue()
        self.page = Path(PAGE).read_bytes()
        self.headers = page_headers()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.call(self.start(port))
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(DEADLINE)

    async def start(self, port):
        return await self.websockets.serve(
            self.accept, "127.0.0.1", port, process_request=self.request, compression=None,
            ping_interval=None, max_queue=None)

    async def request(self, path, _headers):
        if path.split("?")[0].endswith("/"):
            return HTTPStatus.OK, list(self.headers.items()), self.page
        if path.endswith("/ws"):
            return None
        return HTTPStatus.NOT_FOUND, [], b"not found\n"

    async def accept(self, socket, _path=None):
        self.sockets.add(socket)
        connection = Connection(self, socket)
        self.connections.put(connection)
        try:
            async for message in socket:
                for line in message.split("\n"):
                    connection.lines.put(line)
        except self.websockets.ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    def cut(self):
        """Every connection is lost, without a word."""
        async def abort():
            for socket in list(self.sockets):
                socket.transport.abort()
        self.call(abort())

    def finish(self):
        async def stop():
            for socket in list(self.sockets):
                socket.transport.abort()
            self.server.server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1) if tasks else None
        self.call(stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(DEADLINE)
        self.loop.close()

    def next(self):
        """The next connection."""
        return self.connections.get(timeout=DEADLINE)

    def greet(self, *, last=41, greeting="peer: you are #3, 2 of 256 online, /help for help"):
        """Lets somebody in as a chatd does, up to where they are there."""
        connection = self.next()
        connection.say(f"=== {greeting}")
        connection.until(r"/resume")
        connection.say(f"=== resume {last} {TOKEN}")
        connection.answer_marks()
        return connection


class Relay:
    """A cable to a server, which can be cut."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.to))
                self.sockets |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self.carry, args=ends, daemon=True).start()
        except OSError:
            pass  # the end of the test

    @staticmethod
    def carry(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # cut

    def cut(self):
        """Every connection is lost, without a word."""
        while self.sockets:
            cut(self.sockets.pop())

    def finish(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()


def cut(sock):
    """Ends it by a reset, also for a thread that reads from it."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other end was quicker
    sock.close()


class Connection:
    """One WebSocket of a Peer; lines that the page sends wait to be read."""

    def __init__(self, peer, socket):
        self.peer = peer
        self.socket = socket
        self.lines = queue.Queue()
        self.last_id = 41

    def say(self, *lines):
        self.peer.call(self.socket.send("".join(line + "\n" for line in lines)))

    def feed(self, *lines, time=1796000000):
        """Lines of the feed, tagged."""
        for line in lines:
            self.last_id += 1
            self.say(f"@{self.last_id} {time} {line} --Wed Oct 19 21:24:05 2022")

    def line(self):
        """The next line that is no mark; marks are answered."""
        while True:
            line = self.lines.get(timeout=DEADLINE)
            mark = re.fullmatch(r"/ping (~\d+)", line)
            if not mark:
                return line
            self.say(f"=== pong {mark[1]}")

    def until(self, pattern):
        """Reads up to the line that matches in whole; returns all of them."""
        lines = [self.line()]
        while not re.fullmatch(pattern, lines[-1]):
            lines.append(self.line())
        return lines

    def answer_marks(self):
        """What a page asks when it comes in: who is here, and which rooms there are."""
        self.until("/who")
        self.say("=== 1 online:", "=== alice (you) since Wed Oct 19 21:24:05 2022, idle 0 s")
        self.until("/rooms")
        self.say("!!! unknown command /rooms")
        self.last_marks()

    def last_marks(self):
        """Answers the marks that come now, and there is one to come."""
        while True:
            line = self.lines.get(timeout=DEADLINE)
            self.say(f"=== pong {line.split()[1]}")
            if self.lines.empty():
                return

    def close(self, code, reason=""):
        self.peer.call(self.socket.close(code, reason))


class Talker:
    """Lines over a WebSocket, without a browser. Options are those of websockets.connect()."""

    def __init__(self, url, **options):
        self.websockets = needs("websockets")
        self.loop = asyncio.new_event_loop()
        self.socket = self.run(self.open(url, options))
        self.lines = []

    def run(self, coroutine):
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, DEADLINE))

    async def open(self, url, options):
        return await self.websockets.connect(url, ping_interval=None, open_timeout=DEADLINE,
                                             **options)

    def line(self):
        while not self.lines:
            self.lines = self.run(self.socket.recv()).splitlines()
        return self.lines.pop(0)

    def until(self, pattern):
        """The line that matches in whole; those before it are passed over."""
        while not (match := re.fullmatch(pattern, self.line())):
            pass
        return match

    def say(self, text):
        self.run(self.socket.send(text))

    def closed(self):
        """The code with which it is closed, whatever comes before."""
        try:
            while True:
                self.run(self.socket.recv())
        except self.websockets.ConnectionClosed as closed:
            return closed.code

    def finish(self):
        self.run(self.socket.close())
        self.loop.close()


class Visitor:
    """A person at the page."""

    def __init__(self, driver):
        self.driver = driver

    def js(self, script, *args):
        return self.driver.execute_script(script, *args)

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def open(self, url):
        self.driver.get(url)
        return self

    def reload(self):
        self.driver.refresh()

    def back(self):
        self.driver.back()

    def forward(self):
        self.driver.forward()

    def address(self):
        return self.js("return location.href")

    def title(self):
        return self.js("return document.title")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def press(self, *keys):
        """Keys where the focus is: names of KEYS, or text."""
        from selenium.webdriver import ActionChains
        chain = ActionChains(self.driver)
        for key in keys:
            chain.send_keys(KEYS.get(key, key))
        chain.perform()

    def wait(self, script, what="", *args):
        """Waits until a script returns something true, and returns it."""
        return until(lambda: self.js(script, *args), what or script)

    def join(self, nick):
        self.wait("return !document.getElementById('join').hidden", "the question for a name")
        self.find("#nick").send_keys(nick, KEYS["enter"])
        self.until_here()
        return self

    def until_here(self):
        self.wait("return page.session.isHere && !document.getElementById('say').hidden",
                  "the page to be in the room")

    def say(self, text):
        self.find("#text").send_keys(text, KEYS["enter"])

    def type(self, text):
        self.find("#text").send_keys(text)

    def text(self):
        return self.js("return document.getElementById('text').value")

    def lines(self, kind="line"):
        """The texts of the lines shown, of one kind."""
        return self.js("return [...document.querySelectorAll('#log .' + arguments[0])]"
                       ".map((line) => line.querySelector('.text').textContent)", kind)

    def until_line(self, text, kind="line"):
        """Waits for a line that holds the text."""
        until(lambda: any(text in line for line in self.lines(kind)), f"{text!r} on the page")

    def is_hidden(self, name):
        return self.js("return document.getElementById(arguments[0]).hidden", name)

    def shoot(self, path, width, height, dark=False):
        self.size(width, height)
        self.scheme("dark" if dark else "light")
        self.driver.save_screenshot(path)

    def size(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)

    def scheme(self, scheme, **features):
        names = {"prefers-color-scheme": scheme, **features}
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": name, "value": value} for name, value in names.items()])


def start_browser(directory, *flags):
    selenium = needs("selenium")
    paths = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    for name, path in paths.items():
        if path is None:
            pytest.skip(f"needs {name} (Debian package {PACKAGES[name]})")
    del selenium
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.binary_location = paths["chromium"]
    options.accept_insecure_certs = True
    for flag in [*FLAGS, f"--user-data-dir={directory}", *flags]:
        options.add_argument(flag)
    driver = webdriver.Chrome(service=Service(paths["chromedriver"]), options=options)
    driver.set_script_timeout(DEADLINE)
    return driver


@pytest.fixture(scope="session")
def browsers(tmp_path_factory):
    """Browsers that are running, since to start one takes longer than most tests."""
    drivers = []

    def get(number):
        while len(drivers) <= number:
            drivers.append(start_browser(tmp_path_factory.mktemp("browser")))
        return drivers[number]

    yield get
    for driver in drivers:
        driver.quit()


@pytest.fixture
def visit(browsers):
    """A person in a browser of their own, which remembers nothing: visit(url)."""
    visitors = []

    def start(url):
        driver = browsers(len(visitors))
        old = driver.current_window_handle
        driver.switch_to.new_window("tab")
        new = driver.current_window_handle
        driver.switch_to.window(old)
        driver.close()
        driver.switch_to.window(new)
        visitors.append(Visitor(driver))
        visitors[-1].cdp("Storage.clearDataForOrigin", origin=url, storageTypes="all")
        return visitors[-1].open(url)

    yield start


@pytest.fixture
def room(chatd):
    """Starts a chatd with a listener for the page, and returns it: its `url` is the page's."""
    def start(*args, web="127.0.0.1:0", **options):
        server = chatd("--name", "Tea room", *args, listen=["127.0.0.1:0", web + ",web"], **options)
        server.web_port = int(server.addresses()[1].rsplit(":", 1)[1])
        server.url = f"http://127.0.0.1:{server.web_port}/"
        return server

    yield start


@pytest.fixture
def relay():
    """relay(server): the way to the page of a room over a cable, relay.url."""
    relays = []

    def start(server):
        relays.append(Relay(server.web_port))
        relays[-1].url = f"http://127.0.0.1:{relays[-1].port}/"
        return relays[-1]

    yield start
    for each in relays:
        each.finish()


@pytest.fixture
def peer():
    server = Peer()
    yield server
    server.finish()


@pytest.fixture
def page(peer, visit):
    """In the room of a peer, as alice; the connection is page.connection."""
    visitor = visit(peer.url)
    visitor.find("#nick").send_keys("alice\n")
    visitor.connection = peer.greet()
    visitor.until_here()
    return visitor


if os.environ.get("CHAT_BROWSER") == "firefox":
    from firefox import browsers, visit  # noqa: E402, F811, it builds on what is above
