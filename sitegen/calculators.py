"""What a calculator on a page asks for, and the rules that it works with.

A calculator stands only where it can say more than the table above it: where the figure
depends on the person. Where anything that a sum needs is not known, there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sitegen.credit import ACTIVE, RETIREE, active_credit
from sitegen.model import Axis, Resolved, Rules, State
from sitegen.wire import Wire, wire


@dataclass(frozen=True)
class Field:
    """A question of a form. With ``options`` (value, words) one of them, else ``kind``:

    ``birth`` and ``month`` are a year and a month, ``yuan`` is money a month.
    """

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Calculator:
    """A form of one topic and city; ``data`` is what its module works with."""

    topic: str
    title: str
    button: str
    fields: tuple[Field, ...]
    data: Wire


BIRTH = Field("age", "出生年月", "birth")


def retiree_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form 每月划入 of a pool; ``None`` where all get the same, or nobody knows what."""
    spans = wire(rules, slug, RETIREE, day)
    amount, ratio = spans[RETIREE[0]], spans[RETIREE[1]]
    fields: list[Field] = []
    if resolved[RETIREE[0]].state is State.KNOWN:
        fields += _fields(rules, amount)
    elif resolved[RETIREE[0]].state is State.UNKNOWN and _is_of_own_pension(resolved[RETIREE[1]]):
        fields += _fields(rules, ratio, spans[RETIREE[2]], spans[RETIREE[3]])
        fields.append(Field("pension", "本人每月的养老金（元）", "yuan"))
    if not fields:
        return None
    return Calculator("huaru", "算一算我的", "看看划入多少", tuple(fields), _data(spans, day))


def active_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form for who still works: contribution base → credit a month."""
    spans = wire(rules, slug, ACTIVE, day)
    # Only where the answer depends on the base; the sum itself knows what it lacks.
    if resolved["account.active.amount"].state is State.KNOWN:
        return None
    if active_credit(resolved, {"age": 40, "base": Decimal(5000)}) is None:
        return None
    fields = [
        *_fields(rules, spans["account.active.rate"]),
        Field("base", "每月缴费基数（元）", "yuan"),
    ]
    return Calculator(
        "zaizhi", "还在上班，算一算", "看看划入多少", tuple(fields), _data(spans, day)
    )


def _data(spans: Mapping[str, list[Wire]], day: date) -> Wire:
    return {"asOf": day.toordinal(), "rules": spans}


def _is_of_own_pension(ratio: Resolved) -> bool:
    if ratio.state is not State.KNOWN or ratio.entry is None or ratio.entry.rounding:
        return False
    rows = ratio.entry.value if isinstance(ratio.entry.value, tuple) else ()
    bases = [row.base or ratio.entry.base for row in rows] or [ratio.entry.base]
    return any(base is not None and base.of == "own_pension" for base in bases)


def _fields(rules: Rules, *spans: Iterable[Wire]) -> list[Field]:
    """A field for each axis that the rows of some spans depend on."""
    seen: dict[str, set[str]] = {}
    for span in (span for group in spans for span in group):
        for row in span.get("rows", ()):
            for axis, bound in row["bounds"].items():
                seen.setdefault(axis, set()).add(str(bound))
    return [_field(rules.vocabulary.axes[axis], found) for axis, found in seen.items()]


def _field(axis: Axis, found: set[str]) -> Field:
    if axis.id == "age":
        return BIRTH
    if axis.kind == "ordered":
        return Field(axis.id, axis.label, "month")
    options = tuple((value, words) for value, words in axis.values.items() if value in found)
    return Field(axis.id, axis.label, "choice", options)
