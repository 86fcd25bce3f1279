"""What holds for every rule that has rows, whoever asks and on whatever day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import AS_OF, ROOT
from sitegen.credit import RETIREE, retiree_credit
from sitegen.load import load_rules
from sitegen.model import Bound, Entry, Row
from sitegen.resolve import in_force, lookup, resolve, resolve_area, years_between
from sitegen.wire import wire

RULES = load_rules(ROOT)
POOLS = [area.slug for area in RULES.areas.values() if area.level == "pool"]
ORDERED = {axis.id for axis in RULES.vocabulary.axes.values() if axis.kind == "ordered"}

DAYS = st.dates(date(1996, 1, 1), date(2040, 12, 31))
BIRTHS = st.dates(date(1900, 1, 1), AS_OF)


def entries() -> Iterator[tuple[str, str, Entry]]:
    for slug, values in RULES.entries.items():
        for id, found in values.items():
            yield from ((slug, id, entry) for entry in found)


WITH_ROWS = [entry for _, _, entry in entries() if isinstance(entry.value, tuple)]
# What is credited by age is the heart of the site.
BY_AGE = [
    slug
    for slug in POOLS
    if (entry := resolve(RULES, slug, RETIREE[0], AS_OF).entry)
    and isinstance(entry.value, tuple)
    and "age" in entry.value[0].bounds
]


def holds(row: Row, rows: tuple[Row, ...], person: dict[str, Bound]) -> bool:
    """Whether a person is in the band of a row: from its bound up to that of the next one."""
    for axis, low in row.bounds.items():
        value = person[axis]
        if axis not in ORDERED:
            if value != low:
                return False
            continue
        others = [
            other.bounds[axis]
            for other in rows
            if all(other.bounds[a] == b for a, b in row.bounds.items() if a != axis)
        ]
        above = [bound for bound in others if bound > low]  # type: ignore[operator]
        if value < low or (above and value >= min(above)):  # type: ignore[operator, type-var]
            return False
    return True


@st.composite
def somebody(draw: st.DrawFn, rows: tuple[Row, ...], day: date) -> dict[str, Bound]:
    """A person of whom all is known that the rows ask for, born on any day."""
    person: dict[str, Bound] = {}
    for axis in rows[0].bounds:
        if axis == "age":
            person[axis] = years_between(draw(BIRTHS), day)
        elif axis not in ORDERED:
            person[axis] = draw(st.sampled_from([row.bounds[axis] for row in rows]))
        elif RULES.vocabulary.axes[axis].unit == "date":
            person[axis] = draw(st.dates(date(1949, 10, 1), date(2060, 12, 31)))
        else:
            person[axis] = draw(st.integers(0, 600))
    return person


@pytest.mark.parametrize("entry", WITH_ROWS, ids=lambda entry: str(entry.at))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_everybody_is_in_exactly_one_band(entry: Entry, data: st.DataObject) -> None:
    assert isinstance(entry.value, tuple)
    person = data.draw(somebody(entry.value, max(AS_OF, entry.start.day)))
    axes = [set(row.bounds) for row in entry.value]
    fitting = [row for row in entry.value if holds(row, entry.value, person)]
    if all(found == axes[0] for found in axes) and fitting:
        assert len(fitting) == 1
        assert lookup(entry.value, person) is fitting[0]
    else:
        # Only a list of groups that names some people alone may leave somebody out.
        partial = {axis for axis in person if RULES.vocabulary.axes[axis].is_partial}
        assert partial


@pytest.mark.parametrize("slug", BY_AGE)
@settings(max_examples=60, deadline=None)
@given(born=BIRTHS, later=st.integers(1, 400), day=st.integers(0, 1500))
def test_amount_never_changes_inside_of_a_band(slug: str, born: date, later: int, day: int) -> None:
    on = AS_OF + timedelta(day)
    values = resolve_area(RULES, slug, on)
    entry = values[RETIREE[0]].entry
    assert entry and isinstance(entry.value, tuple)
    others = [
        {axis: bound for axis, bound in row.bounds.items() if axis != "age"} for row in entry.value
    ]
    ages = [years_between(birthday, on) for birthday in (born, born - timedelta(later))]
    if ages[0] < 0:
        return
    for other in others:
        bands = [lookup(entry.value, {**other, "age": age}) for age in ages]
        credits = [retiree_credit(values, {**other, "age": age}) for age in ages]
        if bands[0] is bands[1]:
            assert credits[0] == credits[1]
        elif all(isinstance(row.value, Decimal) for row in bands):
            # Who is older is never in the band of the younger.
            assert bands[0].bounds["age"] < bands[1].bounds["age"]  # type: ignore[operator]


@settings(max_examples=300, deadline=None)
@given(born=BIRTHS, first=DAYS, days=st.integers(0, 4000))
def test_nobody_grows_younger(born: date, first: date, days: int) -> None:
    later = first + timedelta(days)
    assert years_between(born, first) <= years_between(born, later)
    # And nobody born later is older.
    assert years_between(born + timedelta(days), first) <= years_between(born, first)


@settings(max_examples=400, deadline=None)
@given(slug=st.sampled_from(POOLS), id=st.sampled_from([*RULES.vocabulary.parameters]), day=DAYS)
def test_entry_in_force_began_and_none_began_since(slug: str, id: str, day: date) -> None:
    found = resolve(RULES, slug, id, day)
    if found.entry is None:
        return
    assert found.entry.start.day <= day
    own = RULES.entries[found.origin].get(id, ())
    assert in_force(own, day) is found.entry
    assert not [
        entry
        for entry in own
        if entry.status == "in_force" and found.entry.start.day < entry.start.day <= day
    ]


def test_entries_of_a_figure_begin_one_after_another() -> None:
    for slug, values in RULES.entries.items():
        for id, found in values.items():
            days = [entry.start.day for entry in found if entry.status == "in_force"]
            assert days == sorted(set(days)), f"{slug} {id}"


@settings(max_examples=60, deadline=None)
@given(slug=st.sampled_from(POOLS), since=st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_spans_for_the_browser_begin_one_after_another(slug: str, since: date) -> None:
    for spans in wire(RULES, slug, RULES.vocabulary.parameters, since).values():
        starts = [span["from"] for span in spans]
        assert starts[0] == since.toordinal()
        assert starts == sorted(set(starts))
