#!/usr/bin/env python3
"""Measures the page in Chromium: when it shows its first message, and how smoothly many come.

Usage: page.py CHATD. Needs chromium, chromium-driver and python3-selenium.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["CHATD"] = os.path.abspath(sys.argv[1])
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from web import Visitor, start_browser  # noqa: E402
from wire import Server  # noqa: E402

LINES, RATE, STEP = 5000, 1000, 10  # in all, a second, at once

# When the first line stands in the log, and how long the longest frame took.
WATCH = """
    window.watched = { first: 0, longest: 0, last: 0 };
    document.addEventListener("DOMContentLoaded", () => {
        new MutationObserver(() => {
            if (!watched.first && document.querySelector("#log .said"))
                watched.first = performance.now();
        }).observe(document.getElementById("log"), { childList: true, subtree: true });
    });
    requestAnimationFrame(function frame(now) {
        watched.longest = Math.max(watched.longest, watched.last ? now - watched.last : 0);
        watched.last = now;
        requestAnimationFrame(frame);
    });
"""


def first_message(page, url):
    """Milliseconds from the end of the load to the first message, of one who has been here before."""
    page.say("/quit")  # else the name is kept for this tab
    page.wait("return !document.getElementById('stopped').hidden")
    page.driver.switch_to.new_window("tab")
    page.cdp("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    page.open(url)
    page.until_here()
    return page.js("return watched.first - performance.getEntriesByType('navigation')[0].loadEventEnd")


def longest_frame(page, bob):
    """Milliseconds, while the lines come."""
    page.js("watched.longest = 0")
    began = time.monotonic()
    for n in range(0, LINES, STEP):
        bob.say(*(f"line {n + i} of the conversation" for i in range(STEP)))
        time.sleep(max(0, began + (n + STEP) / RATE - time.monotonic()))
    page.until_line(f"line {LINES - 1} of")
    return page.js("return watched.longest")


def main():
    server = Server("-q", "--rate", "0", listen=["127.0.0.1:0", "127.0.0.1:0,web"])
    bob = server.join("bob")
    bob.say(*(f"before {n}" for n in range(10)))
    port = server.addresses()[1].rsplit(":", 1)[1]
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        page = Visitor(start_browser(folder)).open(url).join("alice")
        firsts = sorted(first_message(page, url) for _ in range(5))
        longest = longest_frame(page, bob)
        page.driver.quit()
    bob.close()
    server.finish()
    print(f"first message {firsts[2]:.0f} ms after the load (median of 5: "
          f"{', '.join(f'{first:.0f}' for first in firsts)})")
    print(f"{LINES} lines, {RATE} a second: longest frame {longest:.0f} ms")


if __name__ == "__main__":
    main()
