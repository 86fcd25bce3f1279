"""One layout for all rules files, with the same content and every comment: ``build.py fmt``.

Two spaces a level, fields in the order of the schema, one blank line before each part of an
area, brackets without spaces inside. A scalar stays letter by letter what it was.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from sitegen import schema
from sitegen.errors import ProjectError
from sitegen.load import load_rules
from sitegen.model import Place
from sitegen.questions import slug_of
from sitegen.schema import ListOf, MapOf, Placed, Record, Shape
from sitegen.yamlfile import Node, Refused, Written, parse

# A blank line stands before these.
PARTS = ("sources", "channels", "values")


def files_of(root: Path, names: Sequence[str]) -> list[Path]:
    """The files of areas, of all or of these. Raises ``NoAnswer`` for no such area."""
    rules = load_rules(root)
    only = [slug_of(rules, name) for name in names]
    return [root / area.at.path for slug, area in rules.areas.items() if not only or slug in only]


def laid_out(text: str, path: str) -> str:
    """The text of an area's file in our layout; the same text for what is in it already.

    Raises ``ProjectError`` for a file that cannot be read, or whose comments would be lost.
    """
    try:
        root, problems = parse(text, path)
    except Refused as refused:
        raise ProjectError(f"{refused.problem}") from None
    if problems:
        raise ProjectError(*map(str, problems))
    new = _Layout(text, root).text()
    # Whatever was overlooked above, nothing that a person wrote is lost or changed.
    is_same = _content(parse(new, path)[0]) == _content(root)
    if not is_same or _words_of_comments(new) != _words_of_comments(text):
        raise ProjectError(f"{path}：不会排这样的写法，没有动；多半是注释写在括号里面，挪到上一行")
    return new


class _Layout:
    """Writes the nodes of one text anew, each with the comments above and beside it."""

    def __init__(self, text: str, root: Node) -> None:
        self._written = Written(text)
        self._root = root
        self._above: dict[int, list[str]] = {}
        self._beside: dict[int, str] = {}
        self._collect(sorted(_lines(root)))

    def text(self) -> str:
        lines = [*self._above.pop(0, []), *self._map(self._root, schema.AREA, 0)]
        return "\n".join([*lines, *self._above.pop(-1, [])]) + "\n"

    def _collect(self, lines: list[int]) -> None:
        """Give each comment to the line of a node: that it stands beside, or above."""
        for number, is_beside, words in _comments(self._written):
            if is_beside:
                self._beside[number] = words
            elif number == 1:
                self._above.setdefault(0, []).append(words)
            else:
                after = bisect_left(lines, number)
                owner = lines[after] if after < len(lines) else -1
                self._above.setdefault(owner, []).append(words)

    def _map(self, node: Node, shape: Shape | None, depth: int) -> list[str]:
        assert isinstance(node.value, dict)
        fields = list(shape.fields) if isinstance(shape, Record) else []
        names = sorted(node.value, key=lambda name: fields.index(name) if name in fields else 99)
        lines = []
        for name in names if fields else node.value:
            if depth == 0 and name in PARTS:
                lines.append("")
            lines += self._named(name, node, _below(shape, name), depth)
        return lines

    def _named(self, name: str, parent: Node, shape: Shape | None, depth: int) -> list[str]:
        assert isinstance(parent.value, dict)
        node, at = parent.value[name], parent.keys[name]
        pad = "  " * depth
        lines = [pad + words for words in self._above.pop(at.line, [])]
        head = f"{pad}{self._written.scalar(at)}:"
        if self._is_inline(node):
            return [*lines, f"{head} {self._inline(node, shape)}" + self._comment(at.line)]
        lines.append(head + self._comment(at.line))
        if isinstance(node.value, dict):
            return lines + self._map(node, shape, depth + 1)
        return lines + self._list(node, shape, depth + 1)

    def _list(self, node: Node, shape: Shape | None, depth: int) -> list[str]:
        assert isinstance(node.value, list)
        pad = "  " * depth
        below = _below(shape, "")
        lines = []
        for item in node.value:
            lines += [pad + words for words in self._above.pop(item.at.line, [])]
            if self._is_inline(item):
                words = f"{pad}- {self._inline(item, below)}"
                lines.append(words + self._comment(item.at.line))
            else:
                part = self._map if isinstance(item.value, dict) else self._list
                first, *rest = part(item, below, depth + 1)
                lines += [f"{pad}- {first.lstrip()}", *rest]
        return lines

    def _is_inline(self, node: Node) -> bool:
        start = self._written.offset(node.at)
        return isinstance(node.value, str) or self._written.text[start] in "{["

    def _inline(self, node: Node, shape: Shape | None) -> str:
        if isinstance(node.value, str):
            return self._written.scalar(node.at)
        if isinstance(node.value, list):
            return f"[{', '.join(self._inline(n, _below(shape, '')) for n in node.value)}]"
        fields = (
            f"{self._written.scalar(node.keys[name])}: {self._inline(value, _below(shape, name))}"
            for name, value in node.value.items()
        )
        return "{" + ", ".join(fields) + "}"

    def _comment(self, line: int) -> str:
        return f" {words}" if (words := self._beside.pop(line, "")) else ""


def _below(shape: Shape | None, name: str) -> Shape | None:
    """The shape of a field, an item or a value of a map."""
    if isinstance(shape, Placed):
        shape = shape.shape
    if isinstance(shape, Record):
        field = shape.fields.get(name)
        return field.shape if field else None
    return shape.shape if isinstance(shape, ListOf | MapOf) else None


def _lines(node: Node) -> set[int]:
    """The lines on which something begins that may have a comment above it."""
    lines = {node.at.line, *(at.line for at in node.keys.values())}
    below = node.value.values() if isinstance(node.value, dict) else node.value
    for item in below if not isinstance(below, str) else ():
        lines |= _lines(item)
    return lines


def _content(node: Node) -> object:
    """What is said, in an order of its own."""
    if isinstance(node.value, dict):
        return {name: _content(value) for name, value in node.value.items()}
    return [_content(n) for n in node.value] if isinstance(node.value, list) else node.value


def _comments(written: Written) -> Iterator[tuple[int, bool, str]]:
    """Each comment: its line, whether something stands before it there, and its words."""
    held = written.scalars.items()
    for number, line in enumerate(written.text.split("\n"), 1):
        start = written.offset(Place("", number))
        for found in re.finditer(r"(?:^|(?<=[ \t]))#.*", line):
            if not any(a <= start + found.start() < b for a, b in held):
                yield number, bool(line[: found.start()].strip()), found[0].rstrip()
                break


def _words_of_comments(text: str) -> list[str]:
    return sorted(words for _, _, words in _comments(Written(text)))
