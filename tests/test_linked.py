"""What pages tell search engines in JSON-LD: just what a reader sees on them, and nothing runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from browser import CHINA, SiteServer
from conftest import AS_OF, MadeOnce
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.opendata import LICENCE
from test_policy import WATCH

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BLOCK = 'script[type="application/ld+json"]'
ADDRESS = "https://a.example"

Json = dict[str, Any]


def quiet(done: int, total: int) -> None:
    """Progress of nobody's interest."""


@pytest.fixture(scope="module")
def addressed(made_once: MadeOnce, copy_mini: Any) -> Path:
    """The mini project at an address, built once; only read it."""

    def make(folder: Path) -> None:
        build(copy_mini(folder / "mini"), folder / "site", Edition(AS_OF, ADDRESS), quiet)

    return made_once("mini-addressed", make) / "site"


def blocks(html: str) -> list[Json]:
    """The nodes of the graph of a page; none where it has no block."""
    found = LexborHTMLParser(html).css(BLOCK)
    assert len(found) <= 1
    if not found:
        return []
    whole = json.loads(found[0].text())
    assert whole["@context"] == "https://schema.org"
    graph: list[Json] = whole["@graph"]
    return graph


def of_type(graph: list[Json], kind: str) -> Json | None:
    found = [node for node in graph if node["@type"] == kind]
    assert len(found) <= 1
    return found[0] if found else None


def pages(site: Path, every: int = 1) -> Iterator[tuple[str, str]]:
    for path in sorted(site.rglob("index.html"))[::every]:
        url = "/" + path.relative_to(site).as_posix().removesuffix("index.html")
        yield url, path.read_text(encoding="utf-8")


def every_of(request: pytest.FixtureRequest) -> int:
    """Each how many-th page of the whole site is read."""
    return 1 if request.config.getoption("--all") else 4


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def untold(url: str, html: str, address: str) -> list[str]:
    """What a page tells search engines and its readers do not see there."""
    tree = LexborHTMLParser(html)
    main = tree.css_first("main")
    seen = flat(main.text())
    hrefs = {a.attributes.get("href") for a in main.css("a")}
    h1 = flat(main.css_first("h1").text())
    wrong = []
    for node in blocks(html):
        match node["@type"]:
            case "WebPage":
                good = flat(node["name"]) == h1 and node["inLanguage"] == "zh-CN"
                good = good and node.get("url", "") == (f"{address}{url}" if address else "")
            case "BreadcrumbList":
                steps = node["itemListElement"]
                crumbs = [li.text() for li in tree.css(".crumbs li")]
                links = [f"{address}{a.attributes['href']}" for a in tree.css(".crumbs a")]
                good = [step["name"] for step in steps] == crumbs
                good = good and [step.get("item") for step in steps] == [*links, None]
                good = good and [step["position"] for step in steps] == [*range(1, len(crumbs) + 1)]
            case "GovernmentService":
                names = [node["name"], node["areaServed"]["name"]]
                names += [node["provider"]["name"]] if "provider" in node else []
                # A guide may call its city by the short name only.
                short = tree.css_first("body").attributes["data-name"]
                names[1] = names[1] if flat(names[1]) in seen else str(short)
                good = all(flat(name) in seen for name in names)
                for channel in node.get("availableChannel", ()):
                    phone = channel.get("servicePhone", {}).get("telephone", "")
                    good = good and phone in seen and channel.get("name", "") in seen
                    good = good and channel.get("serviceUrl") in {None, *hrefs}
            case "Dataset":
                urls = [item["contentUrl"] for item in node["distribution"]]
                good = {url.removeprefix(address) for url in urls} <= hrefs
                good = good and flat(node["name"]) == h1 and node["license"] == LICENCE
            case _:
                good = False
        wrong += [] if good else [f"{url} {node}"]
    return wrong


def test_everything_that_is_told_is_on_the_page(addressed, site, request):
    told = 0
    for folder, address, step in ((addressed, ADDRESS, 1), (site, "", every_of(request))):
        for url, html in pages(folder, step):
            assert untold(url, html, address) == []
            told += len(blocks(html))
    assert told > 100


def test_what_is_not_on_the_page_would_be_seen(addressed):
    html = (addressed / "jia/index.html").read_text(encoding="utf-8")
    assert untold("/jia/", html, ADDRESS) == []
    for old, new in (
        ("甲市医疗保障局", "乙市医疗保障局"),
        ('"telephone":"12393"', '"telephone":"12394"'),
        ('"name":"甲医保"', '"name":"乙医保"'),
        ('"position":2', '"position":3'),
        (f'"item":"{ADDRESS}/"', f'"item":"{ADDRESS}/x/"'),
    ):
        start, mark, block = html.partition("application/ld+json")
        assert old in block
        assert untold("/jia/", start + mark + block.replace(old, new), ADDRESS), old


def test_only_pages_that_may_be_listed_tell_anything(addressed):
    for url, html in pages(addressed):
        may_be_listed = not LexborHTMLParser(html).css('meta[name="robots"]')
        assert bool(blocks(html)) == may_be_listed, url


def test_page_of_a_city_tells_all_that_it_should(addressed):
    graph = blocks((addressed / "jia/index.html").read_text(encoding="utf-8"))
    assert [node["@type"] for node in graph] == ["WebPage", "BreadcrumbList", "GovernmentService"]
    service = of_type(graph, "GovernmentService")
    assert service == {
        "@type": "GovernmentService",
        "name": "甲医保",
        "serviceType": "基本医疗保险",
        "provider": {"@type": "GovernmentOrganization", "name": "甲市医疗保障局"},
        "areaServed": {"@type": "AdministrativeArea", "name": "甲市"},
        "availableChannel": [
            {
                "@type": "ServiceChannel",
                "servicePhone": {"@type": "ContactPoint", "telephone": number},
            }
            for number in ("12393", "0991-12393")
        ],
    }


def test_channels_of_a_place_are_told_with_their_addresses(site, request):
    found: list[Json] = []
    for _, html in pages(site, every_of(request)):
        service = of_type(blocks(html), "GovernmentService")
        found += service.get("availableChannel", ()) if service else ()
    urls = {channel["serviceUrl"] for channel in found if "serviceUrl" in channel}
    assert urls and all(url.startswith(("https://", "http://")) for url in urls)
    assert all("name" in channel for channel in found if "serviceUrl" in channel)


def test_provider_is_never_us_and_only_a_bureau_that_a_source_names(site, request):
    providers = set()
    services = 0
    for _, html in (*pages(site, every_of(request)), *pages(site / "tianjin")):
        service = of_type(blocks(html), "GovernmentService")
        if service:
            services += 1
            providers.add(service.get("provider", {}).get("name", ""))
    assert services > 30
    named = providers - {""}
    assert "天津市医疗保障局" in named
    assert all(name.endswith("医疗保障局") for name in named)


def test_without_an_address_nothing_is_told_that_needs_one(site):
    kinds = set()
    for _, html in pages(site, 3):
        for node in blocks(html):
            kinds.add(node["@type"])
            assert "http" not in json.dumps({**node, "availableChannel": ""})
    assert kinds == {"WebPage", "GovernmentService"}


def test_tables_and_the_page_of_all_data_are_datasets(addressed):
    for url in ("biao/huaru", "shuju"):
        graph = blocks((addressed / url / "index.html").read_text(encoding="utf-8"))
        data = of_type(graph, "Dataset")
        assert data
        needed = {"name", "description", "url", "license", "creator", "distribution"}
        assert needed <= set(data)
        kinds = [item["encodingFormat"] for item in data["distribution"]]
        assert kinds == ["text/csv", "application/json"]
        assert data["creator"]["name"] == "小样"


def test_day_of_the_last_look_is_that_of_the_newest_fact_and_not_of_the_build(mini, tmp_path):
    found = []
    for day in (AS_OF, date(2027, 5, 5)):
        build(mini, tmp_path / "site", Edition(day, ADDRESS), quiet)
        html = (tmp_path / "site/jia/huaru/index.html").read_text(encoding="utf-8")
        page = of_type(blocks(html), "WebPage")
        assert page
        found.append(page["lastReviewed"])
        shown = re.findall(r"我们查阅于([0-9]+)年([0-9]+)月([0-9]+)日", html)
        days = [date(*map(int, parts)).isoformat() for parts in shown]
        assert days and page["lastReviewed"] >= max(days)
    assert found == ["2026-11-21", "2026-11-21"]
    home = blocks((tmp_path / "site/index.html").read_text(encoding="utf-8"))
    assert "lastReviewed" not in home[0]


@pytest.mark.parametrize("field", ["area: 甲市", "short: 甲", "title: 甲市医保局公告"])
def test_hostile_text_does_not_end_the_block(mini, field):
    hostile = "甲</script><script>alert(1)</script><!--\u2029&amp;"
    for path in (mini / "rules/shili/jia.yaml",):
        text = path.read_text(encoding="utf-8")
        name = field.partition(":")[0]
        assert field in text
        written = json.dumps(hostile.replace("\u2029", ""), ensure_ascii=False)
        path.write_text(text.replace(field, f"{name}: {written}"), encoding="utf-8")
    build(mini, mini / "out", Edition(AS_OF, ADDRESS), quiet)
    seen = 0
    for _, html in pages(mini / "out"):
        tree = LexborHTMLParser(html)
        assert all(
            "alert" not in script.text() or "\\u003c" in script.text()
            for script in tree.css("script")
        )
        for script in tree.css(BLOCK):
            assert not set(script.text()) & set("<>&\u2028\u2029")
            seen += "\\u003c/script\\u003e" in script.text()
            json.loads(script.text())
    assert seen or field.startswith("title")


def test_browser_takes_the_block_for_data_under_the_headers_of_production(
    browser: Browser, addressed
):
    violations: list[str] = []
    complaints: list[str] = []
    context = browser.new_context(**CHINA)
    context.expose_function("violated", lambda words: violations.append(words))
    context.add_init_script(WATCH)
    read = 0
    try:
        with SiteServer(addressed) as server:
            for url in ("/", "/jia/", "/jia/huaru/", "/biao/huaru/", "/shuju/", "/shili/"):
                page = context.new_page()
                page.on("console", lambda message: complaints.append(message.text))
                answer = page.goto(server.url + url)
                assert answer and "default-src 'none'" in answer.headers["content-security-policy"]
                text = page.eval_on_selector(BLOCK, "(block) => block.textContent")
                read += len(json.loads(text)["@graph"])
                page.close()
    finally:
        context.close()
    assert violations == []
    assert complaints == []
    assert read >= 12
