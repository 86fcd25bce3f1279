"""What describes the open data to programs: a Data Package (v1) and JSON Schemas (draft-07).

Both are made from the columns that the files themselves are written from (records.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sitegen.jsonschema import DAY, DRAFT
from sitegen.opendata import ABOUT, FOLDER, LICENCE, PACKAGE, SCHEMAS, Topic
from sitegen.records import COLUMNS, FACT, PLACE, Column

LICENCE_NAME, LICENCE_TITLE = "CC-BY-4.0", "Creative Commons Attribution 4.0"

WHEN = "^[0-9]{4}(-[0-9]{2}){0,2}$"

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_FORMS: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "day": DAY,
    "when": {"type": "string", "pattern": WHEN},
    "sources": {"type": "array", "minItems": 1, "items": _TEXT},
}


def package_files(topics: Iterable[Topic], site: str, address: str) -> dict[str, bytes]:
    """The files that describe the data, by URL; ``site`` is its name, ``address`` where it is."""
    found = {
        PACKAGE: _package(tuple(topics), site, address),
        f"{SCHEMAS}/topic.json": _topic_schema(),
        f"{SCHEMAS}/city.json": _city_schema(),
    }
    made = {}
    for url, value in found.items():
        if address and url != PACKAGE:
            value = {"$schema": value["$schema"], "$id": f"{address}{url}", **value}
        made[url] = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
    return made


def _package(topics: tuple[Topic, ...], site: str, address: str) -> dict[str, Any]:
    licences = [{"name": LICENCE_NAME, "title": LICENCE_TITLE, "path": LICENCE}]

    def resource(topic: Topic, url: str, kind: str) -> dict[str, Any]:
        return {
            "name": topic.slug if kind == "csv" else f"{topic.slug}-{kind}",
            "title": topic.title,
            "path": url.removeprefix(f"{FOLDER}/"),
            "format": kind,
            "mediatype": "text/csv" if kind == "csv" else "application/json",
            "encoding": "utf-8",
            "licenses": licences,
        }

    tables = [
        resource(topic, topic.csv, "csv")
        | {
            "profile": "tabular-data-resource",
            "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"'},
            "schema": {"fields": [_field(column) for column in COLUMNS], "missingValues": [""]},
        }
        for topic in topics
    ]
    plain = [resource(t, t.json, "json") | {"profile": "data-resource"} for t in topics]
    home = {"homepage": f"{address}/shuju/"} if address else {}
    return {
        "profile": "data-package",
        "name": "yibao",
        "title": f"{site}：各统筹区的数",
        "description": ABOUT,
        "version": "1",
        **home,
        "licenses": licences,
        "contributors": [{"title": site, "role": "publisher"}],
        "keywords": ["医保", "基本医疗保险", "统筹区"],
        "resources": [*tables, *plain],
    }


def _field(column: Column) -> dict[str, Any]:
    """A column of CSV as Table Schema has it."""
    limits: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.words:
        limits["enum"] = list(column.words.values())
    elif column.kind == "when":
        limits["pattern"] = WHEN.strip("^$")
    kind = {"number": "number", "day": "date"}.get(column.kind, "string")
    made = {"name": column.title, "title": column.key, "type": kind, "description": column.about}
    return made | ({"constraints": limits} if limits else {})


def _property(column: Column) -> dict[str, Any]:
    """A key of JSON as JSON Schema has it; what is not known is left out, never empty."""
    form = _FORMS.get(column.kind, _TEXT)
    if column.words:
        form = {"enum": list(column.words)}
        words = "；".join(f"{code} {word}" for code, word in column.words.items())
        return {"title": column.title, "description": f"{column.about}。{words}", **form}
    return {"title": column.title, "description": column.about, **form}


def _object(properties: dict[str, Any], required: Iterable[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _keys(columns: Iterable[Column]) -> dict[str, Any]:
    return {column.key: _property(column) for column in columns}


def _definitions() -> dict[str, Any]:
    required = [column.key for column in FACT if column.is_required]
    source = _object(
        {
            "title": {"title": "标题", **_TEXT},
            "kind": {"title": "是什么资料", **_TEXT},
            "issuer": {"title": "发文单位", **_TEXT},
            "number": {"title": "文号", **_TEXT},
            "published": {
                "title": "发布的日子；没有就是资料没写",
                "type": "string",
                "pattern": WHEN,
            },
            "url": {
                "title": "网址；没有就是不能放心链接",
                "type": "string",
                "pattern": "^https?://",
            },
        },
        ["title", "kind"],
    )
    return {"fact": _object(_keys(FACT), required), "source": source}


def _whole(title: str, own: dict[str, Any], required: Iterable[str]) -> dict[str, Any]:
    """The schema of a file with ``own`` keys beside those that all files have."""
    head = {
        "$schema": _TEXT,
        "about": {"title": "一句话说明", **_TEXT},
        "license": {"title": "许可", "const": LICENCE},
    }
    sources = {
        "title": "出处，按代号",
        "type": "object",
        "additionalProperties": {"$ref": "#/definitions/source"},
    }
    names = [*head, *required, "sources"]
    made = _object({**head, **own, "sources": sources}, names)
    return {"$schema": DRAFT, "title": title, **made, "definitions": _definitions()}


_FACTS = {"title": "一行一条", "type": "array", "items": {"$ref": "#/definitions/fact"}}
_PAGE = {"page": {"title": "网页", **_TEXT}}


def _topic_schema() -> dict[str, Any]:
    place = {**_keys(PLACE), **_PAGE, "facts": _FACTS}
    own = {
        "day": {"title": "按哪天有效的规则", **DAY},
        "topic": {"title": "事项的代号", **_TEXT},
        "title": {"title": "事项", **_TEXT},
        "cities": {"title": "统筹区", "type": "array", "items": _object(place, place)},
    }
    return _whole("一个事项，全部统筹区", own, own)


def _city_schema() -> dict[str, Any]:
    area = {"area": {"title": "统筹区的全名", **_TEXT}}
    own = {**_keys(PLACE), **area, **_PAGE, "facts": _FACTS}
    return _whole("一个统筹区，或它的一页", own, own)
