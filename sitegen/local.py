"""How much of a page is its city's own: what a menu says of it, and whether it may be indexed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sitegen.figures import ChannelView, Fact
from sitegen.model import Area
from sitegen.overviews import KNOWN

# A page is indexed with this many sourced facts that no other pool shares, and this many of
# the pool or its province.
MIN_OWN, MIN_LOCAL = 1, 3


def data_chip(guide: str, facts: Iterable[Fact], named: Iterable[ChannelView], pool: Area) -> str:
    """What a menu says of a guide's data in a pool; empty where all of it is the nation's."""
    known = [f for f in facts if f.state in KNOWN and f.inherited != "全国"]
    if any(not fact.inherited for fact in known):
        return "有本地资料"
    channels = list(named)
    if any(view.scope == pool.short for view in channels):
        return "有本地资料"
    if known:
        return f"{known[0].inherited}的规定"
    if channels:
        return "有本省渠道"
    return "未查到" if guide == "huaru" else ""


@dataclass(frozen=True)
class Share:
    """What a page says that is not the nation's.

    ``local`` counts its facts and named channels; ``cited`` are the areas whose files hold the
    sources of each fact, ``scopes`` the short names of the areas that have the channels.
    """

    local: int
    cited: tuple[frozenset[str], ...]
    scopes: tuple[str, ...]

    def is_indexed(self, pool: Area) -> bool:
        """Whether enough of it is the pool's alone, and enough local, for a search engine.

        A named channel is local, and two of the pool's own count as one fact. A figure from a
        list of many cities (its source stands in the province's file) is local, not its own:
        pages that differ in such a figure only are twins to a search engine.
        """
        own = sum(pool.slug in areas for areas in self.cited)
        own += self.scopes.count(pool.short) // 2
        return own >= MIN_OWN and self.local >= MIN_LOCAL


def share_of(facts: Iterable[Fact], channels: Iterable[ChannelView]) -> Share:
    """The local part of what a page says; a fact of the nation counts for nothing."""
    known = [f for f in facts if f.state in KNOWN and f.inherited != "全国"]
    scopes = tuple(channel.scope for channel in channels)
    cited = tuple(frozenset(id.partition("/")[0] for id in f.sources) for f in known)
    return Share(len(known) + len(scopes), cited, scopes)
