"""axe finds nothing on any kind of page: every rule that it has, its experiments aside.

Each page is read once with every rule on the narrowest phone; in the dark and on the widest
screen only the rules about colours and about sizes can find something else. Of a long list the
first few are read: the others are made by the same line of a template; of all texts that look
alike one. ``--all`` holds every rule against all of every page, at every width, in both colour
schemes (several minutes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from browser import CHINA, SiteServer
from samples import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (320, 412, 1280)
SCHEMES = ("light", "dark")

# Colours change with the scheme; a box changes with the width. What is too weak for the first of
# the rules about contrast is too weak for the second.
CONTRAST = ["color-contrast", "color-contrast-enhanced"]
LINKS = ["link-in-text-block"]
OF_SIZE = ["target-size", "scrollable-region-focusable", "css-orientation-lock"]

FEW = 5

SHORTEN = """(few) => {
    for (const list of document.querySelectorAll("main, main *")) {
        const seen = {};
        for (const child of [...list.children]) {
            seen[child.tagName] = (seen[child.tagName] || 0) + 1;
            if (seen[child.tagName] > few) { child.remove(); }
        }
    }
}"""

# The fields, and one text for all of the same colour, size and weight on the same grounds.
LOOKS = """() => {
    const looks = new Map();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !node.checkVisibility()) { continue; }
        const { color, fontSize, fontWeight } = getComputedStyle(node);
        const look = [color, fontSize, fontWeight];
        for (let box = node; box; box = box.parentElement) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(box);
            const ground = [backgroundColor, backgroundImage, opacity].join();
            if (ground !== "rgba(0, 0, 0, 0),none,1") { look.push(ground); }
        }
        if (!looks.has(look.join(" "))) { looks.set(look.join(" "), node); }
    }
    return [...looks.values(), ...document.querySelectorAll("input, select, textarea")];
}"""

RUN = """async ([where, only, without]) => {
    const rules = axe.getRules().filter((rule) => !rule.tags.includes("experimental"));
    const ids = rules.map((rule) => rule.ruleId);
    const found = await axe.run(where, {
        resultTypes: ["violations"],
        runOnly: ids.filter((id) => only.length ? only.includes(id) : !without.includes(id)),
        rules: Object.fromEntries(ids.map((id) => [id, { enabled: true }])),
    });
    return found.violations.flatMap((one) =>
        one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(**CHINA, service_workers="block")
    yield context.new_page()
    context.close()


def violations(
    page: Page,
    width: int,
    scheme: str,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    within: str = "() => document",
) -> list[str]:
    """What axe finds with all rules, with ``only`` some, or ``without`` some.

    ``within`` is a function of JavaScript that says where it looks.
    """
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    where = page.evaluate_handle(within)
    found: list[str] = page.evaluate(RUN, [where, only, without])
    return [f"{width} px, {scheme}: {one}" for one in found]


def violations_on_a_phone(page: Page) -> list[str]:
    """What axe finds on the narrowest one, in both colour schemes."""
    found = violations(page, WIDTHS[0], "light", without=CONTRAST)
    found += violations(page, WIDTHS[0], "dark", only=LINKS)
    for scheme in SCHEMES:
        found += violations(page, WIDTHS[0], scheme, only=CONTRAST[1:], within=LOOKS)
    return found


@pytest.fixture(scope="module")
def found_on(page: Page, request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """What axe finds on the page of an address; one page may be of several kinds."""

    @cache
    def found(address: str) -> list[str]:
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        if request.config.getoption("--all"):
            runs = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
            return [one for run in runs for one in violations(page, *run)]
        page.evaluate(SHORTEN, FEW)
        return violations_on_a_phone(page) + violations(page, WIDTHS[-1], "light", OF_SIZE)

    return found


@pytest.mark.promise("D1")
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(kind, sampled, found_on, figure):
    assert found_on(sampled[kind]) == []
    figure("kind of page, 0 violations")


# A calculator that answers, and one that was filled in wrongly.
CALCULATED = {
    "huaru": ("/beijing/huaru/?y=1955&m=3", "/beijing/huaru/?y=55&m=3"),
    "nianxian": (
        "/shenyang/nianxian/?gender=male&retired-y=2037&retired-m=3&actual-y=20&actual-m=6&local-y=20&local-m=6"
        "&deemed-y=3&deemed-m=0",
        "/shenyang/nianxian/?gender=male&retired-y=2003&retired-m=3&actual-y=20&actual-m=6&local-y=20&local-m=6"
        "&deemed-y=3&deemed-m=0",
    ),
    "jumin": (
        "/shanghai/jumin/?year=2026&group=elder&y=1956&m=5&late=after_window",
        "/shanghai/jumin/?year=2026&group=elder&y=1956&m=15&late=after_window",
    ),
}


@pytest.mark.parametrize("topic", CALCULATED)
def test_axe_finds_nothing_in_an_answer_and_in_a_mistake(topic, site, page):
    right, wrong = CALCULATED[topic]
    with SiteServer(site) as server:
        for address, shown in ((right, ".calc__answer p"), (wrong, ".calc__mistake")):
            page.goto(f"{server.url}{address}")
            page.locator(shown).first.wait_for()
            page.evaluate(AXE_SCRIPT)
            assert violations_on_a_phone(page) == []


def test_axe_sees_what_is_broken_on_purpose(sampled, page):
    page.goto(sampled["guide known"])
    page.evaluate(AXE_SCRIPT)
    page.evaluate(
        """() => {
            document.documentElement.removeAttribute("lang");
            document.querySelector("main p").style.color = "#595959";
            document.querySelector("main").prepend(document.createElement("h4"));
        }"""
    )
    found = {one.split(": ")[1] for one in violations_on_a_phone(page)}
    assert {"html-has-lang", "color-contrast-enhanced", "empty-heading"} <= found
