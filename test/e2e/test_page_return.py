"""The page loses its connection, is reloaded, put to sleep: nothing is missed, repeated or lost."""

import re
import signal

import pytest

from web import TOKEN, browsers, page, peer, relay, room, visit  # noqa: F401, the fixtures
from wire import until

SAID = "Wed Oct 19 21:24:05 2022"


def come_back(peer, page, expected):
    """The next connection, up to the line with which the page wants to go on."""
    connection = peer.next()
    page.connection = connection
    connection.say("=== peer: you are #4, 2 of 256 online, /help for help",
                   f"[bob]: seen before --{SAID}")
    assert connection.until(r"/resume.*")[-1] == expected
    return connection


def waiting(page):
    return page.js("return page.session.pending.items.map((item) => item.line)")


def test_a_lost_connection_is_told_and_taken_up(peer, page):
    page.connection.feed("[bob]: one")
    page.until_line("one")
    peer.cut()
    page.until_line("loss connect!", "notice")
    connection = come_back(peer, page, f"/resume 42 {TOKEN} 0")
    connection.say(f"=== resume 42 {TOKEN}", "=== said 0 of 0", f"@43 1796000000 [bob]: two --{SAID}")
    connection.answer_marks()
    page.until_here()
    page.until_line("nothing was missed", "notice")
    assert page.lines("said") == ["one", "two"]


def test_missed_lines_are_counted(peer, page):
    peer.cut()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 0")
    connection.say("=== you missed 3 lines", f"=== resume 44 {TOKEN}", "=== said 0 of 0",
                   f"@45 1796000000 [bob]: five --{SAID}")
    connection.answer_marks()
    page.until_line("3 lines were missed", "notice")
    assert page.lines("said") == ["five"]


def test_own_lines_are_shown_at_once_and_marked_when_their_echo_comes(page):
    page.say("hello")
    assert page.js("return document.querySelector('#pending .text').textContent") == "hello"
    assert page.connection.line() == "hello"
    page.connection.feed("[alice]: hello")
    page.until_line("hello", "own")
    assert page.js("return document.querySelectorAll('#pending .line').length") == 0
    assert page.js("return document.querySelector('.own .mark').getAttribute('aria-label')") == "sent"


def test_lines_that_never_arrived_are_said_again_once(peer, page):
    for line in ("one", "/msg bob psst", "/me two", "//three", "four"):
        page.say(line)
    assert page.connection.until("four") == ["one", "/msg bob psst", "/me two", "//three", "four"]
    page.connection.say(f"[you -> bob]: psst --{SAID}")
    page.connection.feed("[alice]: one")
    page.until_line("one", "own")
    peer.cut()
    connection = come_back(peer, page, f"/resume 42 {TOKEN} 4")
    connection.say(f"=== resume 42 {TOKEN}", "=== said 2 of 4",
                   f"@43 1796000000 * alice two --{SAID}")
    connection.last_id = 43
    assert connection.until("four")[-2:] == ["//three", "four"]
    connection.say("=== pong ~0")
    connection.feed("[alice]: /three", "[alice]: four")
    until(lambda: page.lines("own") == ["psst", "one", "alice two", "/three", "four"],
          "all lines to be said, once")
    assert waiting(page) == []
    # The count goes on from what had been dealt with.
    page.say("five")
    connection.until("five")
    peer.cut()
    come_back(peer, page, f"/resume 45 {TOKEN} 5")


def test_a_refused_line_counts_as_dealt_with(peer, page):
    page.say("one")
    page.connection.until("one")
    peer.cut()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 1")
    connection.say(f"=== resume 41 {TOKEN}", "=== said 1 of 1")
    connection.answer_marks()
    page.until_here()
    assert page.js("return document.querySelector('.failed .text').textContent") == "one"
    page.find(".failed button").click()
    assert connection.line() == "one"


def test_more_said_than_sent_is_believed(peer, page):
    page.say("one")
    page.connection.until("one")
    peer.cut()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 1")
    connection.say(f"=== resume 41 {TOKEN}", "=== said 7 of 1", f"@42 1796000000 [alice]: one --{SAID}")
    connection.answer_marks()
    page.until_here()
    assert waiting(page) == []
    peer.cut()
    come_back(peer, page, f"/resume 42 {TOKEN} 7")


def test_typed_while_away_is_said_later(peer, page):
    page.js("page.link.attempts = 3")
    peer.cut()
    page.until_line("loss connect!", "notice")
    page.say("one")
    page.say("two")
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 0")
    connection.say(f"=== resume 41 {TOKEN}", "=== said 0 of 0")
    assert connection.until("two")[-2:] == ["one", "two"]


def test_an_unknown_token_and_what_the_feed_shows_was_not_said(peer, page):
    page.say("one")
    page.say("two")
    page.connection.until("two")
    peer.cut()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 2")
    connection.say("!!! unknown or expired token: take a nick")
    assert connection.until("/resume 41") == ["/nick alice", "/resume 41"]
    connection.say("=== resume 41 " + "f" * 32, f"@42 1796000000 [alice]: one --{SAID}")
    assert connection.until("/who")[-1] == "/who"
    connection.say("=== 0 online:")
    assert connection.until("two")[-1] == "two"
    peer.cut()
    come_back(peer, page, "/resume 42 " + "f" * 32 + " 1")


def test_where_lines_were_missed_too_nothing_is_said_twice(peer, page):
    page.say("one")
    page.connection.until("one")
    peer.cut()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 1")
    connection.say("!!! unknown or expired token")
    connection.until("/resume 41")
    connection.say("=== you missed 9 lines", f"=== resume 50 {TOKEN}")
    connection.answer_marks()
    page.until_here()
    assert page.js("return document.querySelector('.failed .text').textContent") == "one"
    assert waiting(page) == []


def test_a_server_that_lost_its_history(peer, page):
    page.connection.feed("[bob]: one")
    page.until_line("one")
    peer.cut()
    connection = come_back(peer, page, f"/resume 42 {TOKEN} 0")
    connection.say("!!! @42 has not been said yet, tags are on from here", f"=== resume 3 {TOKEN}")
    assert connection.until("/nick alice")[-1] == "/nick alice"
    connection.answer_marks()
    page.until_here()
    connection.say(f"@4 1796000000 [bob]: two --{SAID}")
    page.until_line("two")
    page.until_line("the server was restarted", "notice")


def test_a_place_of_its_own_in_a_full_server(peer, page):
    peer.cut()
    connection = peer.next()
    page.connection = connection
    connection.say("!!! server full (1 of 1 clients), try again later")
    assert connection.line() == f"/resume 41 {TOKEN} 0"
    connection.say("=== peer: you are #4, 1 of 1 online, /help for help",
                   f"=== resume 41 {TOKEN}", "=== said 0 of 0")
    connection.answer_marks()
    page.until_here()
    page.until_line("nothing was missed", "notice")


@pytest.mark.parametrize("code, reason", [
    (1013, "server full (256 of 256 clients), try again later"), (4001, "you were kicked"),
    (4003, "you were banned"), (4008, "you have come back on another connection"),
    (4010, "wrong password"), (4011, "idle for 300 seconds, disconnected")])
def test_it_stops_and_says_why(peer, page, code, reason):
    page.connection.say("!!! " + reason)
    page.connection.close(code, reason)
    page.wait("return !document.getElementById('stopped').hidden")
    assert page.find("#reason").text == reason
    assert page.js("return page.link.state") == "stopped"
    page.find("#again").click()
    come_back(peer, page, f"/resume 41 {TOKEN} 0")


def test_after_quit_it_stays_away_and_comes_back_as_a_newcomer(peer, page):
    page.say("/quit bye")
    assert page.connection.line() == "/quit bye"
    page.connection.close(1000)
    page.wait("return !document.getElementById('stopped').hidden")
    assert page.find("#reason").text == "You have left."
    page.press("enter")
    connection = peer.next()
    connection.say("=== peer: you are #3, 1 of 256 online, /help for help")
    assert connection.until("/resume.*") == ["/nick alice", "/resume 41"]


@pytest.mark.parametrize("code", [1001, 1011])
def test_other_ends_are_losses(peer, page, code):
    page.connection.close(code)
    come_back(peer, page, f"/resume 41 {TOKEN} 0")


@pytest.mark.parametrize("event", ["online", "focus"])
def test_what_may_mend_the_way_makes_it_try_at_once(peer, page, event):
    page.js("page.link.attempts = 12")
    peer.cut()
    page.wait("return page.link.state === 'pausing'")
    assert page.find("#status").text == "Reconnecting\u2026"
    page.js("window.dispatchEvent(new Event(arguments[0]))", event)
    come_back(peer, page, f"/resume 41 {TOKEN} 0")


def test_coming_to_the_front_asks_for_a_sign_of_life(peer, page):
    page.js("document.dispatchEvent(new Event('visibilitychange'))")
    assert re.match(r"/ping ", page.connection.lines.get(timeout=60))
    come_back(peer, page, f"/resume 41 {TOKEN} 0")  # since no answer came


def test_an_answer_is_a_sign_of_life(peer, page):
    page.js("document.dispatchEvent(new Event('visibilitychange'))")
    mark = page.connection.lines.get(timeout=60)
    page.connection.say("=== pong " + mark.split()[1])
    page.wait("return page.link.probedAt === 0")
    page.say("hello")
    assert page.connection.line() == "hello"


def test_hidden_it_lets_go_and_shown_it_resumes(peer, page):
    page.js("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    until(lambda: not peer.sockets, "the socket to be closed")
    assert page.js("return page.link.state") == "closed"
    page.js("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    come_back(peer, page, f"/resume 41 {TOKEN} 0")


def test_a_reload_goes_on_where_it_was(room, visit):
    server = room()
    bob = server.join("bob")
    page = visit(server.url).join("alice")
    page.say("one")
    page.until_line("one", "own")
    page.type("a draft")
    bob.say("two")
    page.until_line("two")
    page.reload()
    bob.say("three")
    page.until_here()
    page.until_line("three")
    assert page.lines("said") == ["one", "two", "three"]
    assert page.text() == "a draft"
    page.js("page.composer.set('')")
    page.say("four")
    page.until_line("four", "own")
    # Nobody has heard of it.
    assert not any("left" in line or "#" in line.split("---")[0].replace("# ", "")
                   for line in bob.settle() if line.startswith("***") and "joined" not in line)


def test_a_line_sent_just_before_a_reload_is_said_once(peer, page):
    page.say("one")
    page.connection.until("one")
    page.reload()
    connection = come_back(peer, page, f"/resume 41 {TOKEN} 1")
    connection.say(f"=== resume 41 {TOKEN}", "=== said 0 of 1")
    assert connection.until("one")[-1] == "one"


def test_a_copy_of_the_tab_is_somebody_new(peer, page):
    assert page.js("return Object.keys(sessionStorage).length") == 0


def test_a_server_that_is_killed_and_started_with_its_history(room, visit, tmp_path):
    history = tmp_path / "history"
    server = room("--history", history)
    page = visit(server.url).join("alice")
    page.say("one")
    page.until_line("one", "own")
    server.kill()
    page.until_line("loss connect!", "notice")
    page.say("typed meanwhile")
    again = room("--history", history, web=f"127.0.0.1:{server.web_port}")
    again.wait_log("typed meanwhile")
    page.until_line("typed meanwhile", "own")
    assert page.lines("own") == ["one", "typed meanwhile"]


def test_a_server_that_never_greets_is_given_up(peer, page):
    peer.cut()
    peer.next()
    page.wait("return page.session.phase === 'greeting'")
    page.js("page.link.heardAt -= 31000")
    come_back(peer, page, f"/resume 41 {TOKEN} 0")


def test_no_answer_to_a_line_makes_it_ask_for_a_sign_of_life(peer, page):
    page.say("one")
    page.connection.until("one")
    page.js("page.link.heardAt -= 31000")
    assert re.match(r"/ping ", page.connection.lines.get(timeout=60))


def test_a_server_that_is_stopped_and_goes_on(room, visit):
    server = room()
    bob = server.join("bob")
    page = visit(server.url).join("alice")
    server.send_signal(signal.SIGSTOP)
    try:
        page.say("one")
        page.js("document.dispatchEvent(new Event('visibilitychange'))")
        page.until_line("loss connect!", "notice")
        page.say("two")
    finally:
        server.send_signal(signal.SIGCONT)
    page.js("page.link.doubt()")
    until(lambda: page.lines("own") == ["one", "two"], "both lines, once")
    said = [line.split(" --")[0] for line in bob.until(r"\[alice\]: two --.*") if "[alice]" in line]
    assert said == ["[alice]: one", "[alice]: two"]


def test_an_upgrade_is_not_noticed(room, visit):
    server = room()
    page = visit(server.url).join("alice")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")
    page.say("one")
    page.until_line("one", "own")
    assert page.lines("notice") == []


@pytest.mark.chromium
def test_offline_and_back(room, relay, visit):
    server = room()
    cable = relay(server)
    bob = server.join("bob")
    page = visit(cable.url).join("alice")
    page.cdp("Network.enable")
    network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.cdp("Network.emulateNetworkConditions", offline=True, **network)
    cable.cut()
    page.until_line("loss connect!", "notice")
    page.js("page.link.attempts = 12")
    bob.say("said meanwhile")
    page.say("typed meanwhile")
    page.cdp("Network.emulateNetworkConditions", offline=False, **network)
    page.js("page.link.wake()")
    page.until_line("said meanwhile")
    page.until_line("typed meanwhile", "own")
    bob.until(r"\[alice\]: typed meanwhile --.*")


def test_the_name_is_asked_for_once(room, visit):
    server = room()
    page = visit(server.url).join("alice")
    page.open("about:blank")
    page.open(server.url)
    page.until_here()
    assert page.js("return page.session.me") == "alice"


@pytest.mark.chromium
def test_where_storage_is_denied(room, visit):
    server = room()
    page = visit("about:blank")
    page.cdp("Page.addScriptToEvaluateOnNewDocument", source="""
        for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
    """)
    page.open(server.url).join("alice")
    page.say("hello")
    page.until_line("hello", "own")
