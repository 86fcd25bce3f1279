"""Calculators in a real browser: one sentence, one number, its label; words for every mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from browser import CHINA, SiteServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = "2026-11-22T09:00:00+08:00"


@pytest.fixture(scope="module")
def page(browser: Browser, site) -> Iterator[Page]:
    """A page of the whole site; the clock of the browser stands on 22 November 2026."""
    with SiteServer(site) as server:
        context = browser.new_context(**CHINA, base_url=server.url)
        tab = context.new_page()
        tab.clock.set_fixed_time(NOW)
        yield tab
        context.close()


@pytest.fixture
def asked(page: Page) -> Callable[[str, str], str]:
    """Opens an address whose query fills a calculator; returns what it answers."""

    def ask(address: str, topic: str = "huaru") -> str:
        page.goto(address)
        answer = page.locator(f"[data-calc={topic}] .calc__answer")
        answer.filter(has_text="。").wait_for()
        return answer.inner_text()

    return ask


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/beijing/huaru/?y=1955&m=3", "现在满71岁：每月划入110元，扣除后到账107元"),
        ("/beijing/huaru/?y=1956&m=11", "这个月满70岁：生日以前每月划入100元"),
        ("/beijing/huaru/?y=1956&m=12", "现在满69岁：每月划入100元，扣除后到账97元"),
        ("/beijing/huaru/?y=1956&m=12", "2026年12月满70岁以后，每月划入110元"),
        ("/shanghai/huaru/?y=1960&m=2", "每年划入1,680元。2035年2月满75岁以后，每年划入1,890元"),
        ("/tianjin/huaru/?veteran=other&y=1956&m=10", "现在满70岁：每月划入50元，一年600元"),
        ("/tianjin/huaru/?veteran=old_worker&y=1930&m=1", "每月划入60元"),
        ("/shenzhen/huaru/?paying=monthly", "不划入"),
        ("/shenzhen/huaru/?paying=stopped", "每月划入251元"),
    ],
)
def test_one_sentence_says_what_is_credited(asked, address, words):
    assert words in asked(address)


def test_label_of_the_figure_stays_in_the_answer(asked):
    assert "二手资料，资料日期2023年9月8日，可能已调整" in asked("/beijing/huaru/?y=1955&m=3")


def test_employee_gets_the_share_of_the_own_base(asked):
    answer = asked("/beijing/huaru/?base=6812.35", "zaizhi")
    assert answer.startswith("缴费基数6,812.35元：每月划入136.25元")


def test_answer_can_be_sent_as_an_address(page):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill("１９５５年")
    form.locator("[name=m]").fill("3月")
    form.get_by_role("button").click()
    first = form.locator(".calc__answer").inner_text()
    page.goto(page.url)
    assert form.locator(".calc__answer").inner_text() == first != ""


@pytest.mark.parametrize(
    ("year", "month", "words"),
    [
        ("55", "3", "请填4位数的年份"),
        ("", "", "请填4位数的年份"),
        ("1955", "13", "月份请填1到12"),
        ("1955", "三", "月份请填1到12"),
        ("2030", "1", "这个年份好像不对"),
        ("1800", "1", "这个年份好像不对"),
    ],
)
def test_mistake_gets_a_sentence_and_what_was_typed_stays(page, year, month, words):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill(year)
    form.locator("[name=m]").fill(month)
    form.get_by_role("button").click()
    assert words in form.locator(".calc__mistake").inner_text()
    assert form.locator("[name=y]").input_value() == year
    assert form.locator(".calc__answer").inner_text() == ""
    wrong = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert page.locator(f"#{wrong}").inner_text() == form.locator(".calc__mistake").inner_text()


def test_nothing_is_asked_of_the_network_while_it_calculates(page):
    page.goto("/beijing/huaru/", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill("1955")
    form.locator("[name=m]").fill("3")
    form.get_by_role("button").click()
    form.locator(".calc__answer").filter(has_text="110元").wait_for()
    assert [url for url in asked if not url.endswith("favicon.svg")] == []


@pytest.mark.parametrize("city", ["guangzhou", "dalian", "alashan", "nanjing"])
def test_where_no_amount_depends_on_the_person_there_is_no_form(page, city):
    page.goto(f"/{city}/huaru/")
    assert page.locator("[data-calc=huaru]").count() == 0


def test_form_is_left_out_on_paper(page):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    assert form.is_visible()
    page.emulate_media(media="print")
    assert not form.is_visible()
    page.emulate_media(media="screen")
