"""How dates, money, shares, bands, bases and numbers to dial read in Chinese."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sitegen.model import Axis, Base, Entry, PhoneArea, Place, Row, Vocabulary, When
from sitegen.schema import read_when
from sitegen.wording import (
    band_text,
    base_text,
    labels_of,
    number_text,
    outside_number,
    row_labels,
    share_sentence,
    share_text,
    since_text,
    when_text,
)

AT = Place("rules/jia.yaml")
AGE = Axis("age", "ordered", "年龄", "years")
RETIRED = Axis("retired", "ordered", "退休时间", "date")
WAITED = Axis("waited", "ordered", "重新缴费后的月数", "months")
INSURED = Axis(
    "insured", "category", "参保身份", values={"unit": "单位参保", "flexible": "灵活就业参保"}
)
WORDS = Vocabulary({a.id: a for a in (AGE, RETIRED, WAITED, INSURED)}, {}, {}, ())


def rows(*bounds: dict[str, object]) -> tuple[Row, ...]:
    return tuple(Row(bound, Decimal(1), AT) for bound in bounds)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2023-02-01", "2023年2月1日"),
        ("2023-12-31", "2023年12月31日"),
        ("2023-02", "2023年2月"),
        ("2023", "2023年"),
        ("unstated", "未注明日期"),
    ],
)
def test_date_is_as_precise_as_its_source(written, shown):
    assert when_text(read_when(written)) == shown


def test_first_day_that_no_source_states_is_said_to_be_unstated():
    def entry(when: str) -> Entry:
        return Entry(read_when(when), Decimal(1), "s", "primary", date(2026, 11, 1), AT)

    assert since_text(entry("2022-09-01")) == "2022年9月1日起"
    assert since_text(entry("2022-12")) == "2022年12月起"
    assert since_text(entry("unstated")) == "资料没写从哪天起"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("158.20", "158.20"),
        ("158.2", "158.2"),
        ("1680", "1,680"),
        ("1500.50", "1,500.50"),
        ("83", "83"),
        ("0", "0"),
        ("1234567", "1,234,567"),
    ],
)
def test_money_keeps_the_digits_of_its_source(number, shown):
    assert number_text(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        ("0.025", "2.5%"),
        ("0.02", "2%"),
        ("0.0325", "3.25%"),
        ("0.10", "10%"),
        ("1", "100%"),
        ("0", "0%"),
        ("0.0003", "0.03%"),
    ],
)
def test_share_is_shown_in_percent(share, shown):
    assert share_text(Decimal(share)) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0, 70, "不满70岁"),
        (70, None, "满70岁"),
        (45, 70, "满45、不满70岁"),
        (0, None, "不分年龄"),
    ],
)
def test_age_band_says_whether_its_bounds_belong_to_it(low, high, shown):
    assert band_text(AGE, low, high) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0, 3, "不满3个月"), (3, 6, "满3、不满6个月"), (6, None, "满6个月"), (0, None, "不分")],
)
def test_band_of_months_is_counted_in_months(low, high, shown):
    assert band_text(WAITED, low, high) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), "2026年退休"),
        (date.min, date(2023, 1, 1), "2023年1月1日以前退休"),
        (date(2028, 1, 1), None, "2028年1月1日起退休"),
        (date(2023, 7, 1), date(2024, 7, 1), "2023年7月1日以后、2024年7月1日以前退休"),
        (date(2023, 1, 1), date(2025, 1, 1), "2023年1月1日以后、2025年1月1日以前退休"),
        (date.min, None, "不分退休时间"),
    ],
)
def test_band_of_one_calendar_year_is_called_by_its_year(low, high, shown):
    assert band_text(RETIRED, low, high) == shown


def test_rows_of_two_axes_are_banded_within_their_category():
    table = rows(
        {"insured": "unit", "age": 0},
        {"insured": "unit", "age": 70},
        {"insured": "flexible", "age": 0},
    )
    assert row_labels(table, WORDS) == [
        "单位参保，不满70岁",
        "单位参保，满70岁",
        "灵活就业参保",
    ]


def test_three_age_rows_make_a_first_a_middle_and_a_last_band():
    assert row_labels(rows({"age": 0}, {"age": 45}, {"age": 70}), WORDS) == [
        "不满45岁",
        "满45、不满70岁",
        "满70岁",
    ]


@pytest.mark.parametrize(
    ("base", "shown"),
    [
        (Base("average_pension", "pool", "2021"), "当地2021年平均基本养老金"),
        (Base("average_pension", "province", "reform"), "全省（区）改革当年平均基本养老金"),
        (Base("average_wage", "pool", "previous"), "当地上一年职工平均工资"),
        (Base("own_contribution_base"), "本人缴费基数"),
        (Base("own_pension", year="retirement"), "退休当月的本人养老金"),
        (
            Base("average_pension", "group", "2021", "enterprise"),
            "同类人员2021年企业退休人员平均基本养老金",
        ),
        (Base("fixed", yuan=Decimal("4812.50")), "缴费基数（4,812.50元）"),
        (Base("unstated"), "基数（出处没有写明）"),
        (
            Base("own_pension", floor=Base("average_pension", "pool", "2021")),
            "本人养老金（低于当地2021年平均基本养老金的，按后者）",
        ),
    ],
)
def test_base_says_whose_figure_of_which_year(base, shown):
    assert base_text(base) == shown


def test_base_of_a_pool_can_name_the_place():
    assert base_text(Base("average_pension", "pool", "2021"), "甲市") == "甲市2021年平均基本养老金"


def test_share_says_about_where_its_source_does():
    exact = Base("average_pension", "pool", "2021")
    about = Base("average_pension", "pool", "2021", approximate=True)
    assert share_sentence(Decimal("0.025"), exact) == "当地2021年平均基本养老金的2.5%"
    assert share_sentence(Decimal("0.02"), about) == "当地2021年平均基本养老金的2%左右"
    assert share_sentence(Decimal("0.03"), None) == "3%"


@pytest.mark.parametrize("status", ["agreed", "merged", "single"])
def test_number_to_dial_from_outside_has_the_area_code(status):
    assert outside_number(PhoneArea(status, "0816")) == "0816-12393"


@pytest.mark.parametrize("status", ["disputed", "unknown"])
def test_area_code_that_is_not_certain_is_not_dialled(status):
    assert outside_number(PhoneArea(status, "0816")) == ""


def test_place_without_area_code_has_no_number_from_outside():
    assert outside_number(None) == ""


def test_words_without_a_name_are_left_out():
    assert labels_of(("a", "b", "c"), {"a": "甲", "c": "丙"}) == "甲、丙"


def test_unstated_day_is_no_day():
    assert not When(date.min, "unstated").is_stated
