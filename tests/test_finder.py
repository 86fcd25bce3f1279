"""The finder: its data, and in a real browser what it finds, fast, with or without JavaScript."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sitegen.finder import finder_json
from sitegen.fulltext import index_files
from sitegen.model import Area, Content, Rules
from sitegen.texts import load_content
from sitegen.write import WriteError
from test_browser import PHONE, Recording, opened, overflow, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
QUERIES = yaml.safe_load((ROOT / "tests/cases/queries.yaml").read_text(encoding="utf-8"))

# Slugs that are not the pinyin of the name: 陕西 is spelt with two a to differ from 山西.
SLUGS = {"shaanxi": "shanxi"}

FIRST = ".find > .find__list a"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT)


@pytest.fixture(scope="module")
def places(rules: Rules) -> list[Area]:
    return [area for area in rules.areas.values() if area.level in ("province", "pool")]


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Recording]:
    with serving(site) as running:
        yield running


# ── The data ──


def test_pinyin_without_spaces_is_the_slug_without_its_province(places):
    for area in places:
        bare = area.slug.removesuffix(f"-{area.parent}")
        assert "".join(area.pinyin) == SLUGS.get(bare, bare), area.at


def test_pinyin_has_a_syllable_for_each_character_of_the_name(places):
    assert len(places) == 397
    for area in places:
        name = re.sub("(?:地区|林区|[市州县盟])$", "", area.short)
        assert len(area.pinyin) in (len(name), len(area.short)), area.at


def test_every_county_of_the_statistics_has_one_pool(rules):
    counties = [name for names in rules.counties.values() for name in names]
    assert len(counties) == 2816
    assert rules.counties["suzhou-jiangsu"].count("昆山市") == 1
    assert not any(re.search("开发区|管理区|市辖区", name) for name in counties)
    names = {area.name for area in rules.areas.values() if area.kind in ("县级市", "县", "自治县")}
    assert names and names.isdisjoint(counties), "a pool of its own is nobody's county"


def test_words_stay_different_when_mixed_up_characters_count_as_one(content):
    said = [word for words in content.words.values() for word in words]
    folded = [word.translate(str.maketrans("帐缴洲", "账交州")) for word in said]
    assert len(said) >= 250
    assert len(set(folded)) == len(folded)


def test_data_of_the_finder_is_small_and_the_same_each_time(rules, content):
    data = finder_json(rules, content)
    assert data == finder_json(rules, content)
    assert len(gzip.compress(data, 9)) < 18_000
    pools = json.loads(data)["pools"]
    assert {column.count("\n") for column in pools.values()} == {369}


def test_better_known_places_come_first(rules, content):
    names = json.loads(finder_json(rules, content))["pools"]["names"].split("\n")
    assert names[:4] == ["北京", "天津", "上海", "重庆"]
    assert names.index("成都") < names.index("承德")


# ── What is found ──


@pytest.fixture(scope="module")
def typing(browser: Browser, server: Recording) -> Iterator[Page]:
    """The home page with the finder at work."""
    with opened(browser) as page:
        page.goto(server.url)
        page.locator(".find__box").focus()
        page.locator(".find__box").fill("天津")
        page.wait_for_selector(FIRST)
        yield page


def address(page: Page) -> str:
    return str(page.locator(FIRST).first.get_attribute("href"))


def test_there_are_at_least_forty_queries():
    assert len(QUERIES) >= 40
    different = {(case["q"], case.get("last"), case.get("guide")) for case in QUERIES}
    assert len(different) == len(QUERIES)


@pytest.mark.parametrize(
    "case", [c for c in QUERIES if "guide" not in c], ids=lambda c: f"{c['q']}-{c.get('last', '')}"
)
def test_first_result_is_the_page_that_is_meant(typing, case):
    last = case.get("last", "")
    typing.evaluate("(last) => localStorage.setItem('city', last && last + ' 某市')", last)
    typing.locator(".find__box").fill(case["q"])
    assert typing.locator(".find__count").inner_text().endswith("个结果"), case
    assert address(typing) == case["first"]


@pytest.mark.parametrize("case", [c for c in QUERIES if "guide" in c], ids=lambda c: c["q"])
def test_on_the_page_of_a_guide_a_city_means_that_guide(browser, server, case):
    with opened(browser) as page:
        page.goto(f"{server.url}/zhinan/{case['guide']}/")
        page.locator(".find__box").fill(case["q"])
        page.wait_for_selector(FIRST)
        assert address(page) == case["first"]


def test_every_result_of_every_query_is_a_page(typing, site):
    for case in QUERIES:
        typing.locator(".find__box").fill(case["q"])
        for link in typing.locator(FIRST).all():
            url = link.get_attribute("href")
            assert (site / url.strip("/") / "index.html").is_file(), (case, url)


def test_xiangyang_does_not_come_before_xian(typing):
    typing.locator(".find__box").fill("xian")
    titles = typing.locator(FIRST).all_inner_texts()
    assert titles[0] == "西安医保"
    assert not any("襄阳" in title for title in titles[:5])


def test_county_is_named_beside_its_city(typing):
    typing.locator(".find__box").fill("昆山")
    assert "昆山在苏州" in typing.locator(FIRST).first.inner_text()


def test_nothing_found_says_what_to_type(typing):
    typing.locator(".find__box").fill("zzzz")
    assert typing.locator(FIRST).count() == 0
    text = typing.locator(".find__count").inner_text()
    assert text == "没找到。试试：城市＋要办的事，例如 天津 余额"
    typing.locator(".find__box").fill("")
    assert typing.locator(".find__count").inner_text() == ""


def test_typed_markup_stays_text(typing):
    typing.locator(".find__box").fill("<img src=x onerror=alert(1)> 天津")
    assert typing.locator(".find img").count() == 0
    assert address(typing) == "/tianjin/"


def test_one_key_takes_less_than_five_milliseconds(typing):
    queries = [case["q"][:n] for case in QUERIES for n in range(1, len(case["q"]) + 1)]
    slowest: list[Any] = typing.evaluate(
        """async (queries) => {
            const data = document.querySelector(".find").dataset.places;
            const { prepare } = await import(data.replace("places.json", "matcher.js"));
            const { find } = await import(data.replace("places.json", "results.js"));
            const index = prepare(await (await fetch(data)).json());
            const times = queries.map((query) => {
                let best = Infinity;
                for (let n = 0; n < 5; n += 1) {
                    const start = performance.now();
                    find(index, query);
                    best = Math.min(best, performance.now() - start);
                }
                return [best, query];
            });
            return times.sort((a, b) => b[0] - a[0])[0];
        }""",
        queries,
    )
    assert slowest[0] < 5, slowest


def test_characters_that_are_still_being_composed_are_nobodys_question(browser, server):
    with opened(browser) as page:
        page.goto(server.url)
        box = page.locator(".find__box")
        box.fill("北京")
        page.wait_for_selector(FIRST)
        box.fill("")
        keyboard = page.context.new_cdp_session(page)
        for text in ("t", "ti", "tian", "tian'jin"):
            keyboard.send(
                "Input.imeSetComposition",
                {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
            )
            assert box.input_value() == text
            assert page.locator(FIRST).count() == 0, text
        keyboard.send("Input.insertText", {"text": "天津"})
        assert address(page) == "/tianjin/"


# ── Where the box stands ──


def test_box_is_the_first_thing_under_the_title_of_the_home_page(browser, server):
    with opened(browser, viewport=PHONE) as page:
        page.goto(server.url)
        after = page.evaluate("document.querySelector('h1').nextElementSibling.className")
        box = page.locator(".find__box").bounding_box()
        go = page.locator(".find__go").bounding_box()
    assert after == "find"
    assert box["height"] >= 60 and go["height"] >= 60 and go["width"] >= 60
    assert box["y"] + box["height"] < PHONE["height"]


def test_results_can_be_hit_with_a_thumb_and_nothing_scrolls_sideways(browser, server):
    with opened(browser, viewport=PHONE) as page:
        page.goto(f"{server.url}/sousuo/?q=luan")
        page.wait_for_selector(FIRST)
        for link in page.locator(FIRST).all():
            assert link.bounding_box()["height"] >= 48
        for url in ("/sousuo/?q=x", "/404.html", "/zhinan/huaru/"):
            page.goto(server.url + url)
            assert overflow(page) == [], url


def test_finder_is_fetched_when_somebody_turns_to_it_and_not_before(browser, server):
    with opened(browser) as page:
        server.asked.clear()
        page.goto(server.url)
        page.wait_for_load_state("networkidle")
        assert not any("finder" in path or "places" in path for path in server.asked)
        with page.expect_response("**/places.json"):
            page.locator(".find__box").click()
        page.locator(".find__go").focus()
        page.locator(".find__box").focus()
        page.wait_for_load_state("networkidle")
    assert sum(path.endswith("/places.json") for path in server.asked) == 1


def test_enter_leads_to_the_search_page_with_the_same_results(browser, server):
    with opened(browser) as page:
        page.goto(server.url)
        page.locator(".find__box").fill("天津返款")
        page.wait_for_selector(FIRST)
        before = page.locator(FIRST).all_inner_texts()
        page.locator(".find__box").press("Enter")
        page.wait_for_url("**/sousuo/?q=*")
        page.wait_for_selector(FIRST)
        assert page.locator(FIRST).all_inner_texts() == before
        assert page.locator(".find__box").input_value() == "天津返款"


def test_without_javascript_the_box_leads_to_lists_of_all_cities_and_guides(browser, server):
    with opened(browser, java_script_enabled=False, viewport=PHONE) as page:
        page.goto(server.url)
        page.locator(".find__box").fill("天津")
        page.locator(".find__go").click()
        assert "/sousuo/?q=" in page.url
        assert page.locator("#chengshi a[href='/tianjin/']").is_visible()
        assert page.locator("#chengshi a").count() >= 370
        assert page.locator("#shixiang a").count() == 19
        assert not page.locator(".find__text button").is_visible()


def test_last_city_is_a_link_on_the_home_page_and_nobody_is_led_away(browser, server):
    with opened(browser) as page:
        page.goto(server.url)
        assert not page.locator(".find__last").is_visible()
        page.goto(f"{server.url}/luan/yue/")
        page.goto(f"{server.url}/anhui/")
        page.goto(server.url)
        assert page.locator(".find__last").inner_text() == "上次看的：六安"
        assert page.locator(".find__last a").get_attribute("href") == "/luan/"
        assert page.url == f"{server.url}/"
        page.evaluate("localStorage.setItem('city', 'javascript:alert(1)')")
        page.reload()
        assert not page.locator(".find__last").is_visible()


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("/tianjn/fankuan/", "/tianjin/huaru/"),
        ("/tianjin/huarru/", "/tianjin/huaru/"),
        ("/suzhou/yue/", "/suzhou-jiangsu/yue/"),
        ("/jiangsuu/", "/jiangsu/"),
        ("/zhinan/duanjao/", "/zhinan/duanjiao/"),
    ],
)
def test_missing_page_suggests_the_nearest_one(browser, server, url, first):
    with opened(browser) as page:
        assert page.goto(server.url + url).status == 404
        page.wait_for_selector(FIRST)
        assert page.locator(".find__count").inner_text() == "你是不是要找："
        assert address(page) == first


def test_missing_page_that_is_like_none_suggests_none(browser, server):
    with opened(browser) as page:
        page.goto(f"{server.url}/wp-admin/setup.php")
        page.locator(".find__box").fill("天津")
        page.wait_for_selector(FIRST)
        page.goto(f"{server.url}/wp-admin/setup.php")
        page.wait_for_load_state("networkidle")
        assert page.locator(FIRST).count() == 0


def test_search_that_cannot_fetch_its_names_says_so(browser, server):
    with opened(browser) as page:
        page.add_init_script("delete Navigator.prototype.serviceWorker")  # it fetches by itself
        page.route("**/places.json", lambda route: route.abort())
        page.goto(server.url)
        page.locator(".find__box").fill("天津")
        page.wait_for_selector(".find__count:not(:empty)")
        assert "没有下载下来" in page.locator(".find__count").inner_text()


# ── All words ──


def test_first_search_of_all_words_finds_something_and_costs_little(browser, server):
    complaints: list[str] = []
    sizes: dict[str, int] = {}
    with opened(browser) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: sizes.update({answer.url: int(answer.headers["content-length"])}),
        )
        page.goto(f"{server.url}/sousuo/?q=异地就医备案")
        page.wait_for_selector(FIRST)
        assert not any("pagefind" in url for url in sizes)
        page.locator(".find__text button").click()
        page.wait_for_selector(".find__text .find__list a")
        links = page.locator(".find__text .find__list a").all()
        assert 1 <= len(links) <= 8
        for link in links:
            assert (server.folder / link.get_attribute("href").strip("/") / "index.html").is_file()
        text = page.locator(".find__text .find__list").inner_text()
    assert text.count("异地就医备案") >= 3 and "\u200b" not in text
    assert complaints == []
    total = sum(size for url, size in sizes.items() if "pagefind" in url)
    assert 100_000 < total <= 250_000, sizes


def test_webassembly_may_run_on_the_search_page_alone(server):
    policies = {
        url: server.headers.for_path(url)["Content-Security-Policy"]
        for url in ("/", "/sousuo/", "/tianjin/", "/404.html")
    }
    assert [url for url, policy in policies.items() if "wasm" in policy] == ["/sousuo/"]
    assert policies["/sousuo/"].replace(" 'wasm-unsafe-eval'", "") == policies["/"]
    assert "require-trusted-types-for 'script'" in policies["/sousuo/"]


def test_index_of_the_same_pages_has_the_same_bytes():
    html = "<html lang=zh-CN><main><h1>{0}医保</h1><p>{0}退休人员每月划入多少</p></main></html>"
    pages = [(f"/{name}/", html.format(name)) for name in ("天津", "六安", "长治", "漯河", "朝阳")]
    first, second = dict(index_files(pages)), dict(index_files(pages))
    assert first == second
    assert any(path.name == "pagefind.js" for path in first)
    assert not any("ui" in path.name or "worker" in path.name for path in first)


def test_index_that_cannot_be_built_stops_the_build(monkeypatch, tmp_path):
    monkeypatch.setattr("sitegen.fulltext.sys.executable", "/bin/false")
    with pytest.raises(WriteError, match="全文索引没有做出来"):
        list(index_files([("/", "<html></html>")]))
