"""The mini project in a real browser, behind the headers of production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import CHINA, SiteServer, has_chinese_font
from measures import overflow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Of the whole project: the longest lists, the longest table, the longest names.
WIDE_PAGES = ("/", "/zhinan/huaru/", "/sichuan/", "/mianyang/huaru/", "/tianjin/weixin/")

PHONE = {"width": 320, "height": 640}


class Recording(SiteServer):
    """Remembers every path that it was asked for."""

    asked: list[str]

    def find(self, path: str) -> Path | None:
        self.asked.append(path)
        return super().find(path)


@contextmanager
def serving(folder: Path) -> Iterator[Recording]:
    with Recording(folder) as server:
        server.asked = []
        yield server


@pytest.fixture(scope="module")
def server(mini_site: Path) -> Iterator[Recording]:
    with serving(mini_site) as running:
        yield running


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a context of its own."""
    context = browser.new_context(**CHINA, **options)
    try:
        yield context.new_page()
    finally:
        context.close()


def urls_of(site: Path) -> list[str]:
    files = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")))
    return ["/" + name.removesuffix("index.html") for name in files]


@pytest.mark.promise("D5")
def test_characters_of_a_page_differ(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/jia/huaru/")
        assert has_chinese_font(page)


@dataclass(frozen=True)
class Visits:
    """What came of a visit to every page of the mini project, on the smallest phone."""

    complaints: list[str]
    asked: list[str]
    wide: dict[str, list[str]]


@pytest.fixture(scope="module")
def visits(browser: Browser, server: Recording) -> Visits:
    found = Visits([], [], {})
    with opened(browser, viewport=PHONE) as page:
        # The worker comes after a page and asks for more: test_offline.py counts that.
        page.add_init_script("delete Navigator.prototype.serviceWorker")
        page.on("console", lambda message: found.complaints.append(f"{page.url} {message.text}"))
        page.on("pageerror", lambda error: found.complaints.append(f"{page.url} {error}"))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.log(e.blockedURI))"
        )
        server.asked.clear()
        for url in urls_of(server.folder):
            page.goto(server.url + url)
            found.wide[url] = overflow(page)
        page.wait_for_load_state("networkidle")
        found.asked.extend(server.asked)
    return found


def test_no_page_breaks_its_policy_complains_or_asks_for_more_than_itself(visits, server):
    pages = [path for path in visits.asked if not path.startswith("/assets/")]
    assert pages == urls_of(server.folder)
    assert visits.complaints == []


def test_policy_would_be_heard_if_it_were_broken(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/jia/")
        with page.expect_console_message(lambda message: "style-src" in message.text):
            page.evaluate("document.body.setAttribute('style', 'color: red')")
        with page.expect_console_message(lambda message: "img-src" in message.text):
            page.evaluate(
                "document.body.append(new Image()); document.images[0].src = 'http://x.invalid/'"
            )


def test_style_sheet_reaches_the_page(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/jia/huaru/")
        size = page.evaluate("getComputedStyle(document.body).fontSize")
    assert size == "20px"


@pytest.mark.promise("D3")
def test_no_page_scrolls_sideways_on_the_smallest_phone(visits, figure):
    assert {url: wide for url, wide in visits.wide.items() if wide} == {}
    assert len(visits.wide) > 50
    figure(f"{len(visits.wide)} pages at 320 px, 0 scroll sideways")


def test_long_pages_of_the_project_do_not_scroll_sideways_either(browser, site):
    with serving(site) as server, opened(browser, viewport=PHONE) as page:
        for url in WIDE_PAGES:
            assert page.goto(server.url + url).status == 200
            assert overflow(page) == [], url


@pytest.mark.promise("D3")
def test_page_reads_from_question_to_answer_to_source_without_javascript(browser, server):
    with opened(browser, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(f"{server.url}/jia/huaru/")
        text = page.locator("body").inner_text()
        places = [
            page.locator(selector).first.bounding_box()["y"]
            for selector in ("h1", ".ledger__row", "table", "ol.sources", "footer")
        ]
    words = ("甲每月划入多少", "不满70岁", "1,500.50", "满70岁", "1,610", "出处", "甲市医保局公告")
    place = 0
    for word in words:
        place = text.index(word, place) + len(word)
    assert places == sorted(places)


def test_every_link_of_a_menu_can_be_hit_with_a_thumb(browser, server):
    seen = 0
    with opened(browser, viewport=PHONE) as page:
        for url in ("/", "/jia/", "/jia/huaru/", "/zhinan/", "/yi/"):
            page.goto(server.url + url)
            for link in page.locator(".menu > li > a").all():
                assert link.bounding_box()["height"] >= 44, (url, link.inner_text())
                seen += 1
    assert seen >= 9


def test_skip_link_is_first_and_shows_itself_when_it_is_reached(browser, server):
    with opened(browser, viewport=PHONE) as page:
        page.goto(f"{server.url}/jia/huaru/")
        skip = page.locator("a.skip")
        assert skip.bounding_box()["x"] < 0
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert skip.bounding_box()["x"] >= 0


def test_mark_beside_a_figure_leads_to_its_source(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/jia/huaru/")
        page.locator("a.src").first.click()
        assert page.url.endswith("/jia/huaru/#s1")
        assert "甲市医保局公告" in page.locator("li:target").inner_text()
