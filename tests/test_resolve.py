"""What is in force in an area, on a day, for a person; figures are invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sitegen.credit import DEDUCTIONS, retiree_credit, share_of, to_fen
from sitegen.model import (
    Area,
    Base,
    Bound,
    Claim,
    Condition,
    Entry,
    FactLeaf,
    Parameter,
    Place,
    Row,
    Rules,
    State,
    TextLeaf,
    Vocabulary,
    Word,
)
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
from sitegen.schema import read_when

AT = Place("rules/nation.yaml")
DAY = date(2026, 11, 21)
AMOUNT, RATIO = "account.retiree.amount", "account.retiree.ratio"
FLOOR, CAP = "account.retiree.floor", "account.retiree.cap"
CARE = "account.retiree.deduction.care"
CARE_RATE = "account.retiree.deduction.care_rate"
PARAMETERS = (AMOUNT, RATIO, FLOOR, CAP, *DEDUCTIONS, CARE_RATE)
OWN = Base("own_pension", year="previous")

Values = Mapping[str, tuple[Entry, ...]]


def entry(start: str = "2023-01-01", value: Any = "100", **more: Any) -> Entry:
    """An entry from ``start``; text is a number, or one of the four words."""
    when = read_when(start)
    assert when
    words = {word.value for word in Word}
    if isinstance(value, str):
        value = Word(value) if value in words else Decimal(value)
    fields = {"source": "nation/a", "verified": "reported", "checked": DAY, "at": AT}
    return Entry(start=when, value=value, **(fields | more))


def monthly(value: Any, **more: Any) -> tuple[Entry, ...]:
    return (entry(value=value, per="month", **more),)


def rows(**by_age: str) -> tuple[Row, ...]:
    """Rows over age: ``age_70="110"``."""
    return tuple(row(value, age=int(name[4:])) for name, value in by_age.items())


def row(value: str, **bounds: Bound) -> Row:
    return Row(bounds, entry(value=value).value, AT)  # type: ignore[arg-type]


def claim(verified: str) -> Claim:
    return Claim(Decimal(120), "nation/b", verified)


def world(city: Values | None = None, **others: Values) -> Rules:
    """Nation, province, its city and its direct scheme, each with some values."""
    values = {"nation": {}, "province": {}, "direct": {}, "city": city or {}} | others
    parents = {"nation": "", "province": "nation"}
    areas = {
        slug: Area(slug, slug, slug, "pool", "", parents.get(slug, "province"), AT)
        for slug in values
    }
    parameters = {id: Parameter(id, id, "yuan", (), (), 12) for id in PARAMETERS}
    return Rules(Vocabulary({}, {}, parameters, ()), areas, {}, {}, values)


def credit(person: Person | None = None, **city: Any) -> tuple[int, int] | None:
    """What a retiree of the city is credited, with ``amount=…, ratio=…, care=…`` in force."""
    ids = {id.rpartition(".")[2]: id for id in PARAMETERS}
    rules = world({ids[name]: entries for name, entries in city.items()})
    return retiree_credit(resolve_area(rules, "city", DAY), person or {})


# ── in_force ──


def test_rule_is_in_force_from_its_first_day_and_not_the_day_before():
    only = entry("2022-12-01")
    assert in_force((only,), date(2022, 11, 30)) is None
    assert in_force((only,), date(2022, 12, 1)) is only


def test_rule_is_in_force_until_the_next_one_starts():
    first, second = entry("2023-01-01"), entry("2024-01-01")
    assert in_force((first, second), date(2023, 12, 31)) is first
    assert in_force((first, second), date(2024, 1, 1)) is second


def test_rule_without_a_stated_first_day_was_always_in_force_until_the_next():
    old, new = entry("unstated"), entry("2023-01-01")
    assert in_force((old, new), date(1999, 1, 1)) is old
    assert in_force((old, new), date(2022, 12, 31)) is old
    assert in_force((old, new), date(2023, 1, 1)) is new


@pytest.mark.parametrize(
    ("written", "first_day"), [("2022-11", date(2022, 11, 1)), ("2023", date(2023, 1, 1))]
)
def test_rule_dated_by_month_or_year_starts_on_the_first_day_of_it(written, first_day):
    only = entry(written)
    assert in_force((only,), first_day) is only
    assert in_force((only,), first_day - timedelta(1)) is None


@pytest.mark.parametrize("status", ["announced", "draft"])
def test_what_is_only_announced_or_drafted_never_comes_into_force(status):
    now, planned = entry("2023-01-01"), entry("2024-01-01", status=status)
    assert in_force((now, planned), date(2024, 1, 1)) is now
    assert in_force((now, planned), DAY) is now
    assert in_force((planned,), DAY) is None


# ── resolve: where a value comes from ──


def test_city_without_its_own_rule_uses_the_provinces_and_then_the_nations():
    nation = {AMOUNT: (entry(value="1"),), RATIO: (entry(value="2"),)}
    rules = world(nation=nation, province={RATIO: (entry(value="3"),)})
    amount, ratio = (resolve(rules, "city", id, DAY) for id in (AMOUNT, RATIO))
    assert (amount.entry.value, amount.origin, amount.is_inherited) == (1, "nation", True)
    assert (ratio.entry.value, ratio.origin, ratio.is_inherited) == (3, "province", True)


def test_rule_of_the_city_replaces_the_provinces_from_its_first_day():
    rules = world({AMOUNT: (entry("2024-01-01", "90"),)}, province={AMOUNT: (entry(value="70"),)})
    before = resolve(rules, "city", AMOUNT, date(2023, 12, 31))
    after = resolve(rules, "city", AMOUNT, date(2024, 1, 1))
    assert (before.entry.value, before.origin) == (70, "province")
    assert (after.entry.value, after.origin, after.is_inherited) == (90, "city", False)


def test_city_returns_to_the_provinces_rule_when_its_own_ends():
    own = (entry("2023-01-01", "90"), entry("2024-01-01", "inherit"))
    rules = world({AMOUNT: own}, province={AMOUNT: (entry("2022-01-01", "70"),)})
    before = resolve(rules, "city", AMOUNT, date(2023, 12, 31))
    after = resolve(rules, "city", AMOUNT, date(2024, 1, 1))
    assert (before.origin, after.origin) == ("city", "province")
    assert [old.value for old in after.history] == [90]


def test_returning_to_a_province_that_has_nothing_leaves_the_value_unknown():
    rules = world({AMOUNT: (entry(value="inherit"),)})
    resolved = resolve(rules, "city", AMOUNT, DAY)
    assert (resolved.state, resolved.entry, resolved.origin) == (State.UNKNOWN, None, "")


@pytest.mark.parametrize(("word", "state"), [("unknown", State.UNKNOWN), ("none", State.NONE)])
def test_unknown_or_nothing_in_the_city_is_never_filled_from_the_province(word, state):
    rules = world({AMOUNT: (entry(value=word),)}, province={AMOUNT: (entry(value="70"),)})
    resolved = resolve(rules, "city", AMOUNT, DAY)
    assert (resolved.state, resolved.origin) == (state, "city")


def test_province_that_says_unknown_hides_the_nations_rule():
    rules = world(
        nation={AMOUNT: (entry(value="1"),)}, province={AMOUNT: (entry(value="unknown"),)}
    )
    resolved = resolve(rules, "city", AMOUNT, DAY)
    assert (resolved.state, resolved.origin) == (State.UNKNOWN, "province")


def test_figure_of_the_provinces_own_scheme_is_not_the_citys():
    rules = world(direct={AMOUNT: (entry(value="120"),)})
    assert resolve(rules, "direct", AMOUNT, DAY).state is State.KNOWN
    assert resolve(rules, "city", AMOUNT, DAY).state is State.UNKNOWN


def test_every_parameter_of_the_vocabulary_is_resolved():
    resolved = resolve_area(world({AMOUNT: monthly("100")}), "city", DAY)
    assert set(resolved) == set(PARAMETERS)
    assert {id for id, item in resolved.items() if item.state is State.KNOWN} == {AMOUNT}


# ── resolve: what comes and what was ──


def test_announced_rule_stays_upcoming_after_its_day():
    rules = world({AMOUNT: (entry(), entry("2024-01-01", "90", status="announced"))})
    for day in (date(2023, 12, 31), date(2024, 1, 1), DAY):
        resolved = resolve(rules, "city", AMOUNT, day)
        assert resolved.entry.value == 100
        assert [later.value for later in resolved.upcoming] == [90]
        assert resolved.history == ()


def test_later_rules_of_city_and_province_are_upcoming_in_the_order_of_their_days():
    province = (entry("2023-01-01", "1"), entry("2025-01-01", "2"))
    rules = world({AMOUNT: (entry("2024-01-01", "3"),)}, province={AMOUNT: province})
    resolved = resolve(rules, "city", AMOUNT, date(2023, 12, 31))
    assert [later.value for later in resolved.upcoming] == [3, 2]


def test_later_rule_of_the_province_is_not_upcoming_for_a_city_with_its_own():
    province = (entry("2023-01-01", "1"), entry("2025-01-01", "2"))
    rules = world({AMOUNT: (entry("2024-01-01", "3"),)}, province={AMOUNT: province})
    assert resolve(rules, "city", AMOUNT, date(2024, 1, 1)).upcoming == ()


def test_history_is_the_citys_own_earlier_rules_newest_first():
    own = tuple(entry(f"{year}-01-01", str(year)) for year in (2021, 2022, 2023, 2024))
    rules = world({AMOUNT: own}, province={AMOUNT: (entry("2020-01-01", "1"),)})
    assert resolve(rules, "city", AMOUNT, date(2020, 6, 1)).history == ()
    resolved = resolve(rules, "city", AMOUNT, date(2023, 6, 1))
    assert resolved.entry.value == 2023
    assert [old.value for old in resolved.history] == [2022, 2021]


# ── resolve: how sure it is ──


@pytest.mark.parametrize(
    ("verified", "state"),
    [
        ("primary", State.DISPUTED),
        ("quoted", State.DISPUTED),
        ("reported", State.DISPUTED),
        ("unverified", State.KNOWN),
    ],
)
def test_rival_claim_makes_a_value_disputed_only_from_reported_on(verified, state):
    rules = world({AMOUNT: (entry(claims=(claim(verified),)),)})
    resolved = resolve(rules, "city", AMOUNT, DAY)
    assert (resolved.state, len(resolved.claims)) == (state, 1)


@pytest.mark.parametrize(
    ("verified", "state"), [("reported", State.DISPUTED), ("unverified", State.KNOWN)]
)
def test_claim_against_an_inherited_value_counts_in_the_city_that_heard_it(verified, state):
    own = (entry(value="inherit", claims=(claim(verified),)),)
    rules = world({AMOUNT: own}, province={AMOUNT: (entry(value="70"),)})
    assert resolve(rules, "city", AMOUNT, DAY).state is state
    assert resolve(rules, "province", AMOUNT, DAY).state is State.KNOWN


def test_unverified_value_stays_unverified_whatever_is_claimed_against_it():
    own = (entry(verified="unverified", claims=(claim("primary"),)),)
    assert resolve(world({AMOUNT: own}), "city", AMOUNT, DAY).state is State.UNVERIFIED


def test_unknown_value_stays_unknown_whatever_is_claimed():
    own = (entry(value="unknown", claims=(claim("reported"), claim("reported"))),)
    resolved = resolve(world({AMOUNT: own}), "city", AMOUNT, DAY)
    assert (resolved.state, len(resolved.claims)) == (State.UNKNOWN, 2)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("0", State.KNOWN),
        (rows(age_0="100"), State.KNOWN),
        ("described", State.DESCRIBED),
        ("none", State.NONE),
        ("unknown", State.UNKNOWN),
    ],
)
def test_state_of_a_value_without_rivals(value, state):
    assert resolve(world({AMOUNT: (entry(value=value),)}), "city", AMOUNT, DAY).state is state


# ── lookup ──


@pytest.mark.parametrize(
    ("age", "value"), [(0, 100), (69, 100), (70, 110), (71, 110), (79, 110), (80, 120), (99, 120)]
)
def test_age_band_begins_with_the_birthday_that_it_names(age, value):
    bands = rows(age_0="100", age_70="110", age_80="120")
    assert lookup(bands, {"age": age}).value == value
    assert lookup(bands[::-1], {"age": age}).value == value


@pytest.mark.parametrize(
    ("retired", "value"),
    [
        (date(1980, 1, 1), 25),
        (date(2023, 12, 31), 25),
        (date(2024, 1, 1), 26),
        (date(2024, 1, 2), 26),
    ],
)
def test_date_band_begins_on_the_day_that_it_names(retired, value):
    bands = (row("25", retired=date.min), row("26", retired=date(2024, 1, 1)))
    assert lookup(bands, {"retired": retired}).value == value


@pytest.mark.parametrize(
    ("gender", "age", "value"),
    [("male", 59, 1), ("male", 60, 2), ("female", 59, 3), ("female", 60, 3), ("female", 99, 3)],
)
def test_bands_of_one_category_do_not_apply_to_another(gender, age, value):
    table = (
        row("1", gender="male", age=0),
        row("2", gender="male", age=60),
        row("3", gender="female", age=0),
    )
    assert lookup(table, {"gender": gender, "age": age}).value == value


@pytest.mark.parametrize(
    "person",
    [
        {},
        {"age": 70},
        {"gender": "male"},
        {"gender": "other", "age": 70},
        {"gender": "male", "age": date(1956, 1, 1)},
        {"gender": "male", "age": Decimal(70)},
        {"gender": "male", "age": -1},
    ],
)
def test_person_of_whom_too_little_is_known_fits_no_row(person):
    with pytest.raises(NoRow):
        lookup((row("1", gender="male", age=0), row("2", gender="male", age=70)), person)


def test_axis_that_the_rule_does_not_use_changes_nothing():
    assert lookup(rows(age_0="100"), {"age": 70, "gender": "male"}).value == 100
    assert value_for(Decimal(85), {"age": 70}) == 85


# ── holds ──

KNOWN = {True: FactLeaf("years.actual", Decimal(10)), False: FactLeaf("years.actual", Decimal(11))}
OPEN = [TextLeaf("已办理异地备案"), FactLeaf("years.continuous", Decimal(15))]


@pytest.mark.parametrize("open_part", OPEN, ids=["described", "fact not known"])
@pytest.mark.parametrize(
    ("kind", "parts", "answer"),
    [
        ("any", (True, False), True),
        ("any", (False, False), False),
        ("any", (True, None), True),
        ("any", (None, True), True),
        ("any", (False, None), None),
        ("any", (None, None), None),
        ("all", (True, True), True),
        ("all", (True, False), False),
        ("all", (False, None), False),
        ("all", (None, False), False),
        ("all", (True, None), None),
        ("all", (None, None), None),
    ],
)
def test_open_part_decides_nothing_and_is_decided_over(kind, parts, answer, open_part):
    leaves = tuple(open_part if part is None else KNOWN[part] for part in parts)
    assert holds(Condition(kind, leaves), {"years.actual": 10}) is answer


@pytest.mark.parametrize(
    ("years", "answer"),
    [(14, False), (Decimal("14.99"), False), (15, True), (Decimal("15.5"), True), (None, None)],
)
def test_years_are_enough_from_the_number_on(years, answer):
    person = {} if years is None else {"years.continuous": years}
    assert holds(FactLeaf("years.continuous", Decimal(15)), person) is answer


def test_condition_within_a_condition_stays_open_until_it_is_decided():
    either = Condition("any", (KNOWN[True], TextLeaf("出境定居")))
    both = Condition("all", (either, FactLeaf("years.cumulative", Decimal(20))))
    assert holds(both, {"years.actual": 10}) is None
    assert holds(both, {"years.actual": 10, "years.cumulative": 19}) is False
    assert holds(both, {"years.actual": 10, "years.cumulative": 20}) is True
    assert holds(both, {"years.actual": 9, "years.cumulative": 20}) is None


# ── money ──


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [("0", 0), ("158.20", 15820), ("0.0049", 0), ("0.005", 1), ("0.015", 2), ("0.025", 3)],
)
def test_half_a_fen_counts_as_one(yuan, fen):
    assert to_fen(Decimal(yuan)) == fen


@pytest.mark.parametrize(
    ("base", "share", "fen"),
    [
        ("3675", "0.02", 7350),
        ("6760", "0.006", 4056),
        ("2000.0624", "0.08", 16000),
        ("2000.0625", "0.08", 16001),
        ("3333.33", "0.08", 26667),
    ],
)
def test_share_of_a_base_is_rounded_once_to_the_fen(base, share, fen):
    assert share_of(Decimal(base), Decimal(share)) == fen


# ── retiree_credit: a published amount ──


def test_published_amount_is_credited_as_it_is():
    assert credit(amount=monthly("169.08")) == (16908, 16908)


def test_published_amount_of_zero_is_an_amount():
    assert credit(amount=monthly("0")) == (0, 0)


def test_amount_fixed_by_an_authority_is_never_worked_out_from_its_formula():
    average = Base("average_pension", "province", "2021", yuan=Decimal(3675))
    ratio = (entry(value="0.02", base=average, rounding="authority"),)
    person = {"pension": Decimal(3675)}
    assert credit(person, amount=monthly("75", rounding="authority"), ratio=ratio) == (7500, 7500)
    assert credit(person, ratio=ratio) is None


def test_amount_per_year_is_credited_per_year():
    amount = (entry(value=rows(age_0="1680", age_75="1890"), per="year"),)
    assert credit({"age": 74}, amount=amount) == (168000, 168000)
    assert credit({"age": 75}, amount=amount) == (189000, 189000)


@pytest.mark.parametrize(
    "amount",
    [
        monthly("described"),
        monthly("none"),
        monthly("100", verified="unverified"),
        monthly("100", claims=(claim("reported"),)),
    ],
    ids=["described", "none", "unverified", "disputed"],
)
def test_amount_that_is_not_a_settled_figure_is_not_replaced_by_a_share(amount):
    ratio = (entry(value="0.04", base=OWN),)
    assert credit({"pension": Decimal(3000)}, amount=amount, ratio=ratio) is None


@pytest.mark.parametrize("word", ["described", "unknown", "none"])
def test_retiree_whose_row_is_no_figure_gets_none_while_others_get_theirs(word):
    amount = monthly((row("70", plan="with_account"), row(word, plan="mixed")))
    assert credit({"plan": "with_account"}, amount=amount) == (7000, 7000)
    assert credit({"plan": "mixed"}, amount=amount) is None


def test_retiree_of_whom_too_little_is_known_fits_no_amount():
    with pytest.raises(NoRow):
        credit({}, amount=monthly(rows(age_0="100", age_70="110")))


# ── retiree_credit: a share of the own pension ──


@pytest.mark.parametrize(
    ("pension", "fen"),
    [
        ("1999.87", 8000),
        ("2000", 8000),
        ("2000.25", 8001),
        ("4749.75", 18999),
        ("4750", 19000),
        ("4750.13", 19000),
        ("9000", 19000),
    ],
)
def test_share_of_the_own_pension_stays_within_floor_and_cap(pension, fen):
    city = {
        "ratio": (entry(value="0.04", base=OWN),),
        "floor": monthly(rows(age_0="60", age_70="80")),
        "cap": monthly(rows(age_0="170", age_70="190")),
    }
    assert credit({"pension": Decimal(pension), "age": 70}, **city) == (fen, fen)


@pytest.mark.parametrize(("age", "fen"), [(69, 6000), (70, 8000), (71, 8000)])
def test_floor_is_the_one_of_the_retirees_age(age, fen):
    floor = monthly(rows(age_0="60", age_70="80"))
    person = {"pension": Decimal(1000), "age": age}
    ratio = (entry(value="0.04", base=OWN),)
    assert credit(person, ratio=ratio, floor=floor) == (fen, fen)


def test_pension_below_the_printed_average_counts_as_the_average():
    average = Base("average_pension", "pool", "previous", yuan=Decimal(2000))
    ratio = (entry(value="0.058", base=Base("own_pension", floor=average)),)
    assert credit({"pension": Decimal(1500)}, ratio=ratio) == (11600, 11600)
    assert credit({"pension": Decimal(2500)}, ratio=ratio) == (14500, 14500)


def test_nothing_is_worked_out_where_the_average_below_the_pension_is_not_printed():
    base = Base("own_pension", floor=Base("average_pension", "pool", "previous"))
    assert credit({"pension": Decimal(9000)}, ratio=(entry(value="0.058", base=base),)) is None


@pytest.mark.parametrize("of", ["average_pension", "average_wage", "account_base", "unstated"])
def test_share_of_anything_but_the_own_pension_is_not_worked_out(of):
    ratio = (entry(value="0.04", base=Base(of, yuan=Decimal(4000))),)
    assert credit({"pension": Decimal(3000)}, ratio=ratio) is None


def test_row_with_its_own_base_decides_whether_it_can_be_worked_out():
    average = Base("average_pension", "pool", "2022", group="public")
    public = Row({"former": "public"}, Decimal("0.028"), AT, base=average)
    enterprise = Row({"former": "enterprise"}, Decimal("0.04"), AT)
    ratio = (entry(value=(public, enterprise), base=OWN),)
    assert credit({"former": "public", "pension": Decimal(3000)}, ratio=ratio) is None
    person = {"former": "enterprise", "pension": Decimal(3000)}
    assert credit(person, ratio=ratio) == (12000, 12000)


def test_share_of_a_pension_that_is_not_known_is_not_worked_out():
    assert credit({}, ratio=(entry(value="0.04", base=OWN),)) is None


def test_share_that_an_authority_rounds_is_never_worked_out():
    ratio = (entry(value="0.04", base=OWN, rounding="authority"),)
    assert credit({"pension": Decimal("3333.33")}, ratio=ratio) is None


NOT_SETTLED = {
    "unknown": {"value": "unknown"},
    "described": {"value": "described"},
    "unverified": {"value": "60", "verified": "unverified"},
    "disputed": {"value": "60", "claims": (claim("reported"),)},
    "other period": {"value": "600", "per": "year"},
}


@pytest.mark.parametrize("how", NOT_SETTLED)
@pytest.mark.parametrize("bound", ["floor", "cap"])
def test_floor_or_cap_that_is_not_a_settled_monthly_figure_is_not_ignored(bound, how):
    fields = {"per": "month"} | NOT_SETTLED[how]
    city = {"ratio": (entry(value="0.04", base=OWN),), bound: (entry(**fields),)}
    assert credit({"pension": Decimal(1000)}, **city) is None


# ── retiree_credit: deductions ──


def test_deductions_of_the_month_are_taken_off_the_month():
    city = {"illness": monthly("8"), "outpatient": monthly("10"), "care": monthly("8.66")}
    assert credit(amount=monthly("169.08"), care=monthly("8.66")) == (16908, 16042)
    assert credit(amount=monthly("120"), **city) == (12000, 9334)
    ratio = (entry(value="0.04", base=OWN),)
    assert credit({"pension": Decimal(3000)}, ratio=ratio, **city) == (12000, 9334)


def test_deductions_of_the_year_are_taken_off_the_year_only():
    yearly = (entry(value="45", per="year"),)
    assert credit(amount=(entry(value="3360", per="year"),), care=yearly) == (336000, 331500)
    assert credit(amount=monthly("280"), care=yearly) == (28000, 28000)
    assert credit(amount=(entry(value="3360", per="year"),), care=monthly("4")) == (336000, 336000)


def test_deduction_that_the_rule_ended_is_not_taken_off():
    assert credit(amount=monthly("100"), care=monthly("none")) == (10000, 10000)


def test_net_amount_that_the_source_prints_is_what_arrives():
    assert credit(amount=monthly("70", net=Decimal("46.56"))) == (7000, 4656)
    flexible = Row({"insured": "flexible"}, Decimal(70), AT, net=Decimal("46.56"))
    amount = monthly((row("70", insured="unit"), flexible))
    assert credit({"insured": "unit"}, amount=amount) == (7000, 7000)
    assert credit({"insured": "flexible"}, amount=amount) == (7000, 4656)


@pytest.mark.parametrize("how", ["unknown", "described", "unverified", "disputed"])
def test_deduction_that_is_not_a_settled_figure_is_not_ignored(how):
    fields = {"per": "month"} | NOT_SETTLED[how]
    assert credit(amount=monthly("100"), care=(entry(**fields),)) is None


@pytest.mark.parametrize("rate", ["0.002", "unknown", "described"])
def test_share_is_not_worked_out_where_a_rate_is_taken_off_it(rate):
    city = {"ratio": (entry(value="0.045", base=OWN),), "care_rate": (entry(value=rate),)}
    assert credit({"pension": Decimal(4000)}, **city) is None
