"""The sitemap: true days, and more files where one would hold too many URLs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import AS_OF
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.figures import Fact, newest
from sitegen.sitemap import MOST, sitemap_files

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

PAGES = [("/", ""), ("/a/", "2026-01-02"), ("/b/", "2026-01-03"), ("/c/", "2026-01-01")]


def files(count: int, most: int) -> dict[str, bytes]:
    return dict(sitemap_files("https://a.example/", PAGES[:count], most))


def read(data: bytes, kind: str) -> list[tuple[str, str]]:
    root = ElementTree.fromstring(data)
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    return [
        (str(item.findtext(f"{SPACE}loc")), item.findtext(f"{SPACE}lastmod") or "")
        for item in root.findall(f"{SPACE}{kind}")
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_so_many_urls_as_one_file_may_hold_stand_in_one_file(count):
    made = files(count, 3)
    assert list(made) == ["sitemap.xml"]
    wanted = [(f"https://a.example{url}", day) for url, day in PAGES[:count]]
    assert read(made["sitemap.xml"], "url") == wanted


def test_one_more_makes_an_index_of_files_with_their_newest_days():
    made = files(4, 3)
    assert list(made) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"]
    assert read(made["sitemap.xml"], "sitemap") == [
        ("https://a.example/sitemap-1.xml", "2026-01-03"),
        ("https://a.example/sitemap-2.xml", "2026-01-01"),
    ]
    urls = read(made["sitemap-1.xml"], "url") + read(made["sitemap-2.xml"], "url")
    assert urls == [(f"https://a.example{url}", day) for url, day in PAGES]


def test_part_whose_pages_show_no_fact_has_no_day():
    made = files(4, 1)
    assert read(made["sitemap.xml"], "sitemap")[0] == ("https://a.example/sitemap-1.xml", "")


def test_limit_is_ten_thousand():
    assert MOST == 10_000
    for count, parts in ((MOST, 1), (MOST + 1, 3)):
        made = list(sitemap_files("https://a.example", [("/x/", "")] * count))
        assert len(made) == parts


def sitemap_of(site: Path) -> dict[str, str]:
    return dict(read((site / "sitemap.xml").read_bytes(), "url"))


def quiet(done: int, total: int) -> None:
    """Progress of nobody's interest."""


def test_day_of_a_page_is_that_of_its_newest_fact_whenever_it_is_built(mini, tmp_path):
    site, page = tmp_path / "site", "https://a.example/jia/huaru/"
    build(mini, site, Edition(AS_OF, "https://a.example"), quiet)
    before = sitemap_of(site)
    assert before[page] == "2026-11-21"
    assert before["https://a.example/"] == ""
    build(mini, site, Edition(date(2026, 11, 25), "https://a.example"), quiet)
    assert sitemap_of(site) == before
    path = mini / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"checked: \S+", "checked: 2026-11-24", text), encoding="utf-8")
    build(mini, site, Edition(date(2026, 11, 25), "https://a.example"), quiet)
    after = sitemap_of(site)
    assert after[page] == "2026-11-24"
    # A page of a pool that stayed as it was keeps its day too.
    assert {url for url in before if before[url] != after[url]} <= {
        url for url in before if "/jia" in url or "/biao/" in url or "/shili/" in url
    }
    build(mini, tmp_path / "clean", Edition(date(2026, 11, 25), "https://a.example"), quiet)
    assert (tmp_path / "clean/sitemap.xml").read_bytes() == (site / "sitemap.xml").read_bytes()


def fact(checked: str, since: str) -> Fact:
    return Fact("x", "x", "known", checked_day=checked, since_day=since)


def test_fact_that_came_into_force_changed_its_page_but_was_not_read_then():
    day = date(2026, 6, 1)
    assert newest([fact("2025-12-20", "2026-01-01")], day) == ("2025-12-20", "2026-01-01")
    assert newest([fact("2025-12-20", "2026-07-01")], day) == ("2025-12-20", "2025-12-20")
    assert newest([fact("2025-12-20", "2026-02")], day) == ("2025-12-20", "2025-12-20")
    assert newest([fact("2025-12-20", ""), fact("2026-03-01", "")], day) == ("2026-03-01",) * 2
    assert newest([Fact("x", "x", "unknown")], day) == ("", "")
