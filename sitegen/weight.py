"""How many bytes a page is on the wire, and how many it may be."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass

from sitegen.model import Place, Problem
from sitegen.write import file_of

# What one initial TCP window carries: ten packets. A slow phone then waits for one round trip.
PAGE_BYTES = 14_600

# A table of all places is looked something up in, not read on the way to a counter.
TABLE_BYTES = 40_000
TABLES = "/biao/"


@dataclass(frozen=True)
class Weight:
    """A page and its bytes as gzip -9 makes them, head, style and all."""

    url: str
    bytes: int

    @property
    def limit(self) -> int:
        """The most bytes that this page may have."""
        return TABLE_BYTES if self.url.startswith(TABLES) else PAGE_BYTES


def weigh(url: str, html: str) -> Weight:
    """The weight of one finished page."""
    return Weight(url, len(gzip.compress(html.encode(), 9, mtime=0)))


def too_heavy(weights: Iterable[Weight]) -> list[Problem]:
    """An error for every page that is over its limit, with its size, the limit and a way out."""
    return [
        Problem(
            Place(f"site/{file_of(weight.url)}"),
            f"压缩后{weight.bytes:,}字节，最多{weight.limit:,}字节",
            "少写一些，或拆成几页",
        )
        for weight in weights
        if weight.bytes > weight.limit
    ]


def heaviest(weights: Iterable[Weight], count: int) -> tuple[Weight, ...]:
    """The ``count`` largest pages, the largest first."""
    return tuple(sorted(weights, key=lambda weight: (-weight.bytes, weight.url))[:count])
