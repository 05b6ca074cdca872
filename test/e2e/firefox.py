"""Firefox as a visitor of the page, driven by what it speaks itself: WebDriver BiDi over a WebSocket
(https://www.w3.org/TR/webdriver-bidi/), which takes no driver beside it."""

import json
import os
import re
import shutil
import subprocess

import pytest

from web import KEYS, Talker, Visitor
from wire import DEADLINE, until

# Nothing that it would do by itself.
PREFERENCES = {
    "app.update.enabled": False, "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False, "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "browser.startup.page": 0,
    "browser.safebrowsing.downloads.remote.enabled": False, "app.normandy.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Element:
    """As far as Visitor needs one of selenium's."""

    def __init__(self, visitor, selector):
        self.visitor = visitor
        self.selector = selector

    def send_keys(self, *keys):
        self.visitor.js("document.querySelector(arguments[0]).focus()", self.selector)
        self.visitor.press(*keys)

    def clear(self):
        self.visitor.js("document.querySelector(arguments[0]).value = ''", self.selector)

    def get_attribute(self, name):
        return self.visitor.js("return document.querySelector(arguments[0])[arguments[1]]",
                               self.selector, name)

    def click(self):
        self.visitor.js("document.querySelector(arguments[0]).click()", self.selector)

    @property
    def text(self):
        return self.visitor.js("return document.querySelector(arguments[0]).innerText", self.selector)


class Firefox:
    """A running one, with a profile of its own."""

    def __init__(self, folder):
        self.last = 0
        self.talker = None
        (folder / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in PREFERENCES.items()))
        self.errors = folder / "errors"
        own = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                ["firefox-esr", "--headless", "--no-remote", "--profile", folder,
                 "--remote-debugging-port", "0"], stdout=subprocess.DEVNULL, stderr=errors,
                env={**os.environ, **own})

    def start(self):
        """Connects to it, once it listens."""
        url = until(self.listens, "Firefox")
        self.talker = Talker(url + "/session", max_size=None)
        self.ask("session.new", capabilities={})

    def listens(self):
        assert self.process.poll() is None, self.errors.read_text(errors="replace")
        match = re.search(r"BiDi listening on (ws:\S+)", self.errors.read_text(errors="replace"))
        return match and match[1]

    def ask(self, method, **params):
        """The result of a command; events are passed over."""
        self.last += 1
        self.talker.say(json.dumps({"id": self.last, "method": method, "params": params}))
        while (answer := json.loads(self.talker.line())).get("id") != self.last:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def finish(self):
        if self.talker:
            self.talker.finish()
        self.process.terminate()
        self.process.wait(DEADLINE)


class Tab(Visitor):
    """A person in a tab of their own, which shares nothing with the others."""

    def __init__(self, browser):
        super().__init__(None)
        self.browser = browser
        self.user = browser.ask("browser.createUserContext")["userContext"]
        self.context = browser.ask("browsingContext.create", type="tab",
                                   userContext=self.user)["context"]
        browser.ask("browsingContext.activate", context=self.context)

    def js(self, script, *args):
        code = f"function(json) {{ const run = function() {{ {script} }}; " \
            "const found = run.apply(null, JSON.parse(json)); " \
            "return JSON.stringify(found === undefined ? null : found); }"
        answer = self.browser.ask("script.callFunction", functionDeclaration=code,
                                  awaitPromise=False, target={"context": self.context},
                                  arguments=[{"type": "string", "value": json.dumps(args)}])
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def open(self, url):
        self.browser.ask("browsingContext.navigate", context=self.context, url=url,
                         wait="complete")
        return self

    def reload(self):
        self.browser.ask("browsingContext.reload", context=self.context, wait="complete")

    def back(self):
        self.traverse(-1)

    def forward(self):
        self.traverse(1)

    def traverse(self, delta):
        self.browser.ask("browsingContext.traverseHistory", context=self.context, delta=delta)

    def find(self, selector):
        return Element(self, selector)

    def press(self, *keys):
        values = [value for key in keys for value in KEYS.get(key, key)]
        actions = [{"type": kind, "value": KEYS["enter"] if value == "\n" else value}
                   for value in values for kind in ("keyDown", "keyUp")]
        self.browser.ask("input.performActions", context=self.context,
                         actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def size(self, width, height):
        self.browser.ask("browsingContext.setViewport", context=self.context,
                         viewport={"width": width, "height": height})

    def close(self):
        self.browser.ask("browser.removeUserContext", userContext=self.user)


@pytest.fixture(scope="session")
def browsers(tmp_path_factory):
    if shutil.which("firefox-esr") is None:
        pytest.skip("needs firefox-esr (Debian package firefox-esr)")
    browser = Firefox(tmp_path_factory.mktemp("firefox"))
    try:
        browser.start()
        yield browser
    finally:
        browser.finish()


@pytest.fixture
def visit(browsers):
    """A person in a tab of their own: visit(url)."""
    tabs = []

    def start(url):
        tabs.append(Tab(browsers))
        return tabs[-1].open(url)

    yield start
    for tab in tabs:
        tab.close()
