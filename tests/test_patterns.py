"""Every shape of a real rule can be written, resolves on a day and answers for a person.

A file of ``patterns/`` holds one shape: ``areas`` are the files of a small ``rules/`` with
the figures and sources of real places, ``cases`` ask it questions. ``ANSWERS`` says what may
stand under ``expect``, ``index.txt`` lists the shapes. The files are plain data that convert
to JSON: days and written numbers are text, computed money is whole fen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from sitegen.credit import retiree_credit, share_of
from sitegen.load import LoadError, load_rules
from sitegen.model import Base, Bound, Condition, Entry, Row, Rules, Scalar, Vocabulary, When, Word
from sitegen.resolve import (
    NoRow,
    Person,
    holds,
    in_force,
    lookup,
    resolve,
    resolve_area,
    value_for,
)

TESTS = Path(__file__).parent
BOOL = "tag:yaml.org,2002:bool"


class CaseLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2, as JavaScript reads it: the key ``on`` is a word, not a truth value."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML declares it
        first: [(tag, form) for tag, form in resolvers if tag != BOOL or first in "tf"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


PATTERNS = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), CaseLoader)
    for path in sorted((TESTS / "patterns").glob("*.yaml"))
}
FIELDS = {"name", "area", "on", "parameter", "person", "expect", "why"}

RulesOf = Callable[[str], Rules]


@dataclass(frozen=True)
class Case:
    """One question of a pattern."""

    stem: str
    data: Mapping[str, Any]

    @property
    def __name__(self) -> str:
        """The id of the test: pytest would escape the Chinese of any other."""
        return f"{self.stem}-{self.data['name']}"


CASES = [Case(stem, data) for stem, pattern in PATTERNS.items() for data in pattern["cases"]]


def write_project(root: Path, areas: Mapping[str, str]) -> None:
    """A ``rules/`` with ``areas``, the real vocabulary and a bare head for each parent."""
    rules = root / "rules"
    rules.mkdir()
    shutil.copy(TESTS.parent / "rules" / "parameters.yaml", rules)
    parents = {f"{path.partition('/')[0]}/_province.yaml" for path in areas if "/" in path}
    heads = {path: bare_head(path, "province") for path in parents}
    for path, text in {"nation.yaml": bare_head("全国", "nation"), **heads, **areas}.items():
        file = rules / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def bare_head(name: str, level: str) -> str:
    return f"area: {name}\nshort: {name}\npinyin: jia\nlevel: {level}\nkind: {level}\n"


@pytest.fixture(scope="session")
def rules_of(tmp_path_factory: pytest.TempPathFactory) -> RulesOf:
    """The rules of a pattern, loaded once."""

    @cache
    def load(stem: str) -> Rules:
        root = tmp_path_factory.mktemp(stem)
        write_project(root, PATTERNS[stem]["areas"])
        try:
            return load_rules(root)
        except LoadError as error:
            pytest.fail("\n".join(map(str, error.problems)), pytrace=False)

    return load


def read_person(person: Mapping[str, str | int], vocabulary: Vocabulary) -> Person:
    """A person as a case writes it: days and money are text, whole numbers are numbers."""
    read: dict[str, Bound | Decimal] = {}
    for name, value in person.items():
        if name == "pension" or name in vocabulary.facts:
            read[name] = Decimal(value)
        elif vocabulary.axes[name].unit == "date":
            read[name] = date.fromisoformat(str(value))
        else:
            read[name] = value
    return read


@dataclass(frozen=True)
class Asked:
    """What the engine says to the question of a case."""

    rules: Rules
    data: Mapping[str, Any]

    @cached_property
    def day(self) -> date:
        return date.fromisoformat(self.data["on"])

    @cached_property
    def person(self) -> Person:
        return read_person(self.data.get("person", {}), self.rules.vocabulary)

    @cached_property
    def resolved(self) -> Any:
        return resolve(self.rules, self.data["area"], self.data["parameter"], self.day)

    @cached_property
    def entry(self) -> Entry:
        assert self.resolved.entry, "nothing is in force"
        return self.resolved.entry

    @cached_property
    def row(self) -> Row | None:
        return (
            lookup(self.entry.value, self.person) if isinstance(self.entry.value, tuple) else None
        )

    @cached_property
    def value(self) -> Scalar | Condition:
        return value_for(self.entry.value, self.person)

    @cached_property
    def base(self) -> Base | None:
        return (self.row.base if self.row else None) or self.entry.base

    @property
    def has_no_row(self) -> bool:
        try:
            return self.row is None
        except NoRow:
            return True

    @property
    def credit(self) -> dict[str, int] | str:
        values = resolve_area(self.rules, self.data["area"], self.day)
        credit = retiree_credit(values, self.person)
        return {"gross_fen": credit[0], "net_fen": credit[1]} if credit else "none"

    @property
    def holds(self) -> bool | str:
        assert isinstance(self.value, Condition)
        answer = holds(self.value, self.person)
        return "open" if answer is None else answer

    @property
    def fen(self) -> int:
        assert self.base and self.base.yuan is not None and isinstance(self.value, Decimal)
        return share_of(self.base.yuan, self.value)


def value_text(value: Scalar | Condition | None) -> str:
    """A value as the rules file writes it."""
    return value.value if isinstance(value, Word) else str(value)


def when_text(when: When) -> str:
    """A first day as precisely as the rules file writes it."""
    length = {"day": 10, "month": 7, "year": 4}.get(when.precision)
    return when.day.isoformat()[:length] if length else when.precision


def base_data(base: Base | None) -> dict[str, Any]:
    """The fields of a base that are written."""
    if base is None:
        return {}
    data = {name: getattr(base, name) for name in ("of", "scope", "year", "group")}
    data["yuan"] = str(base.yuan) if base.yuan is not None else ""
    data["floor"] = base_data(base.floor)
    return {name: value for name, value in data.items() if value}


ANSWERS: dict[str, Callable[[Asked], object]] = {
    # the value in force for the person, as written, and what stands beside it
    "value": lambda asked: value_text(asked.value),
    "per": lambda asked: asked.entry.per,
    "net": lambda asked: value_text(asked.row.net if asked.row else asked.entry.net),
    "base": lambda asked: base_data(asked.base),
    "note": lambda asked: asked.entry.note,
    "row_note": lambda asked: asked.row.note if asked.row else "",
    "no_row": lambda asked: asked.has_no_row,
    "provisional": lambda asked: asked.entry.provisional,
    "rounding": lambda asked: asked.entry.rounding,
    "notice_year": lambda asked: asked.entry.notice_year,
    "from": lambda asked: when_text(asked.entry.start),
    # where it comes from and what surrounds it
    "state": lambda asked: asked.resolved.state.value,
    "origin": lambda asked: asked.resolved.origin,
    "upcoming": lambda asked: len(asked.resolved.upcoming),
    "history": lambda asked: len(asked.resolved.history),
    "claims": lambda asked: len(asked.resolved.claims),
    # what is computed: a retiree's credit, a condition, a share of the printed base
    "credit": lambda asked: asked.credit,
    "holds": lambda asked: asked.holds,
    "fen": lambda asked: asked.fen,
}


@pytest.mark.parametrize("case", CASES)
def test_rule_answers_as_its_source_says(case: Case, rules_of: RulesOf) -> None:
    asked = Asked(rules_of(case.stem), case.data)
    expected = case.data["expect"]
    assert {key: ANSWERS[key](asked) for key in expected} == expected, case.data["name"]


def test_every_shape_of_a_real_rule_has_a_case() -> None:
    listed = (TESTS / "patterns" / "index.txt").read_text(encoding="utf-8").splitlines()
    asked = [pattern["pattern"] for pattern in PATTERNS.values() if pattern["cases"]]
    assert asked == listed


@pytest.mark.parametrize("stem", PATTERNS)
def test_case_file_is_plain_data(stem: str, rules_of: RulesOf) -> None:
    pattern = PATTERNS[stem]
    # An unquoted day cannot be dumped, an unquoted 0.02 does not come back as text.
    assert json.loads(json.dumps(pattern), parse_float=str) == pattern
    assert stem.startswith(pattern["pattern"].partition(" ")[0] + "-")
    names = [data["name"] for data in pattern["cases"]]
    assert len(set(names)) == len(names)
    for data in pattern["cases"]:
        assert set(data) | {"person"} == FIELDS, data["name"]
        assert data["why"] in rules_of(stem).sources, data["name"]


@pytest.mark.parametrize("stem", PATTERNS)
def test_every_boundary_is_asked(stem: str, rules_of: RulesOf) -> None:
    """An entry on its first day and the day before; a bound, and one year or day around it."""
    rules = rules_of(stem)
    asked = [Asked(rules, data) for data in PATTERNS[stem]["cases"]]
    missing = [
        f"{slug}: {id}: {what}"
        for slug, values in rules.entries.items()
        for id, entries in values.items()
        for what, is_asked in boundaries(entries)
        if not any(
            is_asked(question)
            for question in asked
            if question.data["parameter"] == id
            and slug in [area.slug for area in rules.ancestry(question.data["area"])]
        )
    ]
    assert not missing, "\n".join(missing)


def boundaries(entries: tuple[Entry, ...]) -> Iterator[tuple[str, Callable[[Asked], bool]]]:
    """What has to be asked about the entries of a parameter, and how to tell that it was."""
    for entry in entries:
        for days in (1, 0) if entry.start.is_stated else ():
            day = entry.start.day - timedelta(days)
            yield f"{day}", lambda asked, day=day: asked.day == day
        rows = entry.value if isinstance(entry.value, tuple) else ()
        people = [person for row in rows for person in people_at(row)] or [{}]
        for person in people if entry.status == "in_force" else ():
            yield (
                f"{when_text(entry.start)} {person}",
                lambda asked, entry=entry, person=person: (
                    in_force(entries, asked.day) is entry
                    and all(asked.person.get(axis) == at for axis, at in person.items())
                ),
            )


def people_at(row: Row) -> Iterator[dict[str, Bound]]:
    """The person of a row; at a bound of an ordered axis also those just before and after."""
    people: list[dict[str, Bound]] = [{}]
    for axis, bound in row.bounds.items():
        around: list[Bound] = [bound]
        if isinstance(bound, date):
            around = [bound + timedelta(n) for n in (-1, 0, 1)] if bound != date.min else []
        elif isinstance(bound, int):
            around = [bound + n for n in (-1, 0, 1)] if bound else []
        people = [{**person, axis: at} for person in people for at in around] or people
    return iter(people)
