"""What all pages of one site and day share: links, facts, channels and sources of a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sitegen import wording
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

    def fact(self, slug: str, parameter: str) -> Fact:
        return fact(self.rules, resolve(self.rules, slug, parameter, self.day), self.day)

    def facts(self, resolved: Mapping[str, Resolved], ids: Iterable[str]) -> dict[str, Fact]:
        """Views of several parameters of one area, the amount with its deductions."""
        views = {id: fact(self.rules, resolved[id], self.day) for id in ids}
        if AMOUNT in views:
            views[AMOUNT] = with_deductions(views[AMOUNT], resolved)
        return views

    def best_of_account(self, pool: Area) -> Fact:
        """The amount of a pool; the ratio where only that is known."""
        amount = self.fact(pool.slug, AMOUNT)
        ratio = self.fact(pool.slug, RATIO)
        has_no_amount = amount.state in ("unknown", "unverified")
        return ratio if has_no_amount and ratio.state == "known" else amount

    def channels_of(self, slug: str) -> tuple[ChannelView, ...]:
        """All channels that the file of one area names."""
        return tuple(view for _, view in self._channels[slug])

    def local_channels(self, slug: str, medium: str = "", task: str = "") -> list[ChannelView]:
        """The pool's and its province's channels of a medium, or those known to do a task."""
        found = []
        areas = [a for a in self.rules.ancestry(slug) if a.level in ("pool", "province")]
        for channel, view in (pair for a in areas for pair in self._channels[a.slug]):
            if medium and not set(channel.carriers) & set(MEDIA[medium]):
                continue
            if task and not any(task in use.tasks for use in channel.uses):
                continue
            found.append(view)
        return found

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

    def links_of(self, prefix: str) -> dict[str, Link]:
        return {
            item.guide.slug: Link(item.guide.label, f"{prefix}/{item.guide.slug}/")
            for item in self.guides
        }

    def place(self, pool: Area) -> dict[str, object]:
        """What every page of a pool says about where it is."""
        chain = self.rules.ancestry(pool.slug)
        province = chain[1] if chain[1].level == "province" else pool
        return {
            "slug": pool.slug,
            "city": pool.short,
            "area": pool.name,
            "province": province.short,
            "phone": wording.outside_number(pool.phone),
            "links": self.links_of(f"/{pool.slug}"),
            "nation_links": self.links_of("/zhinan"),
            "city_link": Link(pool.short, f"/{pool.slug}/"),
            "province_link": Link(province.short, f"/{province.slug}/"),
        }

    def crumbs(self, pool: Area) -> tuple[Link, ...]:
        chain = self.rules.ancestry(pool.slug)
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


def _homonyms(pools: Iterable[Area]) -> dict[str, tuple[Area, ...]]:
    """Pools that share a pinyin, by the bare pinyin: the slugs that end in their province."""
    groups: dict[str, list[Area]] = {}
    for pool in pools:
        bare = pool.slug.removesuffix(f"-{pool.parent}")
        if bare != pool.slug:
            groups.setdefault(bare, []).append(pool)
    return {bare: tuple(group) for bare, group in groups.items()}
