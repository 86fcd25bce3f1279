"""The files of open data below ``/data/v1/``: a CSV and a JSON a topic, a JSON a city and a page.

A program of a Chinese office opens a CSV by double click, so it carries a byte order mark, and
no cell may be taken for a formula. JSON has the same records (records.py). What stands at these
addresses keeps its names and meanings; what would break them gets a ``/data/v2/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sitegen.atlas import Atlas
from sitegen.figures import Fact, SourceView
from sitegen.model import Area
from sitegen.records import COLUMNS, FACT, Record, Value, dumped, records, source_record
from sitegen.spreadsheet import BOM, line_of

FOLDER = "/data/v1"
SCHEMAS = f"{FOLDER}/schema"
PACKAGE = f"{FOLDER}/datapackage.json"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
ABOUT = "民间整理，不是政府发布的数据；办事前打12393核实。"

# The templates of files of data: one of a guide's page, one of everything known of a pool.
OF_GUIDE, OF_CITY = "data/guide", "data/city"

# Parameters of these units are words, for pages and not for tables.
WORDS = ("text", "condition")


@dataclass(frozen=True)
class Topic:
    """What one CSV and one JSON hold: all figures of the kinds that a guide is about."""

    slug: str
    title: str
    parameters: tuple[str, ...]

    @property
    def csv(self) -> str:
        return f"{FOLDER}/{self.slug}.csv"

    @property
    def json(self) -> str:
        return f"{FOLDER}/{self.slug}.json"


def city_url(slug: str) -> str:
    """Where all that is known of a pool lies: ``/data/v1/city/tianjin.json``."""
    return f"{FOLDER}/city/{slug}.json"


def guide_url(page: str) -> str:
    """Where the data of a guide's page lies: ``/tianjin/huaru/data.json``."""
    return f"{page}data.json"


def topics(atlas: Atlas) -> tuple[Topic, ...]:
    """The topics in the order of the guides.

    Parameters whose names begin alike (``account.``) are one group; it belongs to the guide
    whose text shows most of them, with those that no text shows.
    """
    groups: dict[str, list[str]] = {}
    for id in atlas.rules.vocabulary.parameters:
        groups.setdefault(id.partition(".")[0], []).append(id)
    tasks = [item for item in atlas.guides if item.guide.kind == "task"]
    owned: dict[str, list[str]] = {}
    for ids in groups.values():
        shown = {item.guide.slug: len({*ids} & {*item.pool.names("value")}) for item in tasks}
        owner = max(shown, key=lambda slug: shown[slug], default="")
        if owner and shown[owner]:
            owned.setdefault(owner, []).extend(ids)
    units = {id: item.unit for id, item in atlas.rules.vocabulary.parameters.items()}
    made = (
        Topic(
            item.guide.slug,
            item.guide.label,
            tuple(id for id in owned.get(item.guide.slug, ()) if units[id] not in WORDS),
        )
        for item in tasks
    )
    return tuple(topic for topic in made if topic.parameters)


def topic_files(atlas: Atlas, topic: Topic, address: str) -> dict[str, bytes]:
    """The CSV and the JSON of a topic: every pool, parameter by parameter and row by row.

    Numbers are plain, without thousands marks, a share in percent; what is no number is left
    empty and named by its state. ``address`` is that of the site, empty where it is not known:
    pages are then paths.
    """
    # What pools share is one object, and told once.
    lines: dict[int, tuple[list[str], str]] = {}
    shown: dict[str, None] = {}
    table, cities = [line_of(column.title for column in COLUMNS)], []
    for pool in atlas.pools:
        province = _province_of(atlas, pool)
        place = {"province": province, "city": pool.short, "slug": pool.slug}
        page = f"{address}/{pool.slug}/{topic.slug}/"
        texts = []
        start, end = line_of(place.values()).rstrip("\r\n"), line_of([page])
        for fact in atlas.facts(pool.slug, topic.parameters).values():
            if id(fact) not in lines:
                rows = list(records(fact))
                shown.update(dict.fromkeys(_cited(rows)))
                cells = [line_of(_cells(row, atlas.source_views)) for row in rows]
                lines[id(fact)] = [line.rstrip("\r\n") for line in cells], _joined(rows)
            middles, text = lines[id(fact)]
            table += [f"{start},{middle},{end}" for middle in middles]
            texts.append(text)
        facts = ",\n".join(texts)
        cities.append(f'{dumped(place | {"page": page})[:-1]},"facts":[\n{facts}\n]}}')
    head = {
        "$schema": f"{address}{SCHEMAS}/topic.json",
        "about": ABOUT,
        "license": LICENCE,
        "day": atlas.day.isoformat(),
        "topic": topic.slug,
        "title": topic.title,
    }
    listed, sources = ",\n".join(cities), _sources(shown, atlas.source_views)
    whole = f'{dumped(head)[:-1]},\n"cities":[\n{listed}\n],\n"sources":{sources}}}\n'
    return {
        topic.csv: BOM + "".join(table).encode(),
        topic.json: whole.encode(),
    }


class DataWriter:
    """Writes the files of data that go with pages, from the contexts of these pages."""

    def __init__(self) -> None:
        # A fact is kept with its records, so that no other object ever has its id.
        self._known: dict[int, tuple[Fact, str, tuple[str, ...]]] = {}

    def text(self, context: Mapping[str, object]) -> str:
        """The JSON of what a page says in figures: its facts, and the sources of these.

        ``context`` is that of a guide's page in a pool or of all facts of a pool (pools.py).
        """
        values, sources = context["values"], context["sources"]
        assert isinstance(values, dict)
        assert isinstance(sources, dict)
        told = [self._told(fact) for fact in values.values()]
        cited = dict.fromkeys(id for _, _, ids in told for id in ids)
        address = context["address"]
        head = {
            "$schema": f"{address}{SCHEMAS}/city.json",
            "about": ABOUT,
            "license": LICENCE,
            "province": context["province"],
            "city": context["city"],
            "slug": context["slug"],
            "area": context["area"],
            "page": f"{address}{context['url']}",
        }
        facts = ",\n".join(text for _, text, _ in told)
        listed = _sources(cited, sources)
        return f'{dumped(head)[:-1]},\n"facts":[\n{facts}\n],\n"sources":{listed}}}\n'

    def _told(self, fact: Fact) -> tuple[Fact, str, tuple[str, ...]]:
        if id(fact) not in self._known:
            rows = list(records(fact))
            self._known[id(fact)] = fact, _joined(rows), tuple(_cited(rows))
        return self._known[id(fact)]


def _joined(rows: Iterable[Record]) -> str:
    return ",\n".join(map(dumped, rows))


def _cited(rows: Iterable[Record]) -> Iterator[str]:
    for row in rows:
        ids = row.get("sources", ())
        assert isinstance(ids, tuple)
        yield from ids


def _sources(ids: Iterable[str], views: Mapping[str, SourceView]) -> str:
    listed = (f"{dumped(id)}:{dumped(source_record(views[id]))}" for id in ids)
    return "{\n" + ",\n".join(listed) + "\n}"


def _cells(row: Record, views: Mapping[str, SourceView]) -> Iterator[str]:
    """The middle cells of a line of CSV, in the order of ``FACT``."""
    for column in FACT:
        value: Value = row.get(column.key, "")
        if isinstance(value, Decimal):
            yield f"{value:f}"
        elif isinstance(value, tuple):
            yield "；".join(views[id].title for id in value)
        else:
            yield column.words.get(value, value)


def _province_of(atlas: Atlas, pool: Area) -> str:
    """The short name of the province of a pool; a municipality is its own."""
    return atlas.rules.areas[pool.parent].short if pool.parent != "nation" else pool.short
