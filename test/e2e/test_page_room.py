"""A person at the page talks: with people at other pages, at chatc and at nc; in several rooms."""

import subprocess

import pytest

from web import TOKEN, browsers, page, peer, relay, room, visit  # noqa: F401, the fixtures
from wire import CHATC, DEADLINE, until

SAID = "Wed Oct 19 21:24:05 2022"


def test_two_browsers_a_chatc_and_an_nc_talk(room, visit):
    server = room()
    bob = server.join("bob")
    alice = visit(server.url).join("alice")
    zoe = visit(server.url).join("zoe")
    chatc = subprocess.Popen([CHATC, "-n", "dave", "127.0.0.1", str(server.port)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    chatc.stdin.write("hello from chatc\n")
    chatc.stdin.flush()
    alice.until_line("hello from chatc")
    alice.say("hello from alice")
    zoe.until_line("hello from alice")
    zoe.say("/me waves")
    bob.say("hello from nc")
    for page in (alice, zoe):
        page.until_line("zoe waves")
        page.until_line("hello from nc")
        assert page.lines("said") == ["hello from chatc", "hello from alice", "hello from nc"]
    bob.until(r"\* zoe waves --.*")
    said, _ = chatc.communicate(timeout=DEADLINE)
    assert "[alice]: hello from alice" in said


def test_the_room_hears_of_a_newcomer_by_name_only(room, visit):
    server = room()
    bob = server.join("bob")
    page = visit(server.url)
    page.wait("return document.title === 'Tea room'")
    page.join("alice")
    page.say("hello")
    lines = bob.until(r"\[alice\]: hello --.*")
    assert [line.split(" --")[0] for line in lines] == ["*** alice joined (2 online)", "[alice]: hello"]


def test_a_newcomer_sees_what_was_said_with_local_times(room, visit):
    server = room()
    bob = server.join("bob")
    bob.say("one", "/me two", "three")
    bob.until(r"\[bob\]: three --.*")
    page = visit(server.url).join("alice")
    assert page.lines("said") == ["one", "three"] and page.lines("action") == ["bob two"]
    assert page.js("return [...document.querySelectorAll('.said time')].every((time) => time.dateTime)")
    assert len(page.js("return [...document.querySelectorAll('.day')]")) == 1
    assert page.js("return document.getElementById('log').getAttribute('aria-live')") == "polite"


def test_live_only_after_the_replay(peer, visit):
    page = visit(peer.url)
    page.find("#nick").send_keys("alice\n")
    connection = peer.next()
    connection.say("=== peer: you are #3, 2 of 256 online, /help for help", f"[bob]: old --{SAID}")
    assert connection.until("/resume") == ["/nick alice", "/resume"]
    connection.say(f"=== resume 41 {TOKEN}")
    assert connection.until("/replay.*")[-1] == "/replay 1"
    connection.say("=== the last messages again:", f"@40 1796000000 [bob]: old --{SAID}")
    assert page.js("return document.getElementById('log').getAttribute('aria-live')") == "off"
    connection.answer_marks()
    page.until_here()
    assert page.js("return document.getElementById('log').getAttribute('aria-live')") == "polite"
    assert page.lines("said") == ["old"]
    assert not any("last messages" in line for line in page.lines())


def test_what_is_shown_again_goes_where_it_belongs_and_only_once(page):
    page.connection.feed("[bob]: two", "[bob]: four")
    page.until_line("four")
    page.say("/replay 3")
    page.connection.until("/replay 3")
    page.connection.say("=== the last messages again:", f"@30 1796000000 [bob]: one --{SAID}",
                        f"@42 1796000000 [bob]: two --{SAID}", f"@43 1796000000 [bob]: four --{SAID}")
    page.connection.feed("[bob]: five")
    page.until_line("five")
    assert page.lines("said") == ["one", "two", "four", "five"]


def test_day_separators_and_the_local_time(page):
    midnight = page.js("return new Date(2022, 9, 20).getTime() / 1000")
    page.connection.feed("[bob]: evening", "[bob]: late", time=midnight - 60)
    page.connection.feed("[bob]: early", time=midnight)
    page.until_line("early")
    shown = page.js("""
        return [...document.querySelectorAll("#log :is(.said, .day)")].map((element) =>
            element.className === "day" ? "day" : element.querySelector("time").textContent);""")
    assert shown == ["day", "23:59", "23:59", "day", "00:00"]


def test_private_lines_look_private(page):
    page.connection.say(f"[bob -> you]: psst --{SAID}", f"[you -> bob]: what --{SAID}")
    page.until_line("what", "private")
    assert page.lines("private") == ["psst", "what"]
    heads = page.js("return [...document.querySelectorAll('.private .head')].map((e) => e.textContent)")
    assert heads == ["bob \u2192 you (private): ", "you \u2192 bob (private): "]


def test_links_are_links_and_nothing_else_is(page):
    page.connection.feed("[bob]: see https://example.org/a?b=c&d=<e>, javascript:alert(1) "
                         "data:text/html,x ftp://x HTTP://EXAMPLE.ORG")
    page.until_line("see")
    links = page.js("return [...document.querySelectorAll('#log a')].map((a) => [a.href, a.rel, a.target])")
    assert links == [
        ["https://example.org/a?b=c&d=", "noopener noreferrer nofollow", "_blank"],
        ["http://example.org/", "noopener noreferrer nofollow", "_blank"]]


HOSTILE = [
    "<script>document.title='owned'</script>", "<img src=x onerror=\"document.title='owned'\">",
    "&lt;b&gt; &amp;", "\u202egnihtemos\u202c", "\u2066iso", "a\u0000b\u0007c", "Z\u0351\u0351\u0351" * 40,
    "x" * 900, "[bob]: not bob --" + SAID, "*** alice left (0 online)", "!!! you were kicked",
    "=== resume 99 abc", "@99 1 [bob]: hi", "${document.title='owned'}", "\U0001f600" * 100,
    "]: ", "https://" + "a" * 500, "javascript://x%0aalert(1)", "\ufffd\ufeff\u2028\u2029",
]


@pytest.mark.chromium
def test_hostile_text_is_only_text(page):
    title = page.title()
    page.connection.feed(*(f"[eve]: {text}" for text in HOSTILE), "[eve]: the end")
    page.until_line("the end")
    assert page.lines("said") == [*HOSTILE, "the end"]
    assert page.title() == title
    assert page.js("return document.querySelectorAll('#log :is(script, img, svg, b:not(.who))').length") == 0
    assert page.js("return page.session.isHere && page.session.token") == TOKEN
    page.size(320, 568)
    assert page.js("return document.getElementById('scroll').scrollWidth <= 320")
    page.cdp("Emulation.clearDeviceMetricsOverride")
    for name in ("<b>x", "javascript:", "\u202e"):
        page.connection.feed(f"*** {name} joined (3 online)")
    page.connection.feed("[eve]: really the end")
    page.until_line("really the end")
    page.wait("return document.querySelectorAll('#people li').length >= 3")
    assert page.js("return document.querySelectorAll('#people b').length") == 0


def test_people_come_and_go_and_are_written_to(page):
    page.connection.feed("*** bob joined (2 online)", "*** eve joined (3 online)", "*** eve is now Eva")
    names = "return [...document.querySelectorAll('#people .person')].map((e) => e.textContent).join()"
    page.wait(f"return (() => {{ {names} }})() === 'alice,bob,Eva'")
    page.js("[...document.querySelectorAll('#people button')].find((e) => e.textContent === 'bob').click()")
    assert page.text() == "/msg bob "
    page.connection.feed("*** bob left (2 online)")
    page.wait(f"return (() => {{ {names} }})() === 'alice,Eva'")


def test_the_newest_line_is_followed_only_from_there(page):
    page.connection.feed(*(f"[bob]: line {n}" for n in range(100)))
    page.until_line("line 99")
    at_end = ("const s = document.getElementById('scroll');"
              "return s.scrollHeight - s.scrollTop - s.clientHeight < 2")
    page.wait(at_end)
    assert page.is_hidden("newer")
    page.js("document.getElementById('scroll').scrollTop = 0")
    page.wait("return !page.log.isFollowing")
    page.connection.feed("[bob]: more", "[bob]: and more")
    page.until_line("and more")
    page.wait("return document.getElementById('newer').textContent === '2 new'")
    assert page.js("return document.getElementById('scroll').scrollTop") == 0
    page.find("#newer").click()
    page.wait(at_end)
    assert page.is_hidden("newer")


def test_at_most_2000_lines_are_kept(page):
    for start in range(0, 10000, 500):
        page.connection.say(*(f"@{n + 42} 1796000000 [bob]: line {n} --{SAID}"
                              for n in range(start, start + 500)))
    page.until_line("line 9999")
    count = page.js("return document.querySelectorAll('#log .line').length")
    assert 1950 < count <= 2000 and count == page.js("return page.log.lines.length")
    assert page.lines("said") == [f"line {n}" for n in range(10000 - count, 10000)]


def test_a_frame_never_draws_many_lines(page):
    page.js("""
        window.most = 0;
        new MutationObserver((records) => {
            const added = records.flatMap((r) => [...r.addedNodes]);
            window.most = Math.max(window.most, added.filter((e) => e.matches?.(".line")).length);
        }).observe(document.getElementById("log"), { childList: true, subtree: true });""")
    page.connection.say(*(f"@{n + 42} 1796000000 [bob]: line {n} --{SAID}" for n in range(1000)))
    page.until_line("line 999")
    assert 0 < page.js("return window.most") <= 130


# ---- Attention


def test_mentions_in_the_background_are_counted_in_the_title(page):
    page.js("""
        window.notes = [];
        window.Notification = class {
            constructor(title, options) { notes.push([title, options.body]); }
            static requestPermission() { Notification.permission = "granted"; return Promise.resolve("granted"); }
        };
        Notification.permission = "default";
        page.attention.show();""")
    page.find("#notify").click()
    page.wait("return document.getElementById('notify').hidden")
    icon = page.js("return document.getElementById('icon').href")
    page.js("page.attention.isAway = () => true")
    page.connection.feed("[bob]: nothing for you")
    page.wait("return document.title === '\u2022 peer'")
    page.connection.feed("[bob]: Alice!", "* bob pokes alice", "[alice]: alice", "[bob]: malice")
    page.connection.say(f"[bob -> you]: psst --{SAID}")
    page.wait("return document.title === '(3) peer'")
    assert page.js("return notes") == [["bob \u2013 peer", "Alice!"], ["bob \u2013 peer", "pokes alice"],
                                       ["bob \u2013 peer", "psst"]]
    assert page.js("return document.getElementById('icon').href") != icon
    page.js("page.attention.isAway = () => false; window.dispatchEvent(new Event('focus'))")
    assert page.title() == "peer"
    assert page.js("return document.getElementById('icon').href") == icon
    assert len(page.lines("mention")) == 3


# ---- The name, its key, the password


def test_a_name_that_is_refused_is_asked_for_again(peer, visit):
    page = visit(peer.url)
    page.find("#nick").send_keys("bob\n")
    connection = peer.next()
    connection.say("=== peer: you are #3, 2 of 256 online, /help for help")
    assert connection.lines.get(timeout=DEADLINE) == "/nick bob"
    connection.say("!!! nick bob is taken")
    connection.until("/resume")
    connection.say(f"=== resume 41 {TOKEN}")
    connection.answer_marks()
    page.wait("return !document.getElementById('join').hidden")
    assert page.find("#join-problem").text == "nick bob is taken"
    page.find("#nick").send_keys("by\n")
    assert connection.until("/nick .*")[-1] == "/nick by"
    connection.last_marks()
    page.until_here()
    assert page.js("return page.session.me") == "by"


def test_a_claimed_name_and_its_key(peer, visit):
    page = visit(peer.url)
    page.find("#nick").send_keys("bob\n")
    connection = peer.next()
    connection.say("=== peer: you are #3, 2 of 256 online, /help for help")
    connection.lines.get(timeout=DEADLINE)
    connection.say("!!! nick bob is claimed")
    connection.until("/resume")
    connection.say(f"=== resume 41 {TOKEN}")
    connection.answer_marks()
    page.wait("return !document.getElementById('join').hidden")
    assert page.find("#join-problem").text == "nick bob is claimed"
    key = "abcdefghijklmnopqrstuvwxyz"
    page.find("#key").send_keys(key + "\n")
    assert connection.until("/nick .*")[-1] == f"/nick bob {key}"
    connection.last_marks()
    page.until_here()
    page.open("about:blank")
    page.open(peer.url)
    connection = peer.next()
    connection.say("=== peer: you are #3, 2 of 256 online, /help for help")
    connection.until("/resume .*")
    connection.say("!!! unknown or expired token")
    assert connection.until("/nick .*") == [f"/nick bob {key}"]


def test_claiming_keeps_the_key(page):
    page.connection.say("=== claimed alice " + "a" * 26)
    page.until_line("claimed alice", "answer")
    assert page.js("return page.store.keyOf('ALICE')") == "a" * 26


def test_a_room_with_a_password(room, relay, visit, tmp_path):
    (tmp_path / "password").write_text("sesame\n")
    server = room("--password-file", tmp_path / "password")
    cable = relay(server)
    page = visit(cable.url)
    page.find("#nick").send_keys("alice\n")
    page.wait("return !document.getElementById('unlock').hidden")
    assert page.find("#password").get_attribute("type") == "password"
    page.find("#password").send_keys("wrong\n")
    page.wait("return document.getElementById('unlock-problem').textContent !== ''")
    page.find("#password").send_keys("sesame\n")
    page.until_here()
    page.say("hello")
    page.until_line("hello", "own")
    cable.cut()
    page.until_line("nothing was missed", "notice")
    assert page.is_hidden("unlock")


# ---- Rooms


ROOMS = ["=== 3 rooms:", "=== lobby (you): 2 online, up to 50", "=== tea: 1 online, up to {} - Leaves",
         "=== vault (password)"]
GREETING = "peer: you are #3, 2 of 256 online, room lobby, /help for help"


def answer_rooms(connection, tea):
    """What a page asks when it comes into a room, up to the mark after it."""
    connection.until("/rooms")
    connection.say(*(line.format(tea) for line in ROOMS))
    connection.last_marks()


def enter(peer, page):
    page.find("#nick").send_keys("alice\n")
    page.connection = peer.next()
    page.connection.say(f"=== {GREETING}")
    page.connection.until("/resume")
    page.connection.say(f"=== resume 41 {TOKEN}")
    answer_rooms(page.connection, 30)
    page.until_here()
    return page.connection


def rooms_shown(page):
    return page.js("""
        return [...document.querySelectorAll("#rooms li")].map((item) =>
            [item.querySelector("button").textContent,
             item.querySelector(".unread") ? parseInt(item.querySelector(".unread").textContent) : 0]);""")


def test_rooms_are_listed_with_what_is_unread(peer, visit):
    page = visit(peer.url)
    connection = enter(peer, page)
    until(lambda: rooms_shown(page) == [["lobby", 0], ["tea", 0], ["vault", 0]], "the rooms")
    page.js("page.refresh()")
    answer_rooms(connection, 37)
    until(lambda: rooms_shown(page)[1] == ["tea", 7], "what is unread")
    assert page.title() == "lobby \u2013 peer"


def test_going_to_another_room_and_back(peer, visit):
    page = visit(peer.url)
    connection = enter(peer, page)
    connection.feed("[bob]: in the lobby")
    page.until_line("in the lobby")
    until(lambda: len(rooms_shown(page)) == 3)
    page.js("document.querySelectorAll('#rooms button')[1].click()")
    assert connection.until("/join.*")[-1] == "/join tea"
    connection.say("=== room tea: 2 online", f"@30 1796000000 [eve]: in tea --{SAID}")
    answer_rooms(connection, 30)
    page.until_here()
    assert page.lines("said") == ["in tea"]
    assert page.address() == peer.url + "#tea"
    page.say("/join lobby")
    assert connection.until("/join.*")[-1] == "/join lobby 42"
    connection.say("=== room lobby: 2 online", f"@43 1796000000 [bob]: meanwhile --{SAID}")
    answer_rooms(connection, 31)
    page.until_here()
    until(lambda: page.lines("said") == ["in the lobby", "meanwhile"], "both lines")
    assert page.address() == peer.url


@pytest.mark.parametrize("fragment, join", [("#tea", "/join tea"), ("#tea/WORD", "/join tea/WORD"),
                                            ("#t%C3%A9", "/join t\u00e9")])
def test_the_room_in_the_fragment(peer, visit, fragment, join):
    page = visit(peer.url + fragment)
    page.find("#nick").send_keys("alice\n")
    connection = peer.next()
    connection.say(f"=== {GREETING}", f"[bob]: in the lobby --{SAID}")
    assert connection.until("/resume") == ["/resume"]
    connection.say(f"=== resume 41 {TOKEN}")
    assert connection.line() == join
    name = join.split()[1].split("/")[0]
    connection.say(f"=== room {name}: 2 online", f"@7 1796000000 [eve]: in there --{SAID}")
    assert connection.line() == "/nick alice"
    answer_rooms(connection, 7)
    page.until_here()
    assert page.lines("said") == ["in there"]
    assert page.address() == peer.url + fragment.split("/")[0]


def test_a_room_that_is_refused_leaves_one_in_the_lobby(peer, visit):
    page = visit(peer.url + "#nowhere")
    page.find("#nick").send_keys("alice\n")
    connection = peer.next()
    connection.say(f"=== {GREETING}", f"[bob]: in the lobby --{SAID}")
    connection.until("/resume")
    connection.say(f"=== resume 41 {TOKEN}")
    assert connection.line() == "/join nowhere"
    connection.say("!!! no such room")
    assert connection.line() == "/nick alice"
    answer_rooms(connection, 7)
    page.until_here()
    page.until_line("no such room", "error")
    assert page.lines("said") == ["in the lobby"]
    assert page.address() == peer.url


def test_a_room_may_ask_for_its_password(peer, visit):
    page = visit(peer.url)
    connection = enter(peer, page)
    page.say("/join vault")
    connection.until("/join vault")
    connection.say("=== password:")
    page.wait("return !document.getElementById('unlock').hidden")
    page.find("#password").send_keys("wrong\n")
    assert connection.line() == "wrong"
    connection.say("!!! wrong password", "=== password:")
    page.wait("return document.getElementById('unlock-problem').textContent === 'wrong password'")
    page.find("#password").send_keys("sesame\n")
    assert connection.line() == "sesame"
    connection.say("=== room vault: 1 online")
    answer_rooms(connection, 7)
    page.until_here()
    assert page.js("return page.session.pending.sent") == 0


def test_lost_in_a_room_one_comes_back_there(peer, visit):
    page = visit(peer.url + "#tea")
    page.find("#nick").send_keys("alice\n")
    connection = peer.next()
    connection.say(f"=== {GREETING}")
    connection.until("/resume")
    connection.say(f"=== resume 41 {TOKEN}")
    connection.until("/join tea")
    connection.say("=== room tea: 2 online", f"@7 1796000000 [eve]: in tea --{SAID}")
    answer_rooms(connection, 7)
    page.until_here()
    peer.cut()
    connection = peer.next()
    connection.say(f"=== {GREETING}")
    assert connection.until("/resume.*")[-1] == f"/resume 7 {TOKEN} 0"
    connection.say("=== room tea", f"=== resume 7 {TOKEN}", "=== said 0 of 0",
                   f"@8 1796000000 [eve]: meanwhile --{SAID}")
    answer_rooms(connection, 8)
    page.until_here()
    until(lambda: page.lines("said") == ["in tea", "meanwhile"], "both lines")
    # And without a token: by way of the lobby.
    peer.cut()
    connection = peer.next()
    connection.say(f"=== {GREETING}")
    connection.until("/resume.*")
    connection.say("!!! unknown or expired token")
    assert connection.line() == "/resume"
    connection.say(f"=== resume 60 {TOKEN}")
    assert connection.line() == "/join tea 8"
    connection.say("=== room tea: 2 online", f"@9 1796000000 [eve]: again --{SAID}")
    assert connection.line() == "/nick alice"
    answer_rooms(connection, 9)
    until(lambda: page.lines("said") == ["in tea", "meanwhile", "again"], "all three lines")


def test_an_invitation_is_shown_as_a_link(page, peer):
    page.connection.say("=== invitation tea/abc234, 60 minutes, 1 uses")
    page.until_line("invitation", "answer")
    assert page.js("return document.querySelector('.answer a').href") == peer.url + "#tea/abc234"


def test_a_door_for_reading(peer, visit):
    page = visit(peer.url)
    connection = peer.next()
    connection.say("=== peer: you are #3, 2 of 256 online, for reading, /help for help")
    assert connection.until("/resume") == ["/resume"]
    connection.say(f"=== resume 41 {TOKEN}")
    connection.until("/rooms")
    connection.last_marks()
    page.wait("return !document.getElementById('reading').hidden")
    assert page.is_hidden("say") and page.is_hidden("join")
    connection.feed("[bob]: hello")
    page.until_line("hello")
