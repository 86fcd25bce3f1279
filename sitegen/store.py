"""What was made of a file, kept as plain data from one build to the next.

What is kept is found by a hash of all that it was made of; a store that is missing, damaged or
of another program is an empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from sitegen import model
from sitegen.model import Place, Word
from sitegen.storage import read_json, save_json


class Store:
    """Values of the model by key; ``save`` keeps those that were asked for or put in."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        # As JSON has it: what of the file was asked for; then what was put in.
        self._asked: dict[str, Any] = {}
        self._new: dict[str, Any] = {}
        self._decoded: dict[str, Any] = {}

    @cached_property
    def _old(self) -> Mapping[str, Any]:
        """What was kept, as JSON has it."""
        found = read_json(self._path)
        with suppress(KeyError, TypeError):
            if found["version"] == self._version:
                values: Mapping[str, Any] = found["values"]
                return values
        return {}

    def get(self, key: str) -> Any:
        """What was put in under ``key``, or ``None``."""
        if key in self._new:
            return self._new[key]
        if (data := self._old.get(key)) is None:
            return None
        self._asked[key] = data
        if key not in self._decoded:
            self._decoded[key] = _decoded(data)
        return self._decoded[key]

    def put(self, key: str, value: Any) -> None:
        """Keep ``value``: texts, numbers, days, tuples, mappings and dataclasses of the model.

        A key is a hash of what the value is made of, so that one that is there stays.
        """
        if key in self._old:
            self._asked[key] = self._old[key]
        else:
            self._new[key] = value

    def put_all(self, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            self.put(key, value)

    def save(self, forget: bool = True) -> None:
        """Write what is kept, if that differs from what is there.

        Without ``forget`` what nobody asked for stays too.
        """
        kept = self._asked if forget else dict(self._old)
        if self._new or len(kept) < len(self._old):
            values = kept | {key: _encoded(value) for key, value in self._new.items()}
            save_json(self._path, {"version": self._version, "values": values})


def _encoded(value: Any) -> Any:
    """``value`` as JSON: what JSON has stays; all else is a list that starts with its kind."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Place):
        return ["Place", *value]
    if isinstance(value, tuple):
        return ["tuple", *map(_encoded, value)]
    if isinstance(value, Mapping):
        return ["dict", *(_encoded(item) for pair in value.items() for item in pair)]
    if isinstance(value, Word):
        return ["Word", value.value]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, Decimal):
        return ["Decimal", str(value)]
    if is_dataclass(value) and type(value).__name__ in _MAKERS:
        items = (_encoded(getattr(value, field.name)) for field in fields(value))
        return [type(value).__name__, *items]
    raise TypeError(f"a store keeps no {type(value).__name__}")


def _decoded(data: Any) -> Any:
    return _MAKERS[data[0]](data) if type(data) is list else data


def _maker(cls: type[Any]) -> Callable[[list[Any]], Any]:
    names = [field.name for field in fields(cls)]

    def make(data: list[Any]) -> Any:
        # As unpickling does: what was whole when it was put in is not checked again.
        made: Any = object.__new__(cls)
        made.__dict__.update(zip(names, map(_decoded, data[1:]), strict=True))
        return made

    return make


_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "Place": lambda data: Place(*data[1:]),
    "tuple": lambda data: tuple(map(_decoded, data[1:])),
    "dict": lambda data: dict(
        zip(map(_decoded, data[1::2]), map(_decoded, data[2::2]), strict=True)
    ),
    "Word": lambda data: Word(data[1]),
    "date": lambda data: date.fromisoformat(data[1]),
    "Decimal": lambda data: Decimal(data[1]),
    **{
        name: _maker(item)
        for name, item in vars(model).items()
        if isinstance(item, type) and is_dataclass(item)
    },
}
