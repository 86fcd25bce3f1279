"""The open data: what a spreadsheet or a program reads is what the pages say."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from conftest import AS_OF, ROOT
from sitegen import wording
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.load import load_rules
from sitegen.model import Rules
from sitegen.opendata import ABOUT, LICENCE, WORDS
from sitegen.plan import Plan, plan_site
from sitegen.records import COLUMNS, FACT, MEANING, OWN, PLACE, STATE
from sitegen.texts import load_content
from sitegen.write import file_of

# Every topic, and the first parts of the names of what it holds.
TOPICS: Mapping[str, set[str]] = {
    "huaru": {"account"},
    "nianxian": {"years"},
    "duanjiao": {"lapse", "incentive"},
    "zhuanyi": {"transfer"},
    "tiqu": {"withdraw"},
    "jumin": {"resident", "reimburse"},
}

# Figures from above that a page may leave out where one of its own says more.
LEFT_OUT = {"account.retiree.frame", "resident.fee_min", "transfer.out_days", "transfer.in_days"}

Row = dict[str, str]
Json = dict[str, Any]


def plan_of(root: Path, address: str = "") -> Plan:
    return plan_site(load_rules(root), load_content(root), Edition(AS_OF, address))


def table_of(plan: Plan) -> bytes:
    """The only CSV of the mini project."""
    (data,) = (data for name, data in plan.files.items() if name.endswith(".csv"))
    return data


def rows_of(data: bytes) -> list[Row]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(params=TOPICS)
def topic(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(plan: Plan, topic: str) -> list[Row]:
    return rows_of(plan.files[f"/data/v1/{topic}.csv"])


@pytest.fixture
def told(plan: Plan, topic: str) -> Json:
    found: Json = json.loads(plan.files[f"/data/v1/{topic}.json"])
    return found


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


# ── The page says the same ──


def facts_on(main: LexborNode) -> dict[str, str]:
    """What a page says of each fact that it marks as one, by parameter."""
    found: dict[str, str] = {}
    for node in main.css("[data-fact]"):
        id = str(node.attributes["data-fact"])
        found[id] = found.get(id, "") + flat(node.text())
    return found


def words_of(record: Json) -> list[str]:
    """How a page may print the figure of a record, one of them as it does."""
    if "date" in record:
        year, month, day = map(int, record["date"].split("-"))
        return [f"{year}年{month}月{day}日"]
    if "text" in record:
        return [flat(record["text"])]
    unit = record["unit"].partition("/")[0]
    return [f"{record['number']:,{places}}{unit}" for places in ("", ".1f", ".2f")]


def differing(data: Json, main: LexborNode) -> tuple[int, list[str], list[Json]]:
    """How many figures of a page's data the page says, which not, and what it does not show."""
    said, shown = facts_on(main), 0
    wrong: list[str] = []
    left_out: list[Json] = []
    for record in data["facts"]:
        if not {"number", "date", "text"} & set(record):
            continue
        id = record["parameter"]
        # A sentence of a guide may say a figure too.
        text = said.get(id) or flat(main.text())
        has_number = any(words in text for words in words_of(record))
        has_net = "net" not in record or f"{record['net']:,}" in text
        if has_number and has_net and flat(record.get("who", "")) in text:
            shown += 1
        elif id in said:
            wrong.append(f"{data['page']} {record}")
        else:
            left_out.append(record)
    numbers = {
        float(record[key]) for record in data["facts"] for key in ("number", "net") if key in record
    }
    for node in main.css(".ledger:not(.ledger--announced) data[value]"):
        if float(str(node.attributes["value"])) not in numbers:
            wrong.append(f"{data['page']} has {node.text()}")
    return shown, wrong, left_out


@cache
def above_of(site: Path, guide: str) -> str:
    """What the nation's page of a guide says."""
    html = (site / "zhinan" / guide / "index.html").read_text(encoding="utf-8")
    return flat(LexborHTMLParser(html).css_first("main").text())


def test_every_number_of_the_data_is_the_one_on_its_page(site, request):
    every = 1 if request.config.getoption("--all") else 9
    paths = sorted(site.glob("*/*/data.json"))
    assert len(paths) > 3000
    shown, left_out = 0, 0
    for path in paths[::every]:
        data = json.loads(path.read_text(encoding="utf-8"))
        tree = LexborHTMLParser((path.parent / "index.html").read_text(encoding="utf-8"))
        count, wrong, hidden = differing(data, tree.css_first("main"))
        assert wrong == []
        shown += count
        # It stands on the page of those who set it.
        above = above_of(site, path.parent.name)
        for record in hidden:
            assert record["parameter"] in LEFT_OUT, path
            assert record["by"] != OWN, path
            assert any(words in above for words in words_of(record)), record
        left_out += len(hidden)
    assert shown > 5 * left_out
    assert shown > 6000 / every


def test_number_that_is_not_the_one_on_its_page_is_found(mini_site):
    path = mini_site / "jia/huaru/data.json"
    tree = LexborHTMLParser((path.parent / "index.html").read_text(encoding="utf-8"))
    data = json.loads(path.read_text(encoding="utf-8"))
    count, wrong, _ = differing(data, tree.css_first("main"))
    assert count and not wrong
    for record in data["facts"]:
        if "number" in record:
            record["number"] += 1
    assert len(differing(data, tree.css_first("main"))[1]) > count


def test_every_number_of_a_national_table_is_in_its_csv(site, rows, topic):
    if not (site / file_of(f"/biao/{topic}/")).exists():
        assert topic in ("duanjiao", "zhuanyi", "tiqu")
        return
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


def test_figures_of_a_topic_are_on_the_page_that_its_lines_name(told, topic):
    (guide,) = (item for item in load_content(ROOT).guides if item.slug == topic)
    shown = set(re.findall(r'value\("([a-z._]+)"\)', guide.pool.body))
    known = {
        record["parameter"]
        for city in told["cities"]
        for record in city["facts"]
        if {"number", "date", "text"} & set(record)
    }
    assert known and known <= shown
    assert all(city["page"] == f"/{city['slug']}/{topic}/" for city in told["cities"])


# ── CSV and JSON say the same ──


def as_row(record: Json, place: Json, titles: Mapping[str, str]) -> Row:
    """A record of JSON as a line of CSV."""
    found: Row = {}
    for column in COLUMNS:
        value = (place | record).get(column.key, "")
        if isinstance(value, list):
            value = "；".join(titles[id] for id in value)
        found[column.title] = column.words.get(str(value), " ".join(str(value).split()))
    return found


def plain(row: Row) -> Row:
    """A line with its numbers written in one way: 158.20 is 158.2."""
    numbers = {key: str(float(row[key])) for key in ("数值", "扣除后到账") if row[key]}
    return row | numbers


def test_every_line_of_a_csv_is_a_record_of_its_json(rows, told):
    titles = {id: source["title"] for id, source in told["sources"].items()}
    records = [as_row(record, city, titles) for city in told["cities"] for record in city["facts"]]
    assert [plain(row) for row in records] == [plain(row) for row in rows]
    assert len(rows) >= 370


def test_data_of_a_city_and_of_its_pages_hold_the_records_of_the_topics(site, told, topic, rules):
    seen = 0
    for city in told["cities"][::9]:
        whole = json.loads((site / f"data/v1/city/{city['slug']}.json").read_text("utf-8"))
        assert [record for record in city["facts"] if record not in whole["facts"]] == []
        assert {r["parameter"] for r in whole["facts"]} == set(rules.vocabulary.parameters)
        path = site / city["slug"] / topic / "data.json"
        if path.exists():
            of_page = json.loads(path.read_text("utf-8"))["facts"]
            shared = {record["parameter"] for record in of_page}
            mine = [record for record in city["facts"] if record["parameter"] in shared]
            assert mine and [record for record in mine if record not in of_page] == []
            seen += 1
    assert seen > 30 or topic == "tiqu"


def test_every_source_of_a_record_is_told_as_the_page_tells_it(site, told):
    seen = 0
    for path in sorted(site.glob("*/huaru/data.json"))[::20]:
        data = json.loads(path.read_text("utf-8"))
        cited = {id for record in data["facts"] for id in record.get("sources", ())}
        assert cited == set(data["sources"])
        tree = LexborHTMLParser((path.parent / "index.html").read_text("utf-8"))
        listed = flat("".join(node.text() for node in tree.css(".sources li")))
        for id in {id for r in data["facts"][:1] for id in r.get("sources", ())}:
            source = data["sources"][id]
            assert flat(source["title"]) in listed
            assert source["kind"] in listed
            assert source.get("published", "")[:4] in listed
            seen += 1
    assert seen > 5
    cited = {id for c in told["cities"] for r in c["facts"] for id in r.get("sources", ())}
    assert cited == set(told["sources"])


# ── What the files hold ──


def test_topics_hold_every_figure_of_the_vocabulary_once(plan, rules: Rules):
    found: list[str] = []
    for name, groups in TOPICS.items():
        told = json.loads(plan.files[f"/data/v1/{name}.json"])
        ids = list(dict.fromkeys(record["parameter"] for record in told["cities"][0]["facts"]))
        assert {id.partition(".")[0] for id in ids} == groups
        found += ids
    parameters = rules.vocabulary.parameters
    assert sorted(found) == sorted(id for id, p in parameters.items() if p.unit not in WORDS)
    files = {name for name in plan.files if name.startswith("/data/v1/") and name.count("/") == 3}
    wanted = {f"/data/v1/{name}.{kind}" for name in TOPICS for kind in ("csv", "json")}
    assert files == wanted | {"/data/v1/datapackage.json"}


def test_every_pool_has_a_line_for_each_parameter(rows, told):
    assert tuple(rows[0]) == tuple(column.title for column in COLUMNS)
    parameters = {row["参数"] for row in rows}
    for id in parameters:
        assert len({row["代号"] for row in rows if row["参数"] == id}) == 370
    assert (told["day"], told["license"], told["about"]) == ("2026-11-21", LICENCE, ABOUT)


def test_what_is_no_number_is_written_as_a_word(rows):
    assert {row["状态"] for row in rows} <= set(STATE.values())
    for row in rows:
        has_figure = bool(row["数值"] or row["日期"] or row["文字"])
        assert has_figure == (row["状态"] in ("查到", "说法不一")), row
        assert bool(row["数值"]) == bool(row["单位"]), row
        assert bool(row["依据"]) == (row["状态"] not in ("未查到", "待核实")) or row["人员"], row
    assert any(row["状态"] == "未查到" for row in rows)


def test_amounts_name_their_period(rows, topic):
    units = {
        "huaru": {"元/月", "元/年", "%"},
        "nianxian": {"年", "%"},
        "duanjiao": {"个月", "年", "%", "元/年", "元/次"},
        "zhuanyi": {"个工作日"},
        "tiqu": {"个工作日"},
        "jumin": {"元/月", "元/年", "个工作日", "%"},
    }
    assert {row["单位"] for row in rows if row["数值"]} == units[topic]


def test_numbers_and_days_are_plain(rows):
    for row in rows:
        assert re.fullmatch(r"([0-9]+(\.[0-9]+)?)?", row["数值"]), row
        assert re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", row["日期"]), row
        assert re.fullmatch(r"([0-9]{4}(-[0-9]{2}){0,2})?", row["起始"]), row
        assert re.fullmatch(r"([0-9]{4}(-[0-9]{2}){0,2})?", row["资料日期"]), row


def test_file_begins_with_the_mark_that_excel_needs_and_ends_its_lines_as_the_standard_says(plan):
    for name in TOPICS:
        data = plan.files[f"/data/v1/{name}.csv"]
        assert data.startswith(b"\xef\xbb\xbf" + COLUMNS[0].title.encode())
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
    first = next(row for row in rows_of(table_of(plan_of(mini))) if row["城市"] == "甲")
    assert first["依据"].startswith(f"'{start}cmd|x!A1；甲市办法（2009年）")


def test_page_is_a_whole_address_where_the_site_has_one(mini, tmp_path):
    data = table_of(plan_of(mini, "https://yibao.example/"))
    assert "https://yibao.example/jia/huaru/" in {row["网页"] for row in rows_of(data)}
    build(
        mini, tmp_path / "site", Edition(AS_OF, "https://yibao.example"), lambda done, total: None
    )
    for name, page in (("jia/huaru/data.json", "/jia/huaru/"), ("data/v1/city/jia.json", "/jia/")):
        found = json.loads((tmp_path / "site" / name).read_text(encoding="utf-8"))
        assert found["page"] == f"https://yibao.example{page}"


def test_hostile_text_stays_a_text(mini, tmp_path):
    hostile = """</script>\\",{"a": [1]}\u2028'"""
    for path, old in (
        ("rules/shili/jia.yaml", "area: 甲市"),
        ("rules/shili/jia.yaml", "short: 甲"),
        ("rules/shili/jia.yaml", "title: 甲市医保局公告"),
    ):
        file = mini / path
        field = old.partition(":")[0]
        text = json.dumps(hostile.replace("\u2028", ""), ensure_ascii=False)
        replaced = file.read_text(encoding="utf-8").replace(old, f"{field}: {text}")
        file.write_text(replaced, encoding="utf-8")
    build(mini, tmp_path / "site", Edition(AS_OF), lambda done, total: None)
    data = json.loads((tmp_path / "site/jia/huaru/data.json").read_text(encoding="utf-8"))
    kept = hostile.replace("\u2028", "")
    assert (data["city"], data["area"]) == (kept, kept)
    assert kept in {source["title"] for source in data["sources"].values()}


# ── Where it is found ──


def test_each_page_names_its_data_and_no_other(site, plan):
    data = {page.url for page in plan.pages if page.is_data}
    named = set()
    for path in [*sorted(site.glob("*/*/index.html"))[::5], *sorted(site.glob("*/index.html"))]:
        tree = LexborHTMLParser(path.read_text(encoding="utf-8"))
        links = [str(a.attributes["href"]) for a in tree.css("link[type='application/json']")]
        own = "/" + path.parent.relative_to(site).as_posix() + "/"
        wanted = [
            url for url in (f"{own}data.json", f"/data/v1/city{own[:-1]}.json") if url in data
        ]
        assert links == wanted, path
        named.update(links)
    assert len(named) > 900
    assert all((site / url.lstrip("/")).is_file() for url in data)


def test_page_that_shows_nothing_found_has_no_data(site, plan):
    data = [page for page in plan.pages if page.url.endswith("/data.json")]
    for page in data[::50]:
        facts = json.loads((site / page.url.lstrip("/")).read_text(encoding="utf-8"))["facts"]
        assert any(record["state"] != "unknown" for record in facts)
    assert not any(page.url.split("/")[2] in ("yue", "weixin", "dianhua") for page in data)


def test_table_links_to_its_files_and_to_what_explains_them(site, plan):
    for name in ("huaru", "nianxian", "jumin"):
        tree = LexborHTMLParser((site / file_of(f"/biao/{name}/")).read_text(encoding="utf-8"))
        link = tree.css_first("main a[download]").attributes
        assert link["href"] == f"/data/v1/{name}.csv"
        assert str(link["download"]).endswith(".csv")
        assert (site / f"data/v1/{name}.csv").read_bytes() == plan.files[f"/data/v1/{name}.csv"]
        hrefs = {a.attributes["href"] for a in tree.css("main a")}
        assert {f"/data/v1/{name}.json", "/shuju/"} <= hrefs


def test_page_of_the_data_explains_every_column_state_and_file(site, plan):
    tree = LexborHTMLParser((site / file_of("/shuju/")).read_text(encoding="utf-8"))
    main = tree.css_first("main")

    def told(id: str) -> list[tuple[str, str]]:
        items = main.css(f"#{id} > div")
        return [(item.css_first("dt").text(), item.css_first("dd").text()) for item in items]

    assert told("columns") == [(f"{c.title} {c.key}", f"{c.about}。") for c in COLUMNS]
    assert told("states") == [(f"{w} {code}", f"{MEANING[code]}。") for code, w in STATE.items()]
    assert all(f"{word}{code}" in main.text() for code, word in wording.LEVEL.items())
    hrefs = {str(a.attributes["href"]) for a in main.css("a")}
    files = {url for url in plan.files if url.startswith("/data/")}
    assert files <= hrefs
    assert LICENCE in hrefs
    assert "12393" in main.text()
    assert set(STATE) == set(MEANING)
    assert len({column.key for column in COLUMNS}) == len(COLUMNS) == len(PLACE) + len(FACT) + 1
    assert set(next(c for c in FACT if c.key == "level").words) == set(wording.LEVEL)
