"""Pages that are made together, and left where an earlier build has made just the same.

A part of a site is some pages and files that are made of the same things: those of a pool, the
table of a topic. Each says what it is made of before it is made; where that is as it was, and the
files are still there, only the names of its pages are asked for, and these were kept. A part that
is still to be made can be made by any process, and no part waits for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from sitegen.model import LEFT, Page, Rules
from sitegen.storage import digest_of
from sitegen.store import Store


@dataclass(frozen=True)
class Part:
    """The pages of a part in the order of the site.

    ``told`` is what others ask of it beside; ``digest`` tells apart what it is made of, where
    somebody keeps that.
    """

    pages: tuple[Page, ...]
    told: tuple[object, ...] = ()
    digest: str = ""

    @property
    def is_left(self) -> bool:
        """Whether nothing is known of its pages but their names."""
        return all(page.context is LEFT for page in self.pages)


# What can only be said once the parts before it are made, of these by name.
Late = Callable[[Mapping[str, Part]], Iterable[Page | str]]

# A site in its order: pages, the names of parts, and what is late.
Order = Iterable[Page | str | Late]


@dataclass(frozen=True)
class Before:
    """What an earlier build has left.

    ``base`` tells apart what all parts are made of; ``digests`` are what each part was made of, by
    its name; ``store`` is where the names of pages are kept. ``changed`` are the templates that
    are not as they were, ``is_lost`` says of a URL whether its file is not: without it none is.
    ``planned`` are parts that this process has at hand.
    """

    base: str
    digests: Mapping[str, str]
    store: Store
    changed: frozenset[str] = frozenset()
    is_lost: Callable[[str], bool] | None = None
    planned: Mapping[str, Part] = field(default_factory=dict)


class Parts:
    """The parts of one plan by name: those that are ``ready``, left or at hand, and those that
    are ``open``."""

    def __init__(self, before: Before | None) -> None:
        self.ready: dict[str, Part] = {}
        self.open: dict[str, Callable[[], Part]] = {}
        self._before = before

    def __call__(
        self,
        name: str,
        made_of: Iterable[str],
        make: Callable[[], Part],
        make_some: Callable[[frozenset[str]], Iterable[Page]] | None = None,
    ) -> str:
        """Name a part; ``made_of`` tells apart everything that only it is made of.

        ``make_some`` makes at least its pages of some templates.
        """
        if (before := self._before) is None:
            self.open[name] = make
            return name
        digest = digest_of(before.base, name, *made_of)
        left, at_hand = _left(name, digest, before), before.planned.get(name)
        used = {page.template for page in left.pages} if left and before.changed else set()
        changed = before.changed & used
        if left and not changed:
            self.ready[name] = left
        elif at_hand and at_hand.digest == digest:
            self.ready[name] = at_hand
        elif left and make_some:
            self.open[name] = partial(_made_in_part, left, partial(make_some, changed))
        else:
            self.open[name] = lambda: replace(make(), digest=digest)
        return name

    def pages(self, name: str, made_of: Iterable[str], make: Callable[[], Iterable[Page]]) -> str:
        """Name a part of which nothing is asked but its pages."""
        return self(name, made_of, lambda: Part(tuple(make())))

    def keep(self, parts: Iterable[Part]) -> None:
        """Keep the names of the pages of parts for a later build."""
        if before := self._before:
            for part in parts:
                names = ((p.url, p.template, p.is_indexed, p.guide, p.changed) for p in part.pages)
                before.store.put(part.digest, (tuple(names), part.told))


def _left(name: str, digest: str, before: Before) -> Part | None:
    """A part as the earlier build has left it, if it is made of the same and still there."""
    if before.digests.get(name) != digest or not (kept := before.store.get(digest)):
        return None
    names, told = kept
    if before.is_lost and any(before.is_lost(url) for url, *_ in names):
        return None
    return Part(tuple(Page(u, t, LEFT, *rest) for u, t, *rest in names), told, digest)


def _made_in_part(left: Part, make_some: Callable[[], Iterable[Page]]) -> Part:
    """A part with the pages that are made anew; the others are left."""
    made = {page.url: page for page in make_some()}
    return replace(left, pages=tuple(made.get(page.url, page) for page in left.pages))


class Digests:
    """What tells apart what the rules say, by what they say it about."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def files(self, slugs: Iterable[str]) -> str:
        """Of the files of areas and of those above them."""
        return digest_of(*(self._rules.digests.get(slug, "") for slug in slugs))

    def entries(self, ids: Iterable[str]) -> str:
        """Of parameters, wherever anything is said on them, and of all areas and sources."""
        said = (self._entries.get(id, "") for id in sorted(ids))
        return digest_of(self.areas, self._sources, *said)

    @cached_property
    def areas(self) -> str:
        """Of the areas themselves: what they are called and where they belong."""
        return digest_of(repr(self._rules.areas))

    @cached_property
    def all(self) -> str:
        """Of all that the rules say."""
        return self.files(self._rules.areas)

    @cached_property
    def _sources(self) -> str:
        return digest_of(repr(self._rules.sources))

    @cached_property
    def _entries(self) -> dict[str, str]:
        said: dict[str, list[str]] = {}
        for slug, values in self._rules.entries.items():
            for id, entries in values.items():
                said.setdefault(id, []).append(f"{slug} {entries!r}")
        return {id: digest_of(*texts) for id, texts in said.items()}
