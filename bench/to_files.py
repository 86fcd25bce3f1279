"""What the templates of all peers share: files, YAML, and texts whose sources never differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml
from derive import Choice, Template, cited

# A mark in a text: its kind, empty for the names of a place, and what it marks.
MARK = re.compile("⟦(?:([a-z]+) )?(\\w+)⟧")


class _Dumper(yaml.CSafeDumper):
    """YAML as people write it: lists on one line, HTML in blocks."""


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.Node:
    style = "'" if text[:1].isdigit() else None  # not all peers agree what a number is
    if "\n" in text:
        style = "|" if text.strip() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _list(dumper: yaml.CSafeDumper, items: tuple[str, ...]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(tuple, _list)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_yaml(path: Path, data: object) -> None:
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    write(path, text)


def settled(template: Template, sources: Mapping[str, str]) -> Template:
    """Where all pages of a kind list the same sources, these become the template's own text."""
    if template.own_sources:
        return template
    numbers = {key: number for number, key in enumerate(template.sources, 1)}
    listed = "".join(f'<li id="s{n}">{sources[key]}</li>\n' for key, n in numbers.items())

    def settle(text: str) -> str:
        text = re.sub("⟦source (\\w+)⟧", lambda mark: cited(numbers[mark[1]]), text)
        return text.replace("⟦sources⟧\n", listed)

    return replace(template, nodes=_each(template.nodes, settle))


def _each(nodes: Iterable[str | Choice], change: Callable[[str], str]) -> tuple[str | Choice, ...]:
    """The nodes with all their texts changed."""
    return tuple(
        change(node)
        if isinstance(node, str)
        else replace(
            node,
            usual=change(node.usual),
            texts={key: change(text) for key, text in node.texts.items()},
        )
        for node in nodes
    )
