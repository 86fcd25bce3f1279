"""The ways of the people that the site is for, from the first page to what they came for.

Each test is one person on one errand, on the real pages. What they look for is found as they
find it: by its words, by its role, by a touch.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from browser import CHINA, SiteServer
from measures import overflow, restyled, text_zoom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ANDROID_WECHAT: dict[str, Any] = {
    "user_agent": (
        "Mozilla/5.0 (Linux; Android 10; Redmi 9A Build/QP1A.190711.020; wv) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Version/4.0 Chrome/111.0.5563.116 Mobile Safari/537.36 "
        "MicroMessenger/8.0.44 Language/zh_CN"
    ),
    "viewport": {"width": 360, "height": 660},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}

IPHONE_WECHAT: dict[str, Any] = {
    "user_agent": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.44 Language/zh_CN"
    ),
    "viewport": {"width": 390, "height": 720},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}

DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}

SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[SiteServer]:
    with SiteServer(site) as running:
        yield running


@contextmanager
def person(browser: Browser, **device: Any) -> Iterator[Page]:
    """A page in the hands of somebody; it may write nothing to the console."""
    context = browser.new_context(**CHINA, **device)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


def words(page: Page, selector: str = "main") -> str:
    """What stands there, without white space."""
    return re.sub(r"\s+", "", page.locator(selector).first.inner_text())


def touch(page: Page, name: str) -> None:
    """Follow a link of the page by its words, with a finger."""
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=True).first.tap()


# ── 1: 王奶奶, 72, opens what her son has sent ──


def test_grandmother_reads_the_amount_without_scrolling_and_finds_whom_to_call(browser, server):
    with person(browser, **ANDROID_WECHAT) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", SLOW_3G)
        page.goto(f"{server.url}/tianjin/huaru/")
        figures = page.locator(".ledger__figure")
        assert figures.all_inner_texts()[:2] == ["40", "50"]
        assert bottom(page, ".ledger__row:nth-child(2)") <= page.viewport_size["height"]
        with restyled(page, text_zoom(160)):
            assert overflow(page) == []
            # Of text so large the screen holds three lines of answer less; it begins there.
            assert bottom(page, ".ledger__head") <= page.viewport_size["height"]
            call = page.locator('main a[href="tel:12393"]').first
            call.tap()
            assert call.evaluate("(link) => document.activeElement === link")


def bottom(page: Page, selector: str) -> float:
    """How far below the top of the window something ends."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"] + box["height"]


# ── 2: her son, in WeChat on an iPhone ──


def test_son_finds_the_city_by_two_letters_and_sends_the_answer_to_his_parents(browser, server):
    # WeChat's web view refuses the clipboard; the message is left selected for him to copy.
    with person(browser, **IPHONE_WECHAT) as page:
        page.add_init_script(
            "delete Navigator.prototype.clipboard; document.execCommand = () => false"
        )
        page.goto(server.url)
        page.locator(".find__box").fill("tj")
        page.locator(".find__list a").first.click()
        page.wait_for_url("**/tianjin/")
        touch(page, "每月划入多少")
        page.get_by_role("button", name="发给爸妈").tap()
        field = page.get_by_label("要发的话")
        field.wait_for()
        message = field.input_value()
    assert message.startswith("【天津】")
    assert all(word in message for word in ("40元", "50元", "2025年1月6日"))
    assert message.endswith(f"{server.url}/tianjin/huaru/")


# ── 3: 小李 has moved from 天津 to 成都 ──


def test_mover_reads_both_ends_of_the_transfer(browser, server):
    with person(browser, **IPHONE_WECHAT) as page:
        page.goto(f"{server.url}/tianjin/")
        touch(page, "换城市怎么转")
        assert page.url.endswith("/tianjin/zhuanyi/")
        assert "转出天津" in words(page)
        touch(page, "换城市")
        assert page.url.endswith("/#chengshi")
        touch(page, "四川")
        touch(page, "成都")
        touch(page, "换城市怎么转")
        assert page.url.endswith("/chengdu/zhuanyi/")
        assert "转进成都" in words(page)
        assert "028-12393" in words(page)
        touch(page, "成都和另一个城市比一比")
        page.get_by_label("另一个城市").select_option(label="天津")
        page.get_by_role("rowheader", name="职工医保要交满几年").wait_for()
        assert "男25年，女20年" in words(page)


# ── 4: an HR clerk at a desk looks up many cities ──


def test_clerk_finds_a_city_in_the_table_of_all_and_its_source(browser, server):
    with person(browser, **DESKTOP) as page:
        page.goto(f"{server.url}/zhinan/huaru/")
        page.get_by_role("link", name="全国各地一张表").first.click()
        assert page.url.endswith("/biao/huaru/")
        row = page.locator("tbody tr").filter(has_text="武汉").first
        assert "83元" in row.inner_text()
        row.locator("a.src").first.click()
        assert re.search(r"#s\d+$", page.url)
        assert "医" in page.locator("li:target").inner_text()


def test_clerk_opens_the_table_of_all_in_a_spreadsheet(browser, server):
    with person(browser, **DESKTOP) as page:
        page.goto(f"{server.url}/biao/huaru/")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="下载整张表").click()
        assert waiting.value.suggested_filename == "各地退休人员每月划入多少.csv"
        data = Path(waiting.value.path()).read_bytes()
    first, *lines = data.decode("utf-8-sig").splitlines()
    assert first.startswith("省,城市,代号,参数,项目,人员,数值,扣除后到账,单位,")
    start = "湖北,武汉,wuhan,account.retiree.amount,退休人员个人账户划入金额,单位参保,83,"
    assert any(line.startswith(start) for line in lines)


# ── 5: a clerk at the counter, who prints ──


def test_clerk_prints_one_sheet_about_the_balance(browser, server):
    with person(browser, **DESKTOP) as page:
        page.add_init_script("window.print = () => { document.title = '打印了'; }")
        page.goto(f"{server.url}/chengdu/yue/")
        page.get_by_role("link", name="打印成一张纸").click()
        page.wait_for_url("**/chengdu/dayin/yue/")
        page.get_by_role("button", name="打印这一页").click()
        page.wait_for_function("() => document.title === '打印了'")
        pdf = page.pdf(prefer_css_page_size=True)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


# ── 6: a reader who hears the page and goes from heading to heading ──


def test_listener_comes_from_the_title_over_the_answer_to_the_source_by_headings(browser, server):
    with person(browser, **ANDROID_WECHAT) as page:
        page.goto(f"{server.url}/beijing/huaru/")
        titles = [re.sub(r"\s+", "", t) for t in page.get_by_role("heading").all_inner_texts()]
        assert titles[0] == "北京退休人员医保每月划入多少"
        assert titles[1] == "北京职工医保退休人员"
        assert titles.index("出处") > titles.index("怎么定的")
        # What follows the second heading is the answer itself.
        answer = words(page, "section:has(> div > h2)")
        assert "不满70岁每月100元" in answer
        mark = page.get_by_role("link", name="出处1", exact=True).first
        mark.tap()
        assert page.locator("li:target").get_by_role("link").count() >= 1
        names = page.get_by_role("navigation").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label'))"
        )
    assert names == ["位置", "相关"]


# ── 10: no script, no style, no picture ──


def test_bare_browser_leads_from_the_city_to_the_figure_and_its_source(browser, server):
    with person(browser, java_script_enabled=False, **ANDROID_WECHAT) as page:
        page.route(
            "**/*",
            lambda route: (
                route.continue_()
                if route.request.resource_type == "document"
                else route.fulfill(status=204)
            ),
        )
        page.goto(server.url)
        touch(page, "湖北")
        touch(page, "武汉")
        touch(page, "每月划入多少")
        assert "每月83元" in words(page)
        page.locator("a.src").first.tap()
        assert page.locator("li:target").is_visible()
