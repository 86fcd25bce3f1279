"""Atom feeds (RFC 4287) of what changed: for the whole site, for a city, for a topic.

An entry is an event (changes.py): a rule on its first day in force, or a change of this site. Ids
are UUIDs made of the names of things (RFC 4122, version 5): they need no address, so that a feed
is the same wherever the site stands, and they stay when it moves. All dates are days of the
rules and of the log, never of a build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from html import escape

from sitegen.changes import Event
from sitegen.figures import SourceView

# Where our names live. Never to be changed: every reader would take all entries for new ones.
_SPACE = "0d5c3f1e-6a0b-5d52-9c1e-2a7a0f6b9e31"

# So many entries a feed holds, where there are so many.
MOST = 60

FEED = "feed.xml"


def feed_xml(
    site_name: str,
    title: str,
    page: str,
    address: str,
    events: Iterable[Event],
    since: date,
    sources: Mapping[str, SourceView],
) -> bytes:
    """The feed beside a page (``/gengxin/``), the newest entry first.

    ``address`` is that of the site; where it is not known, links are relative to that of the
    feed. ``since`` is the day of a feed that has no entry yet.
    """
    newest = sorted(events, key=lambda event: event.order, reverse=True)
    shown = newest[:MOST]
    # What this site changed on one day is told whole.
    shown += [event for event in newest[MOST:] if event.number and event.day == shown[-1].day]
    day = shown[0].day if shown else since
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">',
        f"<id>{_id(site_name, page)}</id>",
        f"<title>{escape(title)}</title>",
        f"<updated>{_time(day)}</updated>",
        f"<author><name>{escape(site_name)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="{escape(address + page + FEED)}"/>',
        f'<link rel="alternate" type="text/html" href="{escape(address + page)}"/>',
    ]
    for event in shown:
        lines += _entry(site_name, event, address, sources)
    return "\n".join([*lines, "</feed>", ""]).encode()


def _entry(
    site_name: str, event: Event, address: str, sources: Mapping[str, SourceView]
) -> list[str]:
    what = f"{event.place.title}：{event.label}，{event.since}"
    head = f"{event.kind}：{what}" if event.number else what
    cited = [sources[id] for id in event.sources if id in sources]
    level = f"（{event.level}）" if event.level else ""
    parts = [
        f"原来：{event.was}" if event.was else "",
        f"{_now(event)}：{event.now or '撤下了，没有这一条'}",
        f"为什么：{event.why}" if event.why else "",
        *(f"依据：{source.title}，{source.published}{level}" for source in cited),
    ]
    text = escape("\n".join(part for part in parts if part))
    number = f" {event.day} {event.number}" if event.number else ""
    return [
        "<entry>",
        f"<id>{_id(site_name, f'{event.key}{number}')}</id>",
        f"<title>{escape(head)}</title>",
        f"<updated>{_time(event.day)}</updated>",
        f'<link rel="alternate" type="text/html" href="{escape(address + event.place.url)}"/>',
        f'<content type="text">{text}</content>',
        "</entry>",
    ]


def _now(event: Event) -> str:
    """What stands before the new words: a rule of long ago need not be that of now."""
    if event.number:
        return "现在"
    return "改为" if event.was else "规定"


def _id(site_name: str, name: str) -> str:
    from uuid import UUID, uuid5  # slow to import, and most builds make no feed

    return uuid5(UUID(_SPACE), f"{site_name} {name}").urn


def _time(day: date) -> str:
    """The first moment of a day in China."""
    return f"{day}T00:00:00+08:00"
