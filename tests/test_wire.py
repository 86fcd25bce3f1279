"""One meaning, two languages: JavaScript answers every question as Python does.

The questions are the cases of ``patterns/``, the edges of every band of every pool, and
random shares; they run in a real page of the site, behind the headers of production.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import CHINA, SiteServer
from conftest import AS_OF
from sitegen.calculators import EMPLOYEE_GAP, FEE, RESIDENT_GAP, YEARS
from sitegen.credit import ACTIVE, RETIREE, active_credit, retiree_credit, share_of
from sitegen.model import Bound, Condition, Rules, State, Word
from sitegen.resolve import (
    NoRow,
    Person,
    resolve,
    resolve_area,
    value_for,
    years_between,
)
from sitegen.wire import wire
from test_patterns import CASES, PATTERNS, Asked, RulesOf, rules_of  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ASK = """async ([folder, questions, tables]) => {
    const names = ["rules", "huaru", "nianxian", "duanjiao", "jumin"];
    const modules = await Promise.all(names.map((name) => import(`${folder}${name}.js`)));
    const rules = Object.assign({}, ...modules);
    // A number that nobody knows travels as null.
    const known = (found) => found && Object.fromEntries(
        Object.entries(found).map(([name, n]) => [name, Number.isNaN(n) ? null : n]));
    const holds = ({lack, isOpen}) => lack ? false : isOpen ? null : true;
    const answer = (q) => {
        if (q.table !== undefined) q.rules = tables[q.table];
        const value = () => rules.valueFor(rules.spanOn(q.rules[q.id], q.day), q.person);
        if (q.ask === "value") return value() && value().value;
        if (q.ask === "state") return rules.spanOn(q.rules[q.id], q.day).state;
        if (q.ask === "holds") return holds(rules.lackOf(value().value, q.person));
        if (q.ask === "fen") return rules.shareOf(value().base.fen, value().value);
        if (q.ask === "credit") return rules.retireeCredit(q.rules, q.person, q.day);
        if (q.ask === "active") return rules.activeCredit(q.rules, q.person, q.day);
        if (q.ask === "years") return known(rules.yearsDue(q.rules, q.person, q.day));
        if (q.ask === "resident") return known(rules.residentWait(q.rules, q.person, q.day));
        if (q.ask === "employee") return known(rules.employeeGap(q.rules, q.person, q.day));
        if (q.ask === "fees") return rules.feesOf(q.rules, q.person, q.day).map((fee) => fee.value);
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
        elif name.startswith("years."):
            read[name] = float(Decimal(str(value)) * 12)
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


def unlike_pools(rules: Rules, ids: Collection[str], days: Collection[date]) -> list[str]:
    """One pool for all whose figures are the very same entries on these days.

    Python answers for such pools alike, as only the entry counts; that the browser has the same
    data for them is asserted here. So what holds for one holds for every pool.
    """
    found: dict[object, str] = {}
    for slug in pools_of(rules):
        entries = [resolve(rules, slug, name, day) for name in ids for day in days]
        key = tuple((one.state, id(one.entry)) for one in entries)
        first = found.setdefault(key, slug)
        assert wire(rules, slug, ids, AS_OF) == wire(rules, first, ids, AS_OF), slug
    assert len(found) < 200 < len(rules.areas)
    return list(found.values())


def pools_of(rules: Rules) -> list[str]:
    return [area.slug for area in rules.areas.values() if area.level == "pool"]


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


def test_every_pool_credits_the_same_fen_around_every_birthday_that_counts(asking, rules) -> None:
    questions: list[dict[str, Any]] = []
    expected: list[object] = []
    days = (AS_OF, AS_OF + timedelta(40), date(2028, 2, 29))
    pools = unlike_pools(rules, RETIREE, days)
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


def test_every_pool_credits_the_same_fen_to_an_employee(asking, rules) -> None:
    pools = unlike_pools(rules, ACTIVE, [AS_OF])
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
    assert sum(answer is not None for answer in expected) > 900


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


@pytest.mark.promise("B9")
def test_thousands_of_random_shares_round_to_the_same_fen(asking, figure, request) -> None:
    chance = random.Random(20261122)
    each = 5_000 if request.config.getoption("--all") else 500
    cases = [
        (chance.randrange(1, 10_000_000), chance.randrange(1, 10**places), places)
        for places in (2, 3, 4, 5)
        for _ in range(each)
    ]
    questions = [{"ask": "share", "fen": fen, "share": [n, 10**p]} for fen, n, p in cases]
    expected = [share_of(Decimal(fen) / 100, Decimal(n).scaleb(-p)) for fen, n, p in cases]
    assert asking(questions) == expected
    assert len(cases) >= 2_000
    figure(f"{len(cases)}/{len(cases)} equal")


def test_no_figure_leaves_python_that_is_not_whole_fen(rules) -> None:
    for area in rules.areas.values():
        if area.level == "pool":
            wire(rules, area.slug, rules.vocabulary.parameters, AS_OF)  # raises where one is not


def test_what_is_not_known_brings_no_number_along(rules) -> None:
    for slug in ("wuhan", "alashan", "nanjing"):
        for id, spans in wire(rules, slug, rules.vocabulary.parameters, AS_OF).items():
            for span in spans:
                day = date.fromordinal(span["from"])
                resolved = resolve(rules, slug, id, day)
                known = resolved.state.value == "known"
                if known and rules.vocabulary.parameters[id].is_yearly:
                    known = resolved.entry is not None and resolved.entry.start.day.year == day.year
                assert ("value" in span or "rows" in span) == known


def test_fee_of_one_year_is_no_fee_of_the_next(rules) -> None:
    spans = wire(rules, "beijing", ("resident.fee",), AS_OF)["resident.fee"]
    assert [span["state"] for span in spans] == ["known", "unknown"]
    assert date.fromordinal(spans[1]["from"]) == date(2027, 1, 1)


def known_number(rules: Rules, slug: str, id: str, person: Person, day: date) -> Decimal | None:
    """What Python says of a figure for a person, ``None`` where it is no known number."""
    resolved = resolve(rules, slug, id, day)
    if resolved.state is State.NONE and id == "years.actual":
        return Decimal(0)
    if resolved.state is not State.KNOWN or resolved.entry is None:
        return None
    if rules.vocabulary.parameters[id].is_yearly and resolved.entry.start.day.year != day.year:
        return None
    try:
        value = value_for(resolved.entry.value, person)
    except NoRow:
        return None
    if value is Word.NONE and id == "years.actual":
        return Decimal(0)
    return value if isinstance(value, Decimal) else None


def everybody(rules: Rules, slug: str, ids: tuple[str, ...], day: date) -> list[dict[str, Any]]:
    """One person for each combination of what the rows of some figures distinguish."""
    choices: dict[str, set[Bound]] = {}
    for id in ids:
        entry = resolve(rules, slug, id, day).entry
        for row in entry.value if entry and isinstance(entry.value, tuple) else ():
            for axis, bound in row.bounds.items():
                choices.setdefault(axis, set()).add(bound)
    people: list[dict[str, Any]] = [{}]
    for axis, bounds in choices.items():
        if axis not in ("retired", "age", "born"):
            people = [{**person, axis: bound} for person in people for bound in bounds]
    return people


def test_every_pool_asks_for_the_same_years_in_both_languages(asking, rules) -> None:
    # The months around every step that a rule takes, and some that no rule names.
    months = [date(2026, 12, 1), date(2027, 1, 1), date(2028, 12, 1), date(2030, 1, 1)]
    months += [date(2026, 11, 1), date(2029, 12, 1), date(2045, 6, 1)]
    pools = unlike_pools(rules, YEARS, {max(AS_OF, month) for month in months})
    tables = [wire(rules, slug, YEARS, AS_OF) for slug in pools]
    questions: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []
    # Months paid, of these where they count (None: nobody asked), deemed months.
    paid = ((240, None, 0), (180, 120, 60), (0, 0, 300), (359, 60, 0), (360, None, 0))
    for number, slug in enumerate(pools):
        for retired in months:
            day = max(AS_OF, retired)
            for other in everybody(rules, slug, YEARS[:3], day):
                person = {**other, "retired": retired}
                total = known_number(rules, slug, "years.minimum", person, day)
                actual = known_number(rules, slug, "years.actual", person, day)
                deemed = resolve(rules, slug, "years.deemed", day)
                counted = not (deemed.entry and deemed.entry.value == "not_counted")
                for own, local, besides in paid:
                    sum_paid = own + (besides if counted else 0)
                    expected.append(
                        {
                            "total": None if total is None else int(total * 12),
                            "actual": None if actual is None else int(actual * 12),
                            "paid": sum_paid,
                            "lack": None if total is None else max(0, int(total * 12) - sum_paid),
                            "lackActual": max(
                                0, int((actual or 0) * 12) - (own if local is None else local)
                            ),
                            "isCounted": counted,
                            "isSure": deemed.state is State.KNOWN or not besides,
                        }
                    )
                    questions.append(
                        {"ask": "years", "table": number, "day": day.toordinal()}
                        | {
                            "person": wired(person)
                            | {"actual": own, "deemed": besides}
                            | ({} if local is None else {"local": local})
                        }
                    )
    pairs = zip(asking(questions, *tables), expected, strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert sum(answer["total"] is not None for answer in expected) > 1500


def test_every_pool_lets_a_resident_wait_as_long_in_both_languages(asking, rules) -> None:
    pools = unlike_pools(rules, RESIDENT_GAP, [AS_OF])
    tables = [wire(rules, slug, RESIDENT_GAP, AS_OF) for slug in pools]
    questions: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []
    for number, slug in enumerate(pools):
        named = {
            id.rpartition(".")[2]: known_number(rules, slug, id, {}, AS_OF) for id in RESIDENT_GAP
        }
        for year in (2026, 2027):
            for last in range(year - 7, year):
                missed = year - last - 1
                counted = year - max(last + 1, 2025)
                first, step = named["first_counted"], named["step"]
                more: Decimal | None = Decimal(0)
                if missed:
                    both = first is not None and step is not None
                    more = max(Decimal(0), counted - first + 1) * step if both else None
                expected.append(
                    {
                        "missed": missed,
                        "fixed": named["fixed"],
                        "step": step,
                        "more": more,
                        "floor": named["floor"] if counted > 3 else None,
                        "most": named["max"],
                    }
                )
                questions.append(
                    {"ask": "resident", "table": number, "day": AS_OF.toordinal()}
                    | {"person": {"last": last, "year": year}}
                )
    pairs = zip(asking(questions, *tables), expected, strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert sum(answer["fixed"] is not None for answer in expected) > 400


# In which month after the payment cover starts, by the word of the rule.
COVER_STARTS = {
    "payment_month": 0,
    "next_month": 1,
    "second_month": 1,
    "third_month": 2,
    "fourth_month": 3,
    "seventh_month": 6,
}


def test_every_word_for_the_start_of_cover_has_a_month_or_is_a_day(rules) -> None:
    words = rules.vocabulary.parameters["lapse.start"].values
    assert set(words) == {*COVER_STARTS, "payment_day_after"}


def test_every_pool_covers_an_employee_from_the_same_day_in_both_languages(asking, rules) -> None:
    # Paid for June; nothing missed, and up to eight months around every grace.
    paid = date(2026, 6, 1)
    later = [date(2026 + m // 12, m % 12 + 1, 1) for m in range(6, 15)]
    pools = unlike_pools(rules, EMPLOYEE_GAP, {max(AS_OF, month) for month in later})
    tables = [wire(rules, slug, EMPLOYEE_GAP, AS_OF) for slug in pools]
    questions: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []
    for number, slug in enumerate(pools):
        for again in later:
            day = max(AS_OF, again)
            missed = (again.year - paid.year) * 12 + again.month - paid.month - 1
            for insured in ("unit", "flexible"):
                for made_up in ("paid", "unpaid"):
                    person: dict[str, Any] = {"insured": insured, "made_up": made_up}
                    grace = known_number(rules, slug, "lapse.grace", person, day)
                    gap = "" if grace is None else "over" if missed > grace else "within"
                    own = person | {"gap": gap}
                    wait = known_number(rules, slug, "lapse.wait", own, day)
                    entry = resolve(rules, slug, "lapse.start", day).entry
                    begins = value_for(entry.value, own) if gap and entry else None
                    months = COVER_STARTS.get(begins) if isinstance(begins, str) else None
                    start = None
                    if months is not None:
                        count = again.year * 12 + again.month - 1 + months
                        start = date(count // 12, count % 12 + 1, 1).toordinal()
                    expected.append(
                        {
                            "missed": missed,
                            "grace": grace,
                            "wait": wait if gap == "over" else None,
                            "most": known_number(rules, slug, "lapse.wait_max", own, day),
                            "begins": begins if isinstance(begins, str) else None,
                            "start": start,
                        }
                    )
                    questions.append(
                        {"ask": "employee", "table": number, "day": day.toordinal()}
                        | {"person": wired(person | {"paid": paid, "again": again})}
                    )
    found = asking(questions, *tables)
    # No rule and a rule without a word look alike to who reads them.
    ours = [answer | {"begins": answer["begins"] or None} for answer in found]
    assert [pair for pair in zip(ours, expected, strict=True) if pair[0] != pair[1]] == []
    assert sum(answer["start"] is not None for answer in expected) > 100


def test_every_pool_takes_the_same_fee_in_both_languages(asking, rules) -> None:
    days = (AS_OF, date(2027, 1, 1))
    pools = unlike_pools(rules, FEE, days)
    tables = [wire(rules, slug, FEE, AS_OF) for slug in pools]
    questions: list[dict[str, Any]] = []
    expected: list[list[int]] = []
    births = [
        date(year, month, 1)
        for year in (1946, 1956, 1957, 1966, 2007, 2008, 2020)
        for month in (1, 12)
    ]
    for number, slug in enumerate(pools):
        for day in days:
            for other in everybody(rules, slug, ("resident.fee",), day):
                for born in births:
                    fees = []
                    # The birthday may be any day of the month: the ages of the year's two ends.
                    for birthday, end in (
                        (
                            (born + timedelta(31)).replace(day=1) - timedelta(1),
                            date(day.year, 1, 1),
                        ),
                        (born, date(day.year, 12, 31)),
                    ):
                        person = other | {"age": years_between(birthday, end), "born": born}
                        fees.append(known_number(rules, slug, "resident.fee", person, day))
                    if fees[0] != fees[1] and None not in fees:
                        expected.append([int(fee * 100) for fee in fees if fee is not None])
                    else:
                        expected.append([] if fees[1] is None else [int(fees[1] * 100)])
                    questions.append(
                        {"ask": "fees", "table": number, "day": day.toordinal()}
                        | {"person": wired(other) | {"birth": born.toordinal()}}
                    )
    found = [[v for v in fees if isinstance(v, int)] for fees in asking(questions, *tables)]
    pairs = zip(questions, found, expected, strict=True)
    assert [(q["person"], pools[q["table"]], a, b) for q, a, b in pairs if a != b] == []
    assert sum(map(bool, expected)) > 1000
