"""How much of a page is its city's own: what a menu says of it, and whether it may be indexed."""

from __future__ import annotations

from collections.abc import Iterable

from sitegen.figures import ChannelView, Fact
from sitegen.model import Area, Page
from sitegen.overviews import KNOWN

# A page is indexed with this many sourced facts that no other pool shares, and this many of
# the pool or its province.
MIN_OWN, MIN_LOCAL = 1, 3


def data_chip(page: Page) -> str:
    """What a menu says of a guide's data in a pool; empty where all of it is the nation's."""
    facts = page.context["values"]
    assert isinstance(facts, dict)
    known = [f for f in facts.values() if f.state in KNOWN and f.inherited != "全国"]
    if any(not fact.inherited for fact in known):
        return "有本地资料"
    channels = page.context["channels"]
    assert isinstance(channels, dict)
    named = [view for group in channels.values() for view in group]
    if any(view.scope == page.context["city"] for view in named):
        return "有本地资料"
    if known:
        return f"{known[0].inherited}的规定"
    if named:
        return "有本省渠道"
    return "未查到" if page.guide == "huaru" else ""


def local_facts(
    facts: Iterable[Fact], channels: Iterable[ChannelView], pool: Area
) -> tuple[int, int]:
    """How many sourced facts of a page are the pool's alone, and how many local in all.

    A fact of the nation counts for nothing; a named channel is local, and two of the pool's
    own count as one fact. A figure from
    a list of many cities (its source stands in the province's file) is local, not its own:
    pages that differ in such a figure only are twins to a search engine.
    """
    known = [f for f in facts if f.state in KNOWN and f.inherited != "全国"]
    named = list(channels)
    own = sum(any(id.startswith(f"{pool.slug}/") for id in f.sources) for f in known)
    own += sum(channel.scope == pool.short for channel in named) // 2
    return own, len(known) + len(named)
