"""What is in force: in an area, on a day, for a person. Pure functions, no fallback.

An entry is in force from its first day until the next one. Where an area has none, or its
entry says ``inherit``, the parent is asked. Nothing fits means ``unknown`` or an error,
never a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sitegen.model import (
    Bound,
    Claim,
    Condition,
    Entry,
    FactLeaf,
    Resolved,
    Row,
    Rules,
    Scalar,
    State,
    TextLeaf,
    Value,
    Word,
)

Person = Mapping[str, Bound | Decimal]

# A rival claim weighs only from this level on; weaker ones are kept as leads.
WEIGHTY = ("primary", "quoted", "reported")


class NoRow(LookupError):
    """No row fits the person: a gap in the data or in what is known of the person."""


def in_force(entries: tuple[Entry, ...], day: date) -> Entry | None:
    """The entry in force on ``day``: the latest that started, announced ones left out."""
    started = [e for e in entries if e.status == "in_force" and e.start.day <= day]
    return started[-1] if started else None


def resolve(rules: Rules, slug: str, parameter: str, day: date) -> Resolved:
    """What the area ``slug`` has for ``parameter`` on ``day``, its own or a parent's."""
    upcoming: list[Entry] = []
    claims: list[Claim] = []
    origin, found = "", None
    for area in rules.ancestry(slug):
        entries = rules.entries[area.slug].get(parameter, ())
        # What the parent announced in the same words is told once.
        told = {(e.start, str(e.value), e.status) for e in upcoming}
        upcoming += [
            e
            for e in entries
            if (e.status == "announced" or e.start.day > day)
            and (e.start, str(e.value), e.status) not in told
        ]
        entry = in_force(entries, day)
        if entry is not None:
            claims += entry.claims
            if entry.value is not Word.INHERIT:
                origin, found = area.slug, entry
                break
    own = rules.entries[slug].get(parameter, ())
    current = in_force(own, day)
    history = [e for e in own if e.status == "in_force" and e is not current and e.start.day <= day]
    return Resolved(
        parameter=parameter,
        area=slug,
        state=_state(found, tuple(claims)),
        origin=origin,
        entry=found,
        upcoming=tuple(sorted(upcoming, key=lambda e: e.start)),
        history=tuple(reversed(history)),
        claims=tuple(claims),
    )


def resolve_area(rules: Rules, slug: str, day: date) -> dict[str, Resolved]:
    """Every parameter of the vocabulary for one area and day."""
    return {id: resolve(rules, slug, id, day) for id in rules.vocabulary.parameters}


def _state(entry: Entry | None, claims: tuple[Claim, ...]) -> State:
    if entry is None or entry.value is Word.UNKNOWN:
        return State.UNKNOWN
    if entry.verified == "unverified":
        return State.UNVERIFIED
    if any(claim.verified in WEIGHTY for claim in claims):
        return State.DISPUTED
    if entry.value is Word.NONE:
        return State.NONE
    return State.DESCRIBED if entry.value is Word.DESCRIBED else State.KNOWN


def lookup(rows: tuple[Row, ...], person: Person) -> Row:
    """The row that fits ``person``.

    Categories must be equal; on an ordered axis (whole years, or a day) the row with the
    greatest bound not above the person's wins. Raises ``NoRow`` if nothing fits: a missing
    band is a gap in the data, not a zero.
    """
    best: Row | None = None
    for row in rows:
        if all(_fits(bound, person.get(axis)) for axis, bound in row.bounds.items()) and (
            best is None or _ordered_bound(row) >= _ordered_bound(best)
        ):
            best = row
    if best is None:
        raise NoRow(f"no row for {dict(person)}")
    return best


def _fits(bound: Bound, value: Bound | Decimal | None) -> bool:
    if isinstance(bound, str) or value is None:
        return bound == value
    return type(bound) is type(value) and bound <= value  # type: ignore[operator]


def _ordered_bound(row: Row) -> int:
    bounds = (b for b in row.bounds.values() if not isinstance(b, str))
    return max((b.toordinal() if isinstance(b, date) else b for b in bounds), default=0)


def value_for(value: Value, person: Person) -> Scalar | Condition:
    """The scalar of a value for ``person``: of the row that fits, or the value itself."""
    return lookup(value, person).value if isinstance(value, tuple) else value


def holds(part: Condition | FactLeaf | TextLeaf, person: Person) -> bool | None:
    """Whether a condition is met; ``None`` where that cannot be computed.

    A described leaf and a fact that is not known of the person are open; an open part
    decides nothing, and is decided over by the others where logic allows.
    """
    if isinstance(part, TextLeaf):
        return None
    if isinstance(part, FactLeaf):
        fact = person.get(part.fact)
        return None if fact is None else Decimal(str(fact)) >= part.at_least
    answers = [holds(item, person) for item in part.parts]
    decisive = part.kind == "any"
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def years_between(born: date, day: date) -> int:
    """Whole years from one day to another: 周岁 rises on the birthday.

    Who was born on 29 February is a year older on 1 March where the year has no such day.
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_between(earlier: date, later: date) -> int:
    """Whole months from ``earlier`` to ``later``."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


@dataclass(frozen=True)
class Age:
    """How many published values there are, and how many are past their review period."""

    values: int
    stale: int


def age_of(rules: Rules, day: date) -> Age:
    """Count the values in force on ``day`` whose source is older than their review."""
    values = stale = 0
    for slug in rules.entries:
        for id, entries in rules.entries[slug].items():
            entry = in_force(entries, day)
            if entry is None or entry.value in (Word.UNKNOWN, Word.INHERIT):
                continue
            values += 1
            published = rules.sources[entry.source].published.day
            stale += months_between(published, day) >= rules.vocabulary.parameters[id].review
    return Age(values, stale)
