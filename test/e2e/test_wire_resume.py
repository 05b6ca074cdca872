"""Tagged lines, and coming back without missing a word."""

import random
import re
import threading
import time

import pytest

from wire import STAMP, event, said

RESUME = r"=== resume (\d+) ([0-9A-Za-z_-]+)"
MISSED = r"=== you missed (\d+) lines?"


def resume(client, *arguments):
    """Asks for tags; returns the answer's ID and token, and the lines before the answer."""
    client.say(" ".join(["/resume", *map(str, arguments)]))
    lines = client.until(RESUME)
    match = re.fullmatch(RESUME, lines[-1])
    return int(match[1]), match[2], lines[:-1]


def tagged(line):
    """ID and the line itself of a tagged line."""
    match = re.fullmatch(r"@(\d+) (\d+) (.*)", line)
    assert match, f"not tagged: {line!r}"
    return int(match[1]), int(match[2]), match[3]


def expect_tagged(client, last, *patterns):
    """The next lines are tagged with the IDs after last; returns the last one."""
    for pattern in patterns:
        line = client.line()
        got, _, rest = tagged(line)
        assert got == last + 1, f"{line!r} after {last}"
        assert re.fullmatch(pattern, rest), f"got {rest!r}, not {pattern!r}"
        last = got
    return last


def test_tags_from_here_on(chatd):
    server = chatd()
    alice, bob = server.join("alice"), server.join("bob")
    alice.expect(event("bob joined (2 online)"))
    last, _, before = resume(alice)
    assert before == []
    alice.say("one")
    bob.say("two")
    bob.until(said("bob", "two"))
    got = [tagged(alice.line()) for _ in range(2)]
    assert [line[0] for line in got] == [last + 1, last + 2]
    assert {line[2].split(": ")[0] for line in got} == {"[alice]", "[bob]"}
    bob.say("/nick robert", "/quit")
    expect_tagged(alice, last + 2, event("bob is now robert"), event("robert left (1 online)"))


def test_epoch_is_the_stamps_second(chatd):
    server = chatd(env={"TZ": "UTC"})
    alice = server.join("alice")
    last, _, _ = resume(alice)
    alice.say("now")
    got, epoch, line = tagged(alice.line())
    assert got == last + 1
    assert line.endswith(" --" + time.asctime(time.gmtime(epoch)))


def test_only_lines_of_the_feed_are_tagged(chatd):
    server = chatd()
    alice, bob = server.join("alice"), server.join("bob")
    alice.expect(event("bob joined (2 online)"))
    last, _, _ = resume(alice)
    bob.say("/msg alice psst")
    alice.expect(re.escape("[bob -> you]: psst --") + STAMP)
    alice.say("/msg bob yes", "/nonsense", "/ignore", "aloud")
    alice.expect(re.escape("[you -> bob]: yes --") + STAMP, r"!!! .*")
    line = alice.line()
    while line.startswith("=== "):
        line = alice.line()
    assert tagged(line)[0] == last + 1


def test_ids_are_the_same_for_all_and_answers_stand_in_their_place(chatd):
    server = chatd("--rate", 0)
    alice, bob = server.join("alice"), server.join("bob")
    alice.expect(event("bob joined (2 online)"))
    resume(alice)
    resume(bob)
    for n in range(100):
        (alice, bob)[n % 2].say(f"{n}", "/nonsense")
    alice.say("/settled?")
    streams = []
    for client in (alice, bob):
        lines = []
        while len(lines) < 100:
            line = client.line()
            if line.startswith("@"):
                lines.append(line)
        streams.append(lines)
    assert streams[0] == streams[1]


@pytest.mark.parametrize("back", [0, 1, 5])
def test_resume_repeats_what_came_after(chatd, back):
    server = chatd("--rate", 0)
    alice = server.join("alice")
    last, _, _ = resume(alice)
    alice.say(*(f"{n}" for n in range(10)))
    last = expect_tagged(alice, last, *(said("alice", f"{n}") for n in range(10)))
    again, _, _ = resume(alice, last - back)
    assert again == last - back
    expect_tagged(alice, again, *(said("alice", f"{n}") for n in range(10 - back, 10)))
    alice.say("and on")
    expect_tagged(alice, last, said("alice", "and on"))


def test_a_lost_client_gets_its_nick_back_and_the_room_hears_nothing(chatd):
    server = chatd("--rate", 0)
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    last, token, _ = resume(alice)
    alice.reset()
    server.wait_log(r"client #2 .*exit")
    watcher.say("while you were out", "/nick alice", "/msg alice psst")
    last_said = said("watcher", "while you were out")
    watcher.expect(last_said, r"!!! .*", r"!!! .*")
    back = server.connect()
    assert resume(back, last, token)[0] == last
    last = expect_tagged(back, last, last_said)
    back.say("here again")
    expect_tagged(back, last, said("alice", "here again"))
    watcher.expect(said("alice", "here again"))


def test_its_slot_is_free_at_once(chatd):
    server = chatd("-m", 2)
    server.join("watcher")
    alice = server.join("alice")
    resume(alice)
    alice.reset()
    server.wait_log(r"client #2 .*exit")
    server.join("other")


def test_the_old_slot_is_closed_if_still_held(chatd):
    server = chatd()
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    last, token, _ = resume(alice)
    back = server.connect()
    assert resume(back, last, token)[0] == last
    alice.gone()
    back.say("here again")
    expect_tagged(back, last, said("alice", "here again"))
    watcher.expect(said("alice", "here again"))
    server.wait_log(r"client #2 .*exit")


def test_gone_for_good_is_said_after_half_a_minute(chatd):
    server = chatd()
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    _, token, _ = resume(alice)
    alice.close()
    watcher.expect(event("alice left (1 online)"))
    watcher.say("/nick alice")
    watcher.expect(event("watcher is now alice"))


def test_quit_is_for_good(chatd):
    server = chatd()
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    _, token, _ = resume(alice)
    alice.say("/quit")
    watcher.expect(event("alice left (1 online)"))
    watcher.say("/nick alice")
    watcher.expect(event("watcher is now alice"))


def test_kicked_is_for_good(chatd, tmp_path):
    server = chatd(listen=["127.0.0.1:0", f"unix:{tmp_path}/o,operator"])
    boss = server.connect(f"unix:{tmp_path}/o")
    boss.say("hello")
    boss.until(said("#1", "hello"))
    alice = server.join("alice")
    last, token, _ = resume(alice)
    boss.say("/kick alice enough")
    boss.until(event("alice left (enough)"))
    alice.gone()
    back = server.connect()
    back.say(f"/resume {last} {token}")
    back.until(r"!!! .*")


@pytest.mark.parametrize("token", ["nonsense", "0" * 32, "f" * 32, "x", "0" * 1000],
                         ids=["word", "zeros", "ones", "letter", "long"])
def test_a_token_that_is_none(chatd, token):
    server = chatd()
    alice = server.join("alice")
    last, _, _ = resume(alice)
    other = server.connect()
    other.say(f"/resume {last} {token}", "hello")
    lines = other.until(said("#2", "hello"))
    assert any(line.startswith("!!! ") for line in lines)
    assert not any(line.startswith(("@", "=== resume")) for line in lines)


def test_coming_back_again_and_again(chatd):
    """Whoever has the token is that person, however often; the connection before is closed."""
    server = chatd()
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    last, token, _ = resume(alice)
    for n in range(5):
        back = server.connect()
        _, token, _ = resume(back, last, token)
        alice.gone()
        back.say(f"{n}")
        last = expect_tagged(back, last, said("alice", f"{n}"))
        watcher.expect(said("alice", f"{n}"))
        alice = back


def test_an_id_from_the_future(chatd):
    alice = chatd().join("alice")
    alice.say("/resume 1000000")
    alice.expect(r"!!! .*")
    last = int(alice.expect(RESUME)[1])
    alice.say("hello")
    expect_tagged(alice, last, said("alice", "hello"))


def test_lines_that_left_the_feed_are_counted(chatd):
    server = chatd("--rate", 0, "--feed", "64K", "--replay", 0)
    speaker, alice = server.join("speaker"), server.join("alice")
    speaker.expect(event("alice joined (2 online)"))
    last, token, _ = resume(alice)
    alice.reset()
    for n in range(100):
        speaker.say(*(f"{n * 50 + m} and some text to fill the feed" for m in range(50)))
        speaker.until(said("speaker", f"{n * 50 + 49} and some text to fill the feed"))
    back = server.connect()
    back.say(f"/resume {last} {token}")
    lines = back.until(r"@\d+ .*")
    missed = [int(re.fullmatch(MISSED, line)[1]) for line in lines if re.fullmatch(MISSED, line)]
    answer = [int(re.fullmatch(RESUME, line)[1]) for line in lines if re.fullmatch(RESUME, line)]
    first, _, line = tagged(lines[-1])
    assert len(missed) == len(answer) == 1
    assert 0 < missed[0] < 5000
    assert first == last + missed[0] + 1 == answer[0] + 1
    number = int(line.split()[1])
    assert number == missed[0]
    for n in range(number + 1, 5000):
        first = expect_tagged(back, first, said("speaker", f"{n} and some text to fill the feed"))


def test_an_ignored_line_is_left_out_but_counted(chatd):
    server = chatd("--rate", 0)
    alice, bob, carol = (server.join(nick) for nick in ("alice", "bob", "carol"))
    alice.until(event("carol joined (3 online)"))
    alice.say("/ignore bob")
    alice.expect(r"=== .*")
    last, _, _ = resume(alice)
    bob.say("unheard")
    carol.until(said("bob", "unheard"))
    carol.say("heard")
    got, _, line = tagged(alice.line())
    assert got == last + 2 and re.fullmatch(said("carol", "heard"), line)


def test_crlf_and_tags_together(chatd):
    alice = chatd().join("alice")
    alice.send("/resume\r\n")
    last = int(re.fullmatch(RESUME + "\r", alice.until(RESUME + "\r")[-1])[1])
    alice.say("hello")
    expect_tagged(alice, last, said("alice", "hello") + "\r")


def test_resume_is_not_announced_twice(chatd):
    """One whose first line is /resume without a token joins like any other."""
    server = chatd()
    watcher = server.join("watcher")
    other = server.connect()
    resume(other)
    watcher.expect(event("#2 joined (2 online)"))


def test_private_messages_for_one_who_is_away(chatd):
    server = chatd()
    watcher, alice = server.join("watcher"), server.join("alice")
    watcher.expect(event("alice joined (2 online)"))
    resume(alice)
    alice.reset()
    server.wait_log(r"client #2 .*exit")
    watcher.say("/msg alice hello")
    watcher.expect(r"!!! .*")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cut_off_100_times_while_2000_lines_flow(chatd, seed):
    chance = random.Random(seed)
    server = chatd("--rate", 0)
    speaker = server.join("speaker")
    listener = server.join("listener")
    speaker.until(event("listener joined (2 online)"))
    permits = threading.Semaphore(0)

    def speak():
        for n in range(100):
            permits.acquire()
            for m in range(20):
                speaker.say(f"line {n * 20 + m}")

    thread = threading.Thread(target=speak)
    thread.start()
    last, token, _ = resume(listener)
    heard = []
    for cut in range(100):
        permits.release()
        # What was said so far is at most 20 lines a cut: wait for no more than there will be.
        for _ in range(chance.randrange(0, min(40, (cut + 1) * 20 - len(heard) + 1))):
            number, _, line = tagged(listener.line())
            assert number == last + 1
            last = number
            heard.append(line)
        if chance.random() < 0.3:
            listener.send("half a li")
        listener.reset()
        listener = server.connect()
        answer, token, before = resume(listener, last, token)
        assert answer == last
        assert not any(re.fullmatch(MISSED, line) for line in before)
    while len(heard) < 2000:
        last = expect_tagged(listener, last, said("speaker", f"line {len(heard)}"))
        heard.append(None)
    thread.join()
    for n, line in enumerate(heard):
        assert line is None or re.fullmatch(said("speaker", f"line {n}"), line), (n, line)
    # The room heard nothing of all that.
    assert not any("listener" in line for line in speaker.settle())


def script(chance, count):
    """Lines to send, each with what the others see of it: None if nothing, and whether it counts."""
    for n in range(count):
        yield chance.choice([
            (f"line {n}" + " häßlich" * chance.randrange(4), True),
            (f"  line {n} {'x' * chance.randrange(900)}", True),
            (f"/me acts {n}", True),
            (f" \u200b/me acts {n}", True),
            (f"//slash {n}", True),
            (f"long {n} " + "x" * 1100, True),
            (f"/msg nobody {n}", False),
            (f"/ping {n}", False),
            ("   ", False),
            ("", False),
        ])


def seen_of(line):
    """What the others see of a line that counts, without its stamp; None: it is refused."""
    text = line.lstrip(" \u200b")
    if len(line.encode()) > 1024:
        return None
    if text.startswith("/me "):
        return "* alice " + text[4:]
    return "[alice]: " + (line.replace("//", "/", 1) if text.startswith("//") else line)


def test_a_line_over_the_limit_counts_by_its_beginning(chatd):
    server = chatd()
    alice = server.join("alice")
    last, token, _ = resume(alice)
    alice.say("x" * 2000, "/me " + "x" * 2000, "/ping " + "x" * 2000, " " * 10 + "/who" + " " * 2000)
    for _ in range(4):
        alice.until(r"!!! message too long .*")
    again = server.connect()
    again.say(f"/resume {last} {token} 2")
    again.until(r"=== said 2 of 2")


@pytest.mark.parametrize("seed", range(3))
def test_sent_is_exact_wherever_it_is_cut(chatd, seed):
    """Cut at any byte, and the rest sent again: every line is there once, in order."""
    server = chatd("--rate", 0, "--feed", "4M")
    chance = random.Random(seed)
    lines = list(script(chance, 400))
    bob, alice = server.join("bob"), server.join("alice")
    last, token, _ = resume(alice)
    counted = [n for n, (_, counts) in enumerate(lines) if counts]
    done = 0  # of those that count
    while True:
        first = counted[done] if done < len(counted) else len(lines)
        data = "".join(line + "\n" for line, _ in lines[first:]).encode()
        cut = chance.randrange(len(data) + 1) if data and chance.random() < 0.97 else len(data)
        cut = min(cut, chance.randrange(1, 20000))
        alice.send(data[:cut])
        sent = done + sum(counts for _, counts in lines[first:first + data[:cut].count(b"\n")])
        if chance.random() < 0.5:
            alice.reset()
        alice = server.connect()
        alice.say(f"/resume {last} {token} {sent}")
        done = int(re.fullmatch(r"=== said (\d+) of \d+", alice.until(r"=== said \d+ of \d+")[-1])[1])
        assert done <= sent
        if done == len(counted):
            break
    bob.say("the end")
    got = [re.sub(" --" + STAMP, "", line) for line in bob.until(said("bob", "the end"))[:-1]
           if "alice" in line and not line.startswith("***")]
    assert got == [seen for seen in (seen_of(lines[n][0]) for n in counted) if seen]
