"""What is made for paper: sheets of one page, booklets, and the print of ordinary pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from browser import CHINA
from conftest import ROOT
from sheets import (
    ADDRESS,
    HEIGHT,
    Papers,
    heights,
    page_count,
    print_pages,
    tallest,
    task_of,
    wide_sample,
)
from sitegen.check import check_links, scan_page
from sitegen.edition import Edition
from sitegen.load import LoadError, load_rules
from sitegen.paper import SOURCES_ON_SHEET
from sitegen.plan import plan_site
from sitegen.texts import load_content
from test_browser import opened, serving
from test_render import AS_OF, read_page, render_all, replace_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MM = 96 / 25.4
POINT = 96 / 72
TASKS = ("yue", "huaru", "nianxian", "duanjiao", "zhuanyi", "jumin")


@pytest.fixture(scope="module")
def papers() -> Papers:
    """The sheets and booklets of the project as on a site with an address, which has codes."""
    return Papers(ROOT)


@pytest.fixture(scope="module")
def sheets(site: Path) -> dict[str, str]:
    """All sheets of the site, by URL; it has no address."""
    return pages_in(site, "*/dayin/*/index.html")


@pytest.fixture(scope="module")
def booklets(site: Path) -> dict[str, str]:
    return pages_in(site, "*/dazi/index.html")


def pages_in(site: Path, pattern: str) -> dict[str, str]:
    found = sorted(f"/{path.parent.relative_to(site).as_posix()}/" for path in site.glob(pattern))
    return {url: read_page(site, url) for url in found}


def pdf_text(pdf: bytes) -> list[str]:
    """The text of a PDF, a string a page.

    Chromium writes some characters as the radicals that look the same: ⽇ for 日.
    """
    others = str.maketrans("⺠⻅⻓⻔⻚", "民见长门页")
    texts = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    plain = (re.sub("[⼀-⿕]", lambda m: normalize("NFKC", m.group()), text) for text in texts)
    return [text.translate(others) for text in plain]


def main_of(html: str) -> str:
    return HTMLParser(html).css_first("main").text(separator="\n")


def numbers_of(text: str) -> set[str]:
    """The numbers of a text; a mark such as [1] is none."""
    return set(re.findall(r"[0-9][0-9,.]*[0-9]|[0-9]", re.sub(r"\[[0-9]+\]", " ", text)))


# ── Sheets ──


def test_every_pool_has_a_sheet_of_every_main_task(sheets, rules):
    pools = [area for area in rules.areas.values() if area.level == "pool"]
    assert set(sheets) == {f"/{pool.slug}/dayin/{task}/" for pool in pools for task in TASKS}


@pytest.fixture(scope="module")
def tall(browser: Browser, papers: Papers) -> dict[str, float]:
    """How tall a sheet of every shape is, by its URL."""
    return heights(browser, papers, papers.shapes())


def test_no_sheet_of_any_shape_is_taller_than_the_paper(tall):
    assert {url: height for url, height in tall.items() if height > HEIGHT} == {}
    assert {task_of(url) for url in tall} == set(TASKS)
    assert len(tall) > 200


def test_tallest_sheet_of_every_task_is_exactly_one_page_of_a4(browser, papers, tall, request):
    sample = tallest(tall, 1)
    if request.config.getoption("--all"):
        sample = wide_sample(browser, papers)
    assert {task_of(url) for url in sample} == set(TASKS)
    sizes = {}
    for url, pdf in print_pages(browser, ((url, papers[url]) for url in sample)):
        pages = PdfReader(io.BytesIO(pdf)).pages
        sizes[url] = [tuple(round(side) for side in page.mediabox[2:]) for page in pages]
    assert {url: size for url, size in sizes.items() if size != [(595, 842)]} == {}


def test_second_page_would_be_counted(browser, papers):
    html = papers["/tianjin/dayin/yue/"].replace("</main>", "<p>多一行</p>" * 30 + "</main>")
    ((_, pdf),) = print_pages(browser, [("/", html)])
    assert page_count(pdf) == 2


def test_numbers_on_a_sheet_are_the_numbers_of_its_page(site, sheets):
    seen = 0
    for url, html in sheets.items():
        _, pool, _, task, _ = url.split("/")
        page = main_of(read_page(site, f"/{pool}/{task}/"))
        sheet = HTMLParser(html)
        for other in sheet.css(".fine, header"):
            other.decompose()
        # A page does not always say on which day we looked a figure up.
        text = re.sub("我们查阅于[0-9年月日]+", "", sheet.css_first("main").text(separator=""))
        shown = numbers_of(text)
        home = main_of(read_page(site, f"/{pool}/"))
        lines = {"12345", *re.findall("(0[0-9]{2,3})-12393", home)}
        assert shown - numbers_of(page) <= lines, url
        seen += len(shown)
    assert seen > 10_000


def test_answer_of_a_sheet_shows_every_current_figure_of_the_page(site, sheets):
    compared = 0
    for url, html in sheets.items():
        _, pool, _, task, _ = url.split("/")
        if task not in ("huaru", "jumin"):
            continue
        (answer, *_) = HTMLParser(html).css(".answer[data-fact]")
        fact = answer.attributes["data-fact"]
        page = HTMLParser(read_page(site, f"/{pool}/{task}/"))
        ledger = page.css_first(f'.ledger[data-fact="{fact}"]')
        of_page = [node.text() for node in ledger.css("data.ledger__figure")]
        assert [node.text() for node in answer.css("data.ledger__figure")] == of_page, url
        compared += len(of_page)
    assert compared > 300


def test_doubts_of_a_page_stand_on_its_sheet(sheets):
    tianjin = main_of(sheets["/tianjin/dayin/huaru/"])
    assert all(words in tianjin for words in ("二手资料", "可能已调整", "资料日期2025年1月6日"))
    assert "我们查阅于" in tianjin
    hangzhou = main_of(sheets["/hangzhou/dayin/huaru/"])
    assert "未查到" in hangzhou
    assert "12393" in hangzhou
    assert "问到的答案" in hangzhou


def test_sheet_of_a_pool_without_figures_says_so_and_whom_to_ask(mini):
    sheet = HTMLParser(render_all(mini, "/bing/dayin/huaru/")["/bing/dayin/huaru/"])
    text = sheet.css_first("main").text()
    assert "待核实" in text
    assert "我们不写数字" in text
    assert "999" not in text, "the unverified figure of its file"
    assert "12393" in text


def test_every_sheet_warns_leaves_lines_to_write_and_has_its_dates(sheets):
    for url, html in sheets.items():
        text = main_of(html)
        for words in ("当心骗局", "密码和验证码", "电话", "经办人", "日期", "打印日期"):
            assert words in text, (url, words)


def test_few_sources_stand_on_a_sheet_and_the_other_marks_name_the_page(sheets):
    beyond = 0
    for url, html in sheets.items():
        page = HTMLParser(html)
        assert 1 <= len(page.css(".sources > li")) <= SOURCES_ON_SHEET, url
        others = [a for a in page.css("a.src") if not a.attributes["href"].startswith("#")]
        assert {a.text() for a in others} <= {"[网页]"}, url
        assert not others or "其余出处见网页" in main_of(html), url
        beyond += len(others)
    assert beyond


def test_sheets_and_booklets_are_not_indexed(sheets, booklets, plan):
    papers = sheets | booklets
    assert all('<meta name="robots" content="noindex,follow">' in html for html in papers.values())
    of_paper = [page for page in plan.pages if page.url in papers]
    assert len(of_paper) == len(papers) == 370 * (len(TASKS) + 1)
    assert not any(page.is_indexed for page in of_paper)


def test_no_type_of_a_sheet_is_smaller_than_14_points_but_marks_and_sources(browser, sheets):
    with opened(browser) as page:
        page.emulate_media(media="print")
        for task in TASKS:
            page.set_content(sheets[f"/tianjin/dayin/{task}/"])
            sizes = page.evaluate(
                """() => [...document.querySelectorAll("main, main *")]
                    .filter((n) => !n.closest(".fine, .src, svg, [hidden]"))
                    .map((n) => parseFloat(getComputedStyle(n).fontSize))"""
            )
            assert min(sizes) >= 14 * POINT - 0.01, task
            figures = page.locator(".ledger__figure")
            for figure in figures.all():
                size = figure.evaluate("(n) => parseFloat(getComputedStyle(n).fontSize)")
                assert size == pytest.approx(30 * POINT, abs=0.1)


def test_chosen_text_size_does_not_change_the_paper(browser, papers):
    html = papers["/shenzhen/dayin/nianxian/"]
    large = html.replace('<html lang="zh-CN">', '<html lang="zh-CN" data-size="3">')
    ((_, pdf),) = print_pages(browser, [("/", large)])
    assert page_count(pdf) == 1


def test_sheet_is_black_on_white(sheets):
    style = HTMLParser(sheets["/tianjin/dayin/yue/"]).css_first("style").text()
    colours = set(re.findall("#[0-9a-f]{3,6}\\b", style))
    # The desk behind the paper and the ring of the focus are on screens only.
    assert colours == {"#000", "#fff", "#e6e7e1", "#ffd84d"}


# ── The code ──


@pytest.mark.parametrize(
    "url", ["/tianjin/dayin/yue/", "/qianxinan/dayin/nianxian/", "/shihezi/dayin/jumin/"]
)
def test_code_on_a_sheet_is_28_mm_and_leads_to_where_the_sheet_is_checked(browser, papers, url):
    with opened(browser) as page:
        page.emulate_media(media="print")
        page.set_content(papers[url])
        code = page.locator("svg.qr")
        box = code.bounding_box()
        picture = Image.open(io.BytesIO(code.screenshot()))
    assert box["width"] == pytest.approx(28 * MM, abs=0.5)
    assert box["height"] == pytest.approx(28 * MM, abs=0.5)
    (found,) = zxingcpp.read_barcodes(picture)
    # No figure of these sheets has changed since the log was begun.
    assert found.text == f"{ADDRESS}/yan/?p={url.strip('/').replace('/dayin/', '/')}&d=20261122"
    assert found.ec_level == "M"


def test_site_without_an_address_prints_no_code_but_its_name_and_path(mini):
    html = render_all(mini, "/jia/dayin/huaru/")["/jia/dayin/huaru/"]
    assert "<svg" not in html
    assert "/jia/huaru/" in main_of(html)
    assert HTMLParser(html).css_first("main header p").text().startswith("小样")


# ── Texts ──


def test_sheet_may_show_only_what_the_page_of_its_guide_shows(mini):
    replace_in(
        mini / "content/guides/huaru/sheet.md",
        'value("account.active.rate")',
        'value("years.minimum")',
    )
    with pytest.raises(LoadError) as error:
        plan_site(load_rules(mini), load_content(mini), Edition(AS_OF))
    (problem,) = error.value.problems
    assert problem.place.path == "content/guides/huaru/sheet.md"
    assert "pool.md 里没有" in problem.what


def test_guide_without_a_text_for_it_has_no_sheet_and_no_link_to_one(mini):
    (mini / "content/guides/huaru/sheet.md").unlink()
    pages = render_all(mini)
    assert not any("/dayin/" in url for url in pages)
    assert "打印成一张纸" not in pages["/jia/huaru/"]
    assert "/jia/dazi/" in pages


def test_guide_and_city_link_to_their_papers(site):
    guide = HTMLParser(read_page(site, "/tianjin/yue/"))
    assert "打印成一张纸" in guide.css_first('main a[href="/tianjin/dayin/yue/"]').text()
    city = HTMLParser(read_page(site, "/tianjin/"))
    linked = {a.attributes["href"] for a in city.css('nav[aria-label="打印"] a')}
    assert linked == {f"/tianjin/dayin/{task}/" for task in TASKS} | {"/tianjin/dazi/"}


# ── Booklets ──


def test_booklet_has_every_task_on_a_page_of_its_own(browser, papers):
    html = papers["/tianjin/dazi/"]
    headings = [node.text() for node in HTMLParser(html).css(".chapter > h2")]
    assert len(headings) == 11 + 1
    ((_, pdf),) = print_pages(browser, [("/", html)])
    first, *others = pdf_text(pdf)
    flat = "".join(first.split())
    assert "天津" in flat
    assert "2026年11月21日" in flat
    assert "022-12393" in flat
    starts = ["".join(text.split()) for text in others]
    for number, heading in enumerate(headings, 1):
        wanted = "".join(heading.split())
        assert wanted.lstrip("0123456789") in flat or wanted == "出处", heading
        assert any(text.startswith(wanted) for text in starts), (number, heading)


def test_type_of_a_booklet_is_18_points_or_more(browser, papers):
    with opened(browser) as page:
        page.emulate_media(media="print")
        page.set_content(papers["/hangzhou/dazi/"])
        sizes = page.evaluate(
            """() => [...document.querySelectorAll("main, main *")]
                .map((n) => parseFloat(getComputedStyle(n).fontSize))"""
        )
    assert min(sizes) >= 18 * POINT - 0.01


def test_every_figure_and_link_of_a_paper_is_in_order(sheets, booklets, site):
    scans = [scan_page(url, html) for url, html in (sheets | booklets).items()]
    assert [problem for scan in scans for problem in scan.problems] == []
    broken = {
        link.partition("#")[0]
        for p in check_links(scans)
        for link in re.findall(r"链接 (\S+)", p.what)
    }
    files = {link for link in broken if not (site / link.strip("/") / "index.html").is_file()}
    assert files == set()


# ── Buttons ──


@pytest.fixture(scope="module")
def server(mini_site: Path) -> Iterator[object]:
    with serving(mini_site) as running:
        yield running


def test_button_prints_the_page(browser, server):
    with opened(browser) as page:
        page.add_init_script("window.print = () => { window.printed = true; }")
        page.goto(f"{server.url}/jia/dayin/huaru/")
        button = page.get_by_role("button", name="打印这一页")
        assert button.bounding_box()["height"] >= 60
        button.click()
        assert page.evaluate("window.printed")


def test_wechat_is_told_to_print_in_a_browser(browser, server):
    with opened(browser, user_agent=CHINA.get("user_agent", "x") + " MicroMessenger/8.0") as page:
        page.goto(f"{server.url}/jia/dayin/huaru/")
        page.wait_for_function("document.querySelector('.how').textContent.includes('微信')")
        assert page.locator("button").count() == 0
        assert "在浏览器打开" in page.locator(".how").inner_text()


def test_sheet_says_how_to_print_without_javascript(browser, server):
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{server.url}/jia/dayin/huaru/")
        assert "菜单里的“打印”" in page.locator(".how").inner_text()


def test_day_of_printing_is_filled_in(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/jia/dayin/huaru/")
        page.wait_for_selector("button")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert re.fullmatch("[0-9]{4}年[0-9]+月[0-9]+日", page.locator(".today").inner_text())


# ── Ordinary pages on paper ──


@pytest.fixture(scope="module")
def printed(browser, site: Path) -> Iterator[object]:
    """Prints a page of the project to the text of its PDF, from a dark screen."""
    with serving(site) as running, opened(browser, color_scheme="dark") as page:

        def to_text(url: str) -> str:
            page.goto(running.url + url)
            return "\n".join(pdf_text(page.pdf(prefer_css_page_size=True)))

        yield to_text


def test_paper_has_no_menus_switches_and_buttons(printed):
    text = printed("/tianjin/huaru/")
    assert "换城市" not in text
    assert "特大" not in text
    assert "打印成一张纸" not in text
    assert "关于本站、报错" not in text


def test_paper_names_its_page_its_dates_and_the_addresses_of_its_sources(printed):
    text = "".join(printed("/tianjin/huaru/").split())
    assert "/tianjin/huaru/" in text
    assert "2025年" in text
    assert "http://english.www.gov.cn/" in text


def test_folded_parts_are_printed(printed, site):
    pages = sorted(site.glob("*/huaru/index.html"))
    folded = next(p for p in pages if "<summary>以前是多少" in p.read_text(encoding="utf-8"))
    node = HTMLParser(folded.read_text(encoding="utf-8")).css_first("details caption")
    inside = "".join(node.text().split())
    text = "".join(printed(f"/{folded.parent.relative_to(site).as_posix()}/").split())
    assert inside in text


def test_paper_is_white_even_from_a_dark_screen(browser, site):
    with serving(site) as running, opened(browser, color_scheme="dark") as page:
        page.goto(f"{running.url}/tianjin/huaru/")
        page.emulate_media(media="print", color_scheme="dark")
        colours = page.evaluate(
            """() => [...document.querySelectorAll("body, main, main *")]
                .map((n) => getComputedStyle(n).color)"""
        )
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert set(colours) == {"rgb(0, 0, 0)"}
    assert background == "rgb(255, 255, 255)"
