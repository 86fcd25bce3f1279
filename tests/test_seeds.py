"""Every claim of the five seed articles ends on a page that exists and says it right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("id", "seed", "claim", "verdict", "where", "words")


def rows() -> list[dict[str, str]]:
    """The table of docs/seeds.md."""
    lines = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8").splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")][2:]
    return [dict(zip(COLUMNS, map(str.strip, cells), strict=True)) for cells in table]


def visible(site: Path, url: str) -> str:
    """The text of main, without the list of sources and the menus."""
    tree = LexborHTMLParser((site / url.strip("/") / "index.html").read_text(encoding="utf-8"))
    main = tree.css_first("main")
    assert main is not None
    for node in main.css(".sources, nav"):
        node.decompose()
    return re.sub(r"\s", "", main.text())


def test_table_names_every_seed_and_no_claim_twice():
    table = rows()
    assert len(table) >= 100
    assert {seed for row in table for seed in row["seed"].split()} == {
        *("000", "001", "002", "003", "004"),
    }
    assert len({row["id"] for row in table}) == len(table)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_claim_of_a_seed_ends_on_a_page_that_says_it_right(site, row):
    assert len(row["words"]) >= 4
    assert re.sub(r"\s", "", row["words"]) in visible(site, row["where"])


DANGEROUS = (
    *("74种大病", "7个工作日内自动返还", "身份证后六位", "12334"),
    *("提取后账户注销", "账户将被注销"),
)


@pytest.fixture(scope="module")
def holders(site: Path) -> dict[str, set[str]]:
    """On which pages each dangerous claim stands, of all pages."""
    found: dict[str, set[str]] = {claim: set() for claim in DANGEROUS}
    for path in site.rglob("index.html"):
        html = path.read_text(encoding="utf-8")
        for claim in DANGEROUS:
            if claim in html:
                found[claim].add(path.parent.relative_to(site).as_posix())
    return found


@pytest.mark.parametrize("claim", DANGEROUS)
def test_dangerous_claim_stands_nowhere_but_where_it_is_corrected(holders, claim):
    assert holders[claim] <= {"wujie"}
