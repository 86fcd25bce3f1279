"""What only the whole can show: broken links, figures without a source, idle rules."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from conftest import ROOT
from sitegen.builder import build
from sitegen.check import check_links, check_orphans, check_rules, scan_page
from sitegen.checking import ENTRANCES, check
from sitegen.edition import Edition
from sitegen.load import LoadError, load_rules
from sitegen.pipeline import prepare
from sitegen.resolve import age_of

AS_OF = date(2026, 11, 21)
MARK = '<a class="src" href="#s1">[1]</a>'
SOURCES = '<ol class="sources"><li id="s1">2022年的公告：每月100元</li></ol>'


def html(main: str, outside: str = "") -> str:
    """A page as base.html makes it."""
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><title>每月100元</title></head>\n'
        f'<body>{outside}<main id="main"><h1>标题</h1>{main}{SOURCES}</main></body></html>'
    )


def found_in(main: str, outside: str = "", others: dict[str, str] | None = None) -> list[str]:
    """The problems of a site of one page and some ``others``."""
    pages = {"/jia/": html(main, outside)} | {url: html(m) for url, m in (others or {}).items()}
    return [str(problem) for problem in check_links(scan_page(u, h) for u, h in pages.items())]


def check_mini(root: Path) -> list[str]:
    return [str(p) for p in check(root, Edition(AS_OF), lambda done, total: None).problems]


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# ── Links ──


def test_clean_page_is_clean():
    main = f'<p>每月100元{MARK}，见<a href="/yi/#main">乙</a>、<a href="#s1">出处</a>。</p>'
    assert found_in(main, others={"/yi/": ""}) == []


def test_link_to_no_page_is_found():
    assert found_in('<p><a href="/bing/">丙</a></p>') == [
        "site/jia/index.html:1:1: 链接 /bing/ 没有这一页；改成有的网址"
    ]


def test_link_without_its_last_slash_is_found():
    assert len(found_in('<p><a href="/yi">乙</a></p>', others={"/yi/": ""})) == 1


@pytest.mark.parametrize("link", ["/yi/#nirgends", "#nirgends"])
def test_link_to_no_place_on_its_page_is_found(link):
    assert found_in(f'<p><a href="{link}">乙</a></p>', others={"/yi/": ""}) == [
        f"site/jia/index.html:1:1: 链接 {link} 没有 #nirgends 这一处；改成有的 id"
    ]


def test_link_outside_of_main_counts_too():
    assert len(found_in("", outside='<header><a href="/bing/">丙</a></header>')) == 1


@pytest.mark.parametrize("link", ["https://www.gov.cn/", "http://a.cn/", "tel:12393", "mailto:a@b"])
def test_link_that_leaves_the_site_is_not_followed(link):
    assert found_in(f'<p><a href="{link}">外</a></p>') == []


def test_link_that_runs_a_script_is_found():
    assert len(found_in('<p><a href="javascript:alert(1)">点</a></p>')) == 1


def test_id_used_twice_is_found():
    assert found_in('<p id="a">一</p><p id="a">二</p>') == [
        "site/jia/index.html:1:1: id “a”出现了两次；每个 id 只用一次"
    ]


def test_broken_link_of_a_text_is_found_in_the_project(mini):
    replace_in(mini / "content/guides/huaru/nation.md", "全国要求", "[全国](/quanguo/)要求")
    assert check_mini(mini) == [
        "site/zhinan/huaru/index.html:1:1: 链接 /quanguo/ 没有这一页；改成有的网址"
    ]


def test_page_that_no_click_leads_to_is_found():
    way = {"/": '<a href="/a/?x=1#main">', "/a/": '<a href="/b/">', "/b/": '<a href="/">'}
    lost = {"/c/": '<a href="/d/">', "/d/": '<a href="/c/">', "/typed/": '<a href="/">'}
    scans = [scan_page(url, html(link)) for url, link in (way | lost).items()]
    assert [str(problem) for problem in check_orphans(scans, ["/typed/"])] == [
        f"site/{name}/index.html:1:1: 从首页点链接走不到这一页；在一页上放一个链接"
        for name in ("c", "d")
    ]


def test_text_that_nothing_links_to_is_found(mini):
    text = "---\ntitle: 独\ndescription: 独。\nquestion: 独\n---\n\n没有人来。\n"
    (mini / "content/pages/du.md").write_text(text, encoding="utf-8")
    assert check_mini(mini) == [
        "site/du/index.html:1:1: 从首页点链接走不到这一页；在一页上放一个链接"
    ]


@pytest.mark.promise("C7")
def test_links_lead_somewhere_and_every_page_is_led_to(mini, figure):
    found = check(mini, Edition(AS_OF), lambda done, total: None)
    assert found.problems == ()
    figure(f"{found.pages} pages of the invented places: 0 broken links or fragments, 0 orphans")


@pytest.mark.slow
@pytest.mark.promise("C7")
def test_links_of_the_whole_project_lead_somewhere_and_every_page_is_led_to(site, figure):
    scans = []
    for path in site.rglob("*.html"):
        url = "/" + path.relative_to(site).as_posix().removesuffix("index.html")
        scans.append(scan_page(url, path.read_text(encoding="utf-8")))
    typed = [
        page.url for page in prepare(ROOT, Edition(AS_OF))[1].pages if page.template in ENTRANCES
    ]
    files = ("/" + path.relative_to(site).as_posix() for path in site.rglob("*.*"))
    assert check_links(scans, files) == []
    assert check_orphans(scans, typed) == []
    links = sum(len(scan.links) for scan in scans)
    figure(
        f"{len(scans)} pages, {links} links: 0 broken, 0 orphans beside {len(typed)} pages for "
        "those who type an address"
    )


@pytest.mark.promise("C7")
def test_sitemap_names_just_the_pages_that_may_be_listed_and_each_names_itself(
    mini, tmp_path, figure
):
    site = tmp_path / "site"
    build(mini, site, Edition(AS_OF, "https://a.example/"), lambda done, total: None)
    listed = re.findall("<loc>(.*)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    meant = []
    for path in sorted(site.rglob("*.html")):
        page = HTMLParser(path.read_text(encoding="utf-8"))
        robots = [node.attributes["content"] for node in page.css('meta[name="robots"]')]
        own = "https://a.example/" + path.relative_to(site).as_posix().removesuffix("index.html")
        canonical = [node.attributes["href"] for node in page.css("link[rel=canonical]")]
        # What is made for paper and the page of errors are nobody's first page.
        assert canonical == [own] or (canonical == [] and "noindex,follow" in robots), path
        if not robots:
            meant.append(own)
    assert sorted(listed) == sorted(meant)
    assert len(set(listed)) == len(listed)
    figure(f"{len(listed)} lines of the sitemap: 0 differ from the pages that may be listed")


# ── Figures ──


@pytest.mark.parametrize(
    "main",
    [
        "<p>每月划入100元。</p>",
        "<p>比例是2%。</p>",
        "<p>比例是2.5％。</p>",
        "<p>每月<b>100元</b>。</p>",
        "<p>每月<b>100</b>元。</p>",
        '<p>每月<data value="1440">1,440</data>元</p>',
        "<ul><li>每月100元</li></ul>",
        "<table><tbody><tr><th>甲</th><td>100元</td></tr></tbody></table>",
        "<dl><dt>甲</dt><dd>100元</dd></dl>",
        "<h2>每月100元</h2>",
        "<details><summary>每月100元</summary></details>",
        "<div>每月100元</div>",
        "<section>每月100元<p>甲</p></section>",
        f"<p>每月100元。</p><p>每年1200元。{MARK}</p>",
        f"<p>甲{MARK}</p><p>每月100元。</p>",
    ],
)
def test_figure_without_a_source_is_found(main):
    problems = found_in(main)
    assert len(problems) == 1
    assert "没有出处" in problems[0]


@pytest.mark.parametrize(
    "main",
    [
        f"<p>每月100元。{MARK}</p>",
        f"<p>{MARK}每月<b>100元</b>。</p>",
        f"<table><tbody><tr><th>甲</th><td>100元{MARK}</td></tr></tbody></table>",
        f"<table><tbody><tr><th>甲{MARK}</th><td>100元</td></tr></tbody></table>",
        f'<div data-fact="x"><dt>甲</dt><dd>100元</dd><dd>乙{MARK}</dd></div>',
        f'<table data-fact="x"><caption>表{MARK}</caption><tr><td>100元</td></tr></table>',
        "<p>满70岁，2022年起，打12393。</p>",
    ],
)
def test_figure_with_a_source_in_its_block_is_clean(main):
    assert found_in(main) == []


def test_titles_in_the_list_of_sources_may_name_figures():
    assert found_in("") == []
    assert found_in('<ul class="sources"><li>旧公告：每月83元，比例2%</li></ul>') == []


def test_figure_after_the_list_of_sources_is_not_exempt():
    assert len(found_in(f"{SOURCES.replace('s1', 's2')}<p>每月100元</p>")) == 1


def test_data_of_a_calculator_needs_no_mark():
    assert found_in('<script type="application/json">{"says":"每月100元"}</script>') == []


def test_only_main_is_asked_for_sources():
    assert found_in("", outside="<header><p>每月100元</p></header>") == []


def test_figure_in_a_text_of_the_project_is_found(mini):
    replace_in(mini / "content/guides/huaru/nation.md", "不用点链接。", "每月83元。\n\n不用点。")
    (problem,) = check_mini(mini)
    assert problem.startswith("site/zhinan/huaru/index.html:1:1: “每月83元”没有出处")


def test_mini_project_is_clean(mini):
    found = check(mini, Edition(AS_OF), lambda done, total: None)
    assert (found.problems, found.areas, found.pages) == ((), 4, 56)


# ── Rules ──


def rules_problems(root: Path) -> list[str]:
    return [str(problem) for problem in check_rules(load_rules(root))]


def test_mini_rules_are_clean(mini):
    assert rules_problems(mini) == []


def test_source_that_nobody_cites_is_a_warning(mini):
    replace_in(
        mini / "rules/shili/jia.yaml",
        "  j-2009:\n",
        "  j-2001: {title: 旧, kind: news, published: 2001}\n  j-2009:\n",
    )
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert str(problem).startswith("rules/shili/jia.yaml:10:")
    assert "出处 jia/j-2001 没有地方引用" in str(problem)


@pytest.mark.parametrize(
    "url", ["http://copy.example/1", "https://xgov.cn/", "https://gov.cn.evil.example/"]
)
def test_primary_without_an_official_address_is_an_error(mini, url):
    replace_in(mini / "rules/shili/jia.yaml", "https://ybj.jia.gov.cn/1", url)
    found = check_rules(load_rules(mini))
    assert [problem.warning for problem in found] == [False, False]
    assert all("写了 primary，出处却没有官方网址" in str(problem) for problem in found)


def test_value_without_the_words_of_its_source_is_a_warning(mini):
    replace_in(mini / "rules/shili/_province.yaml", "      quote: 每人每月60元\n", "")
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert "没有摘原话" in str(problem)


def test_number_that_its_quote_does_not_hold_is_a_warning(mini):
    replace_in(mini / "rules/shili/jia.yaml", "value: 8.66", "value: 8.86")
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert "原话和说明里都没有 8.86" in str(problem)
    replace_in(
        mini / "rules/shili/jia.yaml", "quote: 扣除8.66元", "quote: 扣除\n      unquoted: [8.86]"
    )
    assert rules_problems(mini) == []


def test_unquoted_number_that_is_quoted_is_a_warning(mini):
    line = "quote: 扣除8.66元"
    replace_in(mini / "rules/shili/jia.yaml", line, f"{line}\n      unquoted: [8.66]")
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert "unquoted 里的 8.66 用不着" in str(problem)


def test_number_that_leaps_is_a_warning(mini):
    later = (
        "    - {from: 2023-12-01, per: month, value: 18.66, source: j-2026, quote: 扣除18.66元,"
        " verified: primary, checked: 2026-11-01}\n"
    )
    with (mini / "rules/shili/jia.yaml").open("a", encoding="utf-8") as file:
        file.write(later)
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert "18.66 和前一条的 8.66 差到 2.2 倍" in str(problem)


def test_source_cited_twice_in_one_entry_is_an_error(mini):
    replace_in(mini / "rules/shili/jia.yaml", "{source: j-2009, quote", "{source: j-2026, quote")
    (problem,) = check_rules(load_rules(mini))
    assert not problem.warning
    assert "同一个出处引了两次" in str(problem)


def test_value_that_repeats_its_province_is_a_warning(mini):
    with (mini / "rules/shili/yi-shili.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "values:\n  account.retiree.amount:\n    - {from: 2023-01-01, per: month, value: 60,"
            " source: sl-2022, quote: 每人每月60元, verified: primary, checked: 2026-11-01}\n"
        )
    (problem,) = check_rules(load_rules(mini))
    assert problem.warning
    assert "account.retiree.amount 和上级示例省的一样" in str(problem)


ROWS = "        - {age: 70, value: 1610}\n"


def with_examples(mini: Path, *examples: str) -> list[str]:
    """What is wrong with 甲's amounts (1500.50, from 70 on 1610) and these examples of them."""
    lines = "".join(f"        - {example}\n" for example in examples)
    replace_in(mini / "rules/shili/jia.yaml", ROWS, f"{ROWS}      examples:\n{lines}")
    try:
        return rules_problems(mini)
    except LoadError as error:
        return [str(problem) for problem in error.problems]


def test_examples_at_the_edges_of_a_rule_hold(mini):
    edges = ("{age: 0, expect: 1500.50}", "{age: 69, expect: 1500.5}", "{age: 70, expect: 1610}")
    assert with_examples(mini, *edges, "{age: 100, expect: 1610}") == []


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ("{age: 70, expect: 1500.50}", "例子算出来是 1610，写的是 1500.50；对一遍出处"),
        ("{age: 69, expect: unknown}", "例子算出来是 1500.50，写的是 unknown；对一遍出处"),
        ("{retired: 2020-01-01, expect: 1610}", "没有一行对得上这个例子；写全 age"),
        ("{age: 70}", "应为 {age: 70, expect: 110} 这样"),
        ("70", "应为 {age: 70, expect: 110} 这样"),
        ("{age: 70, value: 1610, expect: 1610}", "例子里没有“value”这个字段"),
        ("{alter: 70, expect: 1610}", "“alter”"),
        ("{age: 70.5, expect: 1610}", "年龄的界限写成了“70.5”"),
        ("{age: 70, expect: viel}", "这里是“viel”"),
    ],
)
def test_example_that_does_not_hold_is_an_error_at_its_place(mini, example, words):
    (line,) = with_examples(mini, example)
    assert line.startswith("rules/shili/jia.yaml:38:"), line
    assert words in line


def test_printed_net_that_does_not_add_up_is_an_error(mini):
    replace_in(
        mini / "rules/shili/jia.yaml", "{age: 70, value: 1610}", "{age: 70, value: 1610, net: 1600}"
    )
    (problem,) = check_rules(load_rules(mini))
    assert not problem.warning
    assert "net 写成 1600；1610 减去扣款 8.66 应为 1601.34" in str(problem)


def test_values_past_their_review_are_counted(mini):
    rules = load_rules(mini)
    before, after = age_of(rules, date(2027, 3, 1)), age_of(rules, date(2027, 3, 2))
    # The two figures of 甲市 rest on a page of 2026-03-02.
    assert after.stale - before.stale == 2
    assert before.values == after.values
