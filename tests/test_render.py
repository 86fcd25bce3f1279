"""The HTML of pages: six golden ones, and what holds for every page of the mini project."""

from __future__ import annotations

import base64
import difflib
import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from sitegen.assets import minify
from sitegen.edition import Edition
from sitegen.headers import header_table, headers_text
from sitegen.manifest import hash_code
from sitegen.pipeline import prepare, stores_of
from sitegen.render import Code, Renderer, RenderError
from sitegen.write import file_of

AS_OF = date(2026, 11, 21)
GOLDEN = Path(__file__).resolve().parent / "golden"
GOLDEN_PAGES = (
    "/jia/huaru/",
    "/yi-yangban/huaru/",
    "/bing/huaru/",
    "/jia/",
    "/shili/",
    "/zhinan/huaru/",
)

LINKED = 'script[type="application/ld+json"]'
HOSTILE = "<script>alert(1)</script>\"'&"


def render_all(root: Path, only: str = "") -> dict[str, str]:
    """The HTML of every page of a project, or of one, by URL."""
    stores = stores_of(root, hash_code())
    _, plan, assets, _ = prepare(root, Edition(AS_OF), stores.read)
    renderer = Renderer(root, plan.texts, assets, Code(stores.templates.get))
    pages = (page for page in plan.pages if not page.is_data)
    return {p.url: renderer.render(p) for p in pages if only in ("", p.url)}


def read_page(site: Path, url: str) -> str:
    return (site / file_of(url)).read_text(encoding="utf-8")


def all_pages(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
    }


def refusal(root: Path, only: str = "") -> str:
    with pytest.raises(RenderError) as error:
        render_all(root, only)
    return str(error.value.problem)


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# ── Golden pages ──


@pytest.mark.parametrize("url", GOLDEN_PAGES)
def test_page_is_byte_for_byte_as_it_was_read_and_agreed(mini_site, url, request):
    # The style sheet is the same in all pages and has a life of its own.
    made = re.sub("<style>.*?</style>", "<style></style>", read_page(mini_site, url), flags=re.S)
    made = re.sub("/assets/[0-9a-f]{8}/", "/assets/", made)
    path = GOLDEN / f"{url.strip('/').replace('/', '-')}.html"
    if request.config.getoption("--update-golden"):
        path.write_bytes(made.encode())
    agreed = path.read_bytes().decode() if path.is_file() else ""
    diff = difflib.unified_diff(agreed.splitlines(), made.splitlines(), "golden", "made", n=1)
    assert made == agreed, "\n".join(diff)


def test_golden_folder_holds_these_pages_and_no_others():
    names = {f"{url.strip('/').replace('/', '-')}.html" for url in GOLDEN_PAGES}
    assert {path.name for path in GOLDEN.iterdir()} == names


# ── Every page ──


def test_every_page_has_its_frame(mini_site):
    for name, html in all_pages(mini_site).items():
        page = HTMLParser(html)
        assert html.startswith("<!doctype html>\n"), name
        assert page.css_first("html").attributes == {"lang": "zh-CN"}, name
        for selector in ("title", "h1", "main#main", 'meta[name="viewport"]', "meta[charset]"):
            assert len(page.css(selector)) == 1, (name, selector)
        assert page.css_first("title").text().strip(), name
        assert page.css_first("h1").text().strip(), name
        assert page.css_first("body > a").attributes == {"class": "skip", "href": "#main"}, name


def test_every_page_that_can_be_found_has_a_description(mini_site):
    for name, html in all_pages(mini_site).items():
        found = HTMLParser(html).css('meta[name="description"]')
        assert len(found) == (name != "404.html"), name
        assert all(meta.attributes["content"].strip() for meta in found), name


def test_no_two_pages_share_a_title(mini_site):
    titles = [HTMLParser(html).css_first("title").text() for html in all_pages(mini_site).values()]
    assert len(titles) == len(set(titles))


def test_no_page_holds_anything_that_the_policy_forbids(mini_site):
    for name, html in all_pages(mini_site).items():
        page = HTMLParser(html)
        assert page.css("iframe, object, embed, base, link[rel=stylesheet]") == [], name
        for script in page.css("script"):
            kind, source = script.attributes.get("type"), script.attributes.get("src", "")
            # The head script is allowed by its hash.
            is_data = kind in ("application/json", "application/ld+json")
            assert source.startswith("/assets/") or kind is None or is_data, (name, script.html)
        for node in page.css("*"):
            for attribute, value in node.attributes.items():
                assert attribute != "style", (name, node.html)
                assert not attribute.startswith("on"), (name, node.html)
                assert not re.match(r"\s*(javascript|vbscript):", value or "", re.I), name


def test_no_page_loads_anything_from_elsewhere(mini_site):
    for name, html in all_pages(mini_site).items():
        page = HTMLParser(html)
        loaded = [node.attributes["src"] for node in page.css("[src]")]
        # The data and the feed of a page are linked, not loaded.
        links = page.css("link:not([rel=alternate])")
        loaded += [node.attributes["href"] for node in links]
        is_paper = page.css_first(".top") is None
        assert is_paper or loaded.pop(loaded.index("/manifest.webmanifest"))
        assert all(address.startswith("/assets/") for address in loaded), name
        assert "url(" not in page.css_first("style").text(), name


def test_every_id_of_a_page_is_used_once(mini_site):
    for name, html in all_pages(mini_site).items():
        ids = [node.attributes["id"] for node in HTMLParser(html).css("[id]")]
        assert len(ids) == len(set(ids)), name


def test_every_head_of_a_table_says_what_it_heads(mini_site):
    heads = [
        node.attributes.get("scope")
        for html in all_pages(mini_site).values()
        for node in HTMLParser(html).css("th")
    ]
    assert heads
    assert set(heads) == {"col", "row"}


def test_every_table_of_figures_has_a_caption(mini_site):
    tables = HTMLParser(read_page(mini_site, "/jia/huaru/")).css("table")
    tables += HTMLParser(read_page(mini_site, "/shili/")).css("table")
    assert [len(table.css("caption")) for table in tables] == [1, 1, 1]


def test_policy_allows_exactly_the_sheets_and_the_script_that_stand_in_the_pages(mini_site):
    pages = [HTMLParser(html) for html in all_pages(mini_site).values()]
    headers = (mini_site / "_headers").read_text(encoding="utf-8")

    def hashes(selector: str) -> list[str]:
        texts = {node.text(): None for page in pages for node in page.css(selector)}
        digests = (hashlib.sha256(text.encode()).digest() for text in texts)
        return ["sha256-" + base64.b64encode(digest).decode() for digest in digests]

    styles, (script,) = hashes("style"), hashes("script:not([src]):not([type])")
    allowed = re.search("style-src ([^;]*);", headers).group(1).split()
    assert sorted(allowed) == sorted(f"'{style}'" for style in styles)
    assert len(styles) == 2, "that of the pages and that of what is made for paper"
    assert f"script-src 'self' '{script}';" in headers
    assert headers == headers_text(
        header_table([digest.strip("'") for digest in allowed], script, has_full_text=True)
    )


# ── Marks and sources ──


def test_marks_are_numbered_in_the_order_of_the_page(mini_site):
    page = HTMLParser(read_page(mini_site, "/jia/huaru/"))
    marks = list(dict.fromkeys(node.attributes["href"] for node in page.css("main a.src")))
    assert marks == ["#s1", "#s2", "#s3"]
    assert [node.attributes["id"] for node in page.css("ol.sources > li")] == ["s1", "s2", "s3"]


def test_source_on_an_unknown_host_is_named_without_a_link(mini_site):
    items = HTMLParser(read_page(mini_site, "/jia/huaru/")).css("ol.sources > li")
    links = [[a.attributes["href"] for a in item.css("a")] for item in items]
    assert links == [
        ["https://ybj.jia.gov.cn/1", "/laiyuan/jia--j-2026/"],
        ["/laiyuan/jia--j-2009/"],
        ["https://www.shili.gov.cn/12", "/laiyuan/shili--sl-2022/"],
    ]
    assert "甲市办法（2009年）" in items[1].text()
    assert "copy.example" not in items[1].html


def test_links_to_sources_pass_on_no_blessing(mini_site):
    for name, html in all_pages(mini_site).items():
        for link in HTMLParser(html).css('a[href^="http"]'):
            assert link.attributes["rel"] == "noopener nofollow", name


def test_unverified_figure_is_on_no_page(mini_site):
    texts = {n: HTMLParser(h).css_first("main").html for n, h in all_pages(mini_site).items()}
    assert [name for name, text in texts.items() if "999" in text] == []


def test_disputed_page_shows_both_figures_and_takes_no_side(mini_site):
    ledger = HTMLParser(read_page(mini_site, "/yi-yangban/huaru/")).css_first(".ledger")
    assert [node.attributes["value"] for node in ledger.css("data")] == ["1440", "1080"]
    assert "说法不一" in ledger.text()
    assert "每年1,440元" in ledger.text(strip=True)


def test_stale_figure_says_so_beside_itself(mini_site):
    old = HTMLParser(read_page(mini_site, "/yi-yangban/huaru/")).css_first(".ledger").text()
    assert "2023年4月" in old
    assert "可能已调整" in old
    fresh = HTMLParser(read_page(mini_site, "/jia/huaru/")).css_first(".ledger").text()
    assert "2026年3月2日" in fresh
    assert "可能已调整" not in fresh


# ── Hostile text ──


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("rules/shili/jia.yaml", "area: 甲市"),
        ("rules/shili/jia.yaml", "short: 甲"),
        ("rules/shili/_province.yaml", "short: 示例"),
        ("rules/shili/_province.yaml", "name: 示例医保"),
        ("rules/shili/_province.yaml", "path: 首页→我的→余额"),
        ("rules/shili/_province.yaml", "says: 办事大厅"),
        ("rules/shili/jia.yaml", "title: 甲市医保局公告"),
        ("rules/shili/jia.yaml", "issuer: 甲市医疗保障局"),
        ("rules/shili/jia.yaml", "note: 按年龄乘1.5元划入。"),
        ("content/site.yaml", "name: 小样"),
    ],
)
def test_text_of_a_rules_file_never_acts_as_html(mini, name, old):
    field = old.partition(":")[0]
    replace_in(mini / name, old, f"{field}: '{HOSTILE.replace(chr(39), chr(39) * 2)}'")
    seen = 0
    for html in render_all(mini).values():
        page = HTMLParser(html)
        # The inlined script, the linked one, the data of calculators and that of search engines.
        own = 2 + len(page.css("[data-calc]")) + len(page.css(LINKED))
        assert len(page.css(LINKED)) <= 1
        assert len(page.css("script")) == html.count("<script") == own
        seen += html.count("&lt;script&gt;")
        # A quotation mark of the text ends no attribute.
        assert [a for node in page.css("*") for a in node.attributes if "alert" in a] == []
    assert seen


def test_address_of_a_source_never_ends_its_attribute(mini):
    url = 'https://ybj.jia.gov.cn/1"onclick="alert(1)'
    replace_in(mini / "rules/shili/jia.yaml", "https://ybj.jia.gov.cn/1", url)
    replace_in(mini / "rules/shili/jia.yaml", f"url: {url}", f"url: '{url}'")
    page = HTMLParser(render_all(mini, "/jia/huaru/")["/jia/huaru/"])
    assert page.css_first("#s1 a").attributes["href"] == url
    assert page.css("[onclick]") == []


def test_title_of_a_page_is_escaped_once(mini):
    replace_in(mini / "rules/shili/jia.yaml", "short: 甲", "short: 甲&乙")
    html = render_all(mini, "/jia/huaru/")["/jia/huaru/"]
    assert "<title>甲&amp;乙每月划入多少 - 小样</title>" in html
    assert '<h1><span class="nb">甲&amp;乙每月划入多少</span></h1>' in html


def test_value_never_acts_as_jinja_or_markdown(mini):
    hostile = "short: '{{ 7*7 }}**甲**{% if %}'"
    replace_in(mini / "rules/shili/jia.yaml", "short: 甲", hostile)
    made = render_all(mini, "/jia/weixin/")["/jia/weixin/"]
    assert "城市换成{{ 7*7 }}**甲**{% if %}。" in made


# ── Errors ──


def test_misspelt_name_in_a_template_is_refused_with_template_and_line(mini):
    path = mini / "templates/city.html"
    replace_in(path, "{{ province }}", "{{ provinze }}")
    line = path.read_text(encoding="utf-8").partition("provinze")[0].count("\n") + 1
    problem = refusal(mini)
    assert problem.startswith(f"templates/city.html:{line}:")
    assert "页面 /yi-yangban/ 做不出来（'provinze' is undefined）" in problem


def test_misspelt_attribute_of_a_fact_is_refused(mini):
    replace_in(mini / "templates/macros.html", "in fact.lines", "in fact.linez")
    assert refusal(mini).startswith("templates/macros.html:")


def test_misspelt_name_in_a_text_is_refused_with_its_file(mini):
    replace_in(mini / "content/guides/weixin/pool.md", "城市换成{{ city }}", "城市换成{{ citty }}")
    problem = refusal(mini)
    assert problem.startswith("content/guides/weixin/pool.md:")
    assert "citty" in problem


def test_misspelt_name_in_a_title_is_refused_with_its_file(mini):
    replace_in(mini / "content/guides/weixin/pool.md", "title: {{ city }}", "title: {{ citty }}")
    assert refusal(mini).startswith("content/guides/weixin/pool.md:")


def test_broken_template_is_refused_with_template_and_line(mini):
    path = mini / "templates/province.html"
    replace_in(path, "{% if facts %}", "{% if facts }")
    line = path.read_text(encoding="utf-8").partition("{% if facts }")[0].count("\n") + 1
    assert refusal(mini).startswith(f"templates/province.html:{line}:")


def test_missing_template_is_refused_by_name(mini):
    (mini / "templates/twins.html").unlink()
    assert refusal(mini).startswith("templates/twins.html:1:1: 没有 twins.html 这个模板")


def test_misspelt_argument_of_a_macro_is_refused_with_its_file(mini):
    replace_in(
        mini / "content/guides/huaru/nation.md", 'warning("当心骗局")', 'warning(titel="当心骗局")'
    )
    assert "content/guides/huaru/nation.md" in refusal(mini, "/zhinan/huaru/")


def test_wrong_sum_in_a_template_is_refused_by_name(mini):
    replace_in(mini / "templates/index.html", "{{ link.note }}", "{{ link.note + 1 }}")
    assert refusal(mini).startswith("templates/index.html:")


def test_misspelt_name_in_a_file_of_the_root_is_refused_with_its_file(mini):
    replace_in(mini / "templates/root/sw.js", "{{ modules", "{{ moduls")
    _, plan, assets, _ = prepare(mini, Edition(AS_OF))
    renderer = Renderer(mini, plan.texts, assets)
    with pytest.raises(RenderError, match=r"^templates/root/sw\.js:5:1: 页面 /sw\.js 做不出来"):
        list(renderer.root_files(plan.name))


def test_place_of_an_error_does_not_depend_on_how_the_root_is_written(mini, monkeypatch):
    replace_in(mini / "templates/macros.html", "in fact.lines", "in fact.linez")
    monkeypatch.chdir(mini)
    assert refusal(Path()) == refusal(mini)


def test_place_of_an_error_does_not_depend_on_where_the_project_lies(mini):
    # A folder of the same name above the project is not the folder of templates.
    home = mini.parent / "templates" / "project"
    home.parent.mkdir()
    expected = []
    for root in (mini, home):
        if root == home:
            mini.rename(home)
        else:
            replace_in(root / "templates/city.html", "{{ province }}", "{{ provinze }}")
        expected.append(refusal(root))
    assert expected[0] == expected[1]


# ── Style sheet ──


@pytest.mark.parametrize(
    ("written", "small"),
    [
        ("a {\n  color: red;\n}\n", "a{color: red;}"),
        ("/* one\n two */\na { b: c }", "a{b: c}"),
        ('.x::after { content: " "; }', '.x::after{content: " ";}'),
        ("@media (min-width: 25em) {\n  a { b: c }\n}", "@media (min-width: 25em){a{b: c}}"),
        ("a b > c { d: e f }", "a b > c{d: e f}"),
    ],
)
def test_style_sheet_loses_comments_and_line_breaks_only(written, small):
    assert minify(written) == small
