"""Facts as records: what a row of every table and every file of data says, defined once.

A record is a mapping from the keys of ``COLUMNS`` to values; a key without a value is left out.
CSV (opendata.py), JSON, the schemas and the data package (datapackage.py) and the page that
explains them are all made from ``COLUMNS``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sitegen import wording
from sitegen.figures import Fact, Line, SourceView

# States that a record may have, in the words of CSV, and what these mean.
STATE = {
    "known": "查到",
    "described": "另有规定",
    "none": "没有这一项",
    "unknown": "未查到",
    "unverified": "待核实",
    "disputed": "说法不一",
}
MEANING = {
    "known": "有依据的数",
    "described": "有规定，但不是一个数，看“说明”",
    "none": "规定里就没有，不是没查到",
    "unknown": "没有找到可靠的资料，不等于没有",
    "unverified": "只见到不可靠的说法，不写数",
    "disputed": "几处资料不一样，一种说法一行",
}

# Whose rule it is, where it is the place's own.
OWN = "本地"

Value = str | Decimal | tuple[str, ...]
Record = Mapping[str, Value]


@dataclass(frozen=True)
class Column:
    """A column of the tables: ``title`` in CSV, ``key`` in JSON, ``about`` says what it holds.

    ``kind`` is ``text``, ``number``, ``day``, ``when`` (a day, a month or a year, as precisely
    as it is known), ``address`` or ``sources`` (in CSV their titles, in JSON their ids).
    ``words`` are what CSV writes for the codes of JSON.
    """

    key: str
    title: str
    about: str
    kind: str = "text"
    words: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False


PLACE = (
    Column("province", "省", "省、自治区；直辖市写它自己", is_required=True),
    Column("city", "城市", "统筹区的简称", is_required=True),
    Column("slug", "代号", "统筹区的代号，也是网址的第一段", is_required=True),
)
FACT = (
    Column("parameter", "参数", "项目的代号，不会改", is_required=True),
    Column("label", "项目", "项目的叫法", is_required=True),
    Column("who", "人员", "这一行是哪些人的；空着就是不分人"),
    Column("number", "数值", "数，没有千位逗号；比例已乘100", "number"),
    Column("net", "扣除后到账", "网页上算好或资料上写明的到账数", "number"),
    Column("unit", "单位", "元/月、元/年、元/次、年、个月、个工作日、%"),
    Column("date", "日期", "这一项本身是一个日子的，例如缴费截止日", "day"),
    Column("text", "文字", "这一项是一种做法的，例如每月划入"),
    Column(
        *("state", "状态", "查到没有，见“状态”一节"),
        words=STATE,
        is_required=True,
    ),
    Column(
        "since",
        "起始",
        "从哪天起施行；按年度定的是1月1日；只知道年月就只写年月；空着是资料没写",
        "when",
    ),
    Column("level", "资料等级", "资料有多可靠，见“资料等级”一节", words=wording.LEVEL),
    Column("dated", "资料日期", "资料是哪天的；空着是资料没有注明", "when"),
    Column("checked", "查阅日期", "我们哪天读的那份资料", "day"),
    Column("by", "谁的规定", f"{OWN}、某省或全国；{OWN}没有另外规定的，用上级的"),
    Column("note", "说明", "比例是什么的比例、附带条件、为什么要再问一句"),
    Column("sources", "依据", "依据的资料：CSV写标题，JSON写出处代号", "sources"),
)
PAGE = (Column("page", "网页", "写着这一项的网页", "address", is_required=True),)
COLUMNS = (*PLACE, *FACT, *PAGE)

_PER = {"每月": "/月", "每年": "/年", "每次": "/次"}


def records(fact: Fact) -> Iterator[Record]:
    """Each row of what holds for a fact now, and of what others say where sources differ."""
    head: dict[str, Value] = {"parameter": fact.id, "label": fact.label}
    if fact.state in ("unknown", "unverified"):
        # What is not good enough for a page is not good enough for a list either.
        yield head | {"state": fact.state}
        return
    for side in (fact, *fact.rivals):
        for line in side.lines or (Line("", fact.state, note=fact.note),):
            found: dict[str, Value] = {
                "who": line.label,
                **_figure(side, line),
                "state": fact.state if line.state == "known" else line.state,
                "since": side.since_day,
                "level": side.level,
                "dated": side.dated_day,
                "checked": side.checked_day,
                "by": fact.inherited or OWN,
                "note": _remark(side, line),
                "sources": (*side.sources, *(side.net_sources if line.net else ())),
            }
            yield head | {key: value for key, value in found.items() if value not in ("", ())}


def _figure(fact: Fact, line: Line) -> dict[str, Value]:
    """What a row says: 70 of 元/月, 2.5 of %, a day, or words."""
    if line.state != "known":
        return {}
    if line.day:
        return {"date": line.day}
    if line.number is None:
        return {"text": line.figure}
    if not line.unit:
        return {"number": (line.number * 100).normalize(), "unit": "%"}
    unit = {"unit": line.unit + _PER.get(fact.per, "")}
    net = {"net": Decimal(line.net.replace(",", ""))} if line.net else {}
    return {"number": line.number, **net, **unit}


def _remark(fact: Fact, line: Line) -> str:
    """What a share is a share of, what was noted, and why to ask once more."""
    of = line.figure if line.number is not None and not line.unit else ""
    hedge = f"暂按这个数。{fact.provisional}" if fact.provisional else ""
    parts = (of, line.note, fact.note, hedge, fact.overdue)
    return "；".join(dict.fromkeys(part.rstrip("。") for part in parts if part))


def dumped(value: object) -> str:
    """Compact JSON; a number keeps its value, and ids of sources are a list."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def source_record(source: SourceView) -> dict[str, str]:
    """A source as JSON names it, without what is not known of it."""
    found = {
        "title": source.title,
        "kind": source.kind,
        "issuer": source.issuer,
        "number": source.number,
        "published": source.published_day,
        "url": source.url,
    }
    return {key: value for key, value in found.items() if value}
