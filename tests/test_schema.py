"""The shapes turn text into dates, numbers and words, and take nothing for granted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sitegen import schema
from sitegen.model import Place, When
from sitegen.schema import INVALID, Data, nearest
from sitegen.yamlfile import parse


def read(shape: schema.Shape, text: str) -> tuple[object, list[str]]:
    """What a shape makes of a document, and what it prints."""
    node, problems = parse(text, "f")
    assert problems == []
    value = shape.read(node, problems.append)
    return value, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2023-02-01", date(2023, 2, 1), "day"),
        ("2024-02-29", date(2024, 2, 29), "day"),
        ("2023-02", date(2023, 2, 1), "month"),
        ("2023", date(2023, 1, 1), "year"),
        ("unstated", date.min, "unstated"),
    ],
)
def test_date_keeps_the_precision_of_its_source(text, day, precision):
    assert read(schema.WhenOf(), text) == (When(day, precision), [])


@pytest.mark.parametrize(
    "text",
    [
        *("2024-13-01", "2023-02-29", "2023-00", "2023-13", "0000", "20230201", "2023-2-1"),
        *("2023/02/01", "2023.2", "23-02-01", "2023-02-01T00:00", "2023年", "２０２３"),
        *("Unstated", "none", "-023", "2023-0a", "1e03"),
    ],
)
def test_what_is_no_date_is_refused(text):
    value, problems = read(schema.WhenOf(), text)
    assert value is INVALID
    expected = "应为 2023-02-01、2023-02、2023，出处没写就写 unstated"
    assert problems == [f"f:1:1: 这里是“{text}”；{expected}"]


@pytest.mark.parametrize("text", ["2023-02", "2023", "unstated", "2023-04-31", "start", '""'])
def test_full_day_is_asked_for_where_one_is_needed(text):
    assert read(schema.DayOf(), text)[0] is INVALID


@pytest.mark.parametrize(
    "text", ["0", "85", "158.20", "0.10", "0.025", "-3", "999999999", "0.000001", "100.00"]
)
def test_number_keeps_its_written_digits(text):
    value, problems = read(schema.NumberOf(), text)
    assert (str(value), problems) == (text, [])
    assert isinstance(value, Decimal)


@pytest.mark.parametrize(
    "text",
    [
        *("010", "08", "00", "+1", ".5", "5.", "1e3", "1E3", "1_000", "0x1F", "0b1", ".inf"),
        *("-.inf", ".nan", "Infinity", "NaN", "12:30", "85元", "2%", "８５", "٣", "1.2.3"),
        *("--1", "1000000000", "0.0000001", "no", "~", "=", "-0", "-0.00"),
    ],
)
def test_what_is_no_plain_number_is_refused(text):
    value, problems = read(schema.NumberOf(), text)
    assert value is INVALID
    assert problems == [f"f:1:1: 这里是“{text}”；应为数字，例如 85 或 158.20"]


@pytest.mark.parametrize("code", ["010", "021", "0571", "0816"])
def test_area_code_is_text(code):
    value, problems = read(schema.PHONE_AREA, f"{{code: {code}, status: agreed}}")
    assert (value, problems) == ({"code": code, "status": "agreed"}, [])


@pytest.mark.parametrize("code", ["10", "8610", "08166", "0 10", "010-", "０１０"])
def test_what_is_no_area_code_is_refused(code):
    value, (problem,) = read(schema.PHONE_AREA, f'{{code: "{code}", status: agreed}}')
    assert value is INVALID
    assert problem == f"f:1:8: 这里是“{code}”；应为区号，例如 0816"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.nhsa.gov.cn/",
        "http://a.cn/x?y=1&z=%20#e",
        "https://例子.中国/页",
        "https://a.cn:8080/x",
    ],
)
def test_address_of_the_web_is_read(text):
    assert read(schema.ADDRESS, text) == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://a.cn/"),
        *("//a.cn/", "/a", "a.cn", "https://", "https:///a", "https:a.cn", "https://a b.cn/"),
        *("HTTPS://a.cn/", " https://a.cn/", "https://a.cn/\\n", "vbscript:x", "file:///etc"),
        *("https://[a.cn/", "https://a[b].cn/", "https://a.cn℀/", "https://]/"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(text):
    value, problems = read(schema.ADDRESS, f'"{text}"')
    assert value is INVALID
    assert len(problems) == 1 and problems[0].startswith("f:1:1: ")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("pol", "pool"),
        ("provinc", "province"),
        ("pools", "pool"),
        ("nations", "nation"),
        ("Pool", "pool"),
        ("city", ""),
        ("", ""),
        ("绵阳", ""),
    ],
)
def test_nearest_spelling_is_offered_only_where_it_is_near(word, expected):
    assert nearest(word, schema.LEVELS) == expected


def test_record_reports_all_of_its_problems_in_one_go():
    text = """\
titel: 标题
kind: newss
published: 2023-13
url: javascript:x
"""
    value, problems = read(schema.SOURCE, text)
    assert value is INVALID
    assert sorted(problem.split("；")[0] for problem in problems) == [
        "f:1:1: 出处里没有“titel”这个字段",
        "f:2:7: 这里是“newss”",
        "f:3:12: 这里是“2023-13”",
        "f:4:6: 这里是“javascript:x”",
    ]


def test_record_knows_where_its_fields_stand():
    value, _ = read(schema.SOURCE, "{title: 标题, kind: news, published: 2023}")
    assert isinstance(value, Data)
    assert value.at == Place("f", 1, 1)
    assert value.places["kind"] == Place("f", 1, 19)


def test_list_reports_every_wrong_item():
    _, problems = read(schema.ListOf(schema.OneOf(("甲", "乙")), "字"), "[甲, 丙, 丁]")
    assert [problem.split("；")[0] for problem in problems] == [
        "f:1:5: 这里是“丙”",
        "f:1:8: 这里是“丁”",
    ]


@pytest.mark.parametrize("text", ['"a\\nb"', "|\n  a\n", '" a"', '"a "', '""', '"\\t"', '"　"'])
def test_name_is_one_line_without_blanks_around_it(text):
    value, problems = read(schema.NAME, text)
    assert value is INVALID
    assert len(problems) == 1 and "\n" not in problems[0], problems


@pytest.mark.parametrize("text", ["~", "null", "no", "010", "[]", "{}", "- 甲"])
def test_every_shape_refuses_the_wrong_kind_without_an_exception(text):
    shapes = [value for value in vars(schema).values() if hasattr(value, "read")]
    assert len(shapes) > 20
    for shape in shapes:
        if isinstance(shape, type):
            continue
        value, problems = read(shape, text)
        assert (value is INVALID) == bool(problems) or not problems
        assert all(problem.startswith("f:1:") for problem in problems)
