"""The shape of a rules file as JSON Schema, for editors that complete and explain while one types.

Made from ``schema.py``, so that there is one definition. An editor reads YAML with its usual
types, where ``2023`` is a number; so a number is let in wherever text of a form is meant. What
JSON Schema cannot say (which axes a parameter has, whether a source exists) ``check`` says.
"""

from __future__ import annotations

import json
from typing import Any

from sitegen import schema
from sitegen.model import Vocabulary

# The newest form that the YAML extensions of editors read.
DRAFT = "http://json-schema.org/draft-07/schema#"

NUMBER = {"type": "number"}
DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
WHEN = {
    "anyOf": [
        {"type": "string", "pattern": "^(?:[0-9]{4}(?:-[0-9]{2}){0,2}|unstated)$"},
        {"type": "integer", "minimum": 1000, "maximum": 9999},
    ]
}
# The value of an entry: what it may be in detail depends on its parameter.
VALUE = {
    "anyOf": [
        NUMBER,
        {"type": "string"},
        {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["value"]}},
        {"type": "object"},
    ]
}


def area_schema_text(vocabulary: Vocabulary) -> str:
    """The file ``rules/schema.json``: an area file, with the parameters of ``vocabulary``."""
    made = json_schema(schema.AREA)
    entries = made["properties"]["values"]["additionalProperties"]
    made["properties"]["values"] = {
        "type": "object",
        "description": made["properties"]["values"]["description"],
        "additionalProperties": False,
        "properties": {
            # Beside a $ref nothing else counts.
            id: {"description": parameter.label, "allOf": [{"$ref": "#/definitions/entries"}]}
            for id, parameter in sorted(vocabulary.parameters.items())
        },
    }
    whole = {"$schema": DRAFT, **made, "definitions": {"entries": entries}}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def json_schema(shape: schema.Shape) -> dict[str, Any]:
    """The JSON Schema of one shape."""
    match shape:
        case schema.TextOf():
            form = {"pattern": f"^(?:{shape.pattern})$", "maxLength": shape.max_length}
            return {"type": ["string", "number"], **form}
        case schema.OneOf():
            return {"enum": list(shape.words)}
        case schema.NumberOf():
            return dict(NUMBER)
        case schema.DayOf():
            return dict(DAY)
        case schema.WhenOf():
            return dict(WHEN)
        case schema.AddressOf():
            return {"type": "string", "pattern": "^https?://"}
        case schema.Placed():
            return json_schema(shape.shape)
        case schema.AsIs():
            return dict(VALUE)
        case schema.ListOf():
            return {"type": "array", "minItems": shape.least, "items": json_schema(shape.shape)}
        case schema.MapOf():
            names = {"pattern": f"^(?:{shape.key.pattern})$"}
            items = json_schema(shape.shape)
            return {"type": "object", "propertyNames": names, "additionalProperties": items}
        case schema.Record():
            return _record(shape)
    raise TypeError(f"no JSON Schema for {type(shape).__name__}")


def _record(record: schema.Record) -> dict[str, Any]:
    fields = {}
    for name, field in record.fields.items():
        fields[name] = json_schema(field.shape)
        if field.says:
            fields[name]["description"] = field.says
    return {
        "type": "object",
        "title": record.name,
        "properties": fields,
        "required": [name for name, field in record.fields.items() if field.required],
        "additionalProperties": False,
    }
