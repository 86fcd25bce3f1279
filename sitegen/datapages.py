"""The pages about the data itself: sources, national tables, open data, what changed, how much of
it is known. Each is a part of its own (parts.py), made again where what it is about has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from sitegen import wording
from sitegen.atlas import Atlas, Link
from sitegen.changes import CHANGES_URL, History
from sitegen.compare import COMPARE_URL, compare_json
from sitegen.credit import DEDUCTIONS
from sitegen.datapackage import package_files
from sitegen.figures import SourceView
from sitegen.model import Page, Site
from sitegen.news import site_feed, site_pages, topic_of
from sitegen.opendata import LICENCE, PACKAGE, SCHEMAS, Topic, topic_files, topics
from sitegen.overviews import (
    TOPICS,
    citing,
    coverage,
    levels,
    pool_coverage,
    quality_groups,
    quality_url,
    source_pages,
    source_url,
    sources_by_province,
    table_groups,
    tables_of,
    undrawn,
)
from sitegen.pagemaker import PageMaker, file_page
from sitegen.parts import Digests, Order, Part, Parts
from sitegen.records import COLUMNS, MEANING, STATE
from sitegen.resolve import age_of


@dataclass(frozen=True)
class DataPages:
    """Makes them for one site and day."""

    atlas: Atlas
    site: Site
    history: History | None
    page: PageMaker
    parts: Parts
    digests: Digests

    @cached_property
    def _topics(self) -> tuple[Topic, ...]:
        return topics(self.atlas)

    def order(self) -> Order:
        """All of them, in the order of the site."""
        yield self._sources()
        yield from self._source_pages()
        yield from self._tables()
        yield from self._compare()
        yield from self._open_data()
        yield self._open_data_told
        yield from self._quality()
        if self.history:
            yield from self._changes(self.history)

    def _sources(self) -> str:
        return self.parts.pages("sources", [self.digests.entries(())], self._source_lists)

    def _source_lists(self) -> Iterator[Page]:
        """Every source: a page for the nation and for each province, and the way to them."""
        groups = sources_by_province(self.atlas)
        yield self.page(
            "/laiyuan/",
            "sources.html",
            "全部出处",
            "本站每个数字、每个名称依据的文件和网页：标题、日期、是什么资料。",
            crumbs=(Link("首页", "/"), Link("全部出处", "")),
            links=tuple(group.link for group in groups),
        )
        for group in groups:
            yield self.page(
                group.link.url,
                "sources_province.html",
                f"{group.link.title}的出处",
                f"{group.link.title}的医保资料：每份文件和网页的标题、日期、是什么资料。",
                crumbs=(
                    Link("首页", "/"),
                    Link("全部出处", "/laiyuan/"),
                    Link(group.link.title, ""),
                ),
                is_indexed=False,
                areas=group.areas,
            )

    def _source_pages(self) -> Iterator[str]:
        """The pages of sources, those of one file together."""
        areas = citing(self.atlas.rules)
        owned: dict[str, dict[str, SourceView]] = {}
        for id, view in self.atlas.source_views.items():
            owned.setdefault(id.partition("/")[0], {})[id] = view
        for owner, views in owned.items():
            files = (owner, *areas.get(owner, ()))
            make = partial(self._pages_of_sources, views, files[1:])
            yield self.parts.pages(f"sources/{owner}", [self.digests.files(files)], make)

    def _pages_of_sources(
        self, views: Mapping[str, SourceView], areas: Sequence[str]
    ) -> Iterator[Page]:
        for item in source_pages(self.atlas, views, areas):
            yield self.page(
                source_url(item.source.id),
                "source.html",
                "一份出处",
                f"{item.source.title}：说了什么，用在哪里。",
                title=f"出处{item.source.id}",
                crumbs=(Link("首页", "/"), Link("全部出处", "/laiyuan/"), Link("一份", "")),
                is_indexed=False,
                source=item.source,
                usages=item.usages,
            )

    def _tables(self) -> Iterator[str]:
        for table in tables_of(self.atlas):
            ids = [id for id, _ in table[2]]
            make = partial(self._table, *table)
            yield self.parts.pages(f"table/{table[0]}", [self.digests.entries(ids)], make)

    def _table(self, guide: str, title: str, columns: Sequence[tuple[str, str]]) -> Iterator[Page]:
        groups = table_groups(self.atlas, guide, tuple(id for id, _ in columns))
        rows = [row for group in groups for row in (group.shared, *group.rows) if row]
        facts = [fact for row in rows for fact in row.facts]
        ids = [id for fact in facts for id in fact.sources]
        yield self.page(
            f"/biao/{guide}/",
            "table.html",
            title,
            f"{title}：全国各统筹区一张表，每个数写明出处，没查到的写未查到。",
            crumbs=(Link("首页", "/"), Link(title, "")),
            tables=groups,
            labels=tuple(label for _, label in columns),
            shown=facts,
            datasets=tuple(topic for topic in self._topics if topic.slug == guide),
            undrawn=undrawn(rows),
            sources={id: self.atlas.source_views[id] for id in ids},
        )

    def _open_data(self) -> Iterator[str]:
        """The files of open data, those of one topic together."""
        for topic in self._topics:
            # What is deducted stands beside the amount (Atlas.facts).
            ids = (*topic.parameters, *DEDUCTIONS)
            made_of = [self.digests.entries(ids)]
            yield self.parts(_part_of(topic), made_of, partial(self._topic_files, topic))

    def _open_data_told(self, parts: Mapping[str, Part]) -> Iterator[Page]:
        """What the files of open data are, for programs and as a page."""
        site, address = self.site.name, self.site.address
        for url, data in package_files(self._topics, site, address).items():
            yield file_page(url, data)
        sizes = [parts[_part_of(topic)].told for topic in self._topics]
        yield self.page(
            "/shuju/",
            "opendata.html",
            "数据下载",
            "全部数字的表格和JSON：每个文件有什么、每一栏是什么意思、怎么引用，免费取用。",
            crumbs=(Link("首页", "/"), Link("数据下载", "")),
            topics=tuple((t, *told) for t, told in zip(self._topics, sizes, strict=True)),
            labels={id: item.label for id, item in self.atlas.rules.vocabulary.parameters.items()},
            datasets=self._topics,
            columns=COLUMNS,
            states=tuple((word, code, MEANING[code]) for code, word in STATE.items()),
            levels=tuple(wording.LEVEL.items()),
            example=self.atlas.pools[0].slug if self.atlas.pools else "",
            package=PACKAGE,
            schemas=SCHEMAS,
            licence=LICENCE,
            day=wording.day_text(self.atlas.day),
        )

    def _topic_files(self, topic: Topic) -> Part:
        """The files of a topic; what is told of them are their sizes in bytes."""
        files = topic_files(self.atlas, topic, self.site.address)
        sizes = len(files[topic.csv]), len(files[topic.json])
        return Part(tuple(file_page(url, data) for url, data in files.items()), sizes)

    def _compare(self) -> Iterator[Page | str]:
        yield self.parts.pages(
            "compare",
            [self.digests.all],
            lambda: [file_page(COMPARE_URL, compare_json(self.atlas))],
        )
        yield self.page(
            "/bijiao/",
            "compare.html",
            "两个城市比一比",
            "选两个城市，看医保哪里一样、哪里不一样：划入、年限、断缴、居民缴费、电话。",
            crumbs=(Link("首页", "/"), Link("比一比", "")),
            is_indexed=False,
            answers_url=COMPARE_URL,
            groups=self.atlas.groups(),
        )

    def _changes(self, history: History) -> Iterator[str]:
        """What changed, as pages and as feeds: of the site and of each topic."""
        everything = self.atlas.rules.vocabulary.parameters
        notes = history.text_of(history.notes)
        yield self.parts.pages(
            "changes",
            (self.digests.entries(everything), notes),
            lambda: site_pages(history, self.atlas, self.page),
        )
        feeds: list[tuple[str, str, frozenset[str] | None]] = [(CHANGES_URL, "各地的变化", None)]
        for item in self.atlas.guides:
            if ids := topic_of(item):
                guide = item.guide
                feeds.append((f"/zhinan/{guide.slug}/", f"{guide.label}的变化", ids))
        for page, title, parameters in feeds:
            make = partial(site_feed, history, self.atlas, self.site, page, title, parameters)
            made_of = self.digests.entries(everything if parameters is None else parameters)
            yield self.parts.pages(f"feed{page}", (made_of, notes), make)

    def _quality(self) -> Iterator[str]:
        labels = {item.guide.slug: item.guide.label for item in self.atlas.guides}
        topics = tuple(labels[slug] for slug, _, _ in TOPICS if slug in labels)
        words = tuple(word for slug, word, _ in TOPICS if slug in labels)
        made_of = [self.digests.all]
        yield self.parts.pages("quality", made_of, lambda: [self._quality_of_all(words)])
        for slug, link in quality_groups(self.atlas):
            pools = (pool.slug for pool in self.atlas.pools if pool.parent == slug)
            make = partial(self._quality_of, slug, link, topics)
            yield self.parts.pages(f"quality/{slug}", [self.digests.files(pools)], make)

    def _quality_of_all(self, words: tuple[str, ...]) -> Page:
        return self.page(
            "/zhiliang/",
            "quality.html",
            "哪些查到了，哪些没有",
            "本站的资料有多全、多可靠、多旧：按省、按事项、按资料等级。",
            crumbs=(Link("首页", "/"), Link("哪些查到了", "")),
            rows=coverage(self.atlas),
            topics=words,
            levels=levels(self.atlas),
            age=age_of(self.atlas.rules, self.atlas.day),
            pools=len(self.atlas.pools),
        )

    def _quality_of(self, slug: str, link: Link, topics: tuple[str, ...]) -> Iterator[Page]:
        yield self.page(
            quality_url(link),
            "quality_pools.html",
            f"{link.title}：哪些查到了，哪些没有",
            f"{link.title}各统筹区的资料可靠到什么程度、是哪一天的：一个地方一行。",
            crumbs=(
                Link("首页", "/"),
                Link("哪些查到了", "/zhiliang/"),
                Link(link.title, ""),
            ),
            is_indexed=False,
            rows=pool_coverage(self.atlas, slug),
            topics=topics,
        )


def _part_of(topic: Topic) -> str:
    """The name of the part that the files of a topic are."""
    return f"data/{topic.slug}"
