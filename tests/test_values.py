"""Values: numbers, rows over axes, words, options and conditions, for made-up parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sitegen.model import Axis, Condition, FactLeaf, Parameter, Row, TextLeaf, Vocabulary, Word
from sitegen.schema import INVALID
from sitegen.values import read_value
from sitegen.yamlfile import parse

AXES = {
    "age": Axis("age", "ordered", "年龄", "years"),
    "waited": Axis("waited", "ordered", "月数", "months"),
    "retired": Axis("retired", "ordered", "退休时间", "date"),
    "gender": Axis("gender", "category", "性别", values={"male": "男", "female": "女"}),
    "tier": Axis("tier", "category", "档次", values={"one": "一档", "two": "二档"}),
    "place": Axis("place", "category", "地点", is_partial=True, values={"a": "甲", "b": "乙"}),
}
VOCABULARY = Vocabulary(AXES, {"years.cumulative": "累计缴费年限"}, {}, ())


def read(text: str, unit: str = "yuan") -> tuple[object, list[str]]:
    """The value in a document for a parameter of that unit, and what is printed."""
    high = {"share": Decimal("0.12"), "yuan": Decimal(6000)}.get(unit)
    parameter = Parameter(
        id="示例",
        label="示例",
        unit=unit,
        set_by=("pool",),
        axes=tuple(AXES),
        review=12,
        range=(Decimal(0), high) if high else None,
        values={"monthly": "每月", "yearly": "每年"} if unit == "enum" else {},
    )
    node, found = parse(text, "f")
    value = read_value(node, parameter, VOCABULARY, found.append)
    assert (value is INVALID) == bool(found), "a value is refused with a reason, or accepted"
    return value, [str(problem) for problem in found]


@pytest.mark.parametrize("text", ["85", "158.20", "0", "6000", "0.00", "6000.00"])
def test_amount_keeps_the_digits_of_its_source(text):
    value, problems = read(text)
    assert (str(value), problems) == (text, [])


@pytest.mark.parametrize("text", ["6000.01", "6001", "-1", "-0.01"])
def test_amount_outside_its_range_is_refused(text):
    assert read(text)[1] == [f"f:1:1: 示例：{text} 不在 0 到 6000 之间"]


@pytest.mark.parametrize("text", ["1500.505", "0.001"])
def test_amount_of_less_than_a_fen_is_refused(text):
    assert read(text) == (INVALID, [f"f:1:1: {text} 的小数太多；金额写到分，最多两位小数"])


def test_percent_is_not_a_share():
    expected = "f:1:1: 示例：2 不在 0 到 0.12 之间；比例用小数写，2% 写成 0.02"
    assert read("2", "share")[1] == [expected]
    assert read("0.02", "share") == (Decimal("0.02"), [])
    assert read("2%", "share")[0] is INVALID


@pytest.mark.parametrize("unit", ["yuan", "share", "years", "enum", "date", "text", "condition"])
@pytest.mark.parametrize("word", list(Word))
def test_words_stand_for_a_value_of_any_unit(word, unit):
    assert read(word.value, unit) == (word, [])


@pytest.mark.parametrize("text", ["None", "NONE", "nil", "~", "null", "unknow", '""', "无"])
def test_what_is_no_word_is_not_taken_for_one(text):
    assert read(text)[0] is INVALID
    assert read(text, "text")[0] is INVALID


def test_option_is_one_of_its_parameter():
    assert read("monthly", "enum") == ("monthly", [])
    assert "是不是想写“monthly”？" in read("montly", "enum")[1][0]


def test_day_is_a_full_one():
    assert read("2023-02-01", "date") == (date(2023, 2, 1), [])
    assert read("2023-02", "date")[0] is INVALID


def bounds_of(value: object) -> list[object]:
    assert isinstance(value, tuple)
    return [next(iter(row.bounds.values())) for row in value]


def test_rows_keep_their_order_and_their_places():
    value, _ = read("- {age: 0, value: 85.00}\n- {age: 70, value: 95, net: 90, quote: 原话}\n")
    assert isinstance(value, tuple)
    young, old = value
    assert (dict(young.bounds), str(young.value), young.at.line) == ({"age": 0}, "85.00", 1)
    assert (old.net, old.quote, old.at.col) == (Decimal(90), "原话", 3)


def test_dates_start_with_the_beginning_of_time():
    value, _ = read("- {retired: start, value: 1}\n- {retired: 2023-02-01, value: 2}\n")
    assert bounds_of(value) == [date.min, date(2023, 2, 1)]


def test_row_has_its_own_base():
    value, _ = read(
        "- {age: 0, value: 0.02, base: {of: fixed, yuan: 158.20, floor: {of: fixed}}}", "share"
    )
    assert isinstance(value, tuple) and isinstance(value[0], Row) and value[0].base
    assert str(value[0].base.yuan) == "158.20" and value[0].base.floor


def test_every_combination_of_two_categories_is_needed():
    rows = [
        f"- {{gender: {g}, tier: {t}, value: 1}}\n"
        for g in ("male", "female")
        for t in ("one", "two")
    ]
    assert read("".join(rows))[1] == []
    for missing in range(4):
        _, problems = read("".join(rows[:missing] + rows[missing + 1 :]))
        assert len(problems) == 1 and "缺少一行：" in problems[0]
        assert ("男" if missing < 2 else "女") in problems[0]
        assert ("二档" if missing % 2 else "一档") in problems[0]


def test_rows_need_not_name_every_category_of_a_partial_axis():
    assert read("- {place: a, value: 1}\n")[1] == []
    rows = "- {place: a, gender: male, value: 1}\n- {place: a, gender: female, value: 1}\n"
    assert read(rows)[1] == []
    (problem,) = read(rows + "- {place: b, gender: male, value: 1}\n")[1]
    assert problem.startswith("f:1:1: 缺少一行：") and "女" in problem and "乙" in problem


def test_each_category_has_its_own_bounds_in_any_order_of_lines():
    rows = (
        "- {gender: male, age: 0, value: 1}\n- {gender: female, age: 0, value: 1}\n"
        "- {gender: male, age: 70, value: 2}\n- {gender: female, age: 60, value: 2}\n"
    )
    assert read(rows)[1] == []
    _, problems = read(rows + "- {gender: female, age: 55, value: 3}\n")
    assert problems == ["f:5:3: 年龄的界限没有变大；每一行的下限要比上一行大"]


@pytest.mark.parametrize(
    "bound", ["-1", "0.5", "1e1", "1000", "七十", "0-69", "070", "00", '""', "~"]
)
def test_bound_is_a_whole_number(bound):
    _, problems = read(f"- {{age: 0, value: 1}}\n- {{age: {bound}, value: 2}}\n")
    assert len(problems) == 1 and problems[0].startswith("f:2:9: 年龄的界限写成了“")


def test_all_wrong_rows_are_reported_at_once():
    rows = "- {age: x, value: 1}\n- {agee: 0, value: 2}\n- {age: 0, value: two}\n- {age: 0}\n- 5\n"
    _, problems = read(rows)
    assert sorted(problem.split(": ")[0] for problem in problems) == [
        *("f:1:9", "f:2:4", "f:3:19", "f:4:3", "f:5:3")
    ]


@pytest.mark.parametrize(
    "text", ["[]", "{}", "[[]]", "[{}]", "[[85]]", "[85]", "{value: 85}", '""', "[{value: [85]}]"]
)
@pytest.mark.parametrize("unit", ["yuan", "enum", "date", "text", "condition"])
def test_wrong_kinds_are_refused_in_words(text, unit):
    _, problems = read(text, unit)
    for problem in problems:
        assert problem.startswith("f:1:")
        assert not any(python in problem for python in ("Node(", "Place(", "Decimal(")), problem


def test_condition_is_a_tree_of_facts_and_texts():
    text = "{all: [{fact: years.cumulative, at_least: 20}, {any: [{text: 已退休}]}]}"
    value, problems = read(text, "condition")
    assert problems == []
    inner = Condition("any", (TextLeaf("已退休"),))
    assert value == Condition("all", (FactLeaf("years.cumulative", Decimal(20)), inner))


def test_condition_reports_all_of_its_leaves_at_once():
    text = "{any: [{fact: years.cumulativ, at_least: 20}, {text: ''}, {txt: a}]}"
    _, problems = read(text, "condition")
    assert [problem.split(": ")[0] for problem in problems] == ["f:1:15", "f:1:54", "f:1:59"]
