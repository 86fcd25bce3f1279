"""What an editor asks of the rules: what is missing, what is old, where a figure comes from.

Each answer is a tuple of lines for a terminal; what stands first on a line is a place that an
editor can jump to, wherever there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sitegen.errors import ProjectError
from sitegen.figures import ChannelView, Fact
from sitegen.markup import Compiled
from sitegen.model import Area, Entry, Page, Rules, State, Word, clip
from sitegen.plan import Plan
from sitegen.records import STATE
from sitegen.resolve import in_force, resolve
from sitegen.schema import nearest

# In the place of 查到 where the value stands in a file above.
ABOVE = "上级已定"


class NoAnswer(ProjectError):
    """The question names something that does not exist; the message says what is near."""


@dataclass(frozen=True)
class Found:
    """A parameter of a pool: its state, where it comes from, and where that is written."""

    pool: Area
    parameter: str
    state: State
    is_own: bool
    entry: Entry | None

    @property
    def line(self) -> str:
        at = self.entry.at if self.entry else self.pool.at
        above = "" if self.is_own or not self.entry else "（上级的规定）"
        return f"{at} {self.pool.short} {self.parameter} {STATE[self.state.value]}{above}"


def coverage(rules: Rules, day: date) -> tuple[str, ...]:
    """For each parameter how many pools have it in which state, the best known first."""
    lines = []
    for parameter in rules.vocabulary.parameters.values():
        counts: Counter[str] = Counter()
        for found in _all(rules, [parameter.id], day):
            is_above = found.state is State.KNOWN and not found.is_own
            counts[ABOVE if is_above else STATE[found.state.value]] += 1
        words = "，".join(f"{name} {number}" for name, number in counts.most_common())
        known = sum(number for name, number in counts.items() if name in (STATE["known"], ABOVE))
        lines.append((known, f"{parameter.id}（{parameter.label}）：{words}"))
    return tuple(line for _, line in sorted(lines, key=lambda item: -item[0]))


def find(
    rules: Rules, parameters: Iterable[str], state: str, names: Iterable[str], day: date
) -> tuple[str, ...]:
    """The pools (all, or those ``names``) whose parameter is in a state (``unknown``), as lines.

    Raises ``NoAnswer`` for a parameter, a state or a pool that does not exist.
    """
    parameters, only = list(parameters), [slug_of(rules, name) for name in names]
    for id in parameters:
        must_be(id, rules.vocabulary.parameters, "参数")
    must_be(state, [item.value for item in State], "状态")
    return tuple(
        found.line
        for found in _all(rules, parameters, day)
        if found.state.value == state and (not only or found.pool.slug in only)
    )


def stale(rules: Rules, days: int, day: date) -> tuple[str, ...]:
    """Every entry in force that nobody has looked at for more than ``days``, the oldest first."""
    lines = []
    for slug, values in rules.entries.items():
        for id, entries in values.items():
            entry = in_force(entries, day)
            if entry is None or entry.value in (Word.UNKNOWN, Word.INHERIT):
                continue
            if (age := (day - entry.checked).days) > days:
                words = (
                    f"{entry.at} {rules.areas[slug].short} {id} 核对于{entry.checked}（{age}天）"
                )
                lines.append((-age, str(entry.at), words))
    return tuple(words for *_, words in sorted(lines))


def page_of(plan: Plan, url: str) -> Page:
    """The page of a URL, which may lack its slashes. Raises ``NoAnswer`` where there is none."""
    url = "/" + url.strip("/") + ("/" if url.strip("/") and not url.endswith(".html") else "")
    pages = {page.url: page for page in plan.pages if not page.is_data}
    must_be(url, pages, "网址")
    return pages[url]


def explain(rules: Rules, plan: Plan, page: Page, day: date) -> tuple[str, ...]:
    """What a page is made of: its template and text, each figure with its line, its sources."""
    return tuple(_explained(rules, plan, page, day))


def _explained(rules: Rules, plan: Plan, page: Page, day: date) -> Iterator[str]:
    context = page.context
    yield f"网址 {page.url}，{'允许' if page.is_indexed else '不要求'}搜索引擎收录"
    text = plan.texts.get(page.template)
    yield from _made_of(page.template, text)
    values = context.get("values")
    slug = str(context.get("slug", ""))
    for id, fact in values.items() if isinstance(values, dict) else ():
        assert isinstance(fact, Fact)
        resolved = resolve(rules, slug if slug in rules.areas else "nation", id, day)
        at = f"{resolved.entry.at} " if resolved.entry else ""
        above = f"，{fact.inherited}的规定" if fact.inherited else ""
        figure = fact.short or clip(fact.note)
        yield f"{at}{id}（{fact.label}）：{STATE[resolved.state.value]}{above} {figure}".rstrip()
        for source in fact.sources:
            yield f"  出处 {rules.sources[source].at} {rules.sources[source].title}"
    channels = context.get("channels")
    for views in channels.values() if isinstance(channels, dict) else ():
        for view in views:
            assert isinstance(view, ChannelView)
            yield f"渠道 {view.name}（{view.scope}）"


def _made_of(template: str, text: Compiled | None) -> Iterator[str]:
    if text:
        yield f"{text.text.at} 这一页的文字"
    else:
        yield f"templates/{template}:1:1 这一页的模板"


def _all(rules: Rules, parameters: Iterable[str], day: date) -> Iterator[Found]:
    for id in parameters:
        for pool in (area for area in rules.areas.values() if area.level == "pool"):
            resolved = resolve(rules, pool.slug, id, day)
            is_own = resolved.origin == pool.slug
            yield Found(pool, id, resolved.state, is_own, resolved.entry)


def must_be(name: str, known: Iterable[str], what: str) -> None:
    """Raises ``NoAnswer`` where ``name`` is none of the ``known``."""
    names = list(known)
    if name not in names:
        near = nearest(name, names)
        hint = f"；是不是想写“{near}”？" if near else ""
        raise NoAnswer(f"没有“{name}”这个{what}{hint}")


def slug_of(rules: Rules, name: str, what: str = "地区") -> str:
    """The slug of an area that a person calls by slug (``tianjin``), 天津 or 天津市.

    Raises ``NoAnswer`` where there is none or more than one; with ``统筹区`` only pools count.
    """
    areas = [a for a in rules.areas.values() if what != "统筹区" or a.level == "pool"]
    found = [a.slug for a in areas if name == a.slug] or [
        area.slug for area in areas if name in (area.short, area.name, *area.aliases)
    ]
    if len(found) > 1:
        raise NoAnswer(f"叫“{name}”的不止一个：{'、'.join(found)}；写其中一个")
    if not found:
        must_be(name, [area.slug for area in areas], what)
    return found[0]
