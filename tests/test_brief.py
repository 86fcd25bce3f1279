"""An answer in one breath: every figure with its level, its origin and its date."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitegen.brief import LIMIT, brief, named
from sitegen.figures import ChannelView, Fact, Line, UseView

AMOUNT = Fact(
    id="account.retiree.amount",
    label="划入",
    state="known",
    lines=(Line("不满70岁", "known", "100", "元"), Line("满70岁", "known", "110", "元")),
    per="每月",
    level="quoted",
    dated="2026年3月",
)
SHORT = "不满70岁每月100元，满70岁每月110元"


def with_lines(*lines: Line) -> Fact:
    return replace(AMOUNT, lines=lines)


def channel(name: str, *labelled: bool) -> ChannelView:
    uses = tuple(UseView("查余额", (), "", "", is_labelled, "x/1") for is_labelled in labelled)
    return ChannelView(name, "App", "甲", "", "", uses)


# ── What stands behind a figure ──


@pytest.mark.parametrize(
    ("change", "tail"),
    [
        ({}, "（资料日期2026年3月）"),
        ({"level": "reported"}, "（二手资料日期2026年3月）"),
        ({"overdue": "这份资料是三年前的"}, "（资料日期2026年3月，可能已调整）"),
        ({"inherited": "四川"}, "（四川的规定，资料日期2026年3月）"),
        ({"dated": "未注明日期"}, "（资料没有注明日期）"),
    ],
)
def test_figure_never_stands_without_its_date_level_and_origin(change, tail):
    assert brief(replace(AMOUNT, **change)) == SHORT + tail


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unknown", "没有查到可靠的文件"),
        ("unverified", "待核实，只见到不可靠的说法"),
        ("none", "按规定没有这一项"),
    ],
)
def test_what_is_not_known_is_said_in_words_and_shows_no_figure(state, words):
    assert brief(replace(AMOUNT, state=state)) == words


def test_provisional_figure_is_hedged():
    assert brief(replace(AMOUNT, provisional="以后补差")).startswith("暂按不满70岁每月100元")


def test_figure_of_a_year_names_the_year():
    fee = replace(AMOUNT, lines=(Line("", "known", "400", "元"),), per="每年", since="2026年度")
    assert brief(fee).startswith("2026年度每年400元（")


# ── Rows ──


def test_category_that_rows_share_is_said_once():
    fact = with_lines(
        Line("一般退休人员，不满70岁", "known", "40", "元"),
        Line("一般退休人员，满70岁", "known", "50", "元"),
        Line("建国前老工人", "known", "60", "元"),
    )
    said = brief(fact).partition("（")[0]
    assert said == "一般退休人员，不满70岁每月40元，满70岁每月50元，建国前老工人每月60元"


def test_row_without_a_figure_says_so():
    fact = with_lines(Line("男", "known", "25", "年"), Line("女", "unknown"), Line("居民", "none"))
    assert brief(replace(fact, per="")).startswith("男25年，女未查到，居民没有（")
    assert brief(fact).startswith("男每月25年，女未查到，居民不划入（")


def test_rows_that_are_past_are_left_out_unless_all_are():
    past = Line("2024年退休", "known", "24", "年", is_past=True)
    now = Line("2026年退休", "known", "26", "年")
    assert brief(replace(with_lines(past, now), per="")).startswith("2026年退休26年（")
    assert brief(replace(with_lines(past), per="")).startswith("2024年退休24年（")


def test_sentence_as_a_figure_is_set_off_from_its_label():
    fact = with_lines(Line("满70岁", "known", "平均养老金的2.5%"))
    assert brief(fact).startswith("满70岁：平均养老金的2.5%（")


def test_rows_that_do_not_fit_are_counted_and_never_cut():
    rows = [Line(f"第{number}种退休人员", "known", "1,234.56", "元") for number in range(1, 8)]
    said = brief(with_lines(*rows))
    assert said == "分7种情况，页内逐条写明（资料日期2026年3月）"


# ── Rules and disputes ──


def test_rule_in_words_is_its_first_sentence_or_a_hint():
    rule = replace(AMOUNT, state="described", lines=(), note="按档案认定。另有说明。")
    assert brief(rule) == "按档案认定（资料日期2026年3月）"
    long = replace(rule, note="很长" * LIMIT)
    assert brief(long) == "有规定，页内写明（资料日期2026年3月）"


def test_dispute_gives_both_sides_or_neither():
    rival = with_lines(Line("", "known", "90", "元"))
    fact = replace(with_lines(Line("", "known", "80", "元")), state="disputed", rivals=(rival,))
    assert brief(fact).startswith("说法不一，一种说法每月80元，另一种说法每月90元（")
    assert brief(fact, 10).startswith("几处资料说法不一，页内都写明（")
    assert "80" not in brief(replace(fact, rivals=()))


# ── Names of channels ──


def test_first_two_names_are_given_once_each():
    channels = [channel(name, False) for name in ("津医保", "津医保", "金医宝", "津心办")]
    assert named(channels) == "“津医保”“金医宝”"
    assert named([]) == ""


def test_name_that_nobody_checked_is_not_passed_on():
    channels = [channel("某某通", True), channel("津医保", True, False)]
    assert named(channels) == "“津医保”"
