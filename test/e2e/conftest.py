"""Fixtures of the end-to-end tests, and TAP for `meson test`, which sets CHAT_TAP."""

import os
import shutil

import pytest

from wire import Server

# Programs that some tests need, and the Debian package that has each.
PACKAGES = {
    "busybox": "busybox",
    "haproxy": "haproxy",
    "kermit": "ckermit",
    "libwebsockets-test-client": "libwebsockets-test-server",
    "nc.openbsd": "netcat-openbsd",
    "nc.traditional": "netcat-traditional",
    "ncat": "ncat",
    "node": "node-ws",
    "openssl": "openssl",
    "plink": "putty-tools",
    "socat": "socat",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
    "strace": "strace",
    "stunnel4": "stunnel4",
    "systemd-analyze": "systemd",
    "telnet": "inetutils-telnet",
    "tf": "tf5",
}

# No file of the person's own who runs the tests.
for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[name] = "/dev/null"


def pytest_collection_modifyitems(items):
    """Left out, not skipped: no package that could be installed would help."""
    if os.environ.get("CHAT_SANITIZED"):
        items[:] = [item for item in items if item.get_closest_marker("plain") is None]
    if os.environ.get("CHAT_BROWSER") == "firefox":
        items[:] = [item for item in items if item.get_closest_marker("chromium") is None]


@pytest.fixture
def chatd():
    """Starts servers: chatd("--rate", 0, listen="unix:/path"); each must stop in order."""
    servers = []

    def start(*args, **options):
        server = Server(*args, **options)
        servers.append(server)
        return server

    yield start
    failures = []
    for server in servers:
        try:
            server.finish()
        except Exception as failure:  # the other servers are to be stopped first
            failures.append(failure)
    if failures:
        raise failures[0]


@pytest.fixture
def tool():
    """The path of a program, or the test is skipped."""
    def find(name):
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"needs {name} (Debian package {PACKAGES.get(name, name)})")
        return path
    return find


class Tap:
    """Reports in the Test Anything Protocol in place of pytest's own words."""

    def __init__(self):
        self.count = 0
        self.reports = []

    def pytest_collection_finish(self, session):
        print(f"1..{len(session.items)}", flush=True)

    def pytest_collectreport(self, report):
        if report.failed:
            self.comment(str(report.longrepr))

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)
        if report.when == "teardown":
            self.finish_test(report.nodeid.split("::", 1)[1])

    def finish_test(self, name):
        self.count += 1
        failed = [report for report in self.reports if report.failed]
        skipped = [report for report in self.reports if report.skipped]
        end = ""
        if skipped:
            end = " # SKIP " + str(skipped[0].longrepr[2]).removeprefix("Skipped: ")
        name = name.replace("#", "_").encode("ascii", "backslashreplace").decode()
        print(f"{'not ' if failed else ''}ok {self.count} - {name}{end}", flush=True)
        for report in failed:
            self.comment(f"{report.when}: {report.longreprtext}\n{report.capstdout}")
        self.reports = []

    @staticmethod
    def comment(text):
        for line in text.encode("ascii", "backslashreplace").decode().splitlines():
            print("# " + line, flush=True)


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    config.addinivalue_line("markers", "plain: means nothing under a sanitizer")
    config.addinivalue_line("markers", "chromium: takes what only its driver can do")
    if os.environ.get("CHAT_TAP"):
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(Tap())
