"""From the data of an area file to its channels and entries, every source found."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from sitegen.model import (
    Area,
    Channel,
    Claim,
    Entry,
    Parameter,
    Place,
    Problem,
    Row,
    Rules,
    Support,
    Use,
    Vocabulary,
    Word,
    clip,
)
from sitegen.schema import Data, Invalid, Report, nearest
from sitegen.values import read_base, read_example, read_value

# Shares of these parameters mean nothing without what they are a share of.
NEEDS_BASE = (
    "account.retiree.ratio",
    "account.retiree.frame",
    "account.active.rate",
    "account.active.employer_rate",
    "account.flexible.rate",
    "resident.fee_rate",
)


Cite = Callable[[str, Place], str]


def citer(rules: Rules, area: Area, written_ids: set[str], report: Report) -> Cite:
    """A function from a source id as written to its full id, looking in the parents too.

    Of a source in ``written_ids`` that could not be read, that is all there is to say.
    """
    chain, slug = [], area.slug
    while slug in rules.areas and slug not in chain:
        chain.append(slug)
        slug = rules.areas[slug].parent

    def cite(written: str, at: Place) -> str:
        candidates = [written] if "/" in written else [f"{slug}/{written}" for slug in chain]
        for id in candidates:
            if id in rules.sources or id in written_ids:
                return id
        known = [
            id if "/" in written else id.partition("/")[2]
            for id in rules.sources
            if "/" in written or id.partition("/")[0] in chain
        ]
        expected = "本文件和上级文件里都没有；先在 sources 里写这个出处"
        report(Problem(at, f"没有“{clip(written)}”这个出处", expected, nearest(written, known)))
        return written

    return cite


def read_channel(data: Data, cite: Cite) -> Channel:
    uses = tuple(
        Use(
            tasks=tuple(use["tasks"]),
            source=cite(use["source"], use.places["source"]),
            publish=use["publish"],
            at=use.at,
            path=use.get("path", ""),
            says=use.get("says", ""),
            note=use.get("note", ""),
        )
        for use in data["uses"]
    )
    return Channel(
        name=data["name"],
        category=data["category"],
        carriers=tuple(data["carriers"]),
        uses=uses,
        at=data.at,
        url=data.get("url", ""),
        number=data.get("number", ""),
    )


def read_entries(
    area: Area, data: Data, vocabulary: Vocabulary, cite: Cite, report: Report
) -> dict[str, tuple[Entry, ...]]:
    values: dict[str, tuple[Entry, ...]] = {}
    written: Data = data.get("values") or Data(data.at, {})
    for id, items in written.items():
        at = written.places[id]
        parameter = vocabulary.parameters.get(id)
        if parameter is None:
            near = nearest(id, [*vocabulary.parameters])
            report(
                Problem(at, f"没有“{clip(id)}”这个参数", "参数都列在 rules/parameters.yaml", near)
            )
            continue
        if area.level not in parameter.set_by:
            expected = f"{id} 只写在 {'、'.join(parameter.set_by)} 一级"
            report(Problem(at, f"{area.name}的文件里写了 {id}", expected))
            continue
        entries = [_entry(data, parameter, vocabulary, cite, report) for data in items]
        good = tuple(entry for entry in entries if entry)
        for before, after in pairwise(good):
            if (after.start.day, after.status) <= (before.start.day, before.status):
                report(
                    Problem(
                        after.at,
                        "条目没有按起始日从早到晚排",
                        "新的写在后面，同一天只写一条，unstated 只能在最前",
                    )
                )
        values[id] = good
    return values


def _entry(
    data: Data, parameter: Parameter, vocabulary: Vocabulary, cite: Cite, report: Report
) -> Entry | None:
    source = cite(data["source"], data.places["source"])
    also = tuple(
        Support(cite(item["source"], item.places["source"]), item.get("quote", ""))
        for item in data.get("also", ())
    )
    value = read_value(data["value"], parameter, vocabulary, report)
    if isinstance(value, Invalid):
        return None
    per = data.get("per", "")
    is_number = value not in (Word.UNKNOWN, Word.INHERIT, Word.NONE, Word.DESCRIBED)
    expected = f"写 {' 或 '.join(parameter.per)}"
    if per and not parameter.per:
        report(Problem(data.places["per"], f"{parameter.id} 不用写 per", "删掉"))
    elif per and per not in parameter.per:
        report(Problem(data.places["per"], f"{parameter.id} 的 per 写成了 {per}", expected))
    elif is_number and parameter.per and not per:
        report(Problem(data.at, f"{parameter.id} 没有写 per", expected))
    base = read_base(data.get("base"))
    rows_have_base = isinstance(value, tuple) and all(
        row.base or row.value in (Word.NONE, Word.UNKNOWN, Word.DESCRIBED) for row in value
    )
    if is_number and parameter.id in NEEDS_BASE and not base and not rows_have_base:
        report(Problem(data.at, f"{parameter.id} 没有写 base", "写清楚是谁的、哪一年的百分之几"))
    if value is Word.DESCRIBED and "note" not in data:
        report(Problem(data.at, "写了 described，没有 note", "用一两句话说清楚这条规定"))
    claims = [
        Claim(
            value=rival,
            source=cite(claim["source"], claim.places["source"]),
            verified=claim["verified"],
            per=claim.get("per", ""),
            quote=claim.get("quote", ""),
            base=read_base(claim.get("base")),
        )
        for claim in data.get("claims", ())
        if not isinstance(
            rival := read_value(claim["value"], parameter, vocabulary, report), Invalid
        )
    ]
    examples = [
        read_example(node, parameter, vocabulary, report) for node in data.get("examples", ())
    ]
    return Entry(
        start=data["from"],
        value=value,
        source=source,
        verified=data["verified"],
        checked=data["checked"],
        at=data.at,
        status=data.get("status", "in_force"),
        per=per,
        base=base,
        net=data.get("net"),
        clause=data.get("clause", ""),
        quote=data.get("quote", ""),
        note=data.get("note", ""),
        provisional=data.get("provisional", ""),
        rounding=data.get("rounding", ""),
        notice_year=data.get("notice_year", ""),
        also=also,
        claims=tuple(claims),
        unquoted=tuple(data.get("unquoted", ())),
        examples=tuple(example for example in examples if isinstance(example, Row)),
    )
