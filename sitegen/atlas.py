"""What all pages of one site and day share: links, facts, channels and sources of a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sitegen.credit import DEDUCTIONS
from sitegen.figures import (
    ChannelView,
    Fact,
    SourceView,
    channel_view,
    fact,
    source_view,
    with_deductions,
)
from sitegen.markup import Compiled
from sitegen.model import Area, Guide, Resolved, Rules
from sitegen.resolve import resolve

# Which carriers a channel page lists. Channels that only collect taxes have none of these.
MEDIA: Mapping[str, tuple[str, ...]] = {
    "dianhua": ("phone",),
    "weixin": ("wechat_mini", "wechat_official", "wechat"),
    "zhifubao": ("alipay_mini", "alipay"),
    "app": ("app", "mini"),
    "wangzhan": ("website",),
}

# What a city's home and a province's table show.
AMOUNT, RATIO, FRAME, YEARS = (
    "account.retiree.amount",
    "account.retiree.ratio",
    "account.retiree.frame",
    "years.minimum",
)


@dataclass(frozen=True)
class Link:
    """A place to go: its words and its address; ``note`` is what stands beside it."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """A province and the links of its pools."""

    title: str
    url: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class GuideText:
    """A guide with its texts compiled."""

    guide: Guide
    pool: Compiled
    nation: Compiled
    sheet: Compiled | None = None


class Atlas:
    """The areas of a site as of a day, and everything that pages say about them."""

    def __init__(self, rules: Rules, guides: tuple[GuideText, ...], day: date) -> None:
        self.rules = rules
        self.guides = guides
        self.day = day
        hosts = rules.vocabulary.link_hosts
        self.source_views = {id: source_view(s, hosts) for id, s in rules.sources.items()}
        self.pools = [a for a in rules.areas.values() if a.level == "pool"]
        self.provinces = [a for a in rules.areas.values() if a.level == "province"]
        self.homonyms = _homonyms(self.pools)
        self._channels = {
            slug: tuple((c, channel_view(rules, c, slug)) for c in rules.channels[slug])
            for slug in rules.areas
        }
        # What areas share is one object: pages that show the same objects are rendered once.
        self._facts: dict[tuple[str, bool, str], Fact] = {}
        self._equal: dict[Fact, Fact] = {}
        self._views: dict[tuple[object, ...], dict[str, Fact]] = {}
        self._same: dict[tuple[object, ...], dict[str, Fact]] = {}
        self._local: dict[tuple[tuple[str, ...], str, str], list[ChannelView]] = {}
        self._none: list[ChannelView] = []
        self._links: dict[str, dict[str, Link]] = {}
        self._bureaus = _bureaus(rules)
        self._chains = {slug: rules.ancestry(slug) for slug in rules.areas}
        self._holders = {slug: _holders(rules, chain) for slug, chain in self._chains.items()}
        self._resolved: dict[tuple[str, str], Resolved] = {}

    def groups(self, guide: str = "") -> tuple[Group, ...]:
        """The pools by province, the municipalities first: their homes, or one guide of each."""

        def link(pool: Area) -> Link:
            return Link(pool.short, f"/{pool.slug}/{guide + '/' if guide else ''}")

        cities = tuple(link(a) for a in self.pools if a.parent == "nation")
        groups = [Group("直辖市", "", cities)] if cities else []
        for province in self.provinces:
            pools = tuple(link(a) for a in self.pools if a.parent == province.slug)
            groups.append(Group(province.short, f"/{province.slug}/", pools))
        return tuple(groups)

    def holder(self, slug: str, parameter: str) -> str:
        """The nearest area, upwards from ``slug``, that says anything on a parameter, or empty.

        All areas below it without an entry of their own have the same value from above.
        """
        return self._holders[slug].get(parameter, "")

    def resolved(self, slug: str, ids: Iterable[str]) -> dict[str, Resolved]:
        """What one area has for several parameters."""
        return {id: self._resolve(slug, id) for id in ids}

    def _resolve(self, slug: str, parameter: str) -> Resolved:
        if (found := self._resolved.get((slug, parameter))) is None:
            found = resolve(self.rules, slug, parameter, self.day)
            self._resolved[slug, parameter] = found
        return found

    def fact(self, slug: str, parameter: str) -> Fact:
        holder = self.holder(slug, parameter)
        key = (holder, holder == slug, parameter)
        if (found := self._facts.get(key)) is None:
            found = fact(self.rules, self._resolve(slug, parameter), self.day)
            found = self._facts[key] = self._equal.setdefault(found, found)
        return found

    def facts(self, slug: str, ids: Iterable[str]) -> dict[str, Fact]:
        """Views of several parameters of one area, the amount with its deductions.

        Areas that have the same views get the same mapping; nobody may change it.
        """
        ids = tuple(ids)
        # What goes into the amount is told apart by where it stands.
        depends = DEDUCTIONS if AMOUNT in ids else ()
        holders = tuple(map(self._holders[slug].get, (*ids, *depends)))
        key = (ids, holders, slug if slug in holders else "")
        if (views := self._views.get(key)) is None:
            views = {id: self.fact(slug, id) for id in ids}
            if AMOUNT in views:
                resolved = self.resolved(slug, (AMOUNT, *DEDUCTIONS))
                amount = with_deductions(views[AMOUNT], resolved)
                views[AMOUNT] = self._equal.setdefault(amount, amount)
            same = (ids, *map(id, views.values()))
            views = self._views[key] = self._same.setdefault(same, views)
        return views

    def best_of_account(self, pool: Area) -> Fact:
        """The amount of a pool; the ratio where only that is known."""
        amount = self.fact(pool.slug, AMOUNT)
        ratio = self.fact(pool.slug, RATIO)
        has_no_amount = amount.state in ("unknown", "unverified")
        return ratio if has_no_amount and ratio.state == "known" else amount

    def bureau(self, slug: str) -> str:
        """What the sources of a pool call its bureau (天津市医疗保障局), empty where none does."""
        return self._bureaus.get(slug, "")

    def channels_of(self, slug: str) -> tuple[ChannelView, ...]:
        """All channels that the file of one area names."""
        return tuple(view for _, view in self._channels[slug])

    def local_channels(self, slug: str, medium: str = "", task: str = "") -> list[ChannelView]:
        """The pool's and its province's channels of a medium, or those known to do a task."""
        areas = [a.slug for a in self._chains[slug] if a.level in ("pool", "province")]
        saying = tuple(slug for slug in areas if self._channels[slug])
        key = (saying, medium, task)
        if (found := self._local.get(key)) is None:
            found = self._local[key] = []
            for channel, view in (pair for slug in saying for pair in self._channels[slug]):
                if medium and not set(channel.carriers) & set(MEDIA[medium]):
                    continue
                if task and not any(task in use.tasks for use in channel.uses):
                    continue
                found.append(view)
        # One empty list for all.
        return found or self._none

    def sources_of(
        self, compiled: Compiled, facts: Iterable[Fact], channels: Iterable[ChannelView]
    ) -> dict[str, SourceView]:
        """Every source that a page may cite."""
        ids = [id if "/" in id else f"nation/{id}" for id in compiled.names("src")]
        for item in facts:
            for view in (item, *item.upcoming, *item.history, *item.rivals):
                ids += view.sources
        for channel in channels:
            ids += [use.source for use in channel.uses]
        return {id: self.source_views[id] for id in ids}

    def cited(self, facts: Iterable[Fact]) -> dict[str, SourceView]:
        """Every source of what facts say now."""
        ids = (id for item in facts for view in (item, *item.rivals) for id in _sources(view))
        return {id: self.source_views[id] for id in ids}

    def links_of(self, prefix: str) -> dict[str, Link]:
        if prefix not in self._links:
            self._links[prefix] = {
                item.guide.slug: Link(item.guide.label, f"{prefix}/{item.guide.slug}/")
                for item in self.guides
            }
        return self._links[prefix]

    def place(self, chain: Sequence[Area], phone: str, digits: str) -> dict[str, object]:
        """What every page of a pool says about where it is.

        ``chain`` is the pool and its parents; ``phone`` is the number to dial from outside, and
        ``digits`` the same for an address of ``tel:``.
        """
        pool = chain[0]
        province = chain[1] if chain[1].level == "province" else pool
        return {
            "slug": pool.slug,
            "city": pool.short,
            "area": pool.name,
            "province": province.short,
            "phone": phone,
            "phone_digits": digits,
            "links": self.links_of(f"/{pool.slug}"),
            "nation_links": self.links_of("/zhinan"),
            "city_link": Link(pool.short, f"/{pool.slug}/"),
            "province_link": Link(province.short, f"/{province.slug}/"),
        }

    def crumbs(self, chain: Sequence[Area]) -> tuple[Link, ...]:
        """The way from the first page down to a pool."""
        up = [Link(a.short, f"/{a.slug}/") for a in reversed(chain) if a.level != "nation"]
        return (Link("首页", "/"), *up)

    def guide_links(
        self, pool: Area, notes: Mapping[str, str]
    ) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        """The guides of a pool under two headings, with the ``notes`` about their local data."""

        def links(kind: str) -> tuple[Link, ...]:
            return tuple(
                Link(i.pool.text.question, f"/{pool.slug}/{i.guide.slug}/", notes[i.guide.slug])
                for i in self.guides
                if i.guide.kind == kind
            )

        return (("想知道什么", links("task")), ("到哪里查、到哪里办", links("channel")))

    def twin_links(self, area: Area) -> tuple[Link, ...]:
        for twins in self.homonyms.values():
            if area in twins:
                return tuple(self.twin_link(a) for a in twins if a is not area)
        return ()

    def twin_link(self, area: Area) -> Link:
        return Link(f"{self.rules.areas[area.parent].name}{area.name}", f"/{area.slug}/")


def _holders(rules: Rules, chain: Iterable[Area]) -> dict[str, str]:
    """The nearest area of a chain that says anything on a parameter, by parameter."""
    found: dict[str, str] = {}
    for area in reversed(tuple(chain)):
        found |= dict.fromkeys(rules.entries[area.slug], area.slug)
    return found


def _bureaus(rules: Rules) -> dict[str, str]:
    """The name of a pool's bureau, by slug, where a source of the pool names it."""
    found = {}
    for source in rules.sources.values():
        slug = source.id.partition("/")[0]
        name = f"{rules.areas[slug].name}医疗保障局"
        if name in source.title or name in source.issuer:
            found[slug] = name
    return found


def _sources(fact: Fact) -> tuple[str, ...]:
    return (*fact.sources, *fact.net_sources)


def _homonyms(pools: Iterable[Area]) -> dict[str, tuple[Area, ...]]:
    """Pools that share a pinyin, by the bare pinyin: the slugs that end in their province."""
    groups: dict[str, list[Area]] = {}
    for pool in pools:
        bare = pool.slug.removesuffix(f"-{pool.parent}")
        if bare != pool.slug:
            groups.setdefault(bare, []).append(pool)
    return {bare: tuple(group) for bare, group in groups.items()}
