"""Templates and data derived from finished pages, as an author would have written them.

All pages of one kind (the home of a city, one guide, one sheet, the booklet) are aligned line by
line. A line that all of them share is the template's. Between two such lines stands a *slot*:

- what is said there word for word in many provinces is a text of the template;
- what has the same tags in several provinces, but other figures, words or sources, is a text of
  the template with *fields* in it;
- what only one province says in its own way is HTML in the data of its cities.

One field chooses among them by ``if``; a city whose text is the usual one does not have it.

Fields that hold the same in every city are one field. Sources are marked where they are cited and
listed at the foot of a page, in the order of the page's list; the sources themselves stand once
for all pages.

Texts have *marks*: ``⟦city⟧`` and the like are names of the place, ``⟦css site⟧`` is a style sheet,
``⟦source x⟧`` cites a source, ``⟦sources⟧`` lists them; ``⟦text x⟧``, ``⟦attr x⟧``, ``⟦url x⟧`` and
``⟦script x⟧`` are a field, by what surrounds it, ``⟦marks x⟧`` one that is a list of sources.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import reduce
from string import ascii_lowercase

# A text that so many provinces have word for word is the template's, figures and all.
WIDELY = 5

Value = str | tuple[str, ...]

_CITED = re.compile(r'<a class="src" href="#s([0-9]+)" aria-label="出处\1">\[\1\]</a>')
_LISTED = re.compile(r'(?:<li id="s[0-9]+">.*</li>\n)+')
_SOURCE = re.compile(r'<li id="s([0-9]+)">(.*)</li>\n')
_CITING = re.compile("⟦source (s[0-9]+)⟧")
# What may differ between two texts of one shape: lists of sources, values of attributes, words.
_PART = re.compile(
    r"(?P<marks>(?:⟦source \w+⟧)+)"
    r'|(?:(?<=href=")|(?<=action="))(?P<url>[^"<>]+)(?=")'
    r'|(?<==")(?P<attr>[^"<>]+)(?=")'
    r'|(?:(?<=="application/json">)|(?<=="application/ld\+json">))(?P<script>[^<>]+)'
    r"|(?<=[>⟧])(?!\s*(?:<|⟦source|$))(?P<text>(?:(?!⟦source )[^<>])+)"
)


@dataclass(frozen=True)
class Page:
    """A page of the city ``slug`` in marks: its ``html``, and the ``sources`` it lists in order."""

    slug: str
    html: str
    names: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One of several ``texts`` by the value of a field, the ``usual`` one where there is none.

    With ``has_own`` any other value is HTML to put out.
    """

    field: str
    usual: str
    texts: Mapping[str, str]
    has_own: bool


@dataclass(frozen=True)
class Template:
    """The pages of one kind: texts and choices in order.

    ``sources`` are the usual ones of a page; the field ``own_sources`` overrules them, if any.
    """

    name: str
    nodes: tuple[str | Choice, ...]
    sources: tuple[str, ...]
    own_sources: str


@dataclass
class Sources:
    """All sources: what is listed of them, by key."""

    listed: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def take_out(self, html: str) -> tuple[str, tuple[str, ...]]:
        """A page with marks in place of its sources, and their keys in the page's order."""
        keys = []
        for number, (shown, text) in enumerate(_SOURCE.findall(html), 1):
            assert int(shown) == number, f"source {shown} is the {number}th of its page"
            key = self._keys.setdefault(text, f"s{len(self._keys) + 1}")
            self.listed[key] = text
            keys.append(key)
        html = _LISTED.sub("⟦sources⟧\n", html)
        return _CITED.sub(lambda cited: f"⟦source {keys[int(cited[1]) - 1]}⟧", html), tuple(keys)


@dataclass
class Fields:
    """The data of all cities: by field, the values by city."""

    columns: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    _names: dict[tuple[tuple[str, Value], ...], str] = field(default_factory=dict)

    def add(self, name: str, column: Mapping[str, Value]) -> str:
        """The field of a column: a new one called ``name``, or the one that is the same."""
        known = self._names.setdefault(tuple(sorted(column.items())), name)
        self.columns[known] = column
        return known

    def of_city(self, slug: str) -> dict[str, Value]:
        return {name: column[slug] for name, column in self.columns.items() if slug in column}


def cited(number: int) -> str:
    """How a page cites its source of this number."""
    return f'<a class="src" href="#s{number}" aria-label="出处{number}">[{number}]</a>'


def derive(name: str, pages: Sequence[Page], provinces: Mapping[str, str], to: Fields) -> Template:
    """The template of all pages of a kind; their fields are added ``to`` the data."""
    variants: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        variants[page.html].append(page)
    texts = [html.splitlines(keepends=True) for html in variants]
    common = reduce(_shared, texts)
    nodes: list[str | Choice] = []
    slots = zip(*(_between(common, text) for text in texts), strict=True)
    for number, (values, line) in enumerate(zip(slots, [*common, ""], strict=True)):
        by_page = zip(values, variants.values(), strict=True)
        slot = [(value, page) for value, found in by_page for page in found]
        nodes += _Slot(f"{name}_{number}", slot, provinces, to).nodes()
        nodes.append(line)
    lists = [page.sources for page in pages]
    usual = max(lists, key=lists.count)
    column = {page.slug: page.sources for page in pages if page.sources != usual}
    own = to.add(f"{name}_sources", column) if column else ""
    return Template(name, tuple(_joined(nodes)), usual, own)


def _shared(one: Sequence[str], other: Sequence[str]) -> list[str]:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return [line for block in blocks for line in one[block.a : block.a + block.size]]


def _between(common: Sequence[str], text: Sequence[str]) -> list[str]:
    """What stands before each of the common lines of a text, and after the last."""
    blocks = SequenceMatcher(None, common, text, autojunk=False).get_matching_blocks()
    at = [block.b + step for block in blocks for step in range(block.size)]
    if len(at) < len(common):  # the matcher is no exact one: take each line where it comes first
        at = []
        for line in common:
            at.append(text.index(line, at[-1] + 1 if at else 0))
    starts = [0, *(place + 1 for place in at)]
    return ["".join(text[i:j]) for i, j in zip(starts, [*at, len(text)], strict=True)]


def _joined(nodes: Sequence[str | Choice]) -> Iterator[str | Choice]:
    text = ""
    for node in nodes:
        if isinstance(node, str):
            text += node
            continue
        if text:
            yield text
        yield node
        text = ""
    yield text


@dataclass(frozen=True)
class _Slot:
    """What stands between two common lines, by page."""

    name: str
    values: Sequence[tuple[str, Page]]
    provinces: Mapping[str, str]
    to: Fields

    def nodes(self) -> list[str | Choice]:
        """The text of the slot, or the choice of one; fields are added to the data."""
        alike: dict[str, list[tuple[str, Page]]] = defaultdict(list)
        for value, page in self.values:
            alike[value].append((value, page))
        shapes: dict[str, list[tuple[str, Page]]] = defaultdict(list)
        for value, found in alike.items():
            is_text = not value or len(alike) == 1 or self._provinces(found) >= WIDELY
            shapes[value if is_text else _shape(value)] += found
        common = {
            shape: found
            for shape, found in sorted(shapes.items(), key=lambda item: (-len(item[1]), item[0]))
            if not shape or self._provinces(found) > 1 or len(found) == len(self.values)
        }
        texts = [
            self._text(f"{self.name}{letter}", found)
            for letter, found in zip(ascii_lowercase, common.values(), strict=False)
        ]
        assert len(texts) == len(common), f"{self.name} has more texts than letters"
        if len(shapes) == 1:
            return list(texts)
        # The first and commonest is the usual one: a city that has it needs no field to say so.
        column: dict[str, Value] = {}
        for number, found in enumerate(common.values()):
            column |= {page.slug: f"v{number}" for _, page in found if number}
        own = [pair for shape in shapes if shape not in common for pair in shapes[shape]]
        column |= {page.slug: _filled(value, page) for value, page in own}
        named = {f"v{number}": text for number, text in enumerate(texts) if number}
        return [Choice(self.to.add(self.name, column), (texts or [""])[0], named, bool(own))]

    def _provinces(self, found: Sequence[tuple[str, Page]]) -> int:
        return len({self.provinces[page.slug] for _, page in found})

    def _text(self, name: str, found: Sequence[tuple[str, Page]]) -> str:
        """The text of a shape, with fields where its pages differ."""
        text, end = "", 0
        first = found[0][0]
        pages = [page for _, page in found]
        columns = zip(*(_PART.finditer(value) for value, _ in found), strict=True)
        for number, parts in enumerate(columns):
            if len({part[0] for part in parts}) == 1:
                continue
            kind = str(parts[0].lastgroup)
            column: dict[str, Value] = {}
            for part, page in zip(parts, pages, strict=True):
                keys = tuple(_CITING.findall(part[0]))
                column[page.slug] = keys if kind == "marks" else _filled(part[0], page)
            text += first[end : parts[0].start()]
            text += f"⟦{kind} {self.to.add(f'{name}{number}', column)}⟧"
            end = parts[0].end()
        return text + first[end:]


def _shape(text: str) -> str:
    return _PART.sub(lambda part: f"⟦{part.lastgroup}⟧", text)


def _filled(text: str, page: Page) -> str:
    """A value as the city's own: its names and its numbers of sources put in."""
    text = _CITING.sub(lambda mark: cited(page.sources.index(mark[1]) + 1), text)
    return re.sub("⟦(\\w+)⟧", lambda mark: page.names[mark[1]], text)
