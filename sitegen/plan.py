"""Which pages there are, and everything that each of them shows.

Guides are crossed with areas; every page gets a URL, a template and a context of plain,
frozen data. Nothing is read, resolved or computed after this step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sitegen import wording
from sitegen.atlas import AMOUNT, FRAME, MEDIA, RATIO, Atlas, GuideText, Link
from sitegen.calculators import ANCHOR, CALCULATORS
from sitegen.calculators import TOPICS as CALCULATIONS
from sitegen.changes import CHANGES_URL, History
from sitegen.compiling import Texts, compile_content, texts_by_name
from sitegen.datapages import DataPages
from sitegen.edition import Edition
from sitegen.feeds import FEED
from sitegen.figures import Fact
from sitegen.ledger import published, redirect_problems
from sitegen.load import LoadError
from sitegen.markup import Compiled, line_of
from sitegen.model import (
    AS_IT_IS,
    Area,
    Content,
    Log,
    Page,
    Place,
    Problem,
    Redirect,
    Rules,
    Site,
)
from sitegen.news import topic_of
from sitegen.overviews import TABLES, tables_of
from sitegen.pagemaker import PageMaker
from sitegen.paper import sheet_problems
from sitegen.parts import Before, Digests, Late, Order, Part, Parts
from sitegen.pools import PoolPlanner, told_of
from sitegen.schema import nearest

# What a province's page shows of its own rules.
PROVINCE_FACTS = (AMOUNT, RATIO, FRAME, "account.active.rate", "account.flexible.rate")


@dataclass(frozen=True)
class Plan:
    """All pages in the order of the site, and the compiled texts that they are rendered from.

    ``name`` is that of the site; ``address`` is where it stands, empty where that is not known;
    ``parts`` are the parts of the site by name (parts.py); ``redirects`` lead from URLs of old to
    pages; ``log`` is that of the changes.
    """

    pages: tuple[Page, ...]
    texts: Mapping[str, Compiled]
    name: str
    address: str
    parts: Mapping[str, Part]
    redirects: tuple[Redirect, ...] = ()
    log: Log | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """The files that go with no page, by URL; those that were left are empty here."""
        files = (page for page in self.pages if page.template == AS_IT_IS)
        return {page.url: str(page.context.get("text", "")).encode() for page in files}


@dataclass(frozen=True)
class Outline:
    """A plan whose parts are not made yet: who makes them, and where, is up to others.

    ``order`` is that of the site; ``parts`` are those that it names.
    """

    texts: Mapping[str, Compiled]
    parts: Parts
    site: Site
    redirects: tuple[Redirect, ...]
    log: Log | None
    order: tuple[Page | str | Late, ...]

    @property
    def pages(self) -> list[Page]:
        """The pages that belong to no part, and ask nothing of any."""
        return [item for item in self.order if isinstance(item, Page)]

    def plan(self, made: Mapping[str, Part]) -> Plan:
        """The whole plan; a part that was not ``made`` is made here.

        Raises ``LoadError`` where two pages have one URL, or a redirect leads nowhere.
        """
        parts = {**self.parts.ready, **made}
        pages = tuple(self._pages(self.order, parts))
        _refuse_twins(pages)
        if problems := list(redirect_problems(self.redirects, published(pages))):
            raise LoadError(problems)
        self.parts.keep(part for name, part in parts.items() if name not in self.parts.ready)
        return Plan(
            *(pages, self.texts, self.site.name, self.site.address, parts),
            redirects=self.redirects,
            log=self.log,
        )

    def _pages(self, order: Order, parts: dict[str, Part]) -> Iterator[Page]:
        for item in order:
            if isinstance(item, Page):
                yield item
            elif isinstance(item, str):
                if item not in parts:
                    parts[item] = self.parts.ready.get(item) or self.parts.open[item]()
                yield from parts[item].pages
            else:
                yield from self._pages(item(parts), parts)


def plan_site(
    rules: Rules,
    content: Content,
    edition: Edition,
    compiled: Texts | None = None,
    before: Before | None = None,
) -> Plan:
    """Every page of an edition of the site. Arguments and errors are those of ``outline_site``,
    errors also those of ``Outline.plan``."""
    return outline_site(rules, content, edition, compiled, before).plan({})


def outline_site(
    rules: Rules,
    content: Content,
    edition: Edition,
    compiled: Texts | None = None,
    before: Before | None = None,
) -> Outline:
    """What an edition of the site consists of; its parts are not made yet.

    ``compiled`` is what ``compile_content`` makes of ``content``, where that is at hand. Pages
    that are ``before`` just as they would be made now have the context ``LEFT``.
    Raises ``LoadError`` where a text of ``content`` names a parameter, a source or a guide
    that does not exist, with file, line and nearest spelling.
    """
    guides, single, found = compiled or compile_content(content)
    problems = list(found)
    address = (edition.address or content.site.address).rstrip("/")
    site = replace(content.site, address=address)
    atlas = Atlas(rules, guides, edition.day)
    parts = Parts(before)
    planner = _Planner(atlas, site, edition.is_preview, parts, content.log)
    texts = texts_by_name(guides, single)
    for item in guides:
        problems += sheet_problems(item)
    for name, text in texts.items():
        problems += planner.problems_of(name, text)
    if problems:
        raise LoadError(problems)
    order = (*planner.order(single), planner.search(edition.has_full_text))
    return Outline(texts, parts, site, content.redirects, content.log, order)


def _refuse_twins(pages: tuple[Page, ...]) -> None:
    seen: dict[str, Page] = {}
    for page in pages:
        if page.url in seen:
            what = f"两页都要用网址 {page.url}（{seen[page.url].template} 和 {page.template}）"
            texts = [p.template for p in (page, seen[page.url]) if p.template.startswith("pages/")]
            place = Place(f"content/{texts[0]}.md" if texts else "content/pages")
            raise LoadError([Problem(place, what, "改掉其中一个的文件名")])
        seen[page.url] = page


class _Planner:
    """Makes the pages of one site and day."""

    def __init__(
        self, atlas: Atlas, site: Site, is_preview: bool, parts: Parts, log: Log | None
    ) -> None:
        self.atlas = atlas
        self.site = site
        self.history = History(atlas, log) if log else None
        changes_url = CHANGES_URL if self.history else ""
        self._page = PageMaker(site, atlas.day, is_preview, changes_url)
        self._parts = parts
        self._digests = Digests(atlas.rules)
        self._pools = PoolPlanner(atlas, site, self.history, self._page, parts)
        self._data = DataPages(atlas, site, self.history, self._page, parts, self._digests)

    def problems_of(self, text: str, compiled: Compiled) -> Iterator[Problem]:
        """Names in a text (``guides/huaru/pool``) that mean nothing here."""
        guide = text.removeprefix("guides/").removesuffix("/pool")
        known = {
            "value": tuple(self.atlas.rules.vocabulary.parameters),
            "src": tuple(id.removeprefix("nation/") for id in self.atlas.source_views),
            "link": tuple(item.guide.slug for item in self.atlas.guides),
            "national": tuple(item.guide.slug for item in self.atlas.guides),
            "card": tuple(item.guide.slug for item in self.atlas.guides),
            "local_channels": tuple(MEDIA),
            "local_channels_for": tuple(wording.TASK),
            "calculator": tuple(CALCULATORS.get(guide, ())),
        }
        for function, names in known.items():
            for name in compiled.names(function):
                if name.removeprefix("nation/") not in names:
                    yield Problem(
                        line_of(compiled.text, f'{function}("{name}"'),
                        f'{function}("{name}")：没有这个名字',
                        near=nearest(name, names),
                    )

    def order(self, single: tuple[Compiled, ...]) -> Order:
        """The site in its order, but for the page of ``search``."""
        titles = {compiled.text.name: compiled.text.title for compiled in single}
        tables = tables_of(self.atlas)
        yield self._page(
            "/",
            "home.html",
            self.site.name,
            "按城市查医保：余额、缴费记录、个人账户每月划入、打什么电话，每个数字都写明出处。",
            groups=self.atlas.groups(),
            feed=CHANGES_URL + FEED if self.history else "",
            tasks=tuple(
                Link(item.nation.text.question, f"/zhinan/{item.guide.slug}/")
                for item in self.atlas.guides
                if item.guide.kind == "task"
            ),
            lists=(
                *(
                    (heading, tuple(Link(titles[name], f"/{name}/") for name in names))
                    for heading, names in self.site.home
                ),
                (
                    "各地一张表",
                    (
                        *(Link(title, f"/biao/{slug}/") for slug, title, _ in tables),
                        Link("两个城市比一比", "/bijiao/"),
                    ),
                ),
                ("按我的情况算", tuple(self._calculations().values())),
            ),
        )
        for province in self.atlas.provinces:
            yield self._province_part(province)
        for pool in self.atlas.pools:
            yield self._pools.part(pool)
        for slug, twins in self.atlas.homonyms.items():
            if slug not in self.atlas.rules.areas:
                yield self._twins(slug, twins)
        yield self._nation_index()
        yield self._nation_guides()
        for compiled in single:
            yield self._single(compiled)
        yield self._choices
        yield from self._data.order()
        yield self._page(
            "/lixian/",
            "stored.html",
            "没有网络，也能看",
            "看过的页存在手机里，没有网络也能打开。",
            crumbs=(Link("首页", "/"), Link("没网也能看", "")),
            is_indexed=False,
        )
        yield self._page(
            "/404.html",
            "404.html",
            "没有找到这一页",
            "",
            is_indexed=False,
            groups=self.atlas.groups(),
        )

    def search(self, has_full_text: bool) -> Page:
        """The page that the finder's form leads to: its results, and every list there is."""
        return self._page(
            "/sousuo/",
            "search.html",
            "找城市、找办法",
            "写城市和要办的事，找到那一页；全部城市和要办的事也列在这里。",
            crumbs=(Link("首页", "/"), Link("找一找", "")),
            is_indexed=False,
            groups=self.atlas.groups(),
            links=tuple(self.atlas.links_of("/zhinan").values()),
            has_full_text=has_full_text,
        )

    def _twins(self, slug: str, twins: tuple[Area, ...]) -> Page:
        links = tuple(self.atlas.twin_link(a) for a in twins)
        return self._page(
            f"/{slug}/",
            "twins.html",
            f"{'还是'.join(a.name for a in twins)}？",
            f"{'、'.join(link.title for link in links)}拼音相同，请选一个。",
            crumbs=(Link("首页", "/"), Link("同音的地方", "")),
            is_indexed=False,
            links=links,
        )

    def _province_part(self, province: Area) -> str:
        pools = [a for a in self.atlas.pools if a.parent == province.slug]
        files = [province.slug, f"{province.slug}-direct", *(pool.slug for pool in pools)]
        twins = repr([self.atlas.twin_link(a) for a in self.atlas.homonyms.get(province.slug, ())])
        return self._parts.pages(
            f"province/{province.slug}",
            (self._digests.files(files), twins),
            lambda: [self._province(province, pools)],
        )

    def _province(self, province: Area, pools: Sequence[Area]) -> Page:
        direct = self.atlas.rules.areas.get(f"{province.slug}-direct")
        own = [
            f
            for id in PROVINCE_FACTS
            if (f := self.atlas.fact(province.slug, id)).state != "unknown"
        ]
        own = [f for f in own if not f.inherited]
        of_direct: list[Fact] = []
        if direct:
            of_direct = [
                f
                for id in self.atlas.rules.entries[direct.slug]
                if (f := self.atlas.fact(direct.slug, id)).state != "unknown" and not f.inherited
            ]
        amounts = [(a, self.atlas.best_of_account(a)) for a in pools]
        channels = self.atlas.channels_of(province.slug)
        cited = [id for f in (*own, *of_direct, *(a for _, a in amounts)) for id in f.sources]
        cited += [use.source for view in channels for use in view.uses]
        twins = self.atlas.homonyms.get(province.slug, ())
        return self._page(
            f"/{province.slug}/",
            "province.html",
            f"{province.short}医保",
            f"{province.name}各市医保怎么查、每月划入多少。",
            crumbs=(Link("首页", "/"), Link(province.short, "")),
            area=province.name,
            province=province.short,
            city=province.short,
            whole="全区" if province.kind == "自治区" else "全省",
            rows=tuple(
                (Link(a.short, f"/{a.slug}/"), Link("", f"/{a.slug}/huaru/"), f) for a, f in amounts
            ),
            facts=tuple(own),
            direct_name=direct.name if direct else "",
            direct=tuple(of_direct),
            shown=(*own, *of_direct, *(amount for _, amount in amounts)),
            channels=tuple(channels),
            twins=tuple(self.atlas.twin_link(a) for a in twins),
            nation_links=self.atlas.links_of("/zhinan"),
            sources={id: self.atlas.source_views[id] for id in cited},
        )

    def _nation_index(self) -> Page:
        links = tuple(
            Link(
                item.nation.text.title, f"/zhinan/{item.guide.slug}/", item.nation.text.description
            )
            for item in self.atlas.guides
        )
        return self._page(
            "/zhinan/",
            "index.html",
            "全国通用的办法",
            "医保查余额、查记录、个人账户划入，全国通用的办法。",
            crumbs=(Link("首页", "/"), Link("全国通用的办法", "")),
            links=links,
        )

    def _nation_guides(self) -> str:
        history = self.history
        notes = history.text_of(history.notes_of("nation")) if history else ""
        return self._parts.pages(
            "nation",
            (self._digests.files(["nation"]), self._digests.areas, self._pools.abroad, notes),
            lambda: map(self._nation_guide, self.atlas.guides),
        )

    def _nation_guide(self, item: GuideText) -> Page:
        guide, compiled = item.guide, item.nation
        facts = {id: self.atlas.fact("nation", id) for id in compiled.names("value")}
        corrected = self._pools.corrected("nation", facts)
        has_table = guide.slug in {slug for slug, _, _ in TABLES}
        groups = () if has_table else self.atlas.groups(guide.slug)
        return self._page(
            f"/zhinan/{guide.slug}/",
            f"guides/{guide.slug}/nation",
            compiled.text.title,
            compiled.text.description,
            crumbs=(
                Link("首页", "/"),
                Link("全国通用的办法", "/zhinan/"),
                Link(guide.label, ""),
            ),
            guide=guide.slug,
            related=guide.related,
            national_table=f"/biao/{guide.slug}/" if has_table else "",
            calculation=self._calculations().get(guide.slug),
            feed=f"/zhinan/{guide.slug}/{FEED}" if self.history and topic_of(item) else "",
            values=facts,
            nation_links=self.atlas.links_of("/zhinan"),
            links={},
            groups=groups,
            corrected=corrected,
            sources=self._pools.with_corrected(
                self.atlas.sources_of(compiled, facts.values(), ()), corrected
            ),
        )

    def _single(self, compiled: Compiled) -> Page:
        text = compiled.text
        return self._page(
            f"/{text.name}/",
            f"pages/{text.name}",
            text.title,
            text.description,
            crumbs=(Link("首页", "/"), Link(text.question, "")),
            nation_links=self.atlas.links_of("/zhinan"),
            values={},
            corrected=(),
            links={},
            guide="",
            national_table="",
            calculation=None,
            contact=self.site.contact,
            sources=self.atlas.sources_of(compiled, (), ()),
        )

    def _calculations(self) -> dict[str, Link]:
        """Where the calculators of each topic are chosen, by guide."""
        guides = {g.guide.slug for g in self.atlas.guides if g.pool.names("calculator")}
        return {
            guide: Link(title, f"/jisuan/{guide}/")
            for guide, title in CALCULATIONS.items()
            if guide in guides
        }

    def _choices(self, parts: Mapping[str, Part]) -> Iterator[str]:
        calculating = {url for told in told_of(parts) for url in told.calculating}
        made_of = (self._digests.areas, repr(sorted(calculating)))
        yield self._parts.pages("choices", made_of, lambda: self._choice_of(calculating))

    def _choice_of(self, calculating: set[str]) -> Iterator[Page]:
        """For each topic the cities whose pages, by URL, calculate it, and the others."""
        topics = self._calculations()
        for guide, link in topics.items():
            groups = [
                replace(
                    group,
                    links=tuple(
                        replace(link, url=f"{link.url}#{ANCHOR}")
                        for link in group.links
                        if link.url in calculating
                    ),
                )
                for group in self.atlas.groups(guide)
            ]
            cities = [link for group in self.atlas.groups(guide) for link in group.links]
            yield self._page(
                link.url,
                "choose.html",
                link.title,
                f"{link.title.removeprefix('算一算：')}？选你的城市，填几个数就知道。不上传。",
                crumbs=(Link("首页", "/"), Link(link.title, "")),
                guide=guide,
                topics=tuple(topics.values()),
                groups=tuple(group for group in groups if group.links),
                others=tuple(city for city in cities if city.url not in calculating),
            )
