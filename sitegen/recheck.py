"""What a printed sheet is held against: its code names the newest event on it, a file of its
pool names those that may overtake it. ``templates/assets/check.js`` compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sitegen.changes import CHANGES_URL, Event, History
from sitegen.credit import DEDUCTIONS
from sitegen.entrykeys import day_number, first_day, key_of
from sitegen.model import Area
from sitegen.overviews import source_url
from sitegen.resolve import WEIGHTY

CHECK_URL = "/yan/"


@dataclass(frozen=True)
class SheetHistory:
    """The newest event on a sheet, and all since the log was begun, also those still to come.

    ``newest`` is a day, with the number of the change on that day behind a point, if it is one:
    ``20261201.2``. A day on which nothing on the sheet changes leaves it as it is.
    """

    newest: str
    events: tuple[Event, ...]


def check_address(pool: str, guide: str, newest: str) -> str:
    """What the code on a sheet leads to: ``/yan/?p=tianjin/huaru&d=20261105``."""
    return f"{CHECK_URL}?p={pool}/{guide}&d={newest}"


def history_url(slug: str) -> str:
    """Where the events of the sheets of a pool lie."""
    return f"/{slug}{CHANGES_URL}history.json"


class SheetHistories:
    """The histories of all sheets of a site; equal ones are one object."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._rules = history.rules
        self._spans: dict[tuple[str, str], tuple[tuple[Event, ...], date]] = {}
        self._known: dict[tuple[object, ...], SheetHistory] = {}

    def of(self, pool: Area, parameters: Iterable[str]) -> SheetHistory:
        """What happened to some parameters as a pool has them.

        Of an area above only what reaches the pool counts.
        """
        ids = tuple(parameters)
        # What goes into the amount may change too.
        ids += DEDUCTIONS if "account.retiree.amount" in ids else ()
        holders = tuple(self._history.atlas.holder(pool.slug, id) for id in ids)
        notes = tuple(n for n in self._history.reaching(pool.slug) if n.key.parameter in ids)
        key = (ids, holders, notes)
        if (found := self._known.get(key)) is None:
            pairs = [(h, id) for h, id in zip(holders, ids, strict=True) if h]
            found = self._known[key] = self._of(pairs, notes)
        return found

    def _of(self, pairs: Iterable[tuple[str, str]], notes: tuple[Event, ...]) -> SheetHistory:
        events = [*notes]
        # A sheet from before the first change is as old as the log, not older.
        newest = max([(self._history.since, 0), *(note.order for note in notes)])
        for holder, id in pairs:
            rules, reached = self._span(holder, id)
            events += rules
            newest = max(newest, (reached, 0))
        day, number = newest
        code = day_number(day) + (f".{number}" if number else "")
        return SheetHistory(code, tuple(sorted(events, key=lambda event: event.order)))

    def _span(self, holder: str, id: str) -> tuple[tuple[Event, ...], date]:
        """The rules that reach a holder's pools: those after the start of the log, and the last
        first day that has come."""
        if (found := self._spans.get((holder, id))) is None:
            hidden = self._history.hidden(holder, id)
            entries = [
                (day, area.slug, entry)
                for area in self._rules.ancestry(holder)
                if area.slug not in hidden
                for entry in self._rules.entries[area.slug].get(id, ())
                if entry.verified in WEIGHTY and (day := first_day(entry))
            ]
            events = [
                self._history.event(key_of(slug, id, entry), entry)
                for day, slug, entry in entries
                if day > self._history.since
            ]
            reached = [day for day, _, _ in entries if day <= self._history.atlas.day]
            found = self._spans[holder, id] = tuple(events), max(reached, default=date.min)
        return found


def history_json(
    name: str,
    since: date,
    histories: Mapping[str, tuple[str, SheetHistory]],
    titles: Mapping[str, str],
) -> bytes:
    """The file of a pool called ``name``.

    ``histories`` are by guide, each with what the guide is called; ``titles`` are those of the
    sources by their ids. Each event stands once, and the guides name it by its place.
    """
    places: dict[Event, int] = {}
    guides = {
        slug: [label, [places.setdefault(event, len(places)) for event in sheet.events]]
        for slug, (label, sheet) in histories.items()
    }
    events = [
        {
            "key": str(event.key),
            "day": day_number(event.day),
            "number": event.number,
            "place": event.place.title,
            "label": event.label,
            "since": event.since,
            "was": event.was,
            "now": event.now,
            "kind": event.kind,
            "why": event.why,
            "level": event.level,
            "sources": [[titles[id], source_url(id)] for id in event.sources],
        }
        for event in places
    ]
    data = {"name": name, "since": day_number(since), "guides": guides, "events": events}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
