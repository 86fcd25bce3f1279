"""What changed and when: lists, feeds, and what a printed sheet is held against."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import AS_OF
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.feeds import MOST
from sitegen.load import load_rules
from sitegen.model import Change, Log, Place
from sitegen.plan import Plan, plan_site
from sitegen.recheck import history_url
from sitegen.texts import CHANGES, load_content
from test_increments import tree
from test_notes import quiet

ATOM = "{http://www.w3.org/2005/Atom}"
AMOUNT = "account.retiree.amount"

# What RFC 4287 asks of each element: its children that must be there once.
ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated", "content")}
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00\+08:00"


def planned(root: Path, day: date = AS_OF, log: Log | None = None, address: str = "") -> Plan:
    content = load_content(root)
    content = replace(content, log=log) if log else content
    return plan_site(load_rules(root), content, Edition(day, address))


def note(day: date, area: str = "jia", start: str = "2022-12-01", **fields: str) -> Change:
    words = {"was": "每月1元", "now": "每月2元", "kind": "更正", "why": "抄错了。"} | fields
    parameter = words.pop("parameter", AMOUNT)
    return Change(day, area, parameter, start, source="jia/j-2026", at=Place(CHANGES), **words)


def log_of(*changes: Change) -> Log:
    return Log(date(2026, 10, 1), changes)


def files_of(plan: Plan) -> dict[str, str]:
    """The files that go with no page, of the site and of pools, by URL."""
    return {url: data.decode("utf-8-sig") for url, data in plan.files.items()}


def history(plan: Plan, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files_of(plan)[history_url(slug)])
    return found


def code_of(plan: Plan, slug: str) -> str:
    """What stands behind d= in the code of the sheet of a pool."""
    (page,) = (page for page in plan.pages if page.url == f"/{slug}/dayin/huaru/")
    return str(page.context["check_url"]).partition("&d=")[2]


def events_of(plan: Plan, slug: str) -> list[dict[str, Any]]:
    found = history(plan, slug)
    return [found["events"][place] for place in found["guides"]["huaru"][1]]


# ── What a sheet is held against ──


def test_code_of_a_sheet_is_the_start_of_the_log_while_nothing_changed(mini):
    assert code_of(planned(mini, log=log_of()), "jia") == "20261001"


def test_code_of_a_sheet_is_the_newest_change_of_a_figure_on_it_and_its_number(mini):
    first, second = date(2026, 11, 2), date(2026, 11, 5)
    log = log_of(note(first, "bing"), note(first), note(second, parameter="resident.fee"))
    plan = planned(mini, log=log)
    assert code_of(plan, "jia") == "20261102.2"
    assert code_of(plan, "bing") == "20261102.1"
    assert code_of(plan, "yi-yangban") == "20261001"


def test_code_of_a_sheet_is_the_same_on_every_day_without_a_change(mini):
    codes = {code_of(planned(mini, date(2026, 11, day)), "jia") for day in (21, 25, 30)}
    assert len(codes) == 1


def test_rule_that_came_into_force_is_the_newest_on_a_sheet_from_its_day_on(mini):
    before, after = (planned(mini, day, log_of()) for day in (AS_OF, date(2027, 1, 1)))
    assert code_of(before, "yi-shili") == "20261001"
    assert code_of(after, "yi-shili") == "20270101"
    # It stays in the history: sheets that are older lie in a drawer.
    assert events_of(before, "yi-shili") == events_of(after, "yi-shili")


def test_history_tells_a_rule_that_is_still_to_come(mini):
    (event,) = events_of(planned(mini, log=log_of()), "yi-shili")
    assert (event["day"], event["number"], event["place"]) == ("20270101", 0, "示例")
    assert (event["was"], event["now"]) == ("每月60元", "每月65元")


def test_rule_of_the_province_does_not_touch_a_city_that_has_its_own(mini):
    log = log_of(note(date(2026, 11, 2), "shili", "2023-01-01"))
    plan = planned(mini, log=log)
    assert [event["number"] for event in events_of(plan, "yi-shili")] == [1, 0]
    assert events_of(plan, "jia") == []
    pages = {page.url: page.context for page in plan.pages}
    assert pages["/jia/gengxin/"]["notes"] == pages["/jia/huaru/"]["corrected"] == ()
    assert len(pages["/yi-shili/huaru/"]["corrected"]) == 1  # type: ignore[arg-type]


def test_change_of_a_deduction_touches_the_sheet_of_the_amount(mini):
    log = log_of(note(date(2026, 11, 2), parameter="account.retiree.deduction.illness"))
    assert len(events_of(planned(mini, log=log), "jia")) == 1


def test_change_that_comes_after_the_day_of_the_build_is_not_told_yet(mini):
    plan = planned(mini, AS_OF, log_of(note(date(2026, 11, 22))))
    assert events_of(plan, "jia") == []


def test_every_pool_has_a_history_of_all_its_sheets(plan, rules):
    pools = [area.slug for area in rules.areas.values() if area.level == "pool"]
    files = files_of(plan)
    tasks = {"yue", "huaru", "nianxian", "duanjiao", "zhuanyi", "jumin"}
    for slug in pools:
        text = files[history_url(slug)]
        assert set(json.loads(text)["guides"]) == tasks
        assert len(text.encode()) < 8_000


def test_project_without_a_log_has_no_page_of_changes_and_sheets_that_lead_to_their_page(mini):
    (mini / CHANGES).unlink()
    plan = planned(mini)
    assert not [page.url for page in plan.pages if "gengxin" in page.url or page.url == "/yan/"]
    assert not [url for url in files_of(plan) if "gengxin" in url or url.endswith(".xml")]
    assert code_of(plan, "jia") == ""


# ── Feeds ──


def feeds_of(plan: Plan) -> Mapping[str, ElementTree.Element]:
    return {
        url: ElementTree.fromstring(data)
        for url, data in files_of(plan).items()
        if url.endswith("/feed.xml")
    }


def text_of(element: ElementTree.Element, name: str) -> str:
    found = element.findtext(ATOM + name)
    assert found is not None
    return found


@pytest.mark.parametrize("address", ["", "https://example.org"])
def test_every_feed_is_what_rfc_4287_asks_for(rules, address):
    plan = plan_site(rules, load_content(Path(__file__).parent.parent), Edition(AS_OF, address))
    feeds = feeds_of(plan)
    assert len(feeds) > 150
    ids = [text_of(feed, "id") for feed in feeds.values()]
    assert len(set(ids)) == len(ids)
    for url, feed in feeds.items():
        assert feed.tag == f"{ATOM}feed"
        entries = feed.findall(f"{ATOM}entry")
        for element, kind in [(feed, "feed"), *((entry, "entry") for entry in entries)]:
            for name in ONCE[kind]:
                assert len(element.findall(ATOM + name)) == 1, (url, kind, name)
            assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", text_of(element, "id"))
            assert re.fullmatch(DAY, text_of(element, "updated"))
        assert feed.findtext(f"{ATOM}author/{ATOM}name") == "医保怎么办"
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links == {
            "self": address + url,
            "alternate": address + url.removesuffix("feed.xml"),
        }
        named = [text_of(entry, "id") for entry in entries]
        assert len(set(named)) == len(named)
        days = [text_of(entry, "updated") for entry in entries]
        assert days == sorted(days, reverse=True)
        assert not days or text_of(feed, "updated") == days[0]
        urls = {page.url for page in plan.pages}
        assert {e.find(f"{ATOM}link").get("href").removeprefix(address) for e in entries} <= urls


def test_feed_without_an_entry_is_of_the_day_on_which_the_log_began(plan):
    empty = [feed for feed in feeds_of(plan).values() if feed.find(f"{ATOM}entry") is None]
    assert {text_of(feed, "updated")[:10] for feed in empty} <= {"2026-11-22"}


def test_entry_of_a_change_says_old_new_why_and_source(mini):
    feed = feeds_of(planned(mini, log=log_of(note(date(2026, 11, 2)))))["/jia/gengxin/feed.xml"]
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert text_of(entry, "title") == "更正：甲：退休人员个人账户划入金额，2022年12月1日起"
    assert text_of(entry, "content").split("\n") == [
        "原来：每月1元",
        "现在：每月2元",
        "为什么：抄错了。",
        "依据：甲市医保局公告，2026年3月2日（官方资料）",
    ]
    assert text_of(entry, "updated") == "2026-11-02T00:00:00+08:00"


def test_ids_of_a_feed_stay_when_the_site_moves_and_the_day_goes_on(mini):
    days = (AS_OF, date(2026, 12, 24))
    there, here = (
        {url: [text_of(e, "id") for e in feed.iter(f"{ATOM}entry")] for url, feed in found.items()}
        for found in (
            feeds_of(planned(mini, day, address=address))
            for day, address in zip(days, ("https://a.example", ""), strict=True)
        )
    )
    assert there == here


def test_feed_of_a_topic_holds_nothing_of_other_topics(plan):
    feed = feeds_of(plan)["/zhinan/jumin/feed.xml"]
    titles = [text_of(entry, "title") for entry in feed.iter(f"{ATOM}entry")]
    assert 0 < len(titles) <= MOST
    assert not [title for title in titles if "退休人员个人账户" in title]


def test_no_change_of_a_day_is_cut_off_where_many_came_at_once(mini):
    notes = [note(date(2026, 11, 2), start=f"20{n:02d}-01-01") for n in range(99)]
    feed = feeds_of(planned(mini, log=log_of(*notes)))["/gengxin/feed.xml"]
    kinds = [text_of(entry, "title")[:2] for entry in feed.iter(f"{ATOM}entry")]
    assert kinds.count("更正") == 99


def test_words_of_a_rule_never_act_as_markup_in_a_feed(mini):
    evil = "<b>&amp;</b> ]]>"
    log = log_of(note(date(2026, 11, 2), was=evil, why=evil))
    feed = feeds_of(planned(mini, log=log))["/jia/gengxin/feed.xml"]
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert f"原来：{evil}\n" in text_of(entry, "content")


def test_rule_that_has_not_come_yet_is_no_entry(mini):
    def days(day: date) -> list[str]:
        feed = feeds_of(planned(mini, day, log_of()))["/gengxin/feed.xml"]
        return [text_of(entry, "updated")[:10] for entry in feed.iter(f"{ATOM}entry")]

    assert "2027-01-01" not in days(AS_OF)
    assert days(date(2027, 1, 1))[0] == "2027-01-01"


# ── Pages ──


def test_list_by_first_days_holds_no_unverified_and_no_undated_rule(plan, rules):
    pages = {page.url: page for page in plan.pages}
    listed = 0
    for slug, values in rules.entries.items():
        page = pages.get(f"/{slug}/gengxin/")
        if page is None:
            continue
        events: Any = page.context["dated"]
        listed += len(events)
        for event in events:
            entries = values[event.key.parameter]
            (entry,) = (e for e in entries if e.start.is_stated and e.start.day == event.day)
            assert entry.verified != "unverified"
            assert entry.start.day <= AS_OF
    assert listed > 300


def test_page_shows_the_newest_changes_however_long_the_log_grows(mini):
    notes = [note(date(2026, 11, 1 + n // 5), start=f"20{n:02d}-01-01") for n in range(99)]
    pages = {page.url: page.context for page in planned(mini, log=log_of(*notes)).pages}
    for url, most in (("/jia/gengxin/", 20), ("/gengxin/", 40)):
        shown: Any = pages[url]["notes"]
        assert [event.key.start[:4] for event in shown] == [
            f"20{n}" for n in range(98, 98 - most, -1)
        ]
        assert pages[url]["has_more"]
    assert len(pages["/jia/huaru/"]["corrected"]) == 10  # type: ignore[arg-type]


def test_increments_with_changes_are_what_a_clean_build_makes(mini, tmp_path):
    """A note of one city leaves the pages of others as they are; a note of a province does not."""
    out = tmp_path / "site"
    text = (mini / CHANGES).read_text(encoding="utf-8")
    later = """- day: 2026-11-{day}
  area: {area}
  parameter: account.retiree.amount
  from: 2023
  was: 每月1元
  now: 每月{day}元
  kind: 补上
  why: 又找到了。
  source: jia/j-2026
"""
    made = []
    edits = ("", ("10", "yi-yangban"), ("11", "shili"), ("12", "jia"), "-")
    for number, edit in enumerate(edits):
        if edit == "-":
            (mini / CHANGES).unlink()
        elif edit:
            text += later.format(day=edit[0], area=edit[1])
            (mini / CHANGES).write_text(text, encoding="utf-8")
        made.append(build(mini, out, Edition(AS_OF), quiet).rendered)
        clean = tmp_path / f"clean{number}"
        build(mini, clean, Edition(AS_OF), quiet)
        assert tree(out) == tree(clean)
    whole, of_city, of_province, *_ = made
    # Of the one city that the note reaches what shows the figure: its page, its sheet, its booklet
    # (and its own page of changes, if it has one); and the page of all changes.
    assert (of_city, of_province) == (5, 4) < (whole, whole)


def test_file_of_a_pool_that_somebody_damaged_is_made_again(mini, tmp_path):
    out = tmp_path / "site"
    build(mini, out, Edition(AS_OF), quiet)
    before = tree(out)
    (out / "jia/gengxin/history.json").write_text("{", encoding="utf-8")
    (out / "bing/gengxin/history.json").unlink()
    build(mini, out, Edition(AS_OF), quiet)
    assert tree(out) == before
