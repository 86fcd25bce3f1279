"""Which pages stand for all: one of every kind and state of a fact, one of every shape. Not a test.

Of several pages of a kind the largest is taken: what breaks, breaks there first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path

from sitegen.edition import Edition
from sitegen.figures import Fact
from sitegen.model import Page
from sitegen.pieces import Filled
from sitegen.pipeline import prepare
from sitegen.write import file_of

# The guides whose page begins with a figure or with the lack of one.
FIGURE_GUIDES = ("huaru", "jumin", "nianxian", "duanjiao")

STATES: Mapping[str, Callable[[Fact], bool]] = {
    "known": lambda fact: fact.state == "known" and not fact.overdue,
    "partly": lambda fact: any(line.state == "unknown" for line in fact.lines),
    "inherited": lambda fact: fact.state == "known" and bool(fact.inherited),
    "net": lambda fact: fact.state == "known" and fact.has_net,
    "unknown": lambda fact: fact.state == "unknown",
    "unverified": lambda fact: fact.state == "unverified",
    "disputed": lambda fact: fact.state == "disputed",
    "described": lambda fact: fact.state == "described",
    "none": lambda fact: fact.state == "none",
    "announced": lambda fact: bool(fact.upcoming),
    "stale": lambda fact: fact.state == "known" and bool(fact.overdue),
    "provisional": lambda fact: bool(fact.provisional),
}

# In no place is the main figure of this state today; a page holds a smaller one.
MINOR_STATES = ("none",)

# Today the invented places of the tests alone hold a fact of this state.
INVENTED = ("guide disputed",)


def samples(root: Path, site: Path, day: date, kinds: Iterable[str] = ()) -> dict[str, str]:
    """The URL of one page of every kind, by its name, of the ``site`` built from ``root``.

    ``kinds`` asks for some only; without it all but the invented ones are found. Raises
    LookupError where no page is of a kind.
    """
    _, plan, _, _ = prepare(root, Edition(day))
    some = shapes(plan.pages)
    found = {}
    for kind, matches in KINDS.items():
        if kind not in kinds if kinds else kind in INVENTED:
            continue
        pages = [page.url for page in some if matches(page)]
        if not pages:
            raise LookupError(f"no page is {kind}")
        found[kind] = max(pages, key=lambda url: (site / file_of(url)).stat().st_size)
    return found


def shapes(pages: Iterable[Page]) -> list[Page]:
    """One page of every shape: every other page differs from one of them in names alone.

    Pages of one shape share the context that their names are put into (pieces.py); the one whose
    names take the most characters stands for them.
    """
    found: dict[tuple[str, int], tuple[int, Page]] = {}
    for page in pages:
        context: object = page.context
        length = 0
        if isinstance(page.context, Filled):
            context = page.context.shared
            names = page.context.names.values()
            length = sum(len(name) for name in names if not name.isascii())
        shape = page.template, id(context)
        if shape not in found or found[shape][0] < length:
            found[shape] = length, page
    return [page for _, page in found.values()]


def _kinds() -> dict[str, Callable[[Page], bool]]:
    kinds: dict[str, Callable[[Page], bool]] = {
        "home": _is("home.html"),
        "city known": lambda page: page.template == "city.html" and _has(page, "stale"),
        "city unknown": lambda page: page.template == "city.html" and _has(page, "unknown"),
        "province": _is("province.html"),
        "nation": _is("index.html"),
        "national guide": lambda page: page.template.endswith("/nation"),
        "phone guide": lambda page: _of_guides(page, ("dianhua",)),
        "channel guide": lambda page: _of_guides(page, ("weixin", "app", "wangzhan")),
        "task guide": lambda page: _of_guides(page, ("yue", "jilu", "zhuanyi", "gongji")),
        "table": _is("table.html"),
        "compare": _is("compare.html"),
        "open data": _is("opendata.html"),
        "twins": _is("twins.html"),
        "sources": _is("sources.html"),
        "sources of a province": _is("sources_province.html"),
        "source": _is("source.html"),
        "quality": _is("quality.html"),
        "quality of a province": _is("quality_pools.html"),
        "misbeliefs": lambda page: page.url == "/wujie/",
        "errand": lambda page: page.url.startswith("/banshi/"),
        "case": lambda page: page.url.startswith("/wo-shi/"),
        "choice of a city": _is("choose.html"),
        "changes": _is("changes.html"),
        "changes of a city": _is("city_changes.html"),
        "check of a sheet": _is("check.html"),
        "about": lambda page: page.url == "/guanyu/",
        "404": _is("404.html"),
    }
    for state in STATES:
        kinds[f"guide {state}"] = partial(_is_guide_in, state)
    return kinds


def _is(template: str) -> Callable[[Page], bool]:
    return lambda page: page.template == template


def _of_guides(page: Page, guides: Iterable[str]) -> bool:
    return page.template.endswith("/pool") and page.guide in guides


def _is_guide_in(state: str, page: Page) -> bool:
    if state in MINOR_STATES:
        return page.template.endswith("/pool") and any(map(STATES[state], _facts(page)))
    return _of_guides(page, FIGURE_GUIDES) and _has(page, state)


def _has(page: Page, state: str) -> bool:
    """Whether the first fact of a page, the one that it is about, is in a state."""
    return STATES[state](_facts(page)[0])


def _facts(page: Page) -> list[Fact]:
    values = page.context["values"]
    assert isinstance(values, dict)
    return list(values.values())


# What makes a page one of a kind, by the name of the kind.
KINDS: Mapping[str, Callable[[Page], bool]] = _kinds()
