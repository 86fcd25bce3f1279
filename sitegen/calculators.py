"""What a calculator on a page asks for, and the rules that it works with.

A calculator stands only where it can say more than the page does: where the answer depends on
the person. Where anything that a sum needs is not known, there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sitegen.credit import ACTIVE, RETIREE, active_credit
from sitegen.model import Condition, FactLeaf, Resolved, Rules, State, TextLeaf
from sitegen.wire import Wire, wire


@dataclass(frozen=True)
class Field:
    """A question of a form; ``kind`` says how it is asked and read (``form.js``).

    ``birth`` and ``month`` are a year and a month, ``year`` is a year, ``length`` years and
    months, ``yuan`` money a month, ``choice`` one of ``options`` (value, words).
    """

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Calculator:
    """A form of one topic and city; ``module`` works with ``data``, and knows ``name``.

    ``anchor`` is where it stands on its page: ``suan`` for the first one.
    """

    name: str
    module: str
    anchor: str
    title: str
    button: str
    fields: tuple[Field, ...]
    data: Wire


Maker = Callable[[Rules, str, Mapping[str, Resolved], date], Calculator | None]

BIRTH = Field(
    "birth", "出生年月", "birth", hint="按身份证上的公历。按周岁算，过了生日才加一岁，不是虚岁。"
)

YEARS = (
    "years.minimum",
    "years.actual",
    "years.extra_local",
    "years.deemed",
    "years.condition",
)
RESIDENT_GAP = (
    "lapse.resident.fixed",
    "lapse.resident.step",
    "lapse.resident.first_counted",
    "lapse.resident.max",
    "lapse.resident.floor",
    "lapse.resident.start_after_gap",
)
EMPLOYEE_GAP = (
    "lapse.grace",
    "lapse.wait",
    "lapse.wait_max",
    "lapse.start",
)
FEE = (
    "resident.fee",
    "resident.window_start",
    "resident.window_end",
    "resident.late_pays",
    "lapse.resident.fixed",
)

# Where the first calculator of a page stands.
ANCHOR = "suan"

# Where a choice is whether somebody pays in time.
LATE = "late"


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
    return _calculator("huaru", "huaru", "算一算我的", "看看划入多少", fields, spans, day)


def active_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form for who still works: contribution base → credit a month."""
    spans = wire(rules, slug, ACTIVE, day)
    if active_credit(resolved, {"age": 40, "base": Decimal(5000)}) is None:
        return None
    fields = [
        *_fields(rules, spans["account.active.rate"]),
        Field("base", "每月缴费基数（元）", "yuan"),
    ]
    title = "还在上班，算一算"
    return _calculator("zaizhi", "huaru", title, "看看划入多少", fields, spans, day)


def years_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form 要交满几年: years paid and the month of retirement → years that are missing.

    ``None`` where neither the years nor the condition of the pool are known.
    """
    spans = wire(rules, slug, YEARS, day)
    if resolved["years.minimum"].state is State.KNOWN:
        asked = _fields(rules, *(spans[id] for id in YEARS[:3]))
        fields = [
            *(field for field in asked if field.name != "retired"),
            Field("retired", "打算哪年哪月退休", "month"),
            Field("actual", "实际交了多久", "length", hint="在哪里交的都算上。"),
            *_where_it_counts(rules, resolved["years.actual_place"]),
            Field("deemed", "视同缴费多久", "length", hint="没有就写0。"),
        ]
    elif resolved["years.condition"].state is State.KNOWN:
        entry = resolved["years.condition"].entry
        assert entry is not None and isinstance(entry.value, Condition)
        facts = dict.fromkeys(_facts(entry.value))
        fields = [Field(id, rules.vocabulary.facts[id], "length") for id in facts]
    else:
        return None
    return _calculator(
        "nianxian", "nianxian", "还差几年，算一算", "看看还差多少", fields, spans, day
    )


def resident_gap_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form of 居民医保断缴: the last year paid → how long to wait.

    ``None`` where no number of months is known.
    """
    known = any(
        resolved[id].state is State.KNOWN for id in ("lapse.resident.fixed", "lapse.resident.max")
    )
    if not known:
        return None
    spans = wire(rules, slug, RESIDENT_GAP, day)
    fields = [
        Field(
            "last", "最后交的是哪一年的", "year", hint="居民医保按年交：填最后一次保到的那一年。"
        ),
        _year_of_cover(day),
        _in_time(rules),
    ]
    return _calculator(
        "jumin", "duanjiao", "断了几年、等多久，算一算", "看看等多久", fields, spans, day
    )


def employee_gap_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form of 职工医保断缴: the last month paid → what holds, and the first day covered."""
    spans = wire(rules, slug, EMPLOYEE_GAP, day)
    insured = rules.vocabulary.axes["insured"]
    asked = [
        field for field in _fields(rules, *spans.values()) if field.name not in ("insured", "gap")
    ]
    fields = [
        Field("insured", insured.label, "choice", tuple(insured.values.items())),
        Field("paid", "交到哪年哪月", "month", hint="医保最后一次交的是哪个月的。"),
        Field("again", "哪年哪月再交", "month"),
        *asked,
    ]
    return _calculator(
        "zhigong", "duanjiao", "断了几个月，算一算", "看看怎么办", fields, spans, day
    )


def fee_calculator(
    rules: Rules, slug: str, resolved: Mapping[str, Resolved], day: date
) -> Calculator | None:
    """The form 居民医保: year and group → fee, time to pay, and what comes of being late.

    ``None`` where no fee of this year or the next is known.
    """
    spans = wire(rules, slug, FEE, day)
    if not any(span["state"] == State.KNOWN.value for span in spans["resident.fee"]):
        return None
    asked = [field for field in _fields(rules, spans["resident.fee"]) if field.name != LATE]
    fields = [_year_of_cover(day), *asked, _in_time(rules)]
    return _calculator("jumin", "jumin", "我交多少，算一算", "看看交多少", fields, spans, day)


# What each topic calculates, as people ask for it.
TOPICS: Mapping[str, str] = {
    "huaru": "算一算：每月划入多少",
    "nianxian": "算一算：还差几年",
    "duanjiao": "算一算：断了要等多久",
    "jumin": "算一算：居民医保交多少",
}

# The calculators of each guide, by the names that its text calls them.
CALCULATORS: Mapping[str, Mapping[str, Maker]] = {
    "huaru": {"huaru": retiree_calculator, "zaizhi": active_calculator},
    "nianxian": {"nianxian": years_calculator},
    "duanjiao": {"jumin": resident_gap_calculator, "zhigong": employee_gap_calculator},
    "jumin": {"jumin": fee_calculator},
}

# What the calculators of each guide are made of.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "huaru": (*RETIREE, *ACTIVE),
    "nianxian": (*YEARS, "years.actual_place"),
    "duanjiao": (*RESIDENT_GAP, *EMPLOYEE_GAP),
    "jumin": FEE,
}


def calculators_of(
    guide: str,
    names: Iterable[str],
    rules: Rules,
    slug: str,
    resolved: Mapping[str, Resolved],
    day: date,
) -> dict[str, Calculator | None]:
    """The calculators that the text of a guide calls by ``names``, for the page of a pool.

    ``resolved`` has what the pool has for all that the guide ``NEEDED``.
    """
    makers = CALCULATORS.get(guide, {})
    made = {name: makers[name](rules, slug, resolved, day) for name in names}
    first = next((name for name, form in made.items() if form), "")
    if form := made.get(first):
        made[first] = replace(form, anchor=ANCHOR)
    return made


def _calculator(
    name: str,
    module: str,
    title: str,
    button: str,
    fields: Iterable[Field],
    spans: Mapping[str, list[Wire]],
    day: date,
) -> Calculator:
    asked = tuple(fields)
    data = {
        "asOf": day.toordinal(),
        "fields": [[field.name, field.kind] for field in asked],
        "rules": spans,
    }
    return Calculator(name, module, f"{ANCHOR}-{name}", title, button, asked, data)


def _year_of_cover(day: date) -> Field:
    years = tuple((str(year), f"{year}年度") for year in (day.year, day.year + 1))
    return Field("year", "这回交哪一年的", "choice", years)


def _in_time(rules: Rules) -> Field:
    axis = rules.vocabulary.axes[LATE]
    return Field(LATE, "什么时候交", "choice", tuple(axis.values.items()))


def _where_it_counts(rules: Rules, place: Resolved) -> Iterator[Field]:
    """How much of the time paid counts for the least actual years, where not all of it does."""
    if place.state is State.KNOWN and place.entry and place.entry.value != "anywhere":
        words = rules.vocabulary.parameters[place.parameter].values[str(place.entry.value)]
        label = f"其中{words.removesuffix('才算')}有多久"
        yield Field("local", label, "length", hint="最低实际缴费年限只看这一段。没有就写0。")


def _facts(part: Condition | FactLeaf | TextLeaf) -> Iterator[str]:
    """The facts that a condition asks about."""
    if isinstance(part, FactLeaf):
        yield part.fact
    elif isinstance(part, Condition):
        for item in part.parts:
            yield from _facts(item)


def _is_of_own_pension(ratio: Resolved) -> bool:
    if ratio.state is not State.KNOWN or ratio.entry is None or ratio.entry.rounding:
        return False
    rows = ratio.entry.value if isinstance(ratio.entry.value, tuple) else ()
    bases = [row.base or ratio.entry.base for row in rows] or [ratio.entry.base]
    return any(base is not None and base.of == "own_pension" for base in bases)


def _fields(rules: Rules, *spans: Iterable[Wire]) -> list[Field]:
    """A field for each axis that the rows of some spans depend on; one for a birthday."""
    seen: dict[str, set[str]] = {}
    for span in (span for group in spans for span in group):
        for row in span.get("rows", ()):
            for axis, bound in row["bounds"].items():
                seen.setdefault(axis, set()).add(str(bound))
    fields = (_field(rules, axis, found) for axis, found in seen.items())
    return list(dict.fromkeys(fields))


def _field(rules: Rules, id: str, found: set[str]) -> Field:
    axis = rules.vocabulary.axes[id]
    if axis.id in ("age", "born"):
        return BIRTH
    if axis.kind == "ordered":
        return Field(axis.id, axis.label, "month")
    options = tuple((value, words) for value, words in axis.values.items() if value in found)
    return Field(axis.id, axis.label, "choice", options)
