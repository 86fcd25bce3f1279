"""Is a printed sheet still right? The page that its code leads to, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from browser import CHINA
from test_browser import opened
from test_offline import PHONE, Server, has_stored

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SHANGHAI = ZoneInfo("Asia/Shanghai")

# What the page says on a day (noon in Shanghai, or at an hour) of what stands behind its ?.
Told = Callable[..., list[str]]


@pytest.fixture
def server(mini_site: Path) -> Iterator[Server]:
    with Server(mini_site) as running:
        yield running


def lines_of(page: Page) -> list[str]:
    """The text of the result, a line a paragraph, once it is there."""
    page.wait_for_function(
        "() => !document.querySelector('[role=status]').textContent.includes('没有显示')"
    )
    text: str = page.locator("main [role=status]").inner_text()
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.fixture
def told(browser: Browser, server: Server) -> Iterator[Told]:
    with opened(browser, viewport=PHONE) as page:
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def ask(query: str, day: tuple[int, ...] = (2026, 12, 5, 12)) -> list[str]:
            page.clock.set_fixed_time(datetime(*day, tzinfo=SHANGHAI))
            page.goto(f"{server.url}/yan/?{query}")
            lines = lines_of(page)
            assert complaints == []
            return lines

        yield ask


def test_sheet_with_the_newest_figures_has_not_changed(told):
    head, span, *_, way, help = told("p=jia/huaru&d=20261102.1")
    assert head == "没有变"
    assert span == "甲“每月划入多少”，从2026年11月2日到今天（2026年12月5日），纸上的规定没有变。"
    assert way == "打开网页：这张纸的那一页。"
    assert help == "以网页为准；拿不准，打12393。"


def test_sheet_from_before_a_correction_is_told_old_new_why_and_source(told):
    head, span, *rest = told("p=jia/huaru&d=20261001")
    assert head == "变了"
    assert span.endswith("，纸上有1处变了：")
    assert rest[:5] == [
        "甲：退休人员个人账户划入金额，2022年12月1日起",
        "原来：不满70岁每月1,500元，满70岁每月1,610元",
        "改为：不满70岁每月1,500.50元，满70岁每月1,610元",
        "更正。抄漏了五角。",
        "依据：甲市医保局公告（官方资料）",
    ]


def test_second_change_of_a_day_is_news_for_a_sheet_that_has_the_first(told):
    assert told("p=jia/huaru&d=20261102")[0] == "变了"
    assert told("p=jia/huaru&d=20261102.1")[0] == "没有变"


def test_rule_counts_from_its_first_day_on_in_shanghai(told):
    sheet = "p=yi-shili/huaru&d=20261020.1"
    assert told(sheet, (2026, 12, 31, 23, 59))[0] == "没有变"
    head, _, what, was, now, *_ = told(sheet, (2027, 1, 1, 0, 1))
    assert head == "变了"
    assert what == "示例：退休人员个人账户划入金额，2027年1月1日起"
    assert (was, now) == ("原来：每月60元", "改为：每月65元")


def test_day_is_that_of_shanghai_on_a_phone_abroad(browser, server):
    abroad = {**CHINA, "timezone_id": "America/Los_Angeles", "viewport": PHONE}
    context = browser.new_context(**abroad)
    page = context.new_page()
    page.clock.set_fixed_time(datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI))
    page.goto(f"{server.url}/yan/?p=yi-shili/huaru&d=20261020.1")
    assert lines_of(page)[0] == "变了"
    context.close()


def test_links_of_an_answer_lead_to_pages_that_are_there(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/yan/?p=jia/huaru&d=20261001")
        lines_of(page)
        found = page.locator("[role=status] a").evaluate_all(
            "links => links.map((link) => link.getAttribute('href'))"
        )
        assert found == ["/laiyuan/jia--j-2026/", "/jia/huaru/", "tel:12393"]
        for url in found[:2]:
            assert page.request.get(server.url + url).status == 200


@pytest.mark.parametrize(
    "day", ["", "2026-11-02", "20261340", "20260230", "20991231", "abc", "20261102.", "1"]
)
def test_damaged_day_is_one_sentence_with_the_way_to_the_page(told, day):
    assert told(f"p=jia/huaru&d={day}") == [
        "网址里的日子不对，没法比。再扫一次，或者打开网页对一对。",
        "打开网页：这张纸的那一页。",
        "以网页为准；拿不准，打12393。",
    ]


@pytest.mark.parametrize("place", ["", "jia", "../secret", "jia/huaru/x", "<img src=x>/huaru"])
def test_place_that_cannot_be_read_is_one_sentence(told, place):
    assert told(f"p={place}&d=20261102.1") == [
        "网址不全，看不出是哪一张纸。再扫一次，或者在下面选城市。",
        "以网页为准；拿不准，打12393。",
    ]


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("nowhere/huaru", "没有这个地方的记录，没法比。"),
        ("jia/nothing", "甲没有这样的一张纸，没法比。"),
        ("jia/constructor", "甲没有这样的一张纸，没法比。"),
    ],
)
def test_unknown_place_or_sheet_is_one_sentence(told, place, sentence):
    assert told(f"p={place}&d=20261102.1")[0] == sentence


def test_sheet_from_before_the_log_is_not_called_unchanged(told):
    first, *_ = told("p=jia/huaru&d=20260930")
    assert first == "从2026年10月1日起，我们才一条一条记变化；这张纸更早，没法比。"


def test_history_that_is_no_json_is_one_sentence(told, server, tmp_path):
    (folder := tmp_path / "site").symlink_to(server.folder)
    server.folder = folder
    real = server.find

    def find(path: str) -> Path | None:
        return real("/jia/index.html" if path.endswith(".json") else path)

    server.folder = folder.resolve()
    server.find = find  # type: ignore[method-assign]
    assert told("p=jia/huaru&d=20261102.1")[0] == "记录没有读出来，没法比。过一会儿再扫一次。"


def test_without_a_network_the_stored_page_says_that_it_cannot_compare(browser, server):
    with opened(browser, viewport=PHONE) as page:
        page.goto(f"{server.url}/yan/?p=jia/huaru&d=20261102.1")
        assert lines_of(page)[0] == "没有变"
        has_stored(page, "/yan/")
        # The first visit loaded its module before the worker was there; the second one stores it.
        page.reload()
        assert lines_of(page)[0] == "没有变"
        server.mood = "away"
        page.goto(f"{server.url}/yan/?p=bing/huaru&d=20261102.1")
        assert lines_of(page) == [
            "现在没有网络，没法比。等有网络，再扫一次。",
            "打开网页：这张纸的那一页。",
            "以网页为准；拿不准，打12393。",
        ]


def test_without_scripts_the_page_explains_itself_and_leads_on(browser, server):
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{server.url}/yan/?p=jia/huaru&d=20261102.1")
        text = page.locator("main").inner_text()
        assert "打开你城市的那一页" in text
        assert page.locator("main a[href='/#chengshi']").count() == 1
        assert page.locator("main a[href='tel:12393']").count() == 1


def test_page_without_a_question_explains_itself(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/yan/")
        page.wait_for_load_state("networkidle")
        assert "打开你城市的那一页" in page.locator("main").inner_text()
