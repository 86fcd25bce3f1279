"""The Data Package and the JSON Schemas: valid by their own specifications, true of the files."""

from __future__ import annotations

import csv
import io
import json
import re
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sitegen.datapackage import package_files
from sitegen.opendata import Topic
from sitegen.records import COLUMNS
from test_opendata import plan_of

Json = dict[str, Any]

NAME = "^([-a-z0-9._/])+$"  # Data Package v1: name
PATH = r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"  # Data Resource v1: path, nothing above or hidden
NAMED = {"type": "string", "pattern": NAME}
LICENCES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "anyOf": [{"required": ["name"]}, {"required": ["path"]}],
        "properties": {
            "name": {"type": "string", "pattern": "^([-a-zA-Z0-9._])+$"},
            "path": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
        },
    },
}
TYPES = ["string", "number", "integer", "boolean", "date", "time", "datetime", "year", "any"]
# What the specification of Table Schema v1 lets a constraint be for each type of ours.
FIELD = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "type": {"enum": TYPES},
        "constraints": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "required": {"type": "boolean"},
                "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
                "pattern": {"type": "string", "format": "regex"},
            },
        },
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name", "path"],
    "properties": {
        "name": NAMED,
        "path": {"type": "string", "pattern": PATH},
        "profile": {"enum": ["data-resource", "tabular-data-resource"]},
        "encoding": {"const": "utf-8"},
        "format": {"enum": ["csv", "json"]},
        "mediatype": {"type": "string", "pattern": "^(.+)/(.+)$"},
        "licenses": LICENCES,
        "schema": {
            "type": "object",
            "required": ["fields"],
            "properties": {
                "fields": {"type": "array", "minItems": 1, "items": FIELD},
                "missingValues": {"type": "array", "items": {"type": "string"}},
            },
        },
        "dialect": {"type": "object", "properties": {"delimiter": {"type": "string"}}},
    },
    "if": {"properties": {"profile": {"const": "tabular-data-resource"}}},
    "then": {"required": ["schema"]},
}
PACKAGE: Json = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["resources"],
    "properties": {
        "profile": {"const": "data-package"},
        "name": NAMED,
        "homepage": {"type": "string", "format": "uri"},
        "version": {"type": "string"},
        "licenses": LICENCES,
        "contributors": {"type": "array", "items": {"required": ["title"]}},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}


def problems(value: Json, schema: Json) -> list[str]:
    checker = jsonschema.Draft7Validator(schema)
    return [f"{list(error.path)}: {error.message}" for error in checker.iter_errors(value)]


@pytest.fixture
def package(plan) -> Json:
    found: Json = json.loads(plan.files["/data/v1/datapackage.json"])
    return found


@pytest.fixture
def schemas(plan) -> dict[str, Json]:
    return {
        name: json.loads(plan.files[f"/data/v1/schema/{name}.json"]) for name in ("topic", "city")
    }


def test_package_is_what_the_specification_asks_for(package):
    jsonschema.Draft7Validator.check_schema(PACKAGE)
    assert problems(package, PACKAGE) == []
    names = [resource["name"] for resource in package["resources"]]
    assert len(names) == len(set(names)) == 12


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda p: p.update(name="医保"), "name"),
        (lambda p: p["resources"][0].pop("path"), "path"),
        (lambda p: p["resources"][0].update(path="../a.csv"), "path"),
        (lambda p: p["resources"][0].update(path="/a.csv"), "path"),
        (lambda p: p["resources"][0].pop("schema"), "schema"),
        (lambda p: p["resources"][0]["schema"]["fields"][0].update(type="text"), "type"),
        (lambda p: p["licenses"].append({"title": "x"}), "licenses"),
        (lambda p: p.pop("resources"), "resources"),
    ],
)
def test_package_that_is_wrong_would_be_seen(package, change, found):
    wrong = deepcopy(package)
    change(wrong)
    assert found in "".join(problems(wrong, PACKAGE))


def test_package_names_every_table_and_each_is_as_it_says(package, plan):
    paths = {f"/data/v1/{resource['path']}" for resource in package["resources"]}
    there = {url for url in plan.files if re.fullmatch(r"/data/v1/[a-z]+\.(csv|json)", url)}
    assert paths == there - {"/data/v1/datapackage.json"}
    lines = 0
    for resource in package["resources"]:
        if resource["format"] != "csv":
            continue
        data = plan.files[f"/data/v1/{resource['path']}"].decode("utf-8-sig")
        fields = resource["schema"]["fields"]
        head, *rows = csv.reader(io.StringIO(data, newline=""), strict=True)
        assert head == [field["name"] for field in fields] == [c.title for c in COLUMNS]
        for row in rows:
            assert len(row) == len(fields)
            bad = [(f["name"], c) for f, c in zip(fields, row, strict=True) if not fits(f, c)]
            assert bad == []
        lines += len(rows)
    assert lines > 20_000


def fits(field: Json, cell: str) -> bool:
    """Whether a cell is what Table Schema says of its field."""
    limits = field.get("constraints", {})
    if not cell:
        return not limits.get("required")
    if field["type"] == "number":
        return bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell))
    if field["type"] == "date":
        return date.fromisoformat(cell).isoformat() == cell
    if "enum" in limits:
        return cell in limits["enum"]
    return "pattern" not in limits or bool(re.fullmatch(limits["pattern"], cell))


def test_every_json_is_what_its_schema_says(plan, site, schemas, request):
    for schema in schemas.values():
        jsonschema.Draft7Validator.check_schema(schema)
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    checked = 0
    for url, data in plan.files.items():
        if re.fullmatch(r"/data/v1/(?!datapackage)[a-z]+\.json", url):
            value = json.loads(data)
            assert value["$schema"] == "/data/v1/schema/topic.json"
            # All places have the same shape; some of them are quicker.
            value["cities"] = value["cities"][::10]
            assert problems(value, schemas["topic"]) == []
            checked += 1
    every = 1 if request.config.getoption("--all") else 60
    paths = [*sorted(site.glob("*/*/data.json")), *sorted(site.glob("data/v1/city/*.json"))]
    for path in paths[::every]:
        value = json.loads(path.read_text(encoding="utf-8"))
        assert value["$schema"] == "/data/v1/schema/city.json"
        assert problems(value, schemas["city"]) == [], path
        checked += 1
    assert checked > 60


def test_json_that_is_wrong_would_be_seen(mini_site, schemas):
    good = json.loads((mini_site / "jia/huaru/data.json").read_text(encoding="utf-8"))
    assert problems(good, schemas["city"]) == []

    def wrong(**change: object) -> list[str]:
        value = deepcopy(good)
        value["facts"][0].update(change)
        return problems(value, schemas["city"])

    assert wrong(state="maybe")
    assert wrong(number="100")
    assert wrong(since="2026年")
    assert wrong(sources=[])
    assert wrong(note="")
    assert wrong(more=1)
    value = deepcopy(good)
    del value["license"]
    assert problems(value, schemas["city"])


def test_address_is_told_only_where_it_is_known(mini: Path):
    topic = Topic("huaru", "划入", ("account.retiree.amount",))
    without = package_files([topic], "小样", "")
    whole = package_files([topic], "小样", "https://a.example")
    assert b"a.example" not in b"".join(without.values())
    assert json.loads(whole["/data/v1/datapackage.json"])["homepage"] == "https://a.example/shuju/"
    url = "/data/v1/schema/city.json"
    assert json.loads(whole[url])["$id"] == f"https://a.example{url}"
    named = json.loads(plan_of(mini, "https://a.example").files["/data/v1/huaru.json"])
    assert named["$schema"] == "https://a.example/data/v1/schema/topic.json"
