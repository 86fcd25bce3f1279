"""One answer in four forms: on the screen, on a sheet of paper, as a message, and aloud.

All four are made of the same facts; here their numbers are held against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import CHINA, SiteServer
from sitegen.figures import Fact
from sitegen.plan import Plan
from test_aloud import all_spoken, numbers, phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAIN = {
    "huaru": "account.retiree.amount",
    "nianxian": "years.minimum",
    "duanjiao": "lapse.resident.fixed",
    "jumin": "resident.fee",
}

# The figures of an answer, and of a smaller fact; those of long ago are folded.
FIGURES = ":is(.ledger__rows, .answer__row, .entries, li, dd) :is(data, b):not(details *)"

MESSAGE = """async (folder) => {
    const {messageOf} = await import(folder + "send.js");
    return messageOf("");
}"""


def chosen(plan: Plan) -> list[tuple[str, str]]:
    """For each topic the page of the most lines, and one of every state that there is."""
    found: dict[tuple[str, ...], str] = {}
    most: dict[str, tuple[int, str]] = {}
    for page in plan.pages:
        if page.guide not in MAIN:
            continue
        values = page.context["values"]
        assert isinstance(values, dict)
        fact = values[MAIN[page.guide]]
        assert isinstance(fact, Fact)
        kind = (page.guide, fact.state, str(bool(fact.inherited)), str(fact.has_net))
        found.setdefault(kind, page.url)
        most[page.guide] = max(most.get(page.guide, (0, "")), (len(fact.lines), page.url))
    urls = {*found.values(), *(url for _, url in most.values())}
    return sorted((url.split("/")[2], url) for url in urls)


def forms_of(page: Page, server: str, guide: str, url: str, folder: str) -> list[str]:
    """What the four forms of the main answer of a page say differently, as sentences."""
    page.goto(server + url)
    box = page.locator(f"main [data-fact='{MAIN[guide]}']").first
    figures = box.locator(FIGURES).all_text_contents() if box.count() else []
    shown = {n for text in figures for n in numbers(text)}
    around = set(numbers(box.text_content() or "")) if box.count() else set()
    whole = set(numbers(page.locator("main").inner_text()))
    message = set(numbers(page.evaluate(MESSAGE, folder).partition("http")[0]))
    spoken = set(numbers("".join(all_spoken(page))))
    page.goto(server + url.replace(f"/{guide}/", f"/dayin/{guide}/"))
    answer = page.locator(f".paper [data-fact='{MAIN[guide]}']").first
    written = answer.locator(FIGURES).all_text_contents() if answer.count() else []
    paper = {n for text in written for n in numbers(text)}
    problems = {
        "a message says": message - whole,
        "nobody reads aloud": shown - spoken,
        "paper adds": paper - around,
        "paper lacks": shown - paper,
    }
    return [f"{url}: {what} {sorted(found)}" for what, found in problems.items() if found]


def test_answer_has_the_same_numbers_in_all_four_forms(browser, site, plan, request):
    (script,) = site.glob("assets/*/send.js")
    folder = f"/assets/{script.parent.name}/"
    pages = chosen(plan)
    assert len(pages) > 15
    pages = pages[:: 1 if request.config.getoption("--all") else 2]
    with SiteServer(site) as server, phone(browser, "zh-CN") as page:
        found = [forms_of(page, server.url, guide, url, folder) for guide, url in pages]
    assert [problem for problems in found for problem in problems] == []


@pytest.mark.parametrize(
    ("guide", "query"),
    [
        ("beijing/huaru", "y=1955&m=3"),
        ("beijing/huaru", "base=6812.35"),
        (
            "shenyang/nianxian",
            "gender=male&retired-y=2027&retired-m=3&actual-y=20&actual-m=6&local-y=20&local-m=6&deemed-y=3&deemed-m=0",
        ),
        ("qingdao/duanjiao", "last=2024&year=2027&late=in_window"),
        ("wuhan/duanjiao", "insured=unit&paid-y=2026&paid-m=6&again-y=2026&again-m=11"),
        ("shanghai/jumin", "year=2026&group=elder&y=1956&m=5&late=after_window"),
    ],
)
def test_answer_of_a_calculator_is_one_in_all_four_forms(browser, site, guide, query):
    (script,) = site.glob("assets/*/send.js")
    with SiteServer(site) as server, phone(browser, "zh-CN") as page:
        page.clock.set_fixed_time("2026-11-22T09:00:00+08:00")
        page.goto(f"{server.url}/{guide}/?{query}")
        answered = page.locator("[data-answered] .calc__answer")
        answered.locator("p").first.wait_for()
        screen = "".join(answered.locator("p").all_text_contents())
        message = page.evaluate(MESSAGE, f"/assets/{script.parent.name}/")
        assert screen in message
        # Who gets the message finds the same answer.
        assert message.endswith(f"/{guide}/{page.evaluate('location.search')}")
        sheet = page.locator(".tools .paper").get_attribute("href")
        spoken = "".join(all_spoken(page))
        said = [n for n in numbers(screen) if n != "12393"]
        assert [n for n in said if n not in numbers(spoken)] == []

        page.goto(f"{server.url}{sheet}" if sheet.startswith("/") else sheet)
        paper = page.locator("[data-answered] .calc__answer")
        paper.locator("p").first.wait_for()
        assert "".join(paper.locator("p").all_text_contents()) == screen
        assert page.locator(".personal").filter(visible=True).count() == 1
        page.emulate_media(media="print")
        assert paper.is_visible()
        assert not page.locator(".personal input").first.is_visible()


def test_answer_is_printed_from_the_page_and_the_form_is_not(browser, site):
    with SiteServer(site) as server:
        page = browser.new_context(**CHINA).new_page()
        page.goto(f"{server.url}/beijing/huaru/?y=1955&m=3")
        answer = page.locator("[data-calc=huaru] .calc__answer")
        answer.locator("p").first.wait_for()
        page.emulate_media(media="print")
        assert answer.is_visible()
        assert not page.locator("[data-calc=huaru] form").is_visible()
        assert not page.locator("[data-calc=zaizhi]").is_visible()
