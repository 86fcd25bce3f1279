"""What changed and when, as pages, feeds and the check of a printed sheet say it.

There are two kinds: a rule that comes into force on its first day, which the rules files know,
and a change that this site made and wrote down (the log). Neither is ever guessed from the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sitegen.atlas import Atlas, Link
from sitegen.entrykeys import (
    Key,
    entries_of,
    first_day,
    is_yearly,
    key_of,
    label_of,
    start_words,
    words_of,
)
from sitegen.model import Change, Entry, Log, Word
from sitegen.resolve import WEIGHTY, resolve
from sitegen.wording import LEVEL, day_text

CHANGES_URL = "/gengxin/"

# So many corrections a page of a guide has room for.
MOST_CORRECTED = 10


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


class Dated(NamedTuple):
    """A rule that comes into force on a stated day, before anything is said of it."""

    day: date
    key: Key
    entry: Entry


class History:
    """All events of a site, as of the day of its atlas."""

    def __init__(self, atlas: Atlas, log: Log) -> None:
        self.atlas = atlas
        self.rules = atlas.rules
        self.since = log.since
        self._words: dict[int, str] = {}
        self._events: dict[Key, Event] = {}
        self._dated: dict[str, tuple[Dated, ...]] = {}
        self._reaching: dict[str, tuple[Event, ...]] = {}
        self._by_area: dict[str, list[Event]] = {}
        entries = dict(entries_of(atlas.rules)) if log.changes else {}
        counts: dict[date, int] = {}
        for change in log.changes:
            if change.day <= atlas.day:
                counts[change.day] = counts.get(change.day, 0) + 1
                key = Key(change.area, change.parameter, change.start)
                event = self._note(change, key, counts[change.day], entries.get(key))
                self._by_area.setdefault(change.area, []).append(event)
        notes = (event for events in self._by_area.values() for event in events)
        self.notes = tuple(sorted(notes, key=lambda event: event.order))

    def _note(self, change: Change, key: Key, number: int, entry: Entry | None) -> Event:
        return Event(
            key=key,
            day=change.day,
            number=number,
            place=self.place(key),
            label=self.label(key),
            since=self.start(key),
            was=change.was,
            now=change.now,
            # One that is gone since is named by the check of the project.
            sources=(change.source,) if change.source in self.rules.sources else (),
            level=LEVEL[entry.verified] if entry else "",
            kind=change.kind,
            why=change.why,
        )

    def place(self, key: Key) -> Link:
        """The area of an entry and the page that says more of it."""
        area = self.rules.areas.get(key.area)
        if area is None or area.level == "nation":
            return Link(area.name if area else key.area, "/zhinan/" if area else "/")
        page = f"/{area.parent if area.level == 'direct' else area.slug}/"
        # A pool to which anything happened has a page that says so.
        return Link(area.short, f"/{area.slug}{CHANGES_URL}" if area.level == "pool" else page)

    def label(self, key: Key) -> str:
        """What readers call the parameter of an entry."""
        return label_of(self.rules, key.parameter)

    def start(self, key: Key) -> str:
        """The first day of an entry in words."""
        return start_words(key.start, is_yearly(self.rules, key.parameter))

    def has_page(self, slug: str) -> bool:
        """Whether there is anything to say of an area itself: a dated rule or a change."""
        return slug in self._by_area or bool(self.dated(slug))

    def dated(self, slug: str) -> tuple[Dated, ...]:
        """The rules of an area itself by their first day, the newest first.

        Those that nobody verified are left out, those whose day nobody stated, and those of
        which only the day is known.
        """
        if (found := self._dated.get(slug)) is None:
            rules = (
                Dated(day, key_of(slug, id, entry), entry)
                for id, entries in self.rules.entries.get(slug, {}).items()
                for entry in entries
                if entry.verified in WEIGHTY and entry.value is not Word.UNKNOWN
                if (day := first_day(entry))
            )
            by_day = sorted(rules, key=lambda rule: rule.day, reverse=True)
            found = self._dated[slug] = tuple(by_day)
        return found

    def all_dated(self) -> tuple[Dated, ...]:
        """The rules of all areas by their first day, area by area."""
        return tuple(rule for slug in self.rules.areas for rule in self.dated(slug))

    def reached(self, rules: Iterable[Dated]) -> tuple[Dated, ...]:
        """Those whose first day has come."""
        return tuple(rule for rule in rules if rule.day <= self.atlas.day)

    def event(self, key: Key, entry: Entry) -> Event:
        """The first day of a rule as an event; ``was`` is what held in its area before."""
        if (found := self._events.get(key)) is None:
            found = self._events[key] = Event(
                key=key,
                day=entry.start.day,
                number=0,
                place=self.place(key),
                label=self.label(key),
                since=self.start(key),
                was=self._words_before(key, entry),
                now=self._words_of(key.parameter, entry),
                sources=(entry.source,),
                level=LEVEL[entry.verified],
            )
        return found

    def events(self, rules: Iterable[Dated]) -> tuple[Event, ...]:
        """The first days of several rules as events."""
        return tuple(self.event(rule.key, rule.entry) for rule in rules)

    def _words_of(self, parameter: str, entry: Entry) -> str:
        # Entries are kept by the rules, so that no other object ever has the id of one.
        if (words := self._words.get(id(entry))) is None:
            words = self._words[id(entry)] = words_of(self.rules, parameter, entry)
        return words

    def _words_before(self, key: Key, entry: Entry) -> str:
        eve = entry.start.day - timedelta(days=1)
        found = resolve(self.rules, key.area, key.parameter, eve).entry
        is_shown = found is not None and found.verified in WEIGHTY
        return self._words_of(key.parameter, found) if found and is_shown else ""

    def notes_of(self, slug: str) -> tuple[Event, ...]:
        """The changes of this site in an area and in those above it, the newest last."""
        areas = [area.slug for area in self.rules.ancestry(slug)]
        found = [note for area in areas for note in self._by_area.get(area, ())]
        return tuple(sorted(found, key=lambda event: event.order))

    def text_of(self, notes: Iterable[Event]) -> str:
        """What tells changes of this site apart, with the sources that they name."""
        views = self.atlas.source_views
        return repr([(note, [views[id] for id in note.sources]) for note in notes])

    def reaching(self, slug: str) -> tuple[Event, ...]:
        """The changes of this site to what an area has, of its own or from above, newest last."""
        if (found := self._reaching.get(slug)) is None:
            found = self._reaching[slug] = tuple(
                note
                for note in self.notes_of(slug)
                if note.key.area not in self._hidden_from(slug, note.key.parameter)
            )
        return found

    def corrected(self, slug: str, parameters: Iterable[str]) -> tuple[Event, ...]:
        """The newest figures that this site had otherwise before, in an area and those above it."""
        notes = self.reaching(slug)
        ids = set(parameters) if notes else set()
        found = tuple(note for note in notes if note.was and note.key.parameter in ids)
        return found[-MOST_CORRECTED:]

    def _hidden_from(self, slug: str, parameter: str) -> frozenset[str]:
        holder = self.atlas.holder(slug, parameter)
        is_known = parameter in self.rules.vocabulary.parameters
        return self.hidden(holder, parameter) if holder and is_known else frozenset()

    def hidden(self, holder: str, parameter: str) -> frozenset[str]:
        """The areas above a holder whose rule does not reach it: it has a nearer one."""
        origin = resolve(self.rules, holder, parameter, self.atlas.day).origin
        chain = [area.slug for area in self.rules.ancestry(holder)]
        return frozenset(chain[chain.index(origin) + 1 :]) if origin else frozenset()
