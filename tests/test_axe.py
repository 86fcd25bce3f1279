"""axe finds nothing on any kind of page: every rule that it has, its experiments aside.

Each page is read once with every rule on the narrowest phone; at other widths and in the dark
only the rules about colours and sizes can find something else. Of a long list the first few
are read: the others are made by the same line of a template. ``--all`` holds every
rule against all of every page, at every width, in both colour schemes (several minutes).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from browser import CHINA, SiteServer
from samples import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (320, 412, 1280)
SCHEMES = ("light", "dark")

# Colours change with the scheme; a box changes with the width.
OF_COLOUR = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
OF_SIZE = ["target-size", "scrollable-region-focusable", "css-orientation-lock"]

FEW = 8

SHORTEN = """(few) => {
    for (const list of document.querySelectorAll("main, main *")) {
        const seen = {};
        for (const child of [...list.children]) {
            seen[child.tagName] = (seen[child.tagName] || 0) + 1;
            if (seen[child.tagName] > few) { child.remove(); }
        }
    }
}"""

RUN = """async (only) => {
    const rules = axe.getRules().filter((rule) => !rule.tags.includes("experimental"));
    const ids = rules.map((rule) => rule.ruleId);
    const found = await axe.run({
        resultTypes: ["violations"],
        runOnly: ids.filter((id) => !only.length || only.includes(id)),
        rules: Object.fromEntries(ids.map((id) => [id, { enabled: true }])),
    });
    return found.violations.flatMap((one) =>
        one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(**CHINA)
    yield context.new_page()
    context.close()


def violations(page: Page, width: int, scheme: str, only: list[str]) -> list[str]:
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found: list[str] = page.evaluate(RUN, only)
    return [f"{width} px, {scheme}: {one}" for one in found]


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(kind, sampled, page, request):
    page.goto(sampled[kind])
    page.evaluate(AXE_SCRIPT)
    if request.config.getoption("--all"):
        runs = [(width, scheme, []) for width in WIDTHS for scheme in SCHEMES]
    else:
        page.evaluate(SHORTEN, FEW)
        runs = [(320, "light", []), (320, "dark", OF_COLOUR)]
        runs += [(width, "light", OF_SIZE) for width in WIDTHS[1:]]
    assert [one for run in runs for one in violations(page, *run)] == []


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
            for scheme in SCHEMES:
                assert violations(page, 320, scheme, []) == []


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
    found = {one.split(": ")[1] for one in violations(page, 320, "light", [])}
    assert {"html-has-lang", "color-contrast-enhanced", "empty-heading"} <= found
