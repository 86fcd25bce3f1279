"""The pages, the feeds and the histories of what changed: for the site, its topics, its cities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sitegen import wording
from sitegen.atlas import Atlas, GuideText, Link
from sitegen.changes import CHANGES_URL, Dated, Event, History
from sitegen.feeds import FEED, MOST, feed_xml
from sitegen.figures import SourceView
from sitegen.model import Area, Page, Site
from sitegen.pagemaker import file_page
from sitegen.recheck import CHECK_URL, SheetHistory, history_json, history_url

# So many changes of this site a page shows, that of all places and that of a city: a page has to
# stay light for a slow phone however long the log grows.
NEWEST, NEWEST_OF_CITY = 40, 20

# Makes a page of a URL, a template, a heading, a description and a context.
Make = Callable[..., Page]


def history_page(
    pool: Area,
    since: date,
    histories: Mapping[str, tuple[str, SheetHistory]],
    views: Mapping[str, SourceView],
) -> Page:
    """The file that the sheets of a pool are held against.

    ``histories`` are by guide, each with what the guide is called.
    """
    titles = {
        id: views[id].title
        for _, sheet in histories.values()
        for event in sheet.events
        for id in event.sources
    }
    return file_page(history_url(pool.slug), history_json(pool.short, since, histories, titles))


def pool_feed(history: History, site: Site, pool: Area, views: Mapping[str, SourceView]) -> Page:
    """The feed of a pool to which anything happened."""
    page = f"/{pool.slug}{CHANGES_URL}"
    dated = history.events(history.reached(history.dated(pool.slug)))
    events = (*history.reaching(pool.slug), *dated)
    place = (site.name, _title(pool), page, site.address)
    return file_page(page + FEED, feed_xml(*place, events, history.since, views))


def pool_page(
    history: History, atlas: Atlas, pool: Area, place: Mapping[str, object], make: Make
) -> Page:
    """What changed in a pool: its own rules by their first day, and what this site changed."""
    page = f"/{pool.slug}{CHANGES_URL}"
    notes, dated = history.reaching(pool.slug), history.dated(pool.slug)
    reached = history.events(history.reached(dated))
    coming = history.events(dated[: len(dated) - len(reached)])
    shown = notes[::-1][:NEWEST_OF_CITY]
    crumbs = atlas.crumbs(atlas.rules.ancestry(pool.slug))
    return make(
        page,
        "city_changes.html",
        f"{pool.short}医保|什么时候变的",
        f"{pool.name}的医保规定什么时候变的，本站改过哪个数：原来多少，现在多少，为什么。",
        title=_title(pool),
        crumbs=(*crumbs, Link("什么时候变的", "")),
        is_indexed=False,
        place=place,
        feed=page + FEED,
        notes=shown,
        has_more=len(notes) > len(shown),
        coming=coming[::-1],
        dated=reached,
        since=wording.day_text(history.since),
        sources=_sources(atlas, (*shown, *coming, *reached)),
    )


def _title(pool: Area) -> str:
    return f"{pool.short}医保什么时候变的"


def site_pages(history: History, atlas: Atlas, make: Make) -> Iterator[Page]:
    """What changed anywhere, and where a printed sheet is held against it."""
    dated = history.all_dated()
    later = sorted((rule for rule in dated if rule.day > atlas.day), key=lambda rule: rule.day)
    coming = history.events(later)
    notes = history.notes[::-1]
    topics = (item for item in atlas.guides if topic_of(item))
    yield make(
        CHANGES_URL,
        "changes.html",
        "什么时候变的",
        "各地医保规定什么时候变的，本站改过哪个数：原来多少，现在多少，为什么，依据什么。",
        crumbs=(Link("首页", "/"), Link("什么时候变的", "")),
        is_indexed=False,
        feed=CHANGES_URL + FEED,
        topics=tuple(Link(i.guide.label, f"/zhinan/{i.guide.slug}/{FEED}") for i in topics),
        notes=notes[:NEWEST],
        has_more=len(notes) > NEWEST,
        coming=coming,
        years=_years(history, history.reached(dated)),
        since=wording.day_text(history.since),
        sources=_sources(atlas, (*notes[:NEWEST], *coming)),
    )
    yield make(
        CHECK_URL,
        "check.html",
        "这张纸上的数|变了没有",
        "扫打印纸上的二维码，看纸上的数从那以后变了没有，变成了什么。",
        title="这张纸上的数变了没有",
        crumbs=(Link("首页", "/"), Link("变了没有", "")),
        is_indexed=False,
    )


@dataclass(frozen=True)
class Start:
    """A first day in words, and what came into force then: label and places, by parameter."""

    since: str
    labels: tuple[tuple[str, tuple[Link, ...]], ...]


def _years(history: History, rules: Iterable[Dated]) -> tuple[tuple[str, tuple[Start, ...]], ...]:
    """The rules of this year and of the last one by their first day, the newest first.

    Places stand in the order of ``rules``.
    """
    first = history.atlas.day.year - 1
    years: dict[int, dict[tuple[date, str], dict[str, list[Link]]]] = {}
    for day, key, _ in rules:
        if day.year >= first:
            labels = years.setdefault(day.year, {}).setdefault((day, history.start(key)), {})
            labels.setdefault(history.label(key), []).append(history.place(key))
    return tuple(
        (
            f"{year}年",
            tuple(
                Start(since, tuple((label, tuple(links)) for label, links in labels.items()))
                for (_, since), labels in sorted(starts.items(), reverse=True)
            ),
        )
        for year, starts in sorted(years.items(), reverse=True)
    )


def site_feed(
    history: History, atlas: Atlas, site: Site, page: str, title: str, ids: frozenset[str] | None
) -> Iterator[Page]:
    """The feed of the site, or of a topic: of what changed of the parameters ``ids``."""
    reached = history.reached(history.all_dated())
    newest = sorted(reached, key=lambda rule: rule.day, reverse=True)
    notes = (note for note in history.notes if ids is None or note.key.parameter in ids)
    rules = (rule for rule in newest if ids is None or rule.key.parameter in ids)
    # A feed has no room for more, and the words of all would take longer than the feed.
    events = (*notes, *history.events(islice(rules, MOST)))
    place = (site.name, f"{site.name}：{title}", page, site.address)
    yield file_page(page + FEED, feed_xml(*place, events, history.since, atlas.source_views))


def topic_of(item: GuideText) -> frozenset[str]:
    """The parameters that the pages of a guide show."""
    return frozenset((*item.pool.names("value"), *item.nation.names("value")))


def _sources(atlas: Atlas, events: Iterable[Event]) -> dict[str, SourceView]:
    return {id: atlas.source_views[id] for event in events for id in event.sources}
