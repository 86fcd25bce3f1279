"""The national tables as CSV: what a spreadsheet opens says what the pages say."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.edition import Edition
from sitegen.figures import Fact
from sitegen.load import load_rules
from sitegen.model import Page
from sitegen.opendata import COLUMNS, STATE
from sitegen.plan import Plan, plan_site
from sitegen.texts import load_content
from sitegen.write import file_of

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

# A table's parameters by what its CSV calls them.
TOPICS: Mapping[str, Mapping[str, str]] = {
    "huaru": {"金额": "account.retiree.amount", "比例": "account.retiree.ratio"},
    "nianxian": {"一共": "years.minimum", "其中实际缴费": "years.actual"},
    "jumin": {"个人交": "resident.fee", "集中缴费截止": "resident.window_end"},
}

Row = dict[str, str]


def plan_of(root: Path, address: str = "") -> Plan:
    return plan_site(load_rules(root), load_content(root), Edition(AS_OF, address))


def tables_of(plan: Plan) -> list[bytes]:
    """The CSV files of a plan."""
    return [data for name, data in plan.files.items() if name.endswith(".csv")]


def rows_of(data: bytes) -> list[Row]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(ROOT)


@pytest.fixture(scope="module")
def pages(plan: Plan) -> dict[str, Page]:
    return {page.url: page for page in plan.pages}


@pytest.fixture(params=TOPICS)
def topic(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(plan: Plan, topic: str) -> list[Row]:
    return rows_of(plan.files[f"/biao/{topic}/yibao-{topic}.csv"])


def number_in(figure: str, unit: str) -> str:
    """The number that a page prints, without its thousands marks: 1,100元, …的2.5%."""
    if unit:
        return figure.replace(",", "")
    found = re.search(r"([0-9.]+)%(?:左右)?$", figure)
    return found.group(1) if found else ""


def said_on_page(fact: Fact) -> list[tuple[str, str]]:
    """Label and number of every row of a fact, as its page has them."""
    if fact.state not in ("known", "disputed"):
        return [("", "")]
    sides = (fact, *fact.rivals)
    return [
        (line.label, number_in(line.figure, line.unit) or line.figure)
        for side in sides
        for line in side.lines
    ]


def test_every_pool_has_a_line_for_each_column_of_the_table(rows, topic):
    assert tuple(rows[0]) == COLUMNS
    for label in TOPICS[topic]:
        assert len({row["网页"] for row in rows if row["项目"] == label}) == 370
    assert {row["项目"] for row in rows} == set(TOPICS[topic])


def test_every_number_is_the_one_on_the_page_of_its_city(rows, pages, topic):
    numbers = 0
    for url in {row["网页"] for row in rows}:
        facts = pages[url].context["values"]
        assert isinstance(facts, dict)
        for label, id in TOPICS[topic].items():
            own = [row for row in rows if (row["网页"], row["项目"]) == (url, label)]
            found = [(row["人员"], row["数值"]) for row in own]
            assert found == said_on_page(facts[id]), (url, label)
            assert own[0]["起始"] in ("", facts[id].since)
            assert own[0]["资料日期"] in ("", facts[id].dated)
            numbers += sum(bool(row["数值"]) for row in own)
    assert numbers > 180


def test_every_number_of_the_table_is_in_its_csv(site, rows, topic):
    tree = LexborHTMLParser((site / file_of(f"/biao/{topic}/")).read_text(encoding="utf-8"))
    written: dict[str, set[str]] = {}
    for row in rows:
        written.setdefault(row["网页"], set()).add(row["数值"])
    seen = 0
    for part in tree.css("section[id]"):
        like = part.css_first("[data-like^='/']")
        for body in part.css("tbody"):
            link = str(body.css_first("th a").attributes["href"])
            shares = like is not None and link == like.attributes["data-like"]
            pools = [a.attributes["href"] for a in like.css("a")] if shares else [link]
            amounts = [re.sub(r"[^0-9.]", "", cell.text()) for cell in body.css("td span.nb")]
            for pool in pools:
                assert set(amounts) <= written[str(pool)], (pool, amounts)
                seen += len(amounts)
    assert seen > 140


def test_what_is_no_number_is_written_as_a_word(rows):
    assert {row["状态"] for row in rows} <= set(STATE.values())
    for row in rows:
        assert bool(row["数值"]) == (row["状态"] in ("查到", "说法不一")), row
        assert bool(row["依据"]) == (row["状态"] not in ("未查到", "待核实")) or row["人员"], row
    assert any(row["状态"] == "未查到" for row in rows)


def test_amounts_name_their_period(rows, topic):
    units = {row["单位"] for row in rows if row["数值"]}
    assert (
        units
        == {
            "huaru": {"元/月", "元/年", "%"},
            "nianxian": {"年"},
            "jumin": {"元/月", "元/年", "日期"},
        }[topic]
    )


def test_numbers_are_plain(rows):
    for row in rows:
        if row["单位"] not in ("", "日期"):
            assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", row["数值"]), row


def test_file_begins_with_the_mark_that_excel_needs_and_ends_its_lines_as_the_standard_says(plan):
    for data in tables_of(plan):
        assert data.startswith(b"\xef\xbb\xbf" + COLUMNS[0].encode())
        assert data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
        assert data.endswith(b"\r\n")


def test_no_cell_of_the_project_may_be_taken_for_a_formula(rows):
    starts = {cell[0] for row in rows for cell in row.values() if cell}
    assert starts and not starts & set("=+-@\t\r＝＋－＠")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_title_that_looks_like_a_formula_is_quoted(mini, start):
    path = mini / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("甲市医保局公告", f"'{start}cmd|x!A1'"), encoding="utf-8")
    (data,) = tables_of(plan_of(mini))
    first = next(row for row in rows_of(data) if row["城市"] == "甲")
    assert first["依据"] == f"'{start}cmd|x!A1；甲市办法（2009年）"


def test_page_is_a_whole_address_where_the_site_has_one(mini):
    (data,) = tables_of(plan_of(mini, "https://yibao.example/"))
    assert "https://yibao.example/jia/huaru/" in {row["网页"] for row in rows_of(data)}


def test_file_lies_where_the_table_links_to(site, plan, topic):
    tree = LexborHTMLParser((site / file_of(f"/biao/{topic}/")).read_text(encoding="utf-8"))
    link = tree.css_first("main a[download]").attributes
    name = str(link["href"])
    assert str(link["download"]).endswith(".csv")
    assert (site / name.lstrip("/")).read_bytes() == plan.files[name]
