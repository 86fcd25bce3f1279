"""The national tables in a real browser: finding a place, sorting, sharing what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from test_axe import FEW, SHORTEN, violations_on_a_phone
from test_browser import PHONE, Recording, opened, overflow, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOPICS = ("huaru", "nianxian", "jumin")
FOUND = ".scroll[aria-label='找到的地方']"


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Recording]:
    with serving(site) as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    with opened(browser, service_workers="block") as page:
        yield page


def visit(page: Page, server: Recording, url: str) -> None:
    page.goto(server.url + url)
    page.wait_for_selector(".sift.is-ready")


def names(page: Page) -> list[str]:
    return page.locator(f"{FOUND} th[scope=row]").all_inner_texts()


def heads(page: Page) -> list[str]:
    return page.locator(f"{FOUND} th[scope=rowgroup]").all_inner_texts()


def amounts(page: Page) -> list[tuple[str, float]]:
    """Period and first amount of each row that is in a group of amounts, as a reader sees them."""
    texts: list[str] = page.evaluate(
        """(found) => [...document.querySelectorAll(`${found} tbody[data-rank]`)]
            .map((body) => body.querySelector("td span.nb").innerText)""",
        FOUND,
    )
    return [(re.sub("[0-9].*", "", text), float(re.sub("[^0-9.]", "", text))) for text in texts]


@pytest.mark.parametrize(
    ("asked", "count", "first"),
    [
        *(("武汉", 1, "武汉"), ("武汉市", 1, "武汉"), ("湖北省 武汉市", 1, "武汉")),
        *(("湖北", 17, "武汉"), ("湖北省", 17, "武汉"), ("西安", 1, "西安")),
        *(("吉林", 9, "长春"), ("北京市", 1, "北京"), ("内蒙古自治区", 12, "呼和浩特")),
    ],
)
def test_place_is_found_by_its_name_or_its_province(tab, server, asked, count, first):
    visit(tab, server, "/biao/huaru/")
    tab.fill("[name=q]", asked)
    assert names(tab)[0] == first
    assert len(names(tab)) == count
    assert tab.locator(".find__count").inner_text() == f"剩下{count}个地方。"
    assert not tab.locator(".whole").is_visible()


def test_emptied_field_brings_the_whole_table_back(tab, server):
    visit(tab, server, "/biao/huaru/")
    tab.fill("[name=q]", "武汉")
    tab.fill("[name=q]", "")
    assert tab.locator(".whole").is_visible()
    assert not tab.locator(FOUND).is_visible()
    assert tab.url == f"{server.url}/biao/huaru/"


def test_pool_under_the_rule_of_its_province_is_found_with_that_rule(tab, server):
    visit(tab, server, "/biao/jumin/?q=石家庄")
    row = tab.locator(f"{FOUND} tbody").inner_text()
    assert "每年400元" in row
    assert "照河北统一规定" in row
    link = tab.locator(f"{FOUND} th a")
    assert link.get_attribute("href") == "/shijiazhuang/jumin/"
    assert tab.locator(f"{FOUND} a.src").count()


def test_place_without_a_figure_is_found_with_the_word_for_it(tab, server):
    visit(tab, server, "/biao/jumin/?q=韶关")
    assert tab.locator(f"{FOUND} td").all_inner_texts() == ["未查到"]
    visit(tab, server, "/biao/jumin/?q=珠海")
    assert tab.locator(f"{FOUND} td").all_inner_texts() == ["待核实"]


def test_nothing_found_is_a_sentence(tab, server):
    visit(tab, server, "/biao/huaru/?q=<b>火星")
    said = tab.locator(".find__count").inner_text()
    assert said == "没有叫“<b>火星”的地方。写城市或省份的名字，例如：武汉、湖北。"
    assert not tab.locator(FOUND).is_visible()


@pytest.mark.parametrize("topic", TOPICS)
def test_sorted_table_holds_every_pool_once(tab, server, topic):
    visit(tab, server, f"/biao/{topic}/?s=up")
    links = tab.locator(f"{FOUND} th a")
    hrefs: list[str] = links.evaluate_all("(all) => all.map((one) => one.pathname)")
    assert len(hrefs) == len(set(hrefs)) == 370
    assert all(re.fullmatch(f"/[a-z-]+/{topic}/", href) for href in hrefs)
    assert tab.locator(".find__count").inner_text() == "一共370个地方。"


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("order", ["up", "down"])
def test_amounts_are_sorted_within_their_period_and_never_across(tab, server, topic, order):
    visit(tab, server, f"/biao/{topic}/?s={order}")
    seen = amounts(tab)
    periods = list(dict.fromkeys(per for per, _ in seen))
    assert len(seen) > 90
    assert sorted(periods) == ([""] if topic == "nianxian" else ["每年", "每月"])
    for period in periods:
        group = [amount for per, amount in seen if per == period]
        assert group == sorted(group, reverse=order == "down")
    # Each period is one group: nothing of the next one stands in between.
    assert [per for per, _ in seen] == [p for p in periods for per, _ in seen if per == p]
    groups = [int(re.findall(r"\d+", head)[0]) for head in heads(tab)]
    assert sum(groups) == 370
    assert sum(groups[:-1]) == len(seen)
    assert heads(tab)[-1].startswith("没有数可以排的")


def test_sorting_and_finding_go_together_and_stand_in_the_address(tab, server):
    visit(tab, server, "/biao/huaru/")
    tab.fill("[name=q]", "湖北")
    tab.select_option("[name=s]", "up")
    assert tab.evaluate("decodeURIComponent(location.search)") == "?q=湖北&s=up"
    before = names(tab)
    assert len(before) == 17
    tab.reload()
    tab.wait_for_selector(f"{FOUND} th a")
    assert names(tab) == before
    assert (tab.input_value("[name=q]"), tab.input_value("[name=s]")) == ("湖北", "up")


def test_characters_that_are_still_being_composed_find_nothing_yet(browser, server):
    with opened(browser) as page:
        visit(page, server, "/biao/huaru/")
        page.locator("[name=q]").focus()
        keyboard = page.context.new_cdp_session(page)
        for text in ("w", "wu", "wu'han"):
            keyboard.send(
                "Input.imeSetComposition",
                {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
            )
            assert page.locator(".whole").is_visible(), text
        keyboard.send("Input.insertText", {"text": "武汉"})
        assert names(page) == ["武汉"]


def test_without_javascript_the_table_stands_whole_and_has_no_fields(browser, server):
    with opened(browser, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(f"{server.url}/biao/huaru/?q=武汉&s=up")
        assert not page.locator(".sift").is_visible()
        assert page.locator(".whole").is_visible()
        assert page.locator("tbody a[href='/wuhan/huaru/']").is_visible()
        assert page.locator("main svg.bar").first.is_visible()


def test_fields_stay_away_where_the_script_does_not_come(browser, server):
    with opened(browser, service_workers="block") as page:
        page.route("**/table.js", lambda route: route.abort())
        page.goto(f"{server.url}/biao/huaru/")
        page.wait_for_load_state("networkidle")
        assert not page.locator("[name=q]").is_visible()
        assert page.locator(".whole").is_visible()


# ── Bars ──


@pytest.mark.parametrize("topic", TOPICS)
def test_bar_is_as_long_as_its_amount_from_zero_and_of_one_period(tab, server, topic):
    tab.goto(f"{server.url}/biao/{topic}/")
    bars: list[list[Any]] = tab.evaluate(
        """() => [...document.querySelectorAll(".whole svg.bar")].map((bar) => {
            let before = bar.previousSibling;
            while (before.className !== "nb") { before = before.previousSibling; }
            return [bar.closest("td").cellIndex, before.textContent,
                bar.firstChild.getBoundingClientRect().width];
        })"""
    )
    assert len(bars) > 40
    for column in {column for column, _, _ in bars}:
        drawn = [(text, width) for number, text, width in bars if number == column]
        assert len({text[:2] for text, _ in drawn if text.startswith("每")}) <= 1
        values = [(float(re.sub(r"[^0-9.]", "", text)), width) for text, width in drawn]
        longest = max(width for _, width in values)
        most = max(value for value, _ in values)
        assert longest == 96
        for value, width in values:
            assert abs(width - 96 * value / most) <= 1, (value, width)


def test_bars_are_not_read_aloud_and_stay_in_the_dark_and_on_paper(browser, server):
    with opened(browser, color_scheme="dark") as page:
        page.goto(f"{server.url}/biao/huaru/")
        bar = page.locator("svg.bar").first
        assert bar.get_attribute("aria-hidden") == "true"
        fill = "(bar) => getComputedStyle(bar.firstChild).fill"
        assert bar.evaluate(fill) == "rgb(143, 217, 204)"
        page.emulate_media(media="print")
        assert bar.is_visible()
        assert not page.locator(".sift").is_visible()
        assert bar.evaluate(fill) == "rgb(0, 0, 0)"


# ── For everybody ──


def test_axe_finds_nothing_where_somebody_has_searched(tab, server):
    for url, shown in (
        ("/biao/huaru/?q=湖北&s=up", f"{FOUND} th a"),
        ("/biao/jumin/?q=zz", ".find__count:not(:empty)"),
        ("/bijiao/?a=tianjin&b=chengdu", ".table--pair tbody"),
    ):
        tab.set_viewport_size(PHONE)
        visit(tab, server, url)
        tab.locator(shown).first.wait_for()
        assert overflow(tab) == [], url
        tab.evaluate(AXE_SCRIPT)
        tab.evaluate(SHORTEN, FEW)
        assert violations_on_a_phone(tab) == [], url
