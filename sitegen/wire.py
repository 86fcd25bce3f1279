"""The rules of one area as the browser reads them: the data behind every calculator.

Python resolves (which entry, whose, from which day); the browser looks up (which row, how
much). So a parameter becomes a list of spans, each with what holds from its first day on,
inheritance and ``inherit`` already settled. Money is whole fen, a share is a fraction of
whole numbers, a day is its number (1 January of the year 1 is 1): nothing is rounded on the
way, and JavaScript compares plain numbers.

``templates/assets/rules.js`` is the other half; both pass the cases of ``tests/patterns``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sitegen import wording
from sitegen.credit import is_settled
from sitegen.figures import Fact, fact
from sitegen.model import (
    Base,
    Condition,
    Entry,
    FactLeaf,
    Parameter,
    Resolved,
    Rules,
    Scalar,
    State,
    TextLeaf,
    Word,
)
from sitegen.resolve import resolve

Wire = dict[str, Any]


def wire(rules: Rules, slug: str, parameters: Iterable[str], since: date) -> dict[str, list[Wire]]:
    """The spans of several parameters of an area, from ``since`` on, by parameter id.

    Only entries that are in force on some day count; what was merely announced is words for
    the page, never a figure for a calculator. What is fixed for one year of cover holds in
    that year alone: the last span is the one of the year after ``since``.
    """
    return {id: _spans(rules, slug, id, since) for id in parameters}


def _spans(rules: Rules, slug: str, id: str, since: date) -> list[Wire]:
    starts = {
        entry.start.day
        for area in rules.ancestry(slug)
        for entry in rules.entries[area.slug].get(id, ())
        if entry.status == "in_force" and entry.start.day > since
    }
    if rules.vocabulary.parameters[id].is_yearly:
        starts.add(date(since.year + 1, 1, 1))
    spans: list[Wire] = []
    for day in (since, *sorted(starts)):
        resolved = resolve(rules, slug, id, day)
        span = _span(rules, resolved, day)
        if not spans or span != {**spans[-1], "from": span["from"]}:
            spans.append(span)
    return spans


def _span(rules: Rules, resolved: Resolved, day: date) -> Wire:
    span: Wire = {"from": day.toordinal(), "state": resolved.state.value}
    if not is_settled(resolved):
        # What is open may not be left out of a sum in silence.
        span["open"] = True
    parameter = rules.vocabulary.parameters[resolved.parameter]
    entry = resolved.entry
    if resolved.state is not State.KNOWN or entry is None:
        return span
    if parameter.is_yearly and entry.start.day.year != day.year:
        return span | {"state": State.UNKNOWN.value}
    span |= _value(rules, parameter, entry)
    span["says"] = _says(fact(rules, resolved, day))
    if resolved.origin == "nation":
        # The frame of the whole country: what stands for a pool whose own rule nobody found.
        span["frame"] = True
    for name in ("per", "rounding", "provisional"):
        if text := getattr(entry, name):
            span[name] = text
    return span


def _says(view: Fact) -> str:
    """How sure and how old a figure is, in the words of the page."""
    whose = f"{view.inherited}的规定" if view.inherited else ""
    old = "可能已调整，打12393核实" if view.overdue else ""
    level = view.level_text if view.level != "primary" else ""
    return "，".join(part for part in (whose, level, view.dated_words, old) if part)


def _value(rules: Rules, parameter: Parameter, entry: Entry) -> Wire:
    if not isinstance(entry.value, tuple):
        whole: Wire = {"value": _scalar(parameter, entry.value)}
        return whole | _beside(entry.base, entry.net)
    labels = wording.row_labels(entry.value, rules.vocabulary)
    rows = [
        {
            "bounds": {
                axis: bound.toordinal() if isinstance(bound, date) else bound
                for axis, bound in row.bounds.items()
            },
            "label": label,
            "value": _scalar(parameter, row.value),
        }
        | _beside(row.base, row.net)
        | ({"note": row.note} if row.note else {})
        for row, label in zip(entry.value, labels, strict=True)
    ]
    return {"rows": rows} | _beside(entry.base, None)


def _beside(base: Base | None, net: Decimal | None) -> Wire:
    found: Wire = {}
    if base is not None:
        found["base"] = _base(base)
    if net is not None:
        found["net"] = _fen(net)
    return found


def _base(base: Base) -> Wire:
    found: Wire = {"of": base.of, "says": wording.base_text(base)}
    if base.yuan is not None:
        found["fen"] = _fen(base.yuan)
    if base.floor is not None:
        found["floor"] = _base(base.floor)
    return found


def _scalar(parameter: Parameter, value: Scalar | Condition) -> Any:
    if isinstance(value, Word):
        return {"word": value.value}
    if isinstance(value, Condition):
        return _condition(value)
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, str):
        return {"is": value, "label": parameter.values.get(value, value)}
    if parameter.unit == "yuan":
        return _fen(value)
    return _fraction(value) if parameter.unit == "share" else _number(value)


def _condition(part: Condition | FactLeaf | TextLeaf) -> Wire:
    if isinstance(part, TextLeaf):
        return {"text": part.text}
    if isinstance(part, FactLeaf):
        return {"fact": part.fact, "least": _number(part.at_least)}
    return {part.kind: [_condition(item) for item in part.parts]}


def _fen(yuan: Decimal) -> int:
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} yuan is no whole number of fen")
    return int(fen)


def _fraction(share: Decimal) -> list[int]:
    """A share as numerator and denominator: 0.028 → [28, 1000]."""
    exponent = share.as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(0, -exponent)
    return [int(share.scaleb(places)), 10**places]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
