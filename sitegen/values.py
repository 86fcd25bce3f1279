"""Reading the value of an entry: a number, rows over axes, a word, an option or a condition.

What a value may look like depends on its parameter, so ``load.py`` hands the bare node here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby, product

from sitegen.model import (
    Axis,
    Base,
    Bound,
    Condition,
    FactLeaf,
    Parameter,
    Place,
    Problem,
    Row,
    Scalar,
    TextLeaf,
    Value,
    Vocabulary,
    Word,
    clip,
)
from sitegen.schema import (
    BASE,
    INVALID,
    SENTENCE,
    Data,
    DayOf,
    Invalid,
    NumberOf,
    OneOf,
    Report,
    nearest,
    read_day,
    unknown_field,
)
from sitegen.yamlfile import Node

ROW_FIELDS = ("value", "net", "note", "quote", "base")
_NUMBERS = ("yuan", "share", "years", "months", "days")


def read_base(data: Data | None) -> Base | None:
    """The base of a share, from the fields of the schema."""
    if data is None:
        return None
    return Base(
        of=data["of"],
        scope=data.get("scope", ""),
        year=data.get("year", ""),
        group=data.get("group", ""),
        approximate="approximate" in data,
        yuan=data.get("yuan"),
        floor=read_base(data.get("floor")),
    )


def read_value(
    node: Node, parameter: Parameter, vocabulary: Vocabulary, report: Report
) -> Value | Invalid:
    """The value in ``node``, or ``INVALID`` after reporting what is wrong with it."""
    if isinstance(node.value, list):
        return _read_rows(node.value, node.at, parameter, vocabulary, report)
    if isinstance(node.value, dict):
        if parameter.unit == "condition":
            return _read_condition(node, vocabulary, report)
        report(Problem(node.at, "值写成了字段", "应为一个数、一列行，或 none、unknown 等词"))
        return INVALID
    return _read_scalar(node, parameter, report)


def read_example(
    node: Node, parameter: Parameter, vocabulary: Vocabulary, report: Report
) -> Row | Invalid:
    """A person and what is expected for them, as a row whose value that is."""
    if not isinstance(node.value, dict) or "expect" not in node.value:
        report(Problem(node.at, "例子写得不对", "应为 {age: 70, expect: 110} 这样"))
        return INVALID
    for name in node.value:
        if name not in (*parameter.axes, "expect"):
            known = (*parameter.axes, "expect")
            report(unknown_field("例子", name, node.keys[name], known))
            return INVALID
    fields = {("value" if n == "expect" else n): item for n, item in node.value.items()}
    keys = {("value" if n == "expect" else n): at for n, at in node.keys.items()}
    return _read_row(Node(fields, node.at, keys), parameter, vocabulary, report)


def _read_scalar(node: Node, parameter: Parameter, report: Report) -> Scalar | Invalid:
    if not isinstance(node.value, str):
        report(Problem(node.at, f"这里是{node.kind}", "应为一个数，或 none、unknown 等词"))
        return INVALID
    text = node.value
    if text in {word.value for word in Word}:
        return Word(text)
    if parameter.unit in _NUMBERS:
        expect = "数字，或 none、unknown、inherit、described"
        number = NumberOf(expect, in_fen=parameter.unit == "yuan").read(node, report)
        if isinstance(number, Decimal) and parameter.range:
            low, high = parameter.range
            if not low <= number <= high:
                hint = "；比例用小数写，2% 写成 0.02" if parameter.unit == "share" else ""
                report(
                    Problem(node.at, f"{parameter.id}：{number} 不在 {low} 到 {high} 之间{hint}")
                )
                return INVALID
        return number
    if parameter.unit == "enum":
        return OneOf((*parameter.values, *(word.value for word in Word))).read(node, report)
    if parameter.unit == "date":
        return DayOf().read(node, report)
    expected = "写 described，并在 note 里用一两句话说清楚"
    if parameter.unit == "condition":
        expected = "写 any 或 all 开头的条件，或写 described 并加 note"
    report(Problem(node.at, f"这里是“{clip(text)}”", expected))
    return INVALID


def _read_rows(
    nodes: list[Node], at: Place, parameter: Parameter, vocabulary: Vocabulary, report: Report
) -> tuple[Row, ...] | Invalid:
    if not nodes:
        report(Problem(at, "行的列表是空的", "至少写一行；不知道就写 value: unknown"))
        return INVALID
    rows = [_read_row(node, parameter, vocabulary, report) for node in nodes]
    good = tuple(row for row in rows if isinstance(row, Row))
    if len(good) != len(rows):
        return INVALID
    problem = _gap_in(good, at, vocabulary)
    if problem:
        report(problem)
        return INVALID
    return good


def _read_row(
    node: Node, parameter: Parameter, vocabulary: Vocabulary, report: Report
) -> Row | Invalid:
    if not isinstance(node.value, dict):
        report(Problem(node.at, "这一行不是字段", "写成 {age: 70, value: 110} 这样"))
        return INVALID
    fields = node.value
    bounds: dict[str, Bound] = {}
    is_whole = True
    for name, item in fields.items():
        if name in ROW_FIELDS:
            continue
        if name not in parameter.axes:
            known = (*parameter.axes, *ROW_FIELDS)
            report(unknown_field(f"{parameter.id} 的行", name, node.keys[name], known))
            is_whole = False
            continue
        bound = _read_bound(item, vocabulary.axes[name], report)
        if isinstance(bound, Invalid):
            is_whole = False
        else:
            bounds[name] = bound
    if "value" not in fields:
        report(Problem(node.at, "这一行缺少字段“value”", "这一项必须写"))
        return INVALID
    value: Scalar | Condition | Invalid
    if parameter.unit == "condition" and isinstance(fields["value"].value, dict):
        value = _read_condition(fields["value"], vocabulary, report)
    else:
        value = _read_scalar(fields["value"], parameter, report)
    note = SENTENCE.read(fields["note"], report) if "note" in fields else ""
    quote = SENTENCE.read(fields["quote"], report) if "quote" in fields else ""
    net = NumberOf(in_fen=True).read(fields["net"], report) if "net" in fields else None
    base = BASE.read(fields["base"], report) if "base" in fields else None
    if any(item is INVALID for item in (value, note, quote, net, base)) or not is_whole:
        return INVALID
    if value is Word.INHERIT:
        report(Problem(node.at, "行里写了 inherit", "整条改用 inherit，或写 unknown"))
        return INVALID
    if value is Word.DESCRIBED and not note:
        report(Problem(node.at, "写了 described，没有 note", "用一两句话说清楚这条规定"))
        return INVALID
    assert not isinstance(value, Invalid) and not isinstance(base, Invalid)
    assert isinstance(note, str) and isinstance(quote, str) and not isinstance(net, Invalid)
    return Row(bounds, value, node.at, net, note, quote, read_base(base))


def _read_bound(node: Node, axis: Axis, report: Report) -> Bound | Invalid:
    text = node.value
    if axis.kind == "category":
        return OneOf(tuple(axis.values)).read(node, report)
    if isinstance(text, str):
        if axis.unit == "date":
            day = date.min if text == "start" else read_day(text)
            if day:
                return day
        elif re.fullmatch("0|[1-9][0-9]{0,2}", text):
            return int(text)
    expected = "应为日期或 start" if axis.unit == "date" else "应为整数，只写下限"
    shown = clip(text) if isinstance(text, str) else node.kind
    report(Problem(node.at, f"{axis.label}的界限写成了“{shown}”", expected))
    return INVALID


def _gap_in(rows: tuple[Row, ...], at: Place, vocabulary: Vocabulary) -> Problem | None:
    """What is missing or out of order in a table of rows, if anything."""
    names = set(rows[0].bounds)
    for row in rows:
        if set(row.bounds) != names:
            return Problem(row.at, "这一行用的轴和第一行不一样", "每一行写同样的轴")
    if not names:
        return Problem(at, "行里没有写轴", "只有一个值就直接写 value: 数字")
    ordered = [name for name in sorted(names) if vocabulary.axes[name].kind == "ordered"]
    categories = [name for name in sorted(names) if vocabulary.axes[name].kind == "category"]
    if len(ordered) > 1:
        return Problem(at, f"同时用了 {'、'.join(ordered)} 两个有大小的轴", "只用一个")

    def key(row: Row) -> tuple[str, ...]:
        return tuple(str(row.bounds[name]) for name in categories)

    def wanted_of(name: str) -> tuple[str, ...]:
        axis = vocabulary.axes[name]
        named = {str(row.bounds[name]) for row in rows}
        return tuple(c for c in axis.values if c in named or not axis.is_partial)

    groups = {k: list(group) for k, group in groupby(sorted(rows, key=key), key=key)}
    for wanted in product(*map(wanted_of, categories)):
        if wanted not in groups:
            labels = "、".join(
                vocabulary.axes[n].values[w] for n, w in zip(categories, wanted, strict=True)
            )
            return Problem(at, f"缺少一行：{labels}", "每一类都要有；不知道就写 value: unknown")
    for group in groups.values():
        problem = _order_problem(group, ordered, vocabulary.axes)
        if problem:
            return problem
    return None


def _order_problem(
    group: list[Row], ordered: list[str], axes: Mapping[str, Axis]
) -> Problem | None:
    if not ordered:
        return Problem(group[1].at, "这一类写了两行", "每一类只留一行") if len(group) > 1 else None
    axis = axes[ordered[0]]
    bounds = [row.bounds[axis.id] for row in group]
    start: Bound = date.min if axis.unit == "date" else 0
    if bounds[0] != start:
        first = "start" if axis.unit == "date" else "0"
        return Problem(
            group[0].at, f"{axis.label}的第一行从 {bounds[0]} 开始", f"应从 {first} 开始"
        )
    for row, before in zip(group[1:], bounds, strict=False):
        if not row.bounds[axis.id] > before:  # type: ignore[operator]
            return Problem(row.at, f"{axis.label}的界限没有变大", "每一行的下限要比上一行大")
    return None


def _read_condition(node: Node, vocabulary: Vocabulary, report: Report) -> Condition | Invalid:
    part = _read_part(node, vocabulary, report)
    if isinstance(part, Condition | Invalid):
        return part
    report(Problem(node.at, "条件外面少了 any 或 all", "写成 {all: […]} 这样"))
    return INVALID


def _read_part(
    node: Node, vocabulary: Vocabulary, report: Report
) -> Condition | FactLeaf | TextLeaf | Invalid:
    fields = node.value if isinstance(node.value, dict) else {}
    names = set(fields)
    if len(names) == 1 and names <= {"any", "all"}:
        kind = next(iter(names))
        items = fields[kind].value
        if isinstance(items, list) and items:
            parts = [_read_part(item, vocabulary, report) for item in items]
            good = tuple(part for part in parts if not isinstance(part, Invalid))
            return Condition(kind, good) if len(good) == len(parts) else INVALID
    if names == {"text"}:
        text = SENTENCE.read(fields["text"], report)
        return INVALID if isinstance(text, Invalid) else TextLeaf(text)
    if names == {"fact", "at_least"}:
        named = fields["fact"].value
        fact = named if isinstance(named, str) else fields["fact"].kind
        number = NumberOf().read(fields["at_least"], report)
        if fact not in vocabulary.facts:
            known = tuple(vocabulary.facts)
            report(
                Problem(
                    fields["fact"].at,
                    f"没有“{clip(fact)}”这个事实",
                    f"可以写 {'、'.join(known)}",
                    nearest(fact, known),
                )
            )
            return INVALID
        return INVALID if isinstance(number, Invalid) else FactLeaf(fact, number)
    report(Problem(node.at, "看不懂的条件", "写 any、all、{text: …} 或 {fact: …, at_least: …}"))
    return INVALID
