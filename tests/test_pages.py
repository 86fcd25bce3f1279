"""The real project: what a reader in a real city is told on 2026-11-21, and what never."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from conftest import AS_OF, ROOT
from samples import shapes
from sitegen import checking
from sitegen.checking import check
from sitegen.edition import Edition
from sitegen.pagemaker import file_page
from sitegen.texts import load_content
from sitegen.write import file_of

# The ways to ask and the things to know that the site began with; more may follow.
FIRST_GUIDES = {
    *("huaru", "yue", "jilu", "dianhua", "chuangkou", "zizhuji"),
    *("yiyuan-yaodian", "weixin", "zhifubao", "app", "wangzhan"),
}


@cache
def page_of(site: Path, url: str) -> HTMLParser:
    return HTMLParser((site / file_of(url)).read_text(encoding="utf-8"))


def main_text(site: Path, url: str) -> str:
    """The words of ``main``, without white space between them."""
    return re.sub(r"\s+", "", page_of(site, url).css_first("main").text())


def answer(site: Path, city: str) -> str:
    """What the answer box at the top of a city's page of 每月划入 says."""
    boxes = page_of(site, f"/{city}/huaru/").css("main .ledger")
    return re.sub(r"\s+", "", "".join(box.text() for box in boxes))


def says(text: str, *words: str) -> list[str]:
    """The words that a text lacks."""
    return [word for word in words if word not in text]


# ── The acceptance table ──


def test_beijing_credits_100_and_110_and_deducts_3(site):
    words = ("不满70岁每月100元", "满70岁每月110元", "扣除后到账97元", "扣除后到账107元")
    assert says(answer(site, "beijing"), *words, "2022年9月1日起", "二手资料") == []
    assert re.search(r"资料日期2023年\d+月", answer(site, "beijing"))
    whole = main_text(site, "/beijing/huaru/")
    assert re.search(r"从个人账户扣的大额（大病）医疗费用二手资料每月3元", whole)


def test_shanghai_credits_by_the_year_with_75_as_the_boundary(site):
    words = ("不满75岁每年1,680元", "满75岁每年1,890元", "2023年7月1日起", "二手资料")
    assert says(answer(site, "shanghai"), *words) == []
    # Nothing is turned into a monthly amount.
    assert not re.search("140元|157", main_text(site, "/shanghai/huaru/"))


def test_guangzhou_credits_169_08_of_which_160_42_arrive(site):
    words = ("每月169.08元", "扣除后到账160.42元", "2022年12月起")
    assert says(answer(site, "guangzhou"), *words) == []


def test_foshan_credits_158_20_with_both_decimals(site):
    assert says(answer(site, "foshan"), "每月158.20元", "2022年11月起") == []


def test_wuhan_credits_83_since_february_2023(site):
    words = ("单位参保每月83元", "参照用人单位退休人员的80%补助", "2023年2月1日起")
    assert says(answer(site, "wuhan"), *words) == []
    assert "260" not in answer(site, "wuhan")
    # The source says 80 %, and nowhere 66 yuan.
    assert "66元" not in answer(site, "wuhan").replace("83元的80%是66元多", "")


def test_chongqing_credits_105_and_115_by_secondary_sources(site):
    words = ("不满70岁每月105元", "满70岁每月115元", "二手资料")
    assert says(answer(site, "chongqing"), *words) == []


def test_lanzhou_credits_90_and_not_what_gansu_itself_credits(site):
    assert says(answer(site, "lanzhou"), "每月90元") == []
    assert "120" not in main_text(site, "/lanzhou/huaru/")


def test_nanning_knows_the_share_of_guangxi_and_no_amount(site):
    words = ("没有查到南宁的金额", "2.5%", "广西统一规定")
    assert says(answer(site, "nanning"), *words) == []
    assert "120" not in main_text(site, "/nanning/huaru/")


def test_zhaoqing_knows_the_share_of_guangdong_and_no_amount(site):
    assert says(answer(site, "zhaoqing"), "没有查到肇庆的金额", "2.8%", "广东统一规定") == []
    assert not re.search(r"\d元", answer(site, "zhaoqing"))


def test_mianyang_is_not_found_and_says_whom_to_ask(site):
    words = ("未查到", "2%左右", "0816-12393", "这是四川定的大原则，不是绵阳的金额")
    assert says(answer(site, "mianyang"), *words) == []
    assert not re.search(r"\d元", answer(site, "mianyang"))
    frame = page_of(site, "/mianyang/huaru/").css("main .ledger")[-1]
    assert "2%左右" in frame.text()
    assert frame.css("a.src")


def test_tianjin_credits_40_50_and_60(site):
    words = (
        "一般退休人员，不满70岁每月40元",
        "一般退休人员，满70岁每月50元",
        "建国前老工人每月60元",
    )
    assert says(answer(site, "tianjin"), *words) == []


def test_haikou_credits_what_hainan_fixed_and_3_percent_less_a_missing_year(site):
    words = ("不满70岁每月60元", "满70岁每月72元", "海南统一规定")
    assert says(answer(site, "haikou"), *words) == []
    assert "缴费年限每少一年，划入标准降低二手资料3%" in main_text(site, "/haikou/huaru/")


def test_tianjin_is_reached_by_12393_and_from_outside_by_022(site):
    assert says(main_text(site, "/tianjin/yue/"), "12393", "022-12393") == []


@pytest.mark.parametrize("foreign", ["皖事通", "随申办", "合肥医保"])
def test_pages_of_tianjin_name_no_app_of_another_place(site, foreign):
    pages = {
        path: HTMLParser(path.read_text("utf-8")) for path in (site / "tianjin").rglob("*.html")
    }
    guides = load_content(ROOT).guides
    # Its home, its guides, the sheets of some of them, the booklet, what changed.
    assert len(pages) == 1 + len(guides) + sum(guide.sheet is not None for guide in guides) + 2
    assert [path for path, page in pages.items() if foreign in page.css_first("main").text()] == []
    # The name itself is known where it belongs, so that the test can find it.
    known = {"皖事通": "/anhui/", "随申办": "/shanghai/app/", "合肥医保": "/hefei/weixin/"}
    assert foreign in main_text(site, known[foreign])


# ── What never ──


@pytest.mark.promise("B10")
def test_every_figure_of_an_answer_stands_beside_its_level_and_a_source(site, figure):
    without, boxes = [], 0
    for path in sorted(site.glob("*/huaru/index.html")):
        page = HTMLParser(path.read_text(encoding="utf-8"))
        for box in page.css("main .ledger"):
            if box.css("data") and not (box.css(".chip") and box.css("a.src")):
                without.append(path.relative_to(site).as_posix())
            boxes += 1
    assert boxes > 370
    assert without == []
    figure(f"0 of {boxes} answers without a source and its level")


def test_12333_is_the_line_of_the_card_and_never_of_the_insurance(site):
    # 北京 is the one place whose own bureau names the number, for residents; the rest corrects.
    about_cards = re.compile("社保卡|社会保障卡|不对|北京市医保局")
    named, wrong = 0, []
    for path in sorted(site.rglob("*.html")):
        html = path.read_text(encoding="utf-8")
        page = HTMLParser(html if "12333" in html else "")
        for node in page.css("main li, main p, main tr, main dd"):
            for sentence in re.split("[。；！？]", node.text()):
                # Not the web site m12333.cn.
                if re.search(r"(?<![a-z])12333", sentence):
                    named += 1
                    if not about_cards.search(sentence):
                        wrong.append((path.relative_to(site).as_posix(), sentence))
    assert named > 370
    assert wrong == []


def test_unverified_amount_is_never_a_figure(site):
    boxes = 0
    for path in sorted(site.glob("*/huaru/index.html")):
        for box in HTMLParser(path.read_text(encoding="utf-8")).css("main .ledger--unknown"):
            assert not re.search(r"\d(元|%)", re.sub(r"\s", "", box.text())), path
            boxes += 1
    assert boxes > 100


# ── The whole ──


def test_every_pool_has_every_guide(site, rules):
    pools = [area.slug for area in rules.areas.values() if area.level == "pool"]
    guides = [guide.slug for guide in load_content(ROOT).guides]
    assert len(pools) == 370
    assert set(guides) >= FIRST_GUIDES
    missing = [
        f"/{pool}/{guide}/"
        for pool in pools
        for guide in guides
        if not (site / pool / guide / "index.html").is_file()
    ]
    assert missing == []


def errors_found() -> list[str]:
    found = check(ROOT, Edition(AS_OF), lambda done, total: None).problems
    return [str(problem) for problem in found if not problem.warning]


@pytest.mark.promise("B10")
def test_check_finds_no_error_in_a_page_of_any_shape(monkeypatch, figure):
    """A page of every template and of each third shape: those of one differ in names alone."""
    whole = checking.prepare(ROOT, Edition(AS_OF))
    plan = whole[1]
    every = shapes(plan.pages)
    of_templates = {page.template: page for page in every}
    assert of_templates.keys() == {page.template for page in plan.pages}
    some = list({page.url: page for page in (*every[::3], *of_templates.values())}.values())
    others = {page.url for page in plan.pages} - {page.url for page in some}
    files = (file_page(url, b"") for url in sorted(others))
    less = replace(plan, pages=(*some, *files))
    monkeypatch.setattr(checking, "prepare", lambda root, day, store: (whole[0], less, *whole[2:]))
    # Which pages are reached from the first one, and which are gone, is seen of all pages only.
    of_all = re.compile("从首页点链接走不到|^urls.txt:")
    assert [error for error in errors_found() if not of_all.search(error)] == []
    figure(f"{len(some)} pages, of {len(every)} shapes, 0 figures without a source")


@pytest.mark.slow
@pytest.mark.promise("B10")
def test_check_finds_no_error_in_the_project(figure):
    """Among them: a figure of money or percent in ``main`` without a source in its block."""
    checked = check(ROOT, Edition(AS_OF), lambda done, total: None)
    assert [str(problem) for problem in checked.problems if not problem.warning] == []
    figure(f"{checked.pages} pages, 0 figures without a source")
