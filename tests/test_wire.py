"""One meaning, two languages: JavaScript answers every question as Python does.

The questions are the cases of ``patterns/``, the edges of every band of every pool, and
random shares; they run in a real page of the site, behind the headers of production.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import CHINA, SiteServer
from conftest import AS_OF, ROOT
from sitegen.credit import ACTIVE, RETIREE, active_credit, retiree_credit, share_of
from sitegen.load import load_rules
from sitegen.model import Bound, Condition, Rules, Word
from sitegen.resolve import (
    NoRow,
    Person,
    resolve,
    resolve_area,
    years_between,
)
from sitegen.wire import wire
from test_patterns import CASES, PATTERNS, Asked, RulesOf, rules_of  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ASK = """async ([folder, questions, tables]) => {
    const rules = {...await import(folder + "rules.js"), ...await import(folder + "credit.js")};
    const answer = (q) => {
        if (q.table !== undefined) q.rules = tables[q.table];
        const value = () => rules.valueFor(rules.spanOn(q.rules[q.id], q.day), q.person);
        if (q.ask === "value") return value() && value().value;
        if (q.ask === "state") return rules.spanOn(q.rules[q.id], q.day).state;
        if (q.ask === "holds") return rules.holds(value().value, q.person);
        if (q.ask === "fen") return rules.shareOf(value().base.fen, value().value);
        if (q.ask === "credit") return rules.retireeCredit(q.rules, q.person, q.day);
        if (q.ask === "active") return rules.activeCredit(q.rules, q.person, q.day);
        if (q.ask === "age") return rules.yearsBetween(q.born, q.day);
        if (q.ask === "share") return rules.shareOf(q.fen, q.share);
        if (q.ask === "day") return rules.dayNumber(...q.date);
    };
    return questions.map(answer);
}"""


@pytest.fixture(scope="module")
def asking(browser: Browser, mini_site: Path) -> Iterator[Any]:
    """Asks JavaScript a list of questions, in a page of the site."""
    (script,) = mini_site.glob("assets/*/rules.js")
    with SiteServer(mini_site) as server:
        context = browser.new_context(**CHINA)
        page: Page = context.new_page()
        page.goto(f"{server.url}/jia/")
        folder = f"/assets/{script.parent.name}/"
        yield lambda questions, *tables: page.evaluate(ASK, [folder, questions, tables])
        context.close()


def wired(person: Person) -> dict[str, Any]:
    """A person as the browser knows it."""
    read: dict[str, Any] = {}
    for name, value in person.items():
        if isinstance(value, date):
            read[name] = value.toordinal()
        elif name in ("pension", "base"):
            assert isinstance(value, Decimal)
            read[name] = int(value * 100)
        else:
            read[name] = float(value) if isinstance(value, Decimal) else value
    return read


def plain(value: object, rules: Rules, parameter: str) -> object:
    """What Python answers, in the form in which the browser has it."""
    unit = rules.vocabulary.parameters[parameter].unit
    if isinstance(value, Word):
        return {"word": value.value}
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, Decimal) and unit == "yuan":
        return int(value * 100)
    if isinstance(value, Decimal) and unit == "share":
        return value.as_integer_ratio()
    return float(value) if isinstance(value, Decimal) else value


def same(found: object, expected: object) -> bool:
    if isinstance(expected, tuple) and isinstance(found, list):
        return found[0] * expected[1] == found[1] * expected[0]
    if isinstance(found, dict) and "is" in found:
        return found["is"] == expected
    if isinstance(found, dict) and {"any", "all"} & set(found):
        return isinstance(expected, Condition)
    return found == expected


def test_every_case_of_a_pattern_is_answered_alike(asking, rules_of: RulesOf) -> None:  # noqa: F811
    questions: list[dict[str, Any]] = []
    expected: list[object] = []
    names: list[str] = []

    def put(case: Any, ask: str, answer: object, ids: tuple[str, ...]) -> None:
        asked = Asked(rules, case.data)
        data = wire(rules, case.data["area"], ids, date.min)
        questions.append(
            {"ask": ask, "rules": data, "id": case.data["parameter"]}
            | {"day": asked.day.toordinal(), "person": wired(asked.person)}
        )
        expected.append(answer)
        names.append(f"{case.stem} {case.data['name']} {ask}")

    for case in CASES:
        rules = rules_of(case.stem)
        asked, id = Asked(rules, case.data), case.data["parameter"]
        state = asked.resolved.state.value
        put(case, "state", state, (id,))
        if state == "known":
            is_row_missing = isinstance(asked.entry.value, tuple) and asked.has_no_row
            value = None if is_row_missing else plain(asked.value, rules, id)
            put(case, "value", value, (id,))
        # Nobody can type a part of a fen into a form.
        is_whole = Decimal(case.data.get("person", {}).get("pension", "0")) * 100 % 1 == 0
        if "credit" in case.data["expect"] and is_whole:
            credit = case.data["expect"]["credit"]
            put(case, "credit", None if credit == "none" else credit, RETIREE)
        if "holds" in case.data["expect"]:
            answer = case.data["expect"]["holds"]
            put(case, "holds", None if answer == "open" else answer, (id,))
        if "fen" in case.data["expect"]:
            put(case, "fen", case.data["expect"]["fen"], (id,))
    found = asking(questions)
    for name, ours, theirs in zip(names, expected, found, strict=True):
        if isinstance(ours, dict) and "gross_fen" in ours:
            theirs = theirs and {"gross_fen": theirs["gross"], "net_fen": theirs["net"]}
        assert same(theirs, ours), name
    assert len(found) > len(CASES)


def people_around(bounds: set[int], day: date) -> Iterator[date]:
    """Birthdays that make somebody reach each age yesterday, today and tomorrow."""
    for age in sorted(bounds | {age - 1 for age in bounds if age} | {55, 60, 100}):
        for shift in (-1, 0, 1):
            edge = day + timedelta(shift)
            try:
                yield edge.replace(year=edge.year - age)
            except ValueError:
                yield edge.replace(year=edge.year - age, day=28)


def test_every_pool_credits_the_same_fen_around_every_birthday_that_counts(asking) -> None:
    rules = load_rules(ROOT)
    questions: list[dict[str, Any]] = []
    expected: list[object] = []
    days = (AS_OF, AS_OF + timedelta(40), date(2028, 2, 29))
    pools = [area.slug for area in rules.areas.values() if area.level == "pool"]
    tables = [wire(rules, slug, RETIREE, AS_OF) for slug in pools]
    for number, slug in enumerate(pools):
        for day in days:
            values = resolve_area(rules, slug, day)
            entry = values["account.retiree.amount"].entry
            rows = entry.value if entry and isinstance(entry.value, tuple) else ()
            others = [
                {axis: bound for axis, bound in row.bounds.items() if axis != "age"} for row in rows
            ] or [{}]
            bounds = {bound for row in rows if isinstance(bound := row.bounds.get("age"), int)}
            people = {
                (born, tuple(other.items()))
                for born in people_around(bounds, day)
                for other in others
            }
            for born, other in sorted(people, key=str):
                person: dict[str, Bound | Decimal] = dict(other)
                person |= {"age": years_between(born, day), "pension": Decimal("3333.33")}
                try:
                    credit = retiree_credit(values, person)
                except NoRow:
                    credit = None
                expected.append({"gross": credit[0], "net": credit[1]} if credit else None)
                questions.append(
                    {"ask": "credit", "table": number, "day": day.toordinal()}
                    | {"person": wired(person)}
                )
    found = asking(questions, *tables)
    ours = [answer and {"gross": answer["gross"], "net": answer["net"]} for answer in found]
    pairs = zip(ours, expected, strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert sum(answer is not None for answer in expected) > 1000


def test_every_pool_credits_the_same_fen_to_an_employee(asking) -> None:
    rules = load_rules(ROOT)
    pools = [area.slug for area in rules.areas.values() if area.level == "pool"]
    tables = [wire(rules, slug, ACTIVE, AS_OF) for slug in pools]
    questions: list[dict[str, Any]] = []
    expected: list[object] = []
    for number, slug in enumerate(pools):
        values = resolve_area(rules, slug, AS_OF)
        for age in (22, 34, 35, 39, 40, 44, 45, 46, 59):
            for base in ("4000", "6812.35", "0.25", "33333.33"):
                person: Person = {"age": age, "base": Decimal(base)}
                credit = active_credit(values, person)
                expected.append({"gross": credit[0], "net": credit[1]} if credit else None)
                questions.append(
                    {"ask": "active", "table": number, "day": AS_OF.toordinal()}
                    | {"person": wired(person)}
                )
    found = asking(questions, *tables)
    ours = [answer and {"gross": answer["gross"], "net": answer["net"]} for answer in found]
    assert ours == expected
    assert sum(answer is not None for answer in expected) > 1000


def test_age_rises_on_the_birthday_in_both_languages(asking) -> None:
    births = [date(1956, 2, 29), date(1960, 12, 31), date(1960, 1, 1), date(1955, 3, 15)]
    days = [
        date(year, month, day)
        for year in (2026, 2027, 2028)
        for month, day in ((1, 1), (2, 28), (3, 1), (3, 14), (3, 15), (3, 16), (12, 30), (12, 31))
    ] + [date(2028, 2, 29)]
    pairs = [(born, day) for born in births for day in days]
    questions = [{"ask": "age", "born": b.toordinal(), "day": d.toordinal()} for b, d in pairs]
    assert asking(questions) == [years_between(born, day) for born, day in pairs]


def test_day_that_no_calendar_has_is_no_day(asking) -> None:
    dates = [[1955, 2, 29], [1956, 2, 29], [2026, 13, 1], [2026, 4, 31], [1, 1, 1], [2026, 11, 22]]
    numbers = asking([{"ask": "day", "date": parts} for parts in dates])
    expected = [None, date(1956, 2, 29).toordinal(), None, None, 1, AS_OF.toordinal() + 1]
    assert numbers == expected


def test_twenty_thousand_random_shares_round_to_the_same_fen(asking) -> None:
    chance = random.Random(20261122)
    cases = [
        (chance.randrange(1, 10_000_000), chance.randrange(1, 10**places), places)
        for places in (2, 3, 4, 5)
        for _ in range(5_000)
    ]
    questions = [{"ask": "share", "fen": fen, "share": [n, 10**p]} for fen, n, p in cases]
    expected = [share_of(Decimal(fen) / 100, Decimal(n).scaleb(-p)) for fen, n, p in cases]
    assert asking(questions) == expected
    assert len(cases) == 20_000


def test_no_figure_leaves_python_that_is_not_whole_fen() -> None:
    rules = load_rules(ROOT)
    for area in rules.areas.values():
        if area.level == "pool":
            wire(rules, area.slug, rules.vocabulary.parameters, AS_OF)  # raises where one is not


def test_what_is_not_known_brings_no_number_along() -> None:
    rules = load_rules(ROOT)
    for slug in ("wuhan", "alashan", "nanjing"):
        for id, spans in wire(rules, slug, rules.vocabulary.parameters, AS_OF).items():
            for span in spans:
                known = (
                    resolve(rules, slug, id, date.fromordinal(span["from"])).state.value == "known"
                )
                assert ("value" in span or "rows" in span) == known
