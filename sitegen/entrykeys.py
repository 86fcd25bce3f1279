"""An entry: one dated value of a rules file, what tells it apart, and its words.

The log of changes, the lists of what changed, the feeds and the check of a printed sheet all
speak of entries by these names and in these words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sitegen.brief import whole
from sitegen.figures import claim_view, entry_fact
from sitegen.model import Entry, Rules
from sitegen.resolve import WEIGHTY
from sitegen.wording import iso_text

# What stands in place of a first day that no source states.
UNSTATED = "unstated"


class Key(NamedTuple):
    """What tells an entry apart: area, parameter, and the first day as its file has it.

    What is not in force says so behind the day: ``2026-01-01/draft``.
    """

    area: str
    parameter: str
    start: str

    def __str__(self) -> str:
        return " ".join(self)


def key_of(area: str, parameter: str, entry: Entry) -> Key:
    """The key of an entry of an area."""
    status = "" if entry.status == "in_force" else f"/{entry.status}"
    return Key(area, parameter, (iso_text(entry.start) or UNSTATED) + status)


def entries_of(rules: Rules) -> Iterator[tuple[Key, Entry]]:
    """Every entry of the rules, area by area."""
    for slug, values in rules.entries.items():
        for id, entries in values.items():
            for entry in entries:
                yield key_of(slug, id, entry), entry


def words_of(rules: Rules, parameter: str, entry: Entry) -> str:
    """What a page says of an entry, the same on every day: 不满70岁每月100元，满70岁每月110元."""
    # Rows whose time is over are told too, so the day is before all of them.
    fact = entry_fact(rules, parameter, entry, date.min)
    rivals = [
        claim_view(rules, parameter, claim, date.min)
        for claim in entry.claims
        if claim.verified in WEIGHTY
    ]
    return whole(replace(fact, rivals=tuple(rivals)))


def start_words(start: str, is_yearly: bool = False) -> str:
    """The first day of a key in words: 2026年1月1日起, 2026年度, 草案：2026年起."""
    day, _, status = start.partition("/")
    if day == UNSTATED:
        text = "资料没写从哪天起"
    elif is_yearly:
        text = f"{day[:4]}年度"
    else:
        year, *rest = day.split("-")
        parts = [f"{year}年", *(f"{int(n)}{unit}" for n, unit in zip(rest, "月日", strict=False))]
        text = f"{''.join(parts)}起"
    return {"draft": "草案：", "announced": "宣布过："}.get(status, "") + text


def label_of(rules: Rules, parameter: str) -> str:
    """What readers call a parameter; its id where it is none any more."""
    found = rules.vocabulary.parameters.get(parameter)
    return found.label if found else parameter


def is_yearly(rules: Rules, parameter: str) -> bool:
    """Whether a parameter is fixed for one year of cover at a time."""
    found = rules.vocabulary.parameters.get(parameter)
    return bool(found and found.is_yearly)


def day_number(day: date) -> str:
    """20261105, as the code on a sheet has it."""
    return day.strftime("%Y%m%d")


def first_day(entry: Entry) -> date | None:
    """The day from which an entry is in force; ``None`` where it is not, or nobody stated it."""
    return entry.start.day if entry.status == "in_force" and entry.start.is_stated else None
