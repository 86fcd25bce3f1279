"""The pages about the data itself: national tables, one page a source, what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from decimal import Decimal

from sitegen import wording
from sitegen.atlas import Atlas, Link
from sitegen.figures import Fact, Line, SourceView, entry_fact
from sitegen.load import cited, cited_by
from sitegen.model import Area, Rules, State
from sitegen.resolve import WEIGHTY

# A national table: guide, title, and the parameter and head of each column.
Table = tuple[str, str, tuple[tuple[str, str], ...]]

TABLES: tuple[Table, ...] = (
    (
        "huaru",
        "各地退休人员每月划入多少",
        (("account.retiree.amount", "金额"), ("account.retiree.ratio", "比例")),
    ),
    (
        "nianxian",
        "各地职工医保要交满多少年",
        (("years.minimum", "一共"), ("years.actual", "其中实际缴费")),
    ),
    (
        "jumin",
        "各地居民医保每年交多少",
        (("resident.fee", "个人交"), ("resident.window_end", "集中缴费截止")),
    ),
)

# A topic of the quality page: the guide, a word for it, and the parameters that answer it.
TOPICS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("huaru", "划入", ("account.retiree.amount", "account.retiree.ratio")),
    ("nianxian", "年限", ("years.minimum", "years.condition")),
    (
        "duanjiao",
        "断缴",
        ("lapse.grace", "lapse.wait", "lapse.resident.fixed", "lapse.resident.max"),
    ),
    ("jumin", "居民", ("resident.fee",)),
)

KNOWN = (State.KNOWN.value, State.DESCRIBED.value, State.NONE.value, State.DISPUTED.value)


# A cell of a table with more rows than this sends its reader to the page of the city.
MOST_LINES = 5

# The longest bar beside an amount, in CSS pixels.
BAR = 96


@dataclass(frozen=True)
class Scale:
    """What the bars of a column are drawn to: amounts of one period, from 0 to ``most``."""

    per: str
    most: Decimal

    def bar(self, fact: Fact, line: Line) -> int:
        """The length of a bar in CSS pixels, 0 where the line has none."""
        if not _is_amount(line) or fact.per != self.per or not line.number or not self.most:
            return 0
        return max(1, round(BAR * line.number / self.most))


@dataclass(frozen=True)
class TableCell:
    """A fact in a national table: the rows that still count, and the bar beside each.

    Without ``lines`` a known fact has too many of them for a table.
    """

    fact: Fact
    lines: tuple[tuple[Line, int], ...]


@dataclass(frozen=True)
class TableRow:
    """A pool in a national table: its guide, and a cell for each column.

    ``notes`` say how sure and how old each fact is; where all say the same, there is one.
    """

    link: Link
    cells: tuple[TableCell, ...]
    notes: tuple[str, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(cell.fact for cell in self.cells)

    @property
    def rank(self) -> Decimal | None:
        """What the table is sorted by: the first amount that its first column shows."""
        shown = (line.number for line, _ in self.cells[0].lines if _is_amount(line))
        return next(shown, None)

    @property
    def per(self) -> str:
        """What the first amount is paid or due for: amounts of two periods do not compare."""
        return self.cells[0].fact.per


def _is_amount(line: Line) -> bool:
    """Whether a row is money or time: shares of different bases do not compare."""
    return line.number is not None and bool(line.unit)


@dataclass(frozen=True)
class TableGroup:
    """A province in a national table.

    What holds for several pools alike stands once, as ``shared``, with the links of these
    pools; ``rows`` are pools with figures of their own, ``unknown`` the links of the others,
    with a note where something was found that is not good enough.
    """

    title: str
    shared: TableRow | None
    sharing: tuple[Link, ...]
    rows: tuple[TableRow, ...]
    unknown: tuple[Link, ...]


@dataclass(frozen=True)
class Usage:
    """Where a source is used: the area, what for, what it says there, its own words."""

    area: Link
    label: str
    fact: Fact | None
    quote: str


@dataclass(frozen=True)
class SourcePage:
    """A source with everything that rests on it."""

    source: SourceView
    usages: tuple[Usage, ...]


@dataclass(frozen=True)
class SourceGroup:
    """The sources of the nation, a municipality or a province with its pools.

    ``areas`` are the name and the sources of each file that holds any.
    """

    link: Link
    areas: tuple[tuple[str, tuple[SourceView, ...]], ...]


@dataclass(frozen=True)
class Coverage:
    """What is known of the pools of one province, topic by topic.

    ``own`` and ``inherited`` count pools, in the order of the topics.
    """

    link: Link
    pools: int
    own: tuple[int, ...]
    inherited: tuple[int, ...]

    @property
    def page(self) -> str:
        """Where its pools are listed one by one."""
        return quality_url(self.link)


@dataclass(frozen=True)
class PoolCoverage:
    """A pool, for each topic what answers it best (``None`` where nothing does), all its own."""

    link: Link
    answers: tuple[Fact | None, ...]
    own: tuple[Fact, ...]


def source_url(id: str) -> str:
    """The page of a source: ``hubei/sbw-2023`` → ``/laiyuan/hubei--sbw-2023/``."""
    return f"/laiyuan/{id.replace('/', '--').replace('.', '-')}/"


def area_link(area: Area) -> Link:
    """The page that shows what an area's file holds."""
    if area.level == "nation":
        return Link(area.name, "/zhinan/")
    slug = area.parent if area.level == "direct" else area.slug
    return Link(area.short, f"/{slug}/")


def tables_of(atlas: Atlas) -> list[Table]:
    """The national tables of the guides that a site has."""
    slugs = {item.guide.slug for item in atlas.guides}
    return [table for table in TABLES if table[0] in slugs]


def table_groups(atlas: Atlas, guide: str, parameters: tuple[str, ...]) -> tuple[TableGroup, ...]:
    """Every pool under its province, with the facts of a national table."""
    facts = {a.slug: tuple(atlas.fact(a.slug, id) for id in parameters) for a in atlas.pools}
    scales = tuple(_scale(column) for column in zip(*facts.values(), strict=True))
    groups = [("直辖市", Link("", ""), "nation")]
    groups += [(p.short, Link(f"{p.short}统一", f"/{p.slug}/"), p.slug) for p in atlas.provinces]

    def group(title: str, link: Link, slug: str) -> TableGroup:
        pools = [a for a in atlas.pools if a.parent == slug]
        links = [(Link(a.short, f"/{a.slug}/{guide}/"), facts[a.slug]) for a in pools]
        return _table_group(title, link, links, scales)

    parents = {pool.parent for pool in atlas.pools}
    return tuple(group(*head) for head in groups if head[2] in parents)


def undrawn(rows: Iterable[TableRow]) -> tuple[str, ...]:
    """The periods whose amounts in the first column have no bars: 每年 where most are 每月."""
    without = [
        row.per
        for row in rows
        if row.rank and row.per and not any(length for _, length in row.cells[0].lines)
    ]
    return tuple(dict.fromkeys(without))


def _scale(facts: Iterable[Fact]) -> Scale:
    """The scale of a column: that of the period that most of its amounts have."""
    amounts: dict[str, list[Decimal]] = {}
    for fact in facts:
        numbers = (line.number for line in fact.current if _is_amount(line))
        amounts.setdefault(fact.per, []).extend(number for number in numbers if number)
    per, numbers_of = max(amounts.items(), key=lambda item: len(item[1]))
    return Scale(per, max(numbers_of, default=Decimal(0)))


def _table_group(
    title: str,
    province: Link,
    pools: Iterable[tuple[Link, tuple[Fact, ...]]],
    scales: tuple[Scale, ...],
) -> TableGroup:
    alike: dict[tuple[Fact, ...], list[Link]] = {}
    rows: list[TableRow] = []
    unknown: list[Link] = []
    for link, facts in pools:
        known = [fact for fact in facts if fact.state in KNOWN]
        if not known:
            is_weak = any(fact.state == State.UNVERIFIED.value for fact in facts)
            unknown.append(replace(link, note="待核实" if is_weak else ""))
        elif all(fact.inherited for fact in known):
            alike.setdefault(facts, []).append(link)
        else:
            rows.append(_table_row(link, facts, scales))
    # A few pools may differ in what is not verified; they keep rows of their own.
    shared = max(alike, key=lambda facts: len(alike[facts]), default=())
    for facts, links in alike.items():
        if facts != shared:
            rows += [_table_row(link, facts, scales) for link in links]
    row = _table_row(province, shared, scales) if shared else None
    return TableGroup(title, row, tuple(alike.get(shared, ())), tuple(rows), tuple(unknown))


def _table_row(link: Link, facts: tuple[Fact, ...], scales: tuple[Scale, ...]) -> TableRow:
    def note(fact: Fact) -> str:
        year = fact.since if fact.since.endswith("年度") else ""
        return " · ".join(part for part in (year, fact.level_text, fact.dated) if part)

    def cell(fact: Fact, scale: Scale) -> TableCell:
        is_shown = fact.state == State.KNOWN.value and len(fact.current) <= MOST_LINES
        lines = fact.current if is_shown else ()
        return TableCell(fact, tuple((line, scale.bar(fact, line)) for line in lines))

    cells = tuple(cell(fact, scale) for fact, scale in zip(facts, scales, strict=True))
    notes = [note(fact) for fact in facts if fact.state == State.KNOWN.value]
    return TableRow(link, cells, tuple(dict.fromkeys(notes)))


def citing(rules: Rules) -> dict[str, tuple[str, ...]]:
    """The areas that cite a source of an area's file, by the slug of that area."""
    found: dict[str, dict[str, None]] = {}
    for slug in rules.areas:
        for id in cited(rules.channels[slug], rules.entries[slug]):
            found.setdefault(id.partition("/")[0], {})[slug] = None
    return {owner: tuple(slugs) for owner, slugs in found.items()}


def source_pages(
    atlas: Atlas, views: Mapping[str, SourceView], areas: Sequence[str]
) -> Iterator[SourcePage]:
    """Some sources, and where each is used in the ``areas`` that cite any of them."""
    usages: dict[str, list[Usage]] = {id: [] for id in views}

    def use(id: str, usage: Usage) -> None:
        if id in usages:
            usages[id].append(usage)

    for slug in areas:
        area = area_link(atlas.rules.areas[slug])
        for id, entries in atlas.rules.entries[slug].items():
            label = atlas.rules.vocabulary.parameters[id].label
            for entry in entries:
                if usages.keys().isdisjoint(cited_by(entry)):
                    continue
                view = entry_fact(atlas.rules, id, entry, atlas.day)
                # What is not verified is shown as no figure, not even in a quote.
                is_shown = entry.verified in WEIGHTY
                for id_, quote in ((entry.source, entry.quote), *map(astuple, entry.also)):
                    use(id_, Usage(area, label, view, quote if is_shown else ""))
                for claim in entry.claims:
                    quote = claim.quote if claim.verified in WEIGHTY else ""
                    use(claim.source, Usage(area, f"{label}（没有采用的说法）", None, quote))
    for slug in areas:
        area = area_link(atlas.rules.areas[slug])
        for channel in atlas.rules.channels[slug]:
            for each in channel.uses:
                tasks = wording.labels_of(each.tasks, wording.TASK) or each.says
                use(each.source, Usage(area, f"{channel.name}：{tasks}", None, ""))
    for id, source in views.items():
        yield SourcePage(source, tuple(usages[id]))


def sources_by_province(atlas: Atlas) -> tuple[SourceGroup, ...]:
    """Every source once, under the area whose file holds it."""
    areas: dict[str, list[SourceView]] = {}
    for id, view in atlas.source_views.items():
        areas.setdefault(id.partition("/")[0], []).append(view)
    cities = [pool.slug for pool in atlas.pools if pool.parent == "nation"]
    tops = ["nation", *cities, *(province.slug for province in atlas.provinces)]
    groups: dict[str, list[str]] = {top: [] for top in tops}
    for slug in areas:
        nation, *below = reversed(atlas.rules.ancestry(slug))
        groups.setdefault((below[0] if below else nation).slug, []).append(slug)

    def group(top: str, slugs: list[str]) -> SourceGroup:
        count = sum(len(areas[slug]) for slug in slugs)
        link = Link(atlas.rules.areas[top].short, f"/laiyuan/{top}/", f"{count}份")
        return SourceGroup(
            link, tuple((atlas.rules.areas[slug].name, tuple(areas[slug])) for slug in slugs)
        )

    return tuple(group(top, slugs) for top, slugs in groups.items() if slugs)


def quality_groups(atlas: Atlas) -> Iterator[tuple[str, Link]]:
    """The areas whose pools are listed together, by slug: the nation has the municipalities."""
    parents = {pool.parent for pool in atlas.pools}
    groups = [("nation", Link("直辖市", ""))]
    groups += [(p.slug, Link(p.short, f"/{p.slug}/")) for p in atlas.provinces]
    return (group for group in groups if group[0] in parents)


def quality_url(link: Link) -> str:
    """Where the pools of a province are listed one by one."""
    return f"/zhiliang{link.url or '/zhixiashi/'}"


def coverage(atlas: Atlas) -> tuple[Coverage, ...]:
    """How many pools of each province have an answer, of their own or from above."""
    rows = []
    for slug, link in quality_groups(atlas):
        pools = pool_coverage(atlas, slug)
        topics = list(zip(*(pool.answers for pool in pools), strict=True))
        rows.append(
            Coverage(
                link,
                len(pools),
                tuple(sum(1 for f in facts if f and not f.inherited) for facts in topics),
                tuple(sum(1 for f in facts if f and f.inherited) for facts in topics),
            )
        )
    return tuple(rows)


def pool_coverage(atlas: Atlas, province: str) -> tuple[PoolCoverage, ...]:
    """The pools of a province (of ``nation``: the municipalities), topic by topic.

    The answer to a topic is the first known parameter of ``TOPICS`` that is the pool's own,
    else the first from its province; the nation's framework answers nothing.
    """

    def best(pool: Area, parameters: tuple[str, ...]) -> Fact | None:
        facts = [atlas.fact(pool.slug, id) for id in parameters]
        known = [f for f in facts if f.state in KNOWN and f.inherited != "全国"]
        return min(known, key=lambda f: bool(f.inherited), default=None)

    def own(pool: Area) -> Iterator[Fact]:
        for id in atlas.rules.entries.get(pool.slug, {}):
            fact = atlas.fact(pool.slug, id)
            if fact.state in KNOWN and not fact.inherited:
                yield fact

    return tuple(
        PoolCoverage(
            Link(pool.short, f"/{pool.slug}/"),
            tuple(best(pool, parameters) for _, _, parameters in TOPICS),
            tuple(own(pool)),
        )
        for pool in atlas.pools
        if pool.parent == province
    )


def levels(atlas: Atlas) -> tuple[tuple[str, int], ...]:
    """How many values there are at each level of verification."""
    counts: Counter[str] = Counter()
    for values in atlas.rules.entries.values():
        for entries in values.values():
            counts.update(entry.verified for entry in entries)
    return tuple((wording.LEVEL[level], counts[level]) for level in wording.LEVEL)
