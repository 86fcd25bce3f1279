"""Two cities side by side: the words of their own pages, in data and in a real browser."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from measures import small_targets
from sitegen.compare import LIMIT, OPEN
from sitegen.model import Page
from sitegen.plan import Plan
from test_browser import PHONE, Recording, opened, overflow, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

AMOUNT, RATIO = "account.retiree.amount", "account.retiree.ratio"

# The parameters that may answer each topic, on the page of a pool.
PARAMETERS = {
    "退休人员每月划入": (AMOUNT, RATIO),
    "在职职工每月划入": ("account.active.rate",),
    "职工医保要交满几年": ("years.minimum",),
    "其中实际缴费": ("years.actual",),
    "职工断缴，多久内可以补": ("lapse.grace",),
    "职工断久了，要等多久": ("lapse.wait",),
    "居民断缴，要等多久": ("lapse.resident.fixed", "lapse.resident.max"),
    "居民医保一年交多少": ("resident.fee",),
    "居民医保集中缴费截止": ("resident.window_end",),
}


@pytest.fixture(scope="module")
def data(plan: Plan) -> Any:
    return json.loads(plan.files["/bijiao/compare.json"])


@pytest.fixture(scope="module")
def pages(plan: Plan) -> dict[str, Page]:
    return {page.url: page for page in plan.pages}


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Recording]:
    with serving(site) as running:
        yield running


# ── The data ──


def test_data_is_small(plan):
    assert len(gzip.compress(plan.files["/bijiao/compare.json"], 9)) <= 25_000


def test_every_pool_answers_every_topic(data):
    assert len(data["pools"]) == 370
    assert {len(numbers) for numbers in data["pools"].values()} == {len(data["topics"])}
    assert [name for _, name in data["topics"]] == [*PARAMETERS, "从外地打什么电话"]


def numbers_in(words: str) -> set[str]:
    return set(re.findall(r"[0-9][0-9,.]*", words))


def test_answers_of_every_pool_are_those_of_its_own_pages(data, pages):
    whole = 0
    for slug, numbers in data["pools"].items():
        for (guide, name), number in zip(data["topics"], numbers, strict=True):
            words, note = data["answers"][number]
            page = pages[f"/{slug}/{guide}/"]
            if guide == "dianhua":
                assert (words, note) == (page.context["phone"] or "未查到", "")
                continue
            facts = page.context["values"]
            assert isinstance(facts, dict)
            shown = [facts[id] for id in PARAMETERS[name]]
            if words in OPEN.values():
                assert words == OPEN[shown[0].state], (slug, name)
                assert all(fact.state in OPEN for fact in shown), (slug, name)
                continue
            is_second = "只查到比例：" in words or words.startswith("最长")
            fact = shown[-1] if is_second else shown[0]
            assert {fact.level_text, fact.dated_words} <= set(note.split(" · ")), (slug, name)
            lines = [f"{row.label}，{row.figure}{row.unit}，{row.note}" for row in fact.current]
            written = numbers_in("，".join([*lines, fact.note, fact.since, str(len(lines))]))
            assert numbers_in(words) <= written, (slug, name, words)
            if not words.endswith("页内逐条写明") and fact.state == "known":
                figures = [line.figure + line.unit for line in fact.current if line.figure]
                assert all(figure in words for figure in figures), (slug, name, words)
                unknown = [line for line in fact.current if line.state == "unknown"]
                assert words.count("未查到") == len(unknown)
                whole += 1
    assert whole > 1000


def test_state_is_never_a_number_and_has_no_level(data):
    for words, note in data["answers"]:
        if words in ("未查到", "待核实", "说法不一"):
            assert note == ""
        elif not re.fullmatch(r"0[0-9]{2,3}-12393", words):
            assert "资料" in note, words


def test_answers_are_short_enough_for_a_phone(data):
    assert max(len(words) for words, _ in data["answers"]) <= LIMIT + 20


def test_amount_that_is_not_good_enough_is_named_beside_the_ratio(data, pages):
    seen = 0
    for slug, numbers in data["pools"].items():
        facts: Any = pages[f"/{slug}/huaru/"].context["values"]
        words = data["answers"][numbers[0]][0]
        if facts[AMOUNT].state == "unverified":
            assert words == "待核实" or words.startswith("金额待核实，只查到比例："), slug
            seen += 1
        elif facts[AMOUNT].state == "unknown" and facts[RATIO].state == "known":
            assert words.startswith("只查到比例："), slug
    assert seen


def test_page_is_found_from_the_city_and_from_the_transfer_but_not_by_search_engines(pages, site):
    assert not pages["/bijiao/"].is_indexed
    link = 'href="/bijiao/?a=tianjin"'
    for url in ("tianjin", "tianjin/zhuanyi"):
        assert link in (site / url / "index.html").read_text(encoding="utf-8")
    assert 'href="/bijiao/"' in (site / "index.html").read_text(encoding="utf-8")


# ── The page ──


def cells(page: Tab) -> dict[str, list[str]]:
    """The answers of both cities by topic."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll(".table--pair tbody")].map((body) =>
            [body.rows[0].innerText, ...[...body.rows[1].cells].map((cell) => cell.innerText)])"""
    )
    return {topic.strip(): rest for topic, *rest in found}


def test_two_cities_of_the_address_stand_side_by_side(browser, server):
    with opened(browser, viewport=PHONE) as page:
        page.goto(f"{server.url}/bijiao/?a=tianjin&b=chengdu")
        page.wait_for_selector(".table--pair tbody")
        assert page.locator("thead th").all_inner_texts() == ["天津", "成都"]
        found = cells(page)
        assert list(found) == [*PARAMETERS, "从外地打什么电话"]
        years, _ = found["职工医保要交满几年"]
        assert "男25年，女20年" in years and "二手资料" in years and "资料日期" in years
        assert [words.strip() for words in found["从外地打什么电话"]] == [
            "022-12393",
            "028-12393",
        ]
        links = page.locator(".table--pair a")
        assert links.first.get_attribute("href") == "/tianjin/huaru/"
        assert links.last.get_attribute("href") == "/chengdu/dianhua/"
        assert [page.input_value("[name=a]"), page.input_value("[name=b]")] == [
            "tianjin",
            "chengdu",
        ]
        assert overflow(page) == [] == small_targets(page)


def test_choosing_writes_the_address_and_says_what_is_missing(browser, server):
    with opened(browser) as page:
        server.asked.clear()
        page.goto(f"{server.url}/bijiao/")
        page.wait_for_selector(".sift.is-ready")
        said = page.locator(".find__count")
        assert said.inner_text() == "请选两个城市。"
        page.select_option("[name=a]", "wuhan")
        assert said.inner_text() == "再选一个城市。"
        assert page.url.endswith("/bijiao/?a=wuhan")
        page.select_option("[name=b]", "wuhan")
        assert said.inner_text() == "两边是同一个城市。请换一个。"
        assert not page.locator(".table--pair").is_visible()
        assert not any("compare.json" in path for path in server.asked)
        page.select_option("[name=b]", "beijing")
        page.wait_for_selector(".table--pair tbody")
        assert said.inner_text() == ""
        assert page.url.endswith("/bijiao/?a=wuhan&b=beijing")
        page.select_option("[name=b]", "")
        assert not page.locator(".table--pair").is_visible()
        page.select_option("[name=b]", "changsha")
        assert page.locator("thead th").all_inner_texts() == ["武汉", "长沙"]
    assert sum("compare.json" in path for path in server.asked) == 1


@pytest.mark.parametrize("strange", ["nowhere", "<b>x</b>", "constructor"])
def test_city_that_nobody_knows_gets_a_sentence_and_both_fields_still_work(
    browser, server, strange
):
    with opened(browser) as page:
        page.goto(f"{server.url}/bijiao/?a={strange}&b=chengdu")
        page.wait_for_selector(".sift.is-ready")
        assert page.locator(".find__count").inner_text() == f"没有“{strange}”这个城市。请在上面选。"
        assert page.input_value("[name=b]") == "chengdu"
        page.select_option("[name=a]", "tianjin")
        page.wait_for_selector(".table--pair tbody")


def test_fields_group_all_cities_by_province(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/bijiao/")
        page.wait_for_selector(".sift.is-ready")
        for field in ("a", "b"):
            assert page.locator(f"[name={field}] option").count() == 371
            hubei = page.locator(f"[name={field}] optgroup[label='湖北'] option")
            assert hubei.count() == 17


def test_data_that_does_not_come_is_said_and_asked_for_again(browser, server):
    with opened(browser, service_workers="block") as page:
        page.route("**/compare.json", lambda route: route.abort())
        page.goto(f"{server.url}/bijiao/?a=wuhan&b=chengdu")
        said = page.locator(".find__count")
        page.wait_for_selector(".find__count:text('数据没有下载下来。等有网络，再选一次。')")
        page.unroute("**/compare.json")
        page.select_option("[name=b]", "beijing")
        page.wait_for_selector(".table--pair tbody")
        assert said.inner_text() == ""


def test_without_javascript_every_city_is_a_link(browser, server):
    with opened(browser, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(f"{server.url}/bijiao/?a=wuhan")
        assert not page.locator("select").first.is_visible()
        assert not page.locator("main .lead").nth(1).is_visible()
        assert page.locator("main .places a").count() >= 370
        page.locator("main .places a[href='/wuhan/']").click()
        assert page.url == f"{server.url}/wuhan/"
