"""The words of the project as frozen data: what a rules file, a guide and a page are made of.

No input, no output, and no logic beyond naming. The Chinese word for each idea stands in
its docstring; code, data and messages use no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

# Controls, soft hyphen, zero-width, bidirectional and private characters: what an eye
# cannot see, or sees differently on every machine.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\uf8ff\U000e0000-\U000e0fff]"
)


class Place(NamedTuple):
    """Where something stands in a file: path relative to the root, line and column from 1."""

    path: str
    line: int = 1
    col: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.col}"


@dataclass(frozen=True, order=True)
class Problem:
    """问题: a finding, one line that stands alone in a log.

    ``what`` is wrong, ``expected`` says what would be right, ``near`` is the nearest
    spelling where one comes to mind. A ``warning`` does not stop a build.
    """

    place: Place
    what: str
    expected: str = ""
    near: str = ""
    warning: bool = False

    def __str__(self) -> str:
        parts = [f"{self.place}: {'提醒：' if self.warning else ''}{self.what}"]
        if self.expected:
            parts.append(self.expected)
        if self.near:
            parts.append(f"是不是想写“{self.near}”？")
        # Whatever a file holds, a problem stays one line that can be read.
        line = " ".join("；".join(parts).split())
        return INVISIBLE.sub(lambda found: f"U+{ord(found.group()):04X}", line)


@dataclass(frozen=True, order=True)
class When:
    """A day as precisely as a source gives it.

    ``precision`` is ``day``, ``month``, ``year`` or ``unstated``; ``day`` is the first day
    of the span, and the first day of all for ``unstated``.
    """

    day: date
    precision: str

    @property
    def is_stated(self) -> bool:
        return self.precision != "unstated"


def clip(text: str, most: int = 30) -> str:
    """``text`` short enough to be quoted in a message, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[:most] + "…"


class Word(Enum):
    """The four words that may stand in place of a value."""

    NONE = "none"  # the rule gives nothing here
    UNKNOWN = "unknown"  # the parent's rule does not apply, the local one was not found
    INHERIT = "inherit"  # the local rule ended, the parent's applies again
    DESCRIBED = "described"  # a rule that is no number


@dataclass(frozen=True)
class Base:
    """What a share is a share of: whose figure, of which year, over which people.

    ``yuan`` is the figure itself, per month, where the source prints it. ``floor`` is
    another base that applies when it is higher.
    """

    of: str
    scope: str = ""
    year: str = ""
    group: str = ""
    approximate: bool = False
    yuan: Decimal | None = None
    floor: Base | None = None


@dataclass(frozen=True)
class FactLeaf:
    """A condition that can be computed: a fact about a person is at least a number."""

    fact: str
    at_least: Decimal


@dataclass(frozen=True)
class TextLeaf:
    """A condition that can only be described."""

    text: str


@dataclass(frozen=True)
class Condition:
    """条件: ``any`` or ``all`` of its parts."""

    kind: str
    parts: tuple[Condition | FactLeaf | TextLeaf, ...]


Scalar = Decimal | date | str | Word
Bound = int | date | str


@dataclass(frozen=True)
class Row:
    """行: one line of a value that depends on axes.

    ``bounds`` maps an axis to the category, or to the lower bound on an ordered axis (whole
    years or months, or a day; ``date.min`` for ``start``).
    """

    bounds: Mapping[str, Bound]
    value: Scalar | Condition
    at: Place
    net: Decimal | None = None
    note: str = ""
    quote: str = ""
    base: Base | None = None


Value = Scalar | tuple[Row, ...] | Condition


@dataclass(frozen=True)
class Support:
    """A further source that says the same."""

    source: str
    quote: str = ""


@dataclass(frozen=True)
class Claim:
    """说法: a rival value that is kept but was not chosen."""

    value: Value
    source: str
    verified: str
    per: str = ""
    quote: str = ""
    base: Base | None = None


@dataclass(frozen=True)
class Entry:
    """条目: one dated value of a parameter in one area, with its source.

    ``status`` is ``in_force``, ``announced`` or ``draft``; only the first ever counts as in
    force. ``verified`` is ``primary``, ``quoted``, ``reported`` or ``unverified``. Money is
    in yuan per ``per`` (``month``, ``year`` or ``once``, as the source states it), shares are 0–1.
    ``unquoted`` are the numbers of the value that its quotes do not hold; ``examples`` are
    people (``bounds``, exact on every axis) and what they get (``value``).
    """

    start: When
    value: Value
    source: str
    verified: str
    checked: date
    at: Place
    status: str = "in_force"
    per: str = ""
    base: Base | None = None
    net: Decimal | None = None
    clause: str = ""
    quote: str = ""
    note: str = ""
    provisional: str = ""
    rounding: str = ""
    notice_year: str = ""
    also: tuple[Support, ...] = ()
    claims: tuple[Claim, ...] = ()
    unquoted: tuple[Decimal, ...] = ()
    examples: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Source:
    """依据: a document or page that was read. ``id`` is ``<area slug>/<id in its file>``."""

    id: str
    title: str
    kind: str
    published: When
    at: Place
    url: str = ""
    number: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class Use:
    """What one source says that a channel can do."""

    tasks: tuple[str, ...]
    source: str
    publish: str
    at: Place
    path: str = ""
    says: str = ""
    note: str = ""


@dataclass(frozen=True)
class Channel:
    """渠道: a named way to get something done (a line, an app, a site) in an area."""

    name: str
    category: str
    carriers: tuple[str, ...]
    uses: tuple[Use, ...]
    at: Place
    url: str = ""
    number: str = ""


@dataclass(frozen=True)
class PhoneArea:
    """固话区号 and how well it is known: agreed, merged, single, disputed or unknown."""

    status: str
    code: str = ""
    former: str = ""


@dataclass(frozen=True)
class Area:
    """地区: nation, province, pool (统筹区) or direct (省本级); a tree by ``parent``.

    ``pinyin`` are the syllables of the short name, without a 市 or 州 at its end; ``aliases``
    are old names and others that people say.
    """

    slug: str
    name: str
    short: str
    level: str
    kind: str
    parent: str
    at: Place
    code: str = ""
    pinyin: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    phone: PhoneArea | None = None


@dataclass(frozen=True)
class Axis:
    """轴: a property of a person on which a value depends.

    Rows name every category of an axis, but some of a ``partial`` one.
    """

    id: str
    kind: str
    label: str
    unit: str = ""
    is_partial: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameter:
    """参数: a figure that rules fix, defined once and without a value.

    ``is_yearly`` marks what is fixed for one year of cover at a time: its entries start on
    1 January of that year, and hold for no other.
    """

    id: str
    label: str
    unit: str
    set_by: tuple[str, ...]
    axes: tuple[str, ...]
    review: int
    is_yearly: bool = False
    per: tuple[str, ...] = ()
    range: tuple[Decimal, Decimal] | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """词汇表: ``rules/parameters.yaml``."""

    axes: Mapping[str, Axis]
    facts: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    link_hosts: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """Everything under ``rules/``. Areas stand in the order of their codes.

    ``counties`` are the districts and counties of a pool, by its slug; ``digests`` tell apart
    what the files of an area and of its parents said, by its slug.
    """

    vocabulary: Vocabulary
    areas: Mapping[str, Area]
    sources: Mapping[str, Source]
    channels: Mapping[str, tuple[Channel, ...]]
    entries: Mapping[str, Mapping[str, tuple[Entry, ...]]]
    counties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    def ancestry(self, slug: str) -> tuple[Area, ...]:
        """The area and its parents, nearest first."""
        chain = []
        while slug:
            chain.append(self.areas[slug])
            slug = self.areas[slug].parent
        return tuple(chain)


class State(Enum):
    """What a page can say about a parameter."""

    KNOWN = "known"
    DESCRIBED = "described"
    NONE = "none"
    UNKNOWN = "unknown"
    UNVERIFIED = "unverified"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class Resolved:
    """解析值: what an area has for a parameter on a day.

    ``entry`` is in force; ``origin`` is the slug of the area that it stands in, the area
    itself or a parent. ``upcoming`` are later entries and announced ones, ``history`` the
    earlier entries of the area itself, newest first.
    """

    parameter: str
    area: str
    state: State
    origin: str = ""
    entry: Entry | None = None
    upcoming: tuple[Entry, ...] = ()
    history: tuple[Entry, ...] = ()
    # The claims of an ``inherit`` entry, kept with the value they argue against.
    claims: tuple[Claim, ...] = ()

    @property
    def is_inherited(self) -> bool:
        return bool(self.origin) and self.origin != self.area


@dataclass(frozen=True)
class Text:
    """A Markdown file of ``content/`` with its front matter; one page, or one per area.

    ``name`` is the URL of a single page without its slashes, empty for a guide.
    """

    name: str
    title: str
    description: str
    question: str
    body: str
    at: Place
    # The line of the file on which the body starts, for messages about it.
    body_line: int


@dataclass(frozen=True)
class Guide:
    """指南: a channel or a task, with the text for a pool and the text for the nation.

    ``related`` are the slugs that its pages point on to; ``sheet`` is the text of the sheet to
    print, for guides that have one.
    """

    slug: str
    kind: str
    label: str
    related: tuple[str, ...]
    pool: Text
    nation: Text
    sheet: Text | None = None


@dataclass(frozen=True)
class Site:
    """The names of the site: what it is called, where errors are reported, where it stands.

    ``contact``, ``address`` and ``icp``, the number that the state gives a site (备案号), are
    empty where there is none. ``home`` are the lists of single pages on the first page: a
    heading, and the names of the pages in order.
    """

    name: str
    contact: str
    address: str
    home: tuple[tuple[str, tuple[str, ...]], ...]
    icp: str = ""


@dataclass(frozen=True)
class Redirect:
    """搬家: a URL that was published once, and that of the page which took its place."""

    old: str
    new: str
    why: str
    at: Place


@dataclass(frozen=True)
class Change:
    """变更说明: what this site said of one entry until ``day`` (``was``), and says since (``now``).

    ``was`` is empty where the entry is new, ``now`` where it was taken out. ``start`` tells the
    entry apart among those of its parameter in its area (facts.py); ``source`` is a full id.
    """

    day: date
    area: str
    parameter: str
    start: str
    was: str
    now: str
    kind: str
    why: str
    source: str
    at: Place


@dataclass(frozen=True)
class Log:
    """变更记录: every change that this site made since the day it began to write them down.

    The newest stand last.
    """

    since: date
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Content:
    """Everything under ``content/``: the site, guides in menu order, and single pages.

    ``words`` are what people say, by the slug of the guide or the name of the single page
    that they mean; ``last_words`` are those of them that any other word overrules.
    ``redirects`` are the URLs that were published once and have moved; ``log`` is ``None`` for
    a project that writes no changes down.
    """

    site: Site
    guides: tuple[Guide, ...]
    pages: tuple[Text, ...]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last_words: tuple[str, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    log: Log | None = None


class Page(NamedTuple):
    """页面: a URL, a template and a context of plain data; nothing else decides its HTML.

    ``is_indexed`` says whether search engines may list it; ``guide`` is the slug of the guide
    that it is one of many pages of, for the comparison of twins. The context of a page that
    stays as an earlier build has left it is ``LEFT``. ``changed`` is the day of the newest fact on
    it, empty where there is none.
    """

    url: str
    template: str
    context: Mapping[str, object]
    is_indexed: bool = True
    guide: str = ""
    changed: str = ""

    @property
    def is_data(self) -> bool:
        """Whether it is a file of data that goes with pages, made of what they show."""
        return self.template.startswith("data/")


# The template of a file whose context holds its ``text``.
AS_IT_IS = "data/as-it-is"

LEFT: Mapping[str, object] = {}
