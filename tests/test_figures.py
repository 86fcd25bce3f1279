"""What a reader is told about a parameter: state, lines, age, sources, net amounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sitegen.edition import Edition
from sitegen.figures import (
    Fact,
    condition_text,
    fact,
    source_view,
    with_deductions,
)
from sitegen.load import LoadError, load_rules
from sitegen.model import Condition, FactLeaf, Place, Rules, Source, TextLeaf
from sitegen.pipeline import prepare
from sitegen.resolve import months_between, resolve, resolve_area
from sitegen.schema import read_when

AS_OF = date(2026, 11, 21)
AMOUNT = "account.retiree.amount"
CARE = "account.retiree.deduction.care"
ILLNESS = "account.retiree.deduction.illness"
HOSTS = ("gov.cn", "thepaper.cn")

DING = """area: 丁市
short: 丁
pinyin: ding
code: "990300"
level: pool
kind: 地级市
sources:
  d: {{title: 丁市公告, kind: official_page, published: {published}, url: "https://ding.gov.cn/"}}
  e: {{title: 丁市旧文, kind: news, published: 2020-01-01}}
values:
{values}
"""


def entry(
    value: str, *, start: str = "2023-01-01", verified: str = "primary", more: str = ""
) -> str:
    """One entry as it stands in a rules file."""
    return (
        f"    - {{from: {start}, value: {value}, source: d, quote: 原话, verified: {verified},"
        f" checked: 2026-11-01{', ' if more else ''}{more}}}\n"
    )


def amount(value: str, **fields: str) -> str:
    fields.setdefault("more", "per: month")
    return f"  {AMOUNT}:\n" + entry(value, **fields)


def deduction(id: str, value: str, **fields: str) -> str:
    fields.setdefault("more", "per: month")
    return f"  {id}:\n" + entry(value, **fields)


def ding(root: Path, values: str, published: str = "2026-03-02") -> Rules:
    """The mini project with a further pool of these values."""
    text = DING.format(values=values, published=published)
    (root / "rules/shili/ding.yaml").write_text(text, encoding="utf-8")
    return load_rules(root)


def fact_of(rules: Rules, slug: str, id: str = AMOUNT, day: date = AS_OF) -> Fact:
    return fact(rules, resolve(rules, slug, id, day), day)


def net_of(rules: Rules, slug: str = "ding") -> list[str]:
    """The net amounts that a page of a pool shows, line by line."""
    shown = with_deductions(fact_of(rules, slug), resolve_area(rules, slug, AS_OF))
    return [line.net for line in shown.lines]


def lines(view: Fact) -> list[tuple[str, str, str]]:
    return [(line.label, line.state, line.figure + line.unit) for line in view.lines]


# ── States ──


def test_known_amount_has_a_line_for_each_band(mini):
    view = fact_of(load_rules(mini), "jia")
    assert (view.state, view.per, view.since) == ("known", "每月", "2022年12月1日起")
    assert lines(view) == [("不满70岁", "known", "1,500.50元"), ("满70岁", "known", "1,610元")]
    assert view.short == "1,500.50元、1,610元"


def test_amount_of_the_province_is_said_to_be_inherited(mini):
    view = fact_of(load_rules(mini), "yi-shili")
    assert (view.state, view.inherited, view.short) == ("known", "示例", "60元")


def test_own_amount_is_not_called_inherited(mini):
    assert fact_of(load_rules(mini), "jia").inherited == ""


def test_parameter_that_nobody_states_is_unknown_without_lines(mini):
    view = fact_of(load_rules(mini), "jia", "account.retiree.cap")
    assert (view.state, view.lines, view.sources, view.level) == ("unknown", (), (), "")


def test_rule_that_gives_nothing_is_none_and_keeps_its_source(mini):
    view = fact_of(ding(mini, amount("none")), "ding")
    assert (view.state, view.sources) == ("none", ("ding/d",))
    assert lines(view) == [("", "none", "")]


def test_described_rule_shows_its_note_and_no_figure(mini):
    view = fact_of(ding(mini, amount("described", more="note: 按年龄乘1.5元划入。")), "ding")
    assert (view.state, view.note, view.short) == ("described", "按年龄乘1.5元划入。", "")


def test_local_rule_that_was_not_found_hides_the_amount_of_the_province(mini):
    view = fact_of(ding(mini, amount("unknown")), "ding")
    assert (view.state, view.short, view.inherited) == ("unknown", "", "")


def test_words_in_rows_are_lines_of_their_own_state(mini):
    values = amount(
        "[{insured: unit, value: 83}, {insured: flexible, value: described, note: 另有办法}]"
    )
    view = fact_of(ding(mini, values), "ding")
    assert lines(view) == [("单位参保", "known", "83元"), ("灵活就业参保", "described", "")]
    assert view.lines[1].note == "另有办法"


def test_choice_is_shown_by_its_chinese_words(mini):
    view = fact_of(
        ding(mini, deduction("account.schedule", "yearly", more="")), "ding", "account.schedule"
    )
    assert view.short == "每年一次划入全年"


def test_day_is_shown_as_a_date(mini):
    id = "years.deemed_until"
    view = fact_of(ding(mini, deduction(id, "1999-12-31", more="")), "ding", id)
    assert view.short == "1999年12月31日"


def test_share_is_shown_with_what_it_is_a_share_of(mini):
    view = fact_of(load_rules(mini), "bing", "account.retiree.frame")
    assert view.short == "当地改革当年平均基本养老金的2%左右"


def test_condition_reads_as_a_sentence():
    facts = {"years.cumulative": "累计缴费年限", "years.continuous": "连续缴费年限"}
    long = FactLeaf("years.continuous", Decimal(15))
    total = FactLeaf("years.cumulative", Decimal(20))
    either = Condition("any", (long, total))
    assert condition_text(either, facts) == "连续缴费年限满15年，或累计缴费年限满20年"
    both = Condition("all", (total, TextLeaf("已办理退休")))
    assert condition_text(both, facts) == "累计缴费年限满20年，并且已办理退休"


# ── Unverified, disputed ──


def test_unverified_amount_never_shows_its_figure(mini):
    rules = load_rules(mini)
    view = fact_of(rules, "bing")
    assert (view.state, view.lines, view.short) == ("unverified", (), "")
    assert "999" not in repr(view)


def test_note_of_an_unverified_entry_is_not_shown_either(mini):
    values = amount("999", verified="unverified", more="per: month, note: 听说是999元。")
    assert "999" not in repr(fact_of(ding(mini, values), "ding"))


@pytest.mark.parametrize("start", ["2027-01-01", "2020-01-01"])
def test_unverified_figure_is_shown_neither_as_coming_nor_as_history(mini, start):
    old = entry("999", start=start, verified="unverified", more="per: month")
    now = entry("80", more="per: month")
    both = old + now if start < "2023" else now + old
    view = fact_of(ding(mini, f"  {AMOUNT}:\n" + both), "ding")
    assert view.short == "80元"
    assert "999" not in repr(view)


def test_disputed_amount_keeps_both_figures_with_their_sources(mini):
    view = fact_of(load_rules(mini), "yi-yangban")
    assert (view.state, view.short, view.sources) == ("disputed", "1,440元", ("yi-yangban/y-1",))
    (rival,) = view.rivals
    assert (rival.short, rival.sources, rival.per) == ("1,080元", ("yi-yangban/y-2",), "每年")
    assert rival.level_text == "二手资料"


def test_weak_rival_is_counted_and_not_shown(mini):
    claim = "claims: [{value: 77, per: month, source: e, verified: unverified}]"
    view = fact_of(ding(mini, amount("80", more=f"per: month, {claim}")), "ding")
    assert (view.state, view.short, view.rivals, view.weak_rivals) == ("known", "80元", (), 1)
    assert "77" not in repr(view)


# ── What comes and what was ──


def test_coming_amount_is_named_with_its_day(mini):
    (later,) = fact_of(load_rules(mini), "yi-shili").upcoming
    assert (later.state, later.since, later.short) == ("upcoming", "2027年1月1日起", "65元")


def test_announced_share_is_not_in_force_though_its_day_has_passed(mini):
    view = fact_of(load_rules(mini), "bing", "account.retiree.ratio")
    assert view.state == "unknown"
    assert [(later.state, later.since) for later in view.upcoming] == [
        ("announced", "2024年1月1日起")
    ]


def test_earlier_rule_is_history(mini):
    (old,) = fact_of(load_rules(mini), "jia").history
    assert (old.state, old.note) == ("history", "按年龄乘1.5元划入。")


@pytest.mark.parametrize("word", ["inherit", "unknown"])
def test_coming_end_of_a_local_amount_is_no_empty_figure(mini, word):
    now = entry("80", more="per: month")
    end = entry(word, start="2027-07-01")
    view = fact_of(ding(mini, f"  {AMOUNT}:\n" + now + end), "ding")
    states = {line.state for later in view.upcoming for line in later.lines}
    assert states <= {"known", "none", "unknown", "described"}


# ── Age ──


@pytest.mark.parametrize(
    ("published", "day", "is_stale"),
    [
        ("2026-03-02", date(2027, 3, 1), False),
        ("2026-03-02", date(2027, 3, 2), True),
        ("2026-03", date(2027, 2, 28), False),
        ("2026-03", date(2027, 3, 1), True),
        ("2026", date(2026, 12, 31), False),
        ("2026", date(2027, 1, 1), True),
        ("unstated", date(2023, 1, 1), True),
    ],
)
def test_amount_is_stale_twelve_months_after_its_newest_source(mini, published, day, is_stale):
    rules = ding(mini, amount("80"), published)
    assert fact_of(rules, "ding", day=day).is_stale is is_stale


def test_newest_of_several_sources_dates_the_figure(mini):
    view = fact_of(load_rules(mini), "jia")
    assert view.sources == ("jia/j-2026", "jia/j-2009")
    assert (view.dated, view.is_stale) == ("2026年3月2日", False)


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2025, 11, 21), date(2026, 11, 20), 11),
        (date(2025, 11, 21), date(2026, 11, 21), 12),
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 2, 28), date(2026, 3, 28), 1),
    ],
)
def test_only_whole_months_count(earlier, later, months):
    assert months_between(earlier, later) == months


# ── Net amounts ──


def test_net_is_the_amount_less_what_is_deducted(mini):
    assert net_of(load_rules(mini), "jia") == ["1,491.84", "1,601.34"]


def test_several_deductions_are_taken_together(mini):
    values = amount("100") + deduction(ILLNESS, "3") + deduction(CARE, "8.66")
    assert net_of(ding(mini, values)) == ["88.34"]


def test_printed_net_stays_as_it_is_printed(mini):
    values = amount("169.08", more="per: month, net: 160.40") + deduction(CARE, "8.66")
    assert net_of(ding(mini, values)) == ["160.40"]


def test_without_a_deduction_there_is_no_net(mini):
    assert net_of(ding(mini, amount("100"))) == [""]


def test_deduction_of_none_takes_nothing(mini):
    values = amount("100") + deduction(ILLNESS, "none") + deduction(CARE, "4")
    assert net_of(ding(mini, values)) == ["96"]


@pytest.mark.parametrize(("of_amount", "of_care"), [("year", "month"), ("month", "year")])
def test_amount_and_deduction_of_different_periods_are_not_mixed(mini, of_amount, of_care):
    values = amount("1200", more=f"per: {of_amount}") + deduction(
        CARE, "36", more=f"per: {of_care}"
    )
    assert net_of(ding(mini, values)) == [""]


@pytest.mark.parametrize(
    "unclear",
    [
        {"value": "described", "more": "note: 按养老金的一成扣。"},
        {"value": "8", "verified": "unverified"},
        {
            "value": "8",
            "more": "per: month, claims: [{value: 9, per: month, source: e, verified: reported}]",
        },
        {"value": "unknown"},
    ],
    ids=["described", "unverified", "disputed", "unknown"],
)
def test_no_net_is_worked_out_while_one_deduction_is_not_a_known_figure(mini, unclear):
    values = amount("100") + deduction(ILLNESS, "3") + deduction(CARE, **unclear)
    assert net_of(ding(mini, values)) == [""]


def test_yearly_amount_is_never_turned_into_a_monthly_one(mini):
    view = fact_of(ding(mini, amount("1680", more="per: year")), "ding")
    assert (view.per, view.short) == ("每年", "1,680元")
    assert "140" not in repr(view)


def test_disputed_amount_has_no_net(mini):
    claim = "claims: [{value: 90, per: month, source: e, verified: reported}]"
    values = amount("80", more=f"per: month, {claim}") + deduction(CARE, "4")
    assert net_of(ding(mini, values)) == [""]


# ── Sources ──


def source(url: str) -> Source:
    place = Place("rules/jia.yaml")
    return Source("jia/x", "标题", "news", read_when("2023"), place, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://gov.cn/a",
        "https://www.gov.cn/a",
        "http://ybj.jia.gov.cn:8080/a?b=c#d",
        "https://WWW.GOV.CN/a",
        "https://m.thepaper.cn/1",
    ],
)
def test_source_on_a_known_host_is_linked(url):
    assert source_view(source(url), HOSTS).url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://gov.cn.evil.example/",
        "https://xgov.cn/",
        "https://evil.example/gov.cn",
        "https://evil.example/?gov.cn",
        "https://evil.example#.gov.cn",
        "https://gov.cn@evil.example/",
        "https://cn/",
        "https://copy.example/www.gov.cn/",
        "",
    ],
)
def test_source_on_any_other_host_is_named_and_not_linked(url):
    view = source_view(source(url), HOSTS)
    assert (view.title, view.url) == ("标题", "")


def test_host_is_read_as_a_browser_reads_it():
    # A browser takes the backslash for a slash and goes to evil.example.
    assert source_view(source("https://evil.example\\@www.gov.cn/"), HOSTS).url == ""


@pytest.mark.parametrize("url", ["https://[x", "https://ding.gov.cn:x/"])
def test_address_that_cannot_be_read_is_no_crash(mini, url):
    (mini / "rules/shili/ding.yaml").write_text(
        DING.format(values=amount("80"), published="2026").replace("https://ding.gov.cn/", url),
        encoding="utf-8",
    )
    try:
        prepare(mini, Edition(AS_OF))
    except LoadError as error:
        assert "rules/shili/ding.yaml:8" in str(error.problems[0])


def test_source_without_an_address_is_named_with_kind_and_date():
    view = source_view(replace(source(""), published=read_when("2023-02")), HOSTS)
    assert (view.kind, view.published) == ("新闻报道", "2023年2月")
