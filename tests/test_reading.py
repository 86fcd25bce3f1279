"""Every kind of page as an elder meets it: large text, a small phone, keys, no style, no script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import measures
from browser import CHINA

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parent.parent
PHONE = {"width": 320, "height": 640}

Faults = Mapping[str, list[str]]


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a context of its own, as wide as the narrowest phone unless told otherwise."""
    usual = {**CHINA, "viewport": PHONE, "service_workers": "block"}
    context = browser.new_context(**{**usual, **options})
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture(scope="module")
def visits(browser: Browser, sampled: dict[str, str]) -> dict[str, Faults]:
    """What is wrong, by the kind of page and by what was looked for.

    Every kind of page, opened once on the narrowest phone and measured in all ways.
    """
    with opened(browser) as page:
        found = {url: measured(page, url) for url in dict.fromkeys(sampled.values())}
    return {kind: found[url] for kind, url in sampled.items()}


def measured(page: Page, url: str) -> Faults:
    def breaks() -> list[str]:
        return measures.overflow(page) + measures.clipped(page)

    page.goto(url)
    faults = {
        "target": measures.small_targets(page),
        "stuck": measures.stuck(page),
        "folded": measures.folded_away(page),
        "outline": measures.outline_faults(page),
        "size 1": breaks(),
    }
    for size in ("2", "3"):
        page.evaluate("(size) => { document.documentElement.dataset.size = size; }", size)
        faults[f"size {size}"] = breaks()
    page.evaluate("() => { delete document.documentElement.dataset.size; }")
    with measures.reader(page) as restyle:
        for name, css in RESTYLED.items():
            restyle(css)
            faults[name] = breaks()
    return faults


RESTYLED = {
    "spacing": measures.TEXT_SPACING,
    "zoom 160": measures.text_zoom(160),
    "zoom 200": measures.text_zoom(200),
}


def faults_of(visits: Mapping[str, Faults], what: str) -> dict[str, list[str]]:
    return {kind: faults[what] for kind, faults in visits.items() if faults[what]}


# ── Large text, small phone ──


@pytest.mark.parametrize("what", ["size 1", "size 2", "size 3", *RESTYLED])
def test_nothing_is_cut_off_on_the_narrowest_phone(visits, what):
    assert faults_of(visits, what) == {}


def test_thumb_hits_every_target(visits):
    assert faults_of(visits, "target") == {}


def test_nothing_is_stuck_to_the_window_or_moves_by_itself(visits):
    assert faults_of(visits, "stuck") == {}


def test_nobody_has_to_unfold_a_number_a_step_or_a_warning(visits):
    assert faults_of(visits, "folded") == {}


def test_headings_and_landmarks_make_an_outline(visits):
    assert faults_of(visits, "outline") == {}


BROKEN = {
    "target": '<ul class="menu"><li style="display:block"><a href="/">家</a></li></ul>',
    "stuck": '<p style="position:sticky">家</p>',
    "folded": '<details><a href="tel:12393">12393</a></details>',
    "outline": "<h6>家</h6>",
    "size 1": '<p style="height:1em;overflow:hidden">家<br>家<br>家</p>',
    "zoom 200": '<p style="width:19rem">家</p>',
}


@pytest.mark.parametrize("what", BROKEN)
def test_measures_see_what_is_broken_on_purpose(browser, sampled, what):
    with opened(browser) as page:

        def spoil(route: Route) -> None:
            answer = route.fetch()
            html = re.sub(r"(<main[^>]*>)", r"\1" + BROKEN[what], answer.text())
            # The policy allows no inline style; here the fault itself needs one.
            headers = {k: v for k, v in answer.headers.items() if "policy" not in k}
            route.fulfill(response=answer, body=html, headers=headers)

        page.route("**/huaru/", spoil)
        found = measured(page, sampled["guide net"])
    assert found[what]


# ── The size that was chosen ──

FIRST_FRAME = """requestAnimationFrame(() => {
    window.sizeOfFirstFrame = document.documentElement.dataset.size || "1";
});"""


def size_of(page: Page) -> tuple[str, str]:
    """The size when the first frame was drawn, and what the body has now."""
    first: str = page.evaluate("() => window.sizeOfFirstFrame")
    now: str = page.evaluate("() => getComputedStyle(document.body).fontSize")
    return first, now


def test_chosen_size_is_there_on_the_next_page_before_anything_is_drawn(browser, sampled):
    with opened(browser) as page:
        page.add_init_script(FIRST_FRAME)
        page.goto(sampled["home"])
        assert size_of(page) == ("1", "20px")
        page.get_by_role("link", name="特大").click()
        assert size_of(page) == ("1", "30px")
        # Not the work of the module, which comes later.
        page.route("**/site.js", lambda route: route.abort())
        page.goto(sampled["guide net"])
        assert size_of(page) == ("3", "30px")


def test_link_may_bring_a_size_along(browser, sampled):
    with opened(browser) as page:
        page.add_init_script(FIRST_FRAME)
        page.goto(sampled["guide net"] + "?size=2")
        assert size_of(page) == ("2", "24px")
        current = page.locator(".sizes [aria-current]")
        assert current.all_inner_texts() == ["大"]


# ── Keys ──

FOCUSED = """() => {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const all = [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex='0']")];
    return {
        place: all.filter((one) => one.checkVisibility({ visibilityProperty: true })).indexOf(node),
        ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        what: node.outerHTML.slice(0, 80),
    };
}"""


@pytest.mark.parametrize("kind", ["city known", "guide net", "guide unknown", "twins"])
def test_tab_walks_through_the_page_in_its_order_and_shows_where_it_is(browser, sampled, kind):
    with opened(browser) as page:
        page.goto(sampled[kind])
        places = []
        while not places or places[-1] != -1:
            page.keyboard.press("Tab")
            stop = page.evaluate(FOCUSED)
            places.append(stop["place"])
            if stop["place"] >= 0:
                assert stop["ring"] >= 3 and stop["seen"], stop["what"]
    assert len(places) > 10
    assert places[:-1] == list(range(len(places) - 1))


# ── Settings of the reader ──

EDGES = """(selectors) => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => {
        const [low, high] = [light(channels(a)), light(channels(b))].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
    };
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    return Object.entries(selectors).map(([selector, side]) => {
        const node = document.querySelector(selector);
        node.focus();
        const style = getComputedStyle(node);
        const [kind, width, color] = ["Style", "Width", "Color"].map((end) => style[side + end]);
        return [selector, kind !== "none" && parseFloat(width) >= 1 ? contrast(color, ground) : 0];
    }).filter(([, seen]) => seen < 3);
}"""


def test_edges_and_focus_stay_where_the_reader_forces_colours(browser, sampled):
    with opened(browser, forced_colors="active") as page:
        page.goto(sampled["phone guide"])
        page.keyboard.press("Tab")
        assert page.evaluate(EDGES, {".skip": "outline", ".call": "borderTop"}) == []
        page.goto(sampled["guide unknown"])
        assert page.evaluate(EDGES, {".ledger": "borderTop"}) == []
        page.goto(sampled["home"] + "?size=3")
        weights = page.locator(".sizes a").evaluate_all(
            "(links) => links.map((link) => getComputedStyle(link).fontWeight)"
        )
    assert weights == ["400", "400", "700"]  # the bar below the chosen size is gone there


def test_reader_of_forced_colours_still_sees_text_on_its_ground(browser, sampled):
    with opened(browser, forced_colors="active") as page:
        page.goto(sampled["guide net"])
        same = page.evaluate(
            """() => [...document.querySelectorAll("main *")].map((node) => {
                const style = getComputedStyle(node);
                return style.color === style.backgroundColor && node.outerHTML.slice(0, 80);
            }).filter(Boolean)"""
        )
    assert same == []


def test_style_sheets_and_scripts_fight_no_setting_of_the_reader():
    sources = [p for p in (ROOT / "templates").rglob("*") if p.suffix in (".css", ".js", ".html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert "-webkit-text-size-adjust: 100%" in text
    for word in ("!important", "setFontSizeCallback", "user-scalable", "maximum-scale"):
        assert word not in text, word
    for motion in ("@keyframes", "animation", "transition", "scroll-behavior", "<marquee"):
        assert motion not in text, motion


# ── Without style, without script ──

PIECES = """() => [...document.querySelectorAll(
        "h1, h2, h3, dt, dd, th, td, caption, main p, main li")]
    .filter((node) => !node.closest("details") && !node.querySelector("p, li, dl, td, details"))
    .map((node) => node.textContent)"""


@pytest.mark.parametrize("kind", ["city known", "guide net", "guide unknown", "table", "404"])
def test_every_word_is_there_in_order_without_style_and_script(browser, sampled, kind):
    def undress(route: Route) -> None:
        answer = route.fetch()
        bare, count = re.subn(r"<style>.*?</style>", "", answer.text(), flags=re.S)
        assert count == 1
        route.fulfill(response=answer, body=bare)

    with opened(browser, java_script_enabled=False) as page:
        page.route(re.compile("/$|404.html$"), undress)
        page.goto(sampled[kind])
        assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "16px"
        shown = re.sub(r"\s+", "", page.locator("body").inner_text())
        pieces = [re.sub(r"\s+", "", text) for text in page.evaluate(PIECES)]
    assert len(pieces) > 10
    place = 0
    for piece in pieces:
        assert piece in shown[place:], piece
        place = shown.index(piece, place) + len(piece)
