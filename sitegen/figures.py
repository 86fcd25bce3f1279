"""From what is in force to what a reader sees: frozen views of plain text.

Templates show these and decide nothing. Every view of a figure carries the ids of its
sources, its level of verification and the date of its material.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from urllib.parse import urlsplit

from sitegen import wording
from sitegen.credit import DEDUCTIONS, is_settled
from sitegen.model import (
    Base,
    Channel,
    Claim,
    Condition,
    Entry,
    FactLeaf,
    Parameter,
    Resolved,
    Row,
    Rules,
    Scalar,
    Source,
    State,
    TextLeaf,
    Value,
    When,
    Word,
)
from sitegen.resolve import WEIGHTY, months_between

# These figures count once, on the day of retirement: who has retired needs them no more.
AT_RETIREMENT = ("years.minimum", "years.actual")


@dataclass(frozen=True)
class Line:
    """One row of a figure. ``state`` is known, none, unknown or described.

    ``number`` is the figure as a number, a share as 0–1; None where it is none. ``day`` is that
    of a figure which is a day, in the form of ISO 8601. ``is_past`` marks a row for people who
    had retired before the day, where the figure counts only once,
    at retirement.
    """

    label: str
    state: str
    figure: str = ""
    unit: str = ""
    net: str = ""
    note: str = ""
    is_past: bool = False
    number: Decimal | None = None
    day: str = ""


@dataclass(frozen=True)
class Fact:
    """What a page says about one parameter: an entry in words.

    ``state`` is a value of ``State``; for other entries ``upcoming`` (a later day),
    ``announced``, ``draft`` or ``history``.
    ``sources`` are full ids, the chosen one first; ``dated`` is its date. ``net_sources``
    are those of the deductions, where a net amount was worked out. ``since_day``, ``dated_day``
    and ``checked_day`` say the same as the words do, for machines (``iso_text``).
    """

    id: str
    label: str
    state: str
    lines: tuple[Line, ...] = ()
    per: str = ""
    since: str = ""
    # The last day of an earlier entry, in words.
    until: str = ""
    level: str = ""
    level_text: str = ""
    note: str = ""
    provisional: str = ""
    clause: str = ""
    dated: str = ""
    # Why the figure needs a second look: its year is over, or its material is old.
    overdue: str = ""
    checked: str = ""
    inherited: str = ""
    sources: tuple[str, ...] = ()
    net_sources: tuple[str, ...] = ()
    upcoming: tuple[Fact, ...] = ()
    history: tuple[Fact, ...] = ()
    rivals: tuple[Fact, ...] = ()
    weak_rivals: int = 0
    since_day: str = ""
    dated_day: str = ""
    checked_day: str = ""

    @property
    def is_stale(self) -> bool:
        return bool(self.overdue)

    @property
    def is_dated(self) -> bool:
        return self.dated != wording.NO_DATE

    @property
    def dated_words(self) -> str:
        """The date of the material as a page says it: 资料日期2023年8月."""
        return f"资料日期{self.dated}" if self.is_dated else "资料没有注明日期"

    @property
    def has_net(self) -> bool:
        return any(line.net for line in self.lines)

    @property
    def size(self) -> int:
        """How many characters it takes to say it: paper has room for so many."""
        lines = [line for line in self.lines if not line.is_past]
        # What is described is described in the line and in the note.
        notes = {self.note, self.provisional, *(line.note for line in lines)}
        figures = sum(len(line.label + line.figure + line.unit) for line in lines)
        return figures + sum(map(len, notes))

    @property
    def current(self) -> tuple[Line, ...]:
        """The rows that still count for somebody, or all where none does."""
        return tuple(line for line in self.lines if not line.is_past) or self.lines

    @property
    def short(self) -> str:
        """The figures in one breath: 100元、110元, 2.5%."""
        seen = [line.figure + line.unit for line in self.lines if line.state == "known"]
        return "、".join(dict.fromkeys(seen))


@dataclass(frozen=True)
class SourceView:
    """A source as the list at the end of a page shows it; ``url`` only where it is safe.

    ``published_day`` is ``published`` for machines, empty where no day was stated.
    """

    id: str
    title: str
    kind: str
    published: str
    number: str
    issuer: str
    url: str
    published_day: str = ""


@dataclass(frozen=True)
class UseView:
    """What a channel can do, how to get there, and whether its name was checked."""

    tasks: str
    path: tuple[str, ...]
    says: str
    note: str
    is_labelled: bool
    source: str


@dataclass(frozen=True)
class ChannelView:
    """A named channel of an area. ``scope`` is the short name of the area that has it."""

    name: str
    carriers: str
    scope: str
    url: str
    number: str
    uses: tuple[UseView, ...]


def source_view(source: Source, link_hosts: tuple[str, ...]) -> SourceView:
    """The view of a source; its address is given only for hosts that may be linked."""
    parts = urlsplit(source.url)
    # A browser reads \\ as / and cuts off what stands before @: such addresses are no links.
    is_plain = re.fullmatch(r"[A-Za-z0-9.-]+(?::[0-9]+)?", parts.netloc) is not None
    host = parts.hostname or ""
    is_safe = is_plain and any(
        host == allowed or host.endswith("." + allowed) for allowed in link_hosts
    )
    return SourceView(
        id=source.id,
        title=source.title,
        kind=wording.SOURCE_KIND[source.kind],
        published=wording.when_text(source.published),
        number=source.number,
        issuer=source.issuer,
        url=source.url if is_safe else "",
        published_day=wording.iso_text(source.published),
    )


def fact(rules: Rules, resolved: Resolved, day: date) -> Fact:
    """The view of a parameter in an area, with what is announced and what was before."""
    parameter = rules.vocabulary.parameters[resolved.parameter]
    if resolved.entry is None:
        view = Fact(parameter.id, parameter.label, State.UNKNOWN.value)
    else:
        view = _entry_view(rules, parameter, resolved.entry, resolved.state.value, day)
    if resolved.state is State.UNVERIFIED:
        view = replace(view, lines=(), note="")
    origin = rules.areas[resolved.origin].short if resolved.is_inherited else ""
    rivals = [
        claim_view(rules, parameter.id, claim, day)
        for claim in resolved.claims
        if claim.verified in WEIGHTY
    ]
    own = rules.entries[resolved.area].get(parameter.id, ())
    dated = [e.start for e in own if e.status == "in_force"]
    ends = {a: wording.until_text(b, parameter.is_yearly) for a, b in pairwise(dated)}
    return replace(
        view,
        inherited=origin,
        upcoming=tuple(
            _entry_view(
                rules, parameter, e, "upcoming" if e.status == "in_force" else e.status, day
            )
            for e in resolved.upcoming
            if e.verified in WEIGHTY
        ),
        history=tuple(
            replace(_entry_view(rules, parameter, e, "history", day), until=ends[e.start])
            for e in resolved.history
            if e.verified in WEIGHTY and e.value not in (Word.INHERIT, Word.UNKNOWN)
        ),
        rivals=tuple(rivals),
        weak_rivals=len(resolved.claims) - len(rivals),
    )


def newest(facts: Iterable[Fact], day: date) -> tuple[str, str]:
    """The newest day on which anybody read what facts rest on, and on which any of them changed.

    A fact changes when it is read anew and when it comes into force. Both are empty without facts.
    """
    known = [fact for fact in facts if fact.checked_day]
    reviewed = max((fact.checked_day for fact in known), default="")
    # A month or a year says no day; what is to come has not changed anything yet.
    starts = (f.since_day for f in known if len(f.since_day) == len("2026-01-01"))
    began = max((start for start in starts if start <= day.isoformat()), default="")
    return reviewed, max(reviewed, began)


def claim_view(rules: Rules, parameter: str, claim: Claim, day: date) -> Fact:
    """The view of a rival claim on a parameter."""
    found = rules.vocabulary.parameters[parameter]
    return Fact(
        id=found.id,
        label=found.label,
        state=State.DISPUTED.value,
        lines=_lines(rules, found, claim.value, claim.base, None, "", day),
        per=wording.PER.get(claim.per, ""),
        level=claim.verified,
        level_text=wording.LEVEL[claim.verified],
        sources=(claim.source,),
    )


def entry_fact(rules: Rules, parameter: str, entry: Entry, day: date) -> Fact:
    """The view of one entry by itself, whatever is in force; nothing of an unverified one."""
    state = State.UNVERIFIED.value if entry.verified == "unverified" else State.KNOWN.value
    view = _entry_view(rules, rules.vocabulary.parameters[parameter], entry, state, day)
    return replace(view, lines=(), note="") if entry.verified == "unverified" else view


def _entry_view(rules: Rules, parameter: Parameter, entry: Entry, state: str, day: date) -> Fact:
    ids = (entry.source, *(support.source for support in entry.also))
    # The date is that of the source that was chosen: a later page need not say the figure.
    published = rules.sources[entry.source].published
    return Fact(
        id=parameter.id,
        label=parameter.label,
        state=state,
        lines=_lines(rules, parameter, entry.value, entry.base, entry.net, entry.note, day),
        per=wording.PER.get(entry.per, ""),
        since=wording.since_text(entry, parameter.is_yearly),
        level=entry.verified,
        level_text=wording.LEVEL[entry.verified],
        note=entry.note,
        provisional=entry.provisional,
        clause=entry.clause,
        dated=wording.when_text(published),
        overdue=_overdue(parameter, entry, published, day),
        checked=wording.day_text(entry.checked),
        sources=tuple(dict.fromkeys(ids)),
        since_day=wording.iso_text(entry.start),
        dated_day=wording.iso_text(published),
        checked_day=entry.checked.isoformat(),
    )


def _overdue(parameter: Parameter, entry: Entry, published: When, day: date) -> str:
    """Why a figure needs a second look, in words; empty where it needs none."""
    if parameter.is_yearly and entry.start.day.year < day.year:
        return f"这是{entry.start.day.year}年度的"
    if parameter.id == "resident.window_end" and isinstance(entry.value, date):
        return "已经截止" if entry.value < day else ""
    months = months_between(published.day, day)
    if parameter.is_yearly or months < parameter.review:
        return ""
    if not published.is_stated:
        return "资料没有写日期"
    return f"这份资料是{wording.years_ago(months)}的"


def _lines(
    rules: Rules,
    parameter: Parameter,
    value: Value,
    base: Base | None,
    net: Decimal | None,
    note: str,
    day: date,
) -> tuple[Line, ...]:
    if isinstance(value, tuple):
        labels = wording.row_labels(value, rules.vocabulary)
        lines = (
            _line(rules, parameter, row.value, row.base or base, row.net, label, row.note)
            for row, label in zip(value, labels, strict=True)
        )
        if parameter.id not in AT_RETIREMENT:
            return tuple(lines)
        return tuple(
            replace(line, is_past=_has_ended(row, value, day))
            for line, row in zip(lines, value, strict=True)
        )
    return (_line(rules, parameter, value, base, net, "", note if value is Word.DESCRIBED else ""),)


def _has_ended(row: Row, rows: tuple[Row, ...], day: date) -> bool:
    """Whether the band of retirement dates of a row lies wholly before a day."""
    end = wording.next_bound(row, rows, "retired") if "retired" in row.bounds else None
    return isinstance(end, date) and end <= day


def _line(
    rules: Rules,
    parameter: Parameter,
    value: Scalar | Condition,
    base: Base | None,
    net: Decimal | None,
    label: str,
    note: str,
) -> Line:
    if isinstance(value, Condition):
        text = condition_text(value, rules.vocabulary.facts)
        return Line(label, "described", note="；".join(part for part in (text, note) if part))
    if value is Word.INHERIT:
        return Line(label, "described", note="改按上级的规定")
    if isinstance(value, Word):
        return Line(label, value.value, note=note)
    if isinstance(value, date):
        return Line(label, "known", wording.day_text(value), note=note, day=value.isoformat())
    if isinstance(value, str):
        return Line(label, "known", parameter.values[value], note=note)
    if parameter.unit == "share":
        return Line(label, "known", wording.share_sentence(value, base), note=note, number=value)
    unit = {"yuan": "元", "years": "年", "months": "个月", "days": "个工作日"}[parameter.unit]
    shown_net = wording.number_text(net) if net is not None else ""
    return Line(label, "known", wording.number_text(value), unit, shown_net, note, number=value)


def condition_text(part: Condition | FactLeaf | TextLeaf, facts: Mapping[str, str]) -> str:
    """A condition in words: 连续缴费年限满15年，或累计缴费年限满20年."""
    if isinstance(part, TextLeaf):
        return part.text
    if isinstance(part, FactLeaf):
        return f"{facts[part.fact]}满{wording.number_text(part.at_least)}年"
    joint = "，或" if part.kind == "any" else "，并且"
    return joint.join(condition_text(item, facts) for item in part.parts)


def with_deductions(amount: Fact, resolved: Mapping[str, Resolved]) -> Fact:
    """The amount with what is left after the deductions that the rules fix in yuan.

    A net amount that a source prints stays as printed. Nothing is worked out where the
    amount or a deduction of its period is not a known figure.
    """
    entry = resolved["account.retiree.amount"].entry
    if amount.state != State.KNOWN.value or entry is None:
        return amount
    taken = Decimal(0)
    sources: list[str] = []
    for id in DEDUCTIONS:
        deduction = resolved[id]
        if not is_settled(deduction):
            return amount
        if deduction.state is State.KNOWN and deduction.entry:
            if deduction.entry.per != entry.per or not isinstance(deduction.entry.value, Decimal):
                return amount
            taken += deduction.entry.value
            sources.append(deduction.entry.source)
    if not taken:
        return amount
    values = [row.value for row in entry.value] if isinstance(entry.value, tuple) else [entry.value]
    lines = []
    for line, gross in zip(amount.lines, values, strict=True):
        if line.net or not isinstance(gross, Decimal):
            lines.append(line)
        else:
            lines.append(replace(line, net=wording.number_text(gross - taken)))
    was_worked_out = tuple(lines) != amount.lines
    return replace(amount, lines=tuple(lines), net_sources=tuple(sources) if was_worked_out else ())


def channel_view(rules: Rules, channel: Channel, area: str) -> ChannelView:
    """The view of a channel that the file of ``area`` names."""
    return ChannelView(
        name=channel.name,
        carriers=wording.labels_of(channel.carriers, wording.CARRIER),
        scope=rules.areas[area].short,
        url=channel.url,
        number=channel.number,
        uses=tuple(
            UseView(
                tasks=wording.labels_of(use.tasks, wording.TASK),
                path=tuple(step.strip() for step in use.path.split("→") if step.strip()),
                says=use.says,
                note=use.note,
                is_labelled=use.publish == "labelled",
                source=use.source,
            )
            for use in channel.uses
        ),
    )
