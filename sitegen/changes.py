"""What changed and when, as pages, feeds and the check of a printed sheet say it.

There are two kinds: a rule that comes into force on its first day, which the rules files know,
and a change that this site made and wrote down (the log). Neither is ever guessed from the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sitegen.atlas import Atlas, Link
from sitegen.credit import DEDUCTIONS
from sitegen.facts import (
    Key,
    day_number,
    facts_of,
    first_day,
    is_yearly,
    key_of,
    label_of,
    start_words,
    words_of,
)
from sitegen.model import Area, Change, Entry, Log, Word
from sitegen.overviews import source_url
from sitegen.resolve import WEIGHTY, resolve
from sitegen.wording import LEVEL, day_text

CHANGES_URL = "/gengxin/"
CHECK_URL = "/yan/"


@dataclass(frozen=True)
class Event:
    """Something that changed on a day: a rule that came into force, or a change of this site.

    ``number`` counts the changes of this site on their day, 0 is a rule. ``was`` is empty where
    there was nothing before, ``now`` where it was taken out; ``why`` and ``kind`` are of changes.
    ``level`` is how well the rule of today is verified, in words, empty where there is none any
    more. ``place`` names the area and leads to its page, ``since`` is the first day in words.
    """

    key: Key
    day: date
    number: int
    place: Link
    label: str
    since: str
    was: str
    now: str
    sources: tuple[str, ...]
    level: str = ""
    kind: str = ""
    why: str = ""

    @property
    def day_words(self) -> str:
        """2026年12月1日."""
        return day_text(self.day)

    @property
    def order(self) -> tuple[date, int]:
        """Later ones are greater."""
        return self.day, self.number


@dataclass(frozen=True)
class Record:
    """What a sheet is held against: the newest event on it, and those that may overtake it.

    ``newest`` is a day, with the number of the change on that day behind a point, if it is one:
    ``20261201.2``.
    """

    newest: str
    events: tuple[Event, ...]


def history_url(slug: str) -> str:
    """Where the history of a pool lies that sheets are held against."""
    return f"/{slug}{CHANGES_URL}history.json"


class History:
    """All events of a site, as of the day of its atlas."""

    def __init__(self, atlas: Atlas, log: Log) -> None:
        self._atlas = atlas
        self._rules = atlas.rules
        self.since = log.since
        self._words: dict[int, str] = {}
        self._before: dict[Key, str] = {}
        self._spans: dict[tuple[str, str], tuple[tuple[Event, ...], date]] = {}
        self._records: dict[tuple[object, ...], Record] = {}
        entries = dict(facts_of(atlas.rules)) if log.changes else {}
        counts: dict[date, int] = {}
        self._by_area: dict[str, list[Event]] = {}
        for change in log.changes:
            if change.day <= atlas.day:
                counts[change.day] = counts.get(change.day, 0) + 1
                key = Key(change.area, change.parameter, change.start)
                event = self._note(change, counts[change.day], entries.get(key))
                self._by_area.setdefault(change.area, []).append(event)
        notes = (event for events in self._by_area.values() for event in events)
        self.notes = tuple(sorted(notes, key=lambda event: event.order))
        self._reaching: dict[str, tuple[Event, ...]] = {}
        self._all_dated: tuple[Event, ...] = ()

    def has_page(self, slug: str) -> bool:
        """Whether there is anything to say of an area itself: a dated rule or a change."""
        return slug in self._by_area or any(
            _is_told(entry)
            for entries in self._rules.entries.get(slug, {}).values()
            for entry in entries
        )

    def _note(self, change: Change, number: int, entry: Entry | None) -> Event:
        key = Key(change.area, change.parameter, change.start)
        return Event(
            key=key,
            day=change.day,
            number=number,
            place=self._place(change.area),
            label=label_of(self._rules, change.parameter),
            since=start_words(change.start, is_yearly(self._rules, change.parameter)),
            was=change.was,
            now=change.now,
            # One that is gone since is named by the check of the project.
            sources=(change.source,) if change.source in self._rules.sources else (),
            level=LEVEL[entry.verified] if entry else "",
            kind=change.kind,
            why=change.why,
        )

    def _place(self, slug: str) -> Link:
        area = self._rules.areas.get(slug)
        if area is None or area.level == "nation":
            return Link(area.name if area else slug, "/zhinan/" if area else "/")
        page = f"/{area.parent if area.level == 'direct' else slug}/"
        # A pool to which anything happened has a page that says so.
        return Link(area.short, f"/{slug}{CHANGES_URL}" if area.level == "pool" else page)

    def dated(self, slug: str) -> tuple[Event, ...]:
        """The rules of an area itself by their first day, the newest first.

        Those that nobody verified are left out, and those whose day nobody stated.
        """
        events = [
            self._rule(key_of(slug, id, entry), entry)
            for id, entries in self._rules.entries.get(slug, {}).items()
            for entry in entries
            if _is_told(entry)
        ]
        return tuple(sorted(events, key=lambda event: event.day, reverse=True))

    def _rule(self, key: Key, entry: Entry) -> Event:
        parameter = key.parameter
        return Event(
            key=key,
            day=entry.start.day,
            number=0,
            place=self._place(key.area),
            label=label_of(self._rules, parameter),
            since=start_words(key.start, is_yearly(self._rules, parameter)),
            was=self._words_before(key, entry),
            now=self._words_of(parameter, entry),
            sources=(entry.source,),
            level=LEVEL[entry.verified],
        )

    def _words_of(self, parameter: str, entry: Entry) -> str:
        # Entries are kept by the rules, so that no other object ever has the id of one.
        if (words := self._words.get(id(entry))) is None:
            words = self._words[id(entry)] = words_of(self._rules, parameter, entry)
        return words

    def _words_before(self, key: Key, entry: Entry) -> str:
        """What held in the area on the day before an entry: its own or from above."""
        if key not in self._before:
            eve = entry.start.day - timedelta(days=1)
            found = resolve(self._rules, key.area, key.parameter, eve).entry
            is_shown = found is not None and found.verified in WEIGHTY
            self._before[key] = self._words_of(key.parameter, found) if found and is_shown else ""
        return self._before[key]

    def notes_of(self, slug: str) -> tuple[Event, ...]:
        """The changes of this site in an area and in those above it, the newest last."""
        areas = [area.slug for area in self._rules.ancestry(slug)]
        found = [note for area in areas for note in self._by_area.get(area, ())]
        return tuple(sorted(found, key=lambda event: event.order))

    def corrected(self, slug: str, parameters: Iterable[str]) -> tuple[Event, ...]:
        """The figures that this site had otherwise before, in an area and those above it."""
        ids = set(parameters)
        notes = self.reaching(slug)
        return tuple(note for note in notes if note.was and note.key.parameter in ids)

    def reaching(self, slug: str) -> tuple[Event, ...]:
        """The changes of this site to what an area has, of its own or from above, newest last."""
        if (found := self._reaching.get(slug)) is None:
            found = self._reaching[slug] = tuple(
                note
                for note in self.notes_of(slug)
                if note.key.area not in self._hidden_from(slug, note.key.parameter)
            )
        return found

    def _hidden_from(self, slug: str, parameter: str) -> frozenset[str]:
        known = parameter in self._rules.vocabulary.parameters
        return (
            self._hidden(self._atlas.holder(slug, parameter), parameter) if known else frozenset()
        )

    def record(self, pool: Area, parameters: Iterable[str]) -> Record:
        """What happened to some parameters as a pool has them: equal ones are one object.

        Of an area above only what reaches the pool counts.
        """
        ids = tuple(parameters)
        # What goes into the amount may change too.
        ids += DEDUCTIONS if "account.retiree.amount" in ids else ()
        holders = tuple(self._atlas.holder(pool.slug, id) for id in ids)
        chain = tuple(area.slug for area in self._rules.ancestry(pool.slug))
        noted = tuple(slug for slug in chain if slug in self._by_area)
        key = (ids, holders, noted)
        if (found := self._records.get(key)) is None:
            found = self._records[key] = self._record(ids, holders, noted)
        return found

    def _record(
        self, ids: tuple[str, ...], holders: tuple[str, ...], noted: tuple[str, ...]
    ) -> Record:
        events: list[Event] = []
        newest: tuple[date, int] = (self.since, 0)
        for id, holder in zip(ids, holders, strict=True):
            coming, reached = self._span(holder, id) if holder else ((), date.min)
            newest = max(newest, (reached, 0))
            events += coming
            hidden = self._hidden(holder, id) if noted else frozenset()
            notes = (
                event
                for slug in noted
                if slug not in hidden
                for event in self._by_area[slug]
                if event.key.parameter == id
            )
            events += notes
        newest = max([newest, *(event.order for event in events if event.number)])
        # What has come since the log was begun stays: a sheet may be older than it.
        day, number = newest
        text = day_number(day) + (f".{number}" if number else "")
        return Record(text, tuple(sorted(events, key=lambda event: event.order)))

    def _span(self, holder: str, id: str) -> tuple[tuple[Event, ...], date]:
        """The rules that reach a holder's pools: those after the start of the log, and the last
        first day that has come."""
        if (found := self._spans.get((holder, id))) is None:
            hidden = self._hidden(holder, id)
            entries = [
                (key_of(area.slug, id, entry), entry)
                for area in self._rules.ancestry(holder)
                if area.slug not in hidden
                for entry in self._rules.entries[area.slug].get(id, ())
                if first_day(entry) and entry.verified in WEIGHTY
            ]
            events = [self._rule(key, e) for key, e in entries if e.start.day > self.since]
            reached = [e.start.day for _, e in entries if e.start.day <= self._atlas.day]
            found = self._spans[holder, id] = tuple(events), max(reached, default=date.min)
        return found

    def _hidden(self, holder: str, id: str) -> frozenset[str]:
        """The areas above a holder whose rule does not reach it: it has a nearer one."""
        if not holder:
            return frozenset()
        origin = resolve(self._rules, holder, id, self._atlas.day).origin
        chain = [area.slug for area in self._rules.ancestry(holder)]
        return frozenset(chain[chain.index(origin) + 1 :]) if origin else frozenset()

    def reached(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Those of some rules whose first day has come."""
        return tuple(event for event in events if event.day <= self._atlas.day)

    def all_dated(self) -> tuple[Event, ...]:
        """The rules of all areas by their first day, area by area."""
        if not self._all_dated:
            areas = self._rules.areas
            self._all_dated = tuple(event for slug in areas for event in self.dated(slug))
        return self._all_dated


def _is_told(entry: Entry) -> bool:
    """Whether a rule stands in a list by first days: its day and what it says are known."""
    is_known = entry.verified in WEIGHTY and entry.value is not Word.UNKNOWN
    return is_known and first_day(entry) is not None


def history_json(
    name: str,
    since: date,
    records: Mapping[str, tuple[str, Record]],
    titles: Mapping[str, str],
) -> bytes:
    """What the sheets of a pool are held against; ``templates/assets/check.js`` reads it.

    ``records`` are by guide, each with what the guide is called; ``titles`` are those of the
    sources by their ids. Each event stands once, and the guides name it by its place.
    """
    places: dict[Event, int] = {}
    guides = {
        slug: [label, [places.setdefault(event, len(places)) for event in record.events]]
        for slug, (label, record) in records.items()
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


@dataclass(frozen=True)
class Start:
    """A first day in words, and what came into force then: label and places, by parameter."""

    since: str
    items: tuple[tuple[str, tuple[Link, ...]], ...]


def of_years(events: Iterable[Event], day: date) -> tuple[tuple[str, tuple[Start, ...]], ...]:
    """The rules of this year and of the last one by their first day, the newest first.

    Places stand in the order of ``events``. What has not come yet is left out.
    """
    years: dict[int, dict[tuple[date, str], dict[str, list[Link]]]] = {}
    for event in events:
        if event.day <= day and event.day.year >= day.year - 1:
            starts = years.setdefault(event.day.year, {})
            labels = starts.setdefault((event.day, event.since), {})
            labels.setdefault(event.label, []).append(event.place)
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
