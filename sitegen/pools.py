"""The pages of the pools: every guide crossed with every pool, and what goes with it.

Pools that show the same share their contexts (pieces.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sitegen import wording
from sitegen.atlas import AMOUNT, RATIO, YEARS, Atlas, GuideText, Link
from sitegen.calculators import NEEDED, Calculator, calculators_of
from sitegen.changes import CHANGES_URL, Event, History
from sitegen.feeds import FEED
from sitegen.figures import SourceView
from sitegen.local import Share, data_chip, share_of
from sitegen.model import Area, Page, Site
from sitegen.news import history_page, pool_feed, pool_page
from sitegen.opendata import OF_CITY, OF_GUIDE, city_url, guide_url
from sitegen.pagemaker import PageMaker
from sitegen.paper import booklet_page, paper_links, sheet_page, sheet_template, sheet_url
from sitegen.parts import Part, Parts
from sitegen.pieces import Filled, Names, stand_in
from sitegen.recheck import SheetHistories, SheetHistory

# How the names of their parts begin.
POOLS = "pool/"


class Told(NamedTuple):
    """What is asked of a pool beside its pages.

    ``calculating`` are the URLs of those with a calculator; ``state`` is that of the retirees'
    amount, ``inherited`` where it is known from above.
    """

    calculating: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class _Spot:
    """A pool as its pages name it: with stand-ins (pieces.py), where they are exact.

    ``chain`` is the ancestry with stand-ins, ``names`` what they stand for; ``kind`` is equal
    for spots with equal stand-ins.
    """

    pool: Area
    chain: Sequence[Area]
    names: Names
    kind: object
    place: Mapping[str, object]


class PoolPlanner:
    """Plans the pools of one site and day."""

    def __init__(
        self,
        atlas: Atlas,
        site: Site,
        history: History | None,
        make_page: PageMaker,
        parts: Parts,
    ) -> None:
        self.atlas = atlas
        self.history = history
        self._site = site
        self._page = make_page
        self._sheets = SheetHistories(history) if history else None
        self._parts = parts
        # Texts cite sources of other areas too; what these are tells parts of the site apart.
        texts = [
            text for item in atlas.guides for text in (item.pool, item.nation, item.sheet) if text
        ]
        cited = {id for text in texts for id in text.names("src") if "/" in id}
        abroad = [atlas.source_views[id] for id in sorted(cited) if id in atlas.source_views]
        self.abroad = repr(abroad)
        # The templates of pages that show nothing of another page of their pool.
        self._alone = {of(item) for item in atlas.guides for of in (pool_template, sheet_template)}
        self._places: dict[object, Mapping[str, object]] = {}
        self._shared: dict[tuple[object, ...], Page] = {}
        self._shares: dict[tuple[int, ...], Share] = {}
        self._forms: dict[tuple[object, ...], dict[str, Calculator | None]] = {}

    def part(self, pool: Area) -> str:
        """The name of the part that the pages of a pool are; what is told of it is ``Told``."""
        # Those of one province share much.
        name = f"{POOLS}{pool.parent}/{pool.slug}"
        made_of = self._made_of(pool)
        return self._parts(name, made_of, partial(self._made, pool), partial(self._some, pool))

    def _made_of(self, pool: Area) -> Iterator[str]:
        """What the pages of a pool are made of: its own files, its parents', its twins' names."""
        yield self.abroad
        yield self.atlas.rules.digests.get(pool.slug, "")
        yield repr(self.atlas.twin_links(pool))
        if self.history:
            yield self.history.text_of(self.history.notes_of(pool.slug))

    def _made(self, pool: Area) -> Part:
        pages = tuple(self._pool(pool))
        calculating = tuple(page.url for page in pages if page.guide and _calculates(page))
        amount = self.atlas.facts(pool.slug, [AMOUNT])[AMOUNT]
        is_from_above = amount.inherited and amount.state == "known"
        return Part(pages, Told(calculating, "inherited" if is_from_above else amount.state))

    def _pool(self, pool: Area) -> Iterator[Page]:
        """All pages of a pool: its home, its guides, its papers, its data, its changes."""
        spot = self._spot(pool)
        yield from (_filled(page, spot.names) for page in self._pages_of(spot))
        if self.history and self.history.has_page(pool.slug):
            yield pool_feed(self.history, self._site, pool, self.atlas.source_views)
            yield pool_page(self.history, self.atlas, pool, self._place_of(pool), self._page)

    def _some(self, pool: Area, templates: frozenset[str]) -> Iterator[Page]:
        """At least the pages of a pool that are made from these templates."""
        if not templates <= self._alone:
            yield from self._pool(pool)
            return
        spot, histories = self._spot(pool), self._histories(pool)
        for item in self.atlas.guides:
            if templates & {pool_template(item), sheet_template(item)}:
                page, _ = self._pool_guide(item, spot)
                yield _filled(page, spot.names)
                if item.sheet:
                    sheet = self._sheet(item, spot, page.context, histories)
                    yield _filled(sheet, spot.names)

    def _pages_of(self, spot: _Spot) -> Iterator[Page]:
        """The pages of a pool with stand-ins for its names, where there are any."""
        histories = self._histories(spot.pool)
        made = [self._pool_guide(item, spot) for item in self.atlas.guides]
        guides = {page.guide: page for page, _ in made}
        yield self._city(spot, guides.values(), tuple(chip for _, chip in made))
        yield from guides.values()
        contexts = {slug: page.context for slug, page in guides.items()}
        for item in self.atlas.guides:
            if item.sheet:
                yield self._sheet(item, spot, contexts[item.guide.slug], histories)
        yield self._local(
            spot,
            ("booklet", *map(id, contexts.values())),
            lambda: booklet_page(self.atlas, spot.chain[0], contexts, spot.place, self._page),
        )
        # Files of data are made from the contexts of the pages that they go with.
        for page in guides.values():
            if url := str(page.context["data_url"]):
                yield Page(url, OF_GUIDE, page.context, is_indexed=False)
        yield self._city_data(spot)
        if self.history:
            since, views = self.history.since, self.atlas.source_views
            yield self._local(
                spot,
                ("history", *(id(sheet) for _, sheet in histories.values())),
                lambda: history_page(spot.chain[0], since, histories, views),
            )

    def _sheet(
        self,
        item: GuideText,
        spot: _Spot,
        guide: Mapping[str, object],
        histories: Mapping[str, tuple[str, SheetHistory]],
    ) -> Page:
        """The sheet of a guide, from the context of its page."""
        _, found = histories.get(item.guide.slug, ("", None))
        newest = found.newest if found else ""
        make = partial(sheet_page, self.atlas, item, spot.chain[0], guide, spot.place, newest)
        return self._local(spot, ("sheet", id(guide), newest), partial(make, self._page))

    def _city_data(self, spot: _Spot) -> Page:
        """All that is known of a pool, shown on a page or not."""
        facts = self.atlas.facts(spot.pool.slug, self.atlas.rules.vocabulary.parameters)

        def make() -> Page:
            stand = spot.chain[0]
            page = self._page(
                *(f"/{stand.slug}/", OF_CITY, "", ""),
                is_indexed=False,
                place=spot.place,
                values=facts,
                sources=self.atlas.cited(facts.values()),
            )
            return page._replace(url=city_url(stand.slug))

        return self._local(spot, (OF_CITY, id(facts)), make)

    def _histories(self, pool: Area) -> dict[str, tuple[str, SheetHistory]]:
        """What the sheets of a pool are held against, by guide, with what the guide is called;
        empty where no log is kept."""
        if self._sheets is None:
            return {}
        return {
            item.guide.slug: (
                item.guide.label,
                self._sheets.of(pool, item.sheet.names("value")),
            )
            for item in self.atlas.guides
            if item.sheet
        }

    def _place_of(self, pool: Area) -> dict[str, object]:
        """What every page of a pool says about where it is, with its real names."""
        phone = wording.outside_number(pool.phone)
        chain = self.atlas.rules.ancestry(pool.slug)
        return self.atlas.place(chain, phone, phone.replace("-", ""))

    def _spot(self, pool: Area) -> _Spot:
        chain = self.atlas.rules.ancestry(pool.slug)
        phone = wording.outside_number(pool.phone)
        found = stand_in(chain, phone)
        if found is None:
            return _Spot(pool, chain, {}, pool.slug, self._place_of(pool))
        kind = found.kind
        if kind not in self._places:
            self._places[kind] = self.atlas.place(found.chain, found.phone, found.digits)
        return _Spot(pool, found.chain, found.names, kind, self._places[kind])

    def _local(self, spot: _Spot, key: tuple[object, ...], make: Callable[[], Page]) -> Page:
        """A page of a pool, made once for all pools with the same ``key``, which holds the ids
        of everything that the page shows beside the names."""
        key = (spot.kind, *key)
        if (page := self._shared.get(key)) is None:
            page = self._shared[key] = make()
        return page

    def _pool_guide(self, item: GuideText, spot: _Spot) -> tuple[Page, str]:
        """The page of a guide in a pool, and what a menu says of its data."""
        guide, compiled, pool = item.guide, item.pool, spot.pool
        facts = self.atlas.facts(pool.slug, compiled.names("value"))
        channels = {
            **{
                m: self.atlas.local_channels(pool.slug, m) for m in compiled.names("local_channels")
            },
            **{
                t: self.atlas.local_channels(pool.slug, task=t)
                for t in compiled.names("local_channels_for")
            },
        }
        views = [view for group in channels.values() for view in group]
        shown = (id(facts), *map(id, channels.values()))
        if (share := self._shares.get(shown)) is None:
            share = self._shares[shown] = share_of(facts.values(), views)
        is_indexed = share.is_indexed(pool)
        corrected = self.corrected(pool.slug, facts)
        forms = self._calculators(item, pool)
        # Only what search engines may list tells them who provides the service.
        bureau = self.atlas.bureau(pool.slug) if is_indexed else ""
        has_data = guide.kind == "task" and any(f.state != "unknown" for f in facts.values())

        def make() -> Page:
            stand = spot.chain[0]
            return self._page(
                f"/{stand.slug}/{guide.slug}/",
                pool_template(item),
                compiled.text.title,
                compiled.text.description,
                crumbs=(*self.atlas.crumbs(spot.chain), Link(guide.label, "")),
                is_indexed=is_indexed,
                of_guide=guide.slug,
                guide=guide.slug,
                related=guide.related,
                values=facts,
                corrected=corrected,
                channels=channels,
                calculation=None,
                calculators=forms,
                sheet_url=sheet_url(stand, guide.slug) if item.sheet else "",
                data_url=guide_url(f"/{stand.slug}/{guide.slug}/") if has_data else "",
                sources=self.with_corrected(
                    self.atlas.sources_of(compiled, facts.values(), views), corrected
                ),
                bureau=bureau,
                place=spot.place,
            )

        kind = (guide.slug, *shown, id(forms), is_indexed, bureau, corrected)
        page = self._local(spot, kind, make)
        return page, data_chip(guide.slug, facts.values(), views, pool)

    def corrected(self, slug: str, ids: Iterable[str]) -> tuple[Event, ...]:
        """What we changed of the facts of an area with these parameters."""
        return self.history.corrected(slug, ids) if self.history else ()

    def with_corrected(
        self, sources: dict[str, SourceView], corrected: Iterable[Event]
    ) -> dict[str, SourceView]:
        """The sources of a page and those of what we changed."""
        return sources | {
            id: self.atlas.source_views[id] for event in corrected for id in event.sources
        }

    def _calculators(self, item: GuideText, pool: Area) -> dict[str, Calculator | None]:
        """The calculators of a guide in a pool; equal ones are one object for all pools."""
        names = item.pool.names("calculator")
        ids = NEEDED[item.guide.slug] if names else ()
        holders = tuple(self.atlas.holder(pool.slug, id) for id in ids)
        key = (item.guide.slug, holders, pool.slug if pool.slug in holders else "")
        if key not in self._forms:
            resolved = self.atlas.resolved(pool.slug, ids)
            forms = calculators_of(
                item.guide.slug, names, self.atlas.rules, pool.slug, resolved, self.atlas.day
            )
            self._forms[key] = self._forms.setdefault((repr(forms),), forms)
        return self._forms[key]

    def _city(self, spot: _Spot, guides: Iterable[Page], chips: tuple[str, ...]) -> Page:
        slug = spot.pool.slug
        amount = self.atlas.facts(slug, [AMOUNT])[AMOUNT]
        facts = {
            AMOUNT: amount,
            RATIO: self.atlas.fact(slug, RATIO),
            YEARS: self.atlas.fact(slug, YEARS),
        }
        is_indexed = any(page.is_indexed for page in guides)
        bureau = self.atlas.bureau(slug) if is_indexed else ""
        twins = self.atlas.twin_links(spot.pool)
        has_changes = self.history is not None and self.history.has_page(slug)

        def make() -> Page:
            stand = spot.chain[0]
            own_changes = f"/{stand.slug}{CHANGES_URL}" if has_changes else ""
            slugs = (item.guide.slug for item in self.atlas.guides)
            return self._page(
                f"/{stand.slug}/",
                "city.html",
                f"{stand.short}医保",
                f"{stand.name}医保怎么查余额、每月划入多少、打什么电话，每个数字都写明出处。",
                crumbs=self.atlas.crumbs(spot.chain),
                is_indexed=is_indexed,
                values=facts,
                sources={
                    id: self.atlas.source_views[id] for f in facts.values() for id in f.sources
                },
                twins=twins,
                guides=self.atlas.guide_links(stand, dict(zip(slugs, chips, strict=True))),
                paper=paper_links(self.atlas, stand),
                data_url=city_url(stand.slug),
                bureau=bureau,
                own_changes=own_changes,
                feed=own_changes + FEED if own_changes else "",
                place=spot.place,
            )

        shown = (*map(id, facts.values()), is_indexed, twins, chips, bureau, has_changes)
        return self._local(spot, ("", *shown), make)


def pool_template(item: GuideText) -> str:
    """The template of the page of a guide in a pool."""
    return f"guides/{item.guide.slug}/pool"


def told_of(parts: Mapping[str, Part]) -> Iterator[Told]:
    """What the pools among the parts tell."""
    for name, part in parts.items():
        if name.startswith(POOLS):
            calculating, state = part.told
            assert isinstance(calculating, tuple)
            yield Told(calculating, str(state))


def _calculates(page: Page) -> bool:
    forms = _shared(page)["calculators"]
    assert isinstance(forms, dict)
    return any(forms.values())


def _shared(page: Page) -> Mapping[str, object]:
    """The context of a page before names are put in, the same object for all pools alike."""
    return page.context.shared if isinstance(page.context, Filled) else page.context


def _filled(page: Page, names: Names) -> Page:
    """A page of a pool with its names put in for their stand-ins."""
    if not names:
        return page
    url, context = page.url.translate(names), Filled(page.context, names)
    return Page(url, page.template, context, page.is_indexed, page.guide, page.changed)
