"""How the page looks and is read: small screens, dark and light, contrast, a screen reader, no script."""

import pytest

from web import browsers, peer, visit  # noqa: F401, the fixtures
from wire import until

SAID = "Wed Oct 19 21:24:05 2022"
SIZES = [(320, 568), (360, 640), (1280, 800)]


@pytest.fixture
def page(peer, visit):
    """In the room of a peer, as alice, with one line of each kind."""
    visitor = visit(peer.url)
    visitor.find("#nick").send_keys("alice\n")
    connection = visitor.connection = peer.greet()
    visitor.until_here()
    connection.feed(*(f"[person{n}]: hello, see https://example.org/{n}" for n in range(24)),
                    "* bob waves", "*** bob joined (3 online)", "*** announcement: tea",
                    "[bob]: alice, hello", "[alice]: yes")
    connection.say(f"[bob -> you]: psst --{SAID}", f"[you -> bob]: what --{SAID}", "=== an answer",
                   "!!! an error")
    visitor.js("page.notice('loss connect!')")
    visitor.until_line("loss connect!", "notice")
    return visitor


# Each element with text of its own, and the contrast of it with what lies under it.
CONTRASTS = """
    const channel = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const parse = (text) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const light = ([r, g, b]) =>
        0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = parse(getComputedStyle(e).backgroundColor);
            if (colour[3] === 1)
                return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const element of document.querySelectorAll("#page *")) {
        const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!own || !element.getClientRects().length || element.closest(".aside"))
            continue;
        const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5)
            found.push([element.className || element.tagName, element.textContent, contrast]);
    }
    return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(page, scheme):
    page.scheme(scheme)
    page.size(1280, 800)
    assert page.js(CONTRASTS) == []
    # Each colour of a person on each ground.
    page.js("""
        for (const ground of ["", "mention"])
            for (let i = 0; i < 16; i++) {
                const line = makeLine({ kind: "said", who: "x", text: "y", id: 0, time: 0 });
                line.classList.toggle("mention", ground !== "");
                line.querySelector(".who").className = `who c${i}`;
                document.getElementById("log").append(line);
            }""")
    assert page.js(CONTRASTS) == []


@pytest.mark.parametrize("width, height", SIZES)
def test_everything_fits(page, width, height):
    page.size(width, height)
    page.until_here()
    outside = """
        return [...document.querySelectorAll("#page *")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && !e.closest(".aside, .same .head") && (box.right > innerWidth + 1 || box.left < -1);
        }).map((e) => e.outerHTML.slice(0, 100));"""
    assert page.js(outside) == []
    assert page.js("return document.documentElement.scrollWidth") <= width
    box = page.js("const b = document.getElementById('text').getBoundingClientRect(); return [b.width, b.bottom]")
    assert box[0] >= 150 and box[1] <= height
    # What a finger has to hit.
    small = page.js("""
        return [...document.querySelectorAll("button")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && Math.min(box.width, box.height) < 24;
        }).map((e) => e.outerHTML);""")
    assert small == []


def test_the_people_of_a_phone_lie_over_the_room(page):
    page.size(360, 640)
    page.connection.feed("*** bob joined (2 online)")
    page.wait("return document.getElementById('open-side').textContent === '2 online'")
    assert not page.find("#side").is_displayed()
    page.find("#open-side").click()
    assert page.find("#side").is_displayed()
    assert page.find("#open-side").get_attribute("aria-expanded") == "true"
    page.press("escape")
    assert not page.find("#side").is_displayed()
    assert page.js("return document.activeElement.id") == "open-side"
    page.find("#open-side").click()
    page.wait("return [...document.querySelectorAll('#people button')].length > 0")
    page.js("[...document.querySelectorAll('#people button')].find((e) => e.textContent === 'bob').click()")
    assert page.text() == "/msg bob "
    assert not page.find("#side").is_displayed()


def test_the_keyboard_of_a_phone_leaves_the_newest_line_in_view(page):
    page.size(360, 640)
    page.wait("return innerHeight === 640")
    page.size(360, 340)
    page.wait("""
        const box = document.getElementById("text").getBoundingClientRect();
        const scroll = document.getElementById("scroll");
        return box.bottom <= 340 && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 2;""")


def test_forced_colours_and_reduced_motion(page):
    page.scheme("light", **{"forced-colors": "active", "prefers-reduced-motion": "reduce"})
    assert page.js("return matchMedia('(forced-colors: active)').matches")
    assert page.js("return getComputedStyle(document.querySelector('.mention')).borderInlineStartWidth") == "3px"
    moving = page.js("""
        return [...document.querySelectorAll("#page *")].filter((e) => {
            const style = getComputedStyle(e);
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
        }).length;""")
    assert moving == 0


def tree(page):
    page.cdp("Accessibility.enable")
    nodes = page.cdp("Accessibility.getFullAXTree")["nodes"]
    return [(node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes if not node["ignored"]]


def test_what_a_screen_reader_finds(page):
    page.size(1280, 800)
    found = tree(page)
    for node in [("heading", "peer"), ("log", "Messages"), ("main", "Conversation"),
                 ("textbox", "Message"), ("button", "Send"), ("status", ""),
                 ("complementary", "Rooms and people"), ("button", "You are alice: change your name")]:
        assert node in found, node
    nameless = [role for role, name in found if role in ("button", "textbox", "link", "dialog") and not name]
    assert nameless == []
    assert page.js("return document.getElementById('log').getAttribute('aria-live')") == "polite"
    text = " ".join(name for role, name in found if role == "StaticText")
    assert "psst" in text and "(private)" in text


def test_headings_labels_and_language(page):
    assert page.js("return document.documentElement.lang") == "en"
    assert page.js("return document.querySelectorAll('h1').length") <= 2
    unlabelled = page.js("""
        return [...document.querySelectorAll("input, textarea")].filter((field) =>
            !field.labels.length && !field.getAttribute("aria-label")).map((field) => field.id);""")
    assert unlabelled == []
    ids = page.js("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_by_keyboard_alone(peer, visit):
    page = visit(peer.url)
    page.size(1280, 800)
    until(lambda: page.js("return document.activeElement.id") == "nick", "the focus")
    page.press("alice", "enter")
    connection = page.connection = peer.greet()
    page.until_here()
    until(lambda: page.js("return document.activeElement.id") == "text", "the focus")
    page.press("hello", "enter")
    assert connection.line() == "hello"
    seen = []
    for _ in range(12):
        page.press("tab")
        seen.append(page.js("return document.activeElement.id || document.activeElement.className"))
    assert {"scroll", "rename", "text"} <= set(seen), seen
    page.js("document.getElementById('rename').focus()")
    page.press("enter")
    until(lambda: page.js("return document.activeElement.id") == "nick", "the focus")
    page.press("bob", "enter")
    assert connection.until("/nick bob")[-1] == "/nick bob"


def test_without_a_script_it_says_how_to_join(peer, visit):
    page = visit("about:blank")
    page.cdp("Emulation.setScriptExecutionDisabled", value=True)
    page.open(peer.url)
    text = page.find("body").text
    assert "nc HOST 8000" in text and "/nick NAME" in text
    assert not page.find("#page").is_displayed()
    page.cdp("Emulation.setScriptExecutionDisabled", value=False)


def test_nothing_is_fetched_from_elsewhere_and_the_policy_is_kept(page, peer):
    assert page.js("return performance.getEntriesByType('resource').map((e) => e.name)") == []
    refused = [entry for entry in page.driver.get_log("browser") if "Content Security" in entry["message"]]
    assert refused == []
    assert page.js("""
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        return window.ran || false;""") is False
