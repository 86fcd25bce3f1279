"""What a pool has for paper: one sheet for each main task, and a booklet of all tasks.

Both show what the guide pages show, from the contexts of those pages: no figure is looked up
twice, so none can differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sitegen import wording
from sitegen.atlas import Atlas, GuideText, Link
from sitegen.markup import line_of
from sitegen.model import Area, Page, Problem
from sitegen.recheck import check_address

# The names that a sheet may use only where its guide's page uses them too.
SHARED = ("value", "local_channels", "local_channels_for")

BOOKLET = "booklet.html"

# So many sources have room on a sheet; the mark of any other points to the page.
SOURCES_ON_SHEET = 3


@dataclass(frozen=True)
class Chapter:
    """A task in a booklet: its heading, and the text that is put there.

    ``context`` is all that the text is made from: that of the guide's page.
    """

    slug: str
    title: str
    template: str
    context: Mapping[str, object]


def sheet_url(pool: Area, guide: str) -> str:
    """Where the sheet of a guide lies."""
    return f"/{pool.slug}/dayin/{guide}/"


def booklet_url(pool: Area) -> str:
    """Where the large-print booklet of a pool lies."""
    return f"/{pool.slug}/dazi/"


def paper_links(atlas: Atlas, pool: Area) -> tuple[Link, ...]:
    """All that a pool has for paper: its sheets in menu order, then the booklet."""
    sheets = [
        Link(item.pool.text.question, sheet_url(pool, item.guide.slug))
        for item in atlas.guides
        if item.sheet
    ]
    return (*sheets, Link("大字本：所有事项", booklet_url(pool)))


def sheet_problems(item: GuideText) -> Iterator[Problem]:
    """What a sheet shows that the page of its guide does not show."""
    if item.sheet is None:
        return
    for function in SHARED:
        for name in item.sheet.names(function):
            if name not in item.pool.names(function):
                yield Problem(
                    line_of(item.sheet.text, f'{function}("{name}"'),
                    f'{function}("{name}")：同一指南的 pool.md 里没有',
                    "打印的一张纸只写网页上有的",
                )


def sheet_template(item: GuideText) -> str:
    """The template of the sheet of a guide."""
    return f"guides/{item.guide.slug}/sheet"


def chapter_template(item: GuideText) -> str:
    """The template of a guide in a booklet: its sheet, which is shorter, where it has one."""
    return f"guides/{item.guide.slug}/{'sheet' if item.sheet else 'pool'}/chapter"


def chapter_templates(guides: Iterable[GuideText]) -> list[str]:
    """The templates of all chapters of a booklet."""
    return [chapter_template(item) for item in guides if item.guide.kind == "task"]


def sheet_page(
    atlas: Atlas,
    item: GuideText,
    pool: Area,
    guide: Mapping[str, object],
    place: Mapping[str, object],
    newest: str,
    make: Callable[..., Page],
) -> Page:
    """The sheet of a guide, from the context of its page in the pool.

    Its code leads to where the sheet is held against what has changed since ``newest``
    (recheck.py); to its page where no changes are written down, and this is empty. ``make``
    makes a page of a URL, a template, a heading, a description and a context.
    """
    assert item.sheet is not None
    slug = item.guide.slug
    return make(
        sheet_url(pool, slug),
        sheet_template(item),
        item.sheet.text.title,
        item.sheet.text.description,
        is_indexed=False,
        place=place,
        values=guide["values"],
        channels=guide["channels"],
        calculators=guide["calculators"],
        sources=_mapping(guide, "sources") | atlas.sources_of(item.sheet, (), ()),
        page_link=Link(item.guide.label, str(guide["url"])),
        check_url=check_address(pool.slug, slug, newest) if newest else "",
        mark_limit=SOURCES_ON_SHEET,
        day=wording.day_text(atlas.day),
    )


def booklet_page(
    atlas: Atlas,
    pool: Area,
    guides: Mapping[str, Mapping[str, object]],
    place: Mapping[str, object],
    make: Callable[..., Page],
) -> Page:
    """The booklet of a pool, from the contexts of its guides' pages by their slug."""
    tasks = [item for item in atlas.guides if item.guide.kind == "task"]
    sources: dict[str, object] = {}
    for item in tasks:
        sources |= _mapping(guides[item.guide.slug], "sources")
        if item.sheet:
            sources |= atlas.sources_of(item.sheet, (), ())
    return make(
        booklet_url(pool),
        BOOKLET,
        f"{pool.short}医保大字本",
        f"{pool.name}的医保：所有事项在一本里，大字，可以打印。",
        is_indexed=False,
        place=place,
        sources=sources,
        chapters=tuple(
            Chapter(
                item.guide.slug,
                item.pool.text.question,
                chapter_template(item),
                guides[item.guide.slug],
            )
            for item in tasks
        ),
        day=wording.day_text(atlas.day),
    )


def _mapping(context: Mapping[str, object], name: str) -> dict[str, object]:
    found = context[name]
    assert isinstance(found, dict)
    return found
