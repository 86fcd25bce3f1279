"""A strict reader for the part of YAML that rules files use.

Every scalar stays text: the schema types it later, so that the area codes 010 and 0571, the
ratio 0.10 and the word ``no`` survive. Anchors, aliases, tags, duplicate keys, several
documents, nesting deeper than 12, files over 256 KB and invisible characters are refused,
each with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from sitegen.model import INVISIBLE, Place, Problem, clip

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(NamedTuple):
    """A piece of a document: ``value`` is text, a list of nodes or a map of nodes.

    ``keys`` gives the place of each key of a map.
    """

    value: str | list[Node] | dict[str, Node]
    at: Place
    keys: Mapping[str, Place] = MappingProxyType({})

    @property
    def kind(self) -> str:
        return {str: "文字", list: "列表", dict: "字段"}[type(self.value)]


class Refused(Exception):
    """The text is not a document; ``problem`` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def find_invisible(text: str) -> re.Match[str] | None:
    """The first invisible character of ``text``, if any."""
    return INVISIBLE.search(text)


def decode(data: bytes, path: str, most: int = MAX_BYTES) -> str:
    """The text of a file, or ``Refused``: too large, not UTF-8, or invisible characters."""
    if len(data) > most:
        what = f"文件有 {len(data)} 字节"
        raise Refused(Problem(Place(path), what, f"一个文件最多 {most // 1024} KB，请拆开"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Refused(Problem(place, "不是 UTF-8 编码", "请用 UTF-8 另存")) from None
    text = text.replace("\r\n", "\n")
    if bad := find_invisible(text):
        before = text[: bad.start()]
        place = Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Refused(
            Problem(place, f"有看不见的字符 U+{ord(bad.group()):04X}", "请删掉后重新输入这一处")
        )
    return text


def parse(text: str, path: str) -> tuple[Node, list[Problem]]:
    """Read one document.

    Returns its root node and the problems that do not hide the rest of it (duplicate keys,
    tags, invisible characters written as escapes). Raises ``Refused`` where nothing can be
    read on: broken syntax, anchors and aliases, too deep, empty.
    """
    problems: list[Problem] = []

    # Where the brackets that are not closed yet began.
    open_brackets: list[Any] = []

    def place(mark: Any) -> Place:
        return Place(path, mark.line + 1, mark.column + 1)

    def refuse(mark: Any, what: str, expected: str) -> Refused:
        return Refused(Problem(place(mark), what, expected))

    def build(event: Any, events: Iterator[Any], depth: int) -> Node:
        at = place(event.start_mark)
        if depth > MAX_DEPTH:
            raise refuse(event.start_mark, f"嵌套超过 {MAX_DEPTH} 层", "看看括号或缩进是不是写多了")
        if isinstance(event, yaml.AliasEvent):
            raise refuse(event.start_mark, "用了引用 *", "每一处都写全")
        if event.anchor is not None:
            raise refuse(event.start_mark, f"用了锚点 &{clip(event.anchor)}", "每一处都写全")
        if event.tag is not None:
            problems.append(
                Problem(at, f"用了类型标记 {clip(event.tag)}", "类型由字段决定，删掉标记")
            )
        if isinstance(event, yaml.ScalarEvent):
            if find_invisible(event.value):
                problems.append(Problem(at, "转义里有看不见的字符", "写能看见的字"))
            return Node(event.value, at)
        if event.flow_style:
            open_brackets.append(event.start_mark)
        is_bracketed = event.flow_style
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(build(event, events, depth + 1))
            if is_bracketed:
                open_brackets.pop()
            return Node(items, at)
        fields: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = build(event, events, depth + 1)
            value = build(next(events), events, depth + 1)
            if not isinstance(key.value, str):
                problems.append(Problem(key.at, "字段名不是文字", "字段名写成一个词"))
            elif key.value == "<<":
                problems.append(Problem(key.at, "用了合并 <<", "每一处都写全"))
            elif key.value in fields:
                first = keys[key.value].line
                problems.append(
                    Problem(
                        key.at, f"字段“{clip(key.value)}”写了两次", f"第 {first} 行已有，只留一个"
                    )
                )
            else:
                fields[key.value] = value
                keys[key.value] = key.at
        if is_bracketed:
            open_brackets.pop()
        return Node(fields, at, keys)

    try:
        loader = _Loader(text)
        events = iter(loader.get_event, None)
        next(events)
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            raise Refused(Problem(Place(path), "文件是空的", "至少要有一个字段"))
        root = build(next(events), events, 1)
        next(events)
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            raise refuse(extra.start_mark, "文件里有第二份文档", "删掉 --- 或另建文件")
    except yaml.MarkedYAMLError as error:
        reason, is_at_start = _explain(error)
        mark = error.context_mark if is_at_start else error.problem_mark
        mark = mark or error.problem_mark or error.context_mark
        if open_brackets and mark and open_brackets[-1].line != mark.line:
            reason, mark = "方括号、花括号没有收尾", open_brackets[-1]
        at = place(mark) if mark else Place(path)
        raise Refused(Problem(at, f"读不懂（{reason}）", _REMEDY)) from None
    except yaml.YAMLError:
        raise Refused(Problem(Place(path), "读不懂（有不能用的字符）", _REMEDY)) from None
    return root, problems


class Written:
    """A readable text, and where in it stands what was read: offsets for places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        # Where each scalar begins and ends, quotes included.
        self.scalars: dict[int, int] = {}
        event: Any
        for event in iter(_Loader(text).get_event, None):
            if isinstance(event, yaml.ScalarEvent):
                start: Any = event.start_mark
                end: Any = event.end_mark
                self.scalars[start.index] = end.index

    def offset(self, at: Place) -> int:
        """The offset of a place; that behind the last line is the end of the text."""
        return self._starts[at.line - 1] + at.col - 1

    def scalar(self, at: Place) -> str:
        """The scalar at a place, as it is written."""
        start = self.offset(at)
        return self.text[start : self.scalars[start]]


_REMEDY = "看看缩进、冒号后的空格；文字里有冒号、井号或以符号开头时，用英文双引号括起来"

# English words of the reader, what they mean, and whether the fault is where it began
# (an open quote) or where the reader noticed it.
_EXPLAIN: tuple[tuple[str, str, bool], ...] = (
    ("mapping values are not allowed", "这里不该再有冒号", False),
    ("found unexpected end of stream", "引号没有收尾", True),
    ("found unexpected document indicator", "引号没有收尾", True),
    ("could not find expected ':'", "字段名后面少了冒号或空格", True),
    ("found character that cannot start", "不能用制表符或这个符号开头", False),
    ("unknown escape character", "双引号里的反斜杠写法不对", False),
    ("escape code", "双引号里的反斜杠写法不对", False),
    ("expected hexdecimal number", "双引号里的反斜杠写法不对", False),
    ("parsing a flow", "方括号、花括号里少了逗号，或没有收尾", False),
    ("block sequence entries are not allowed", "短横不能写在这里", False),
    ("did not find expected '-'", "列表的短横没对齐", False),
    ("did not find expected key", "缩进没对齐", False),
    ("block scalar", "竖线或大于号后面要换行", False),
    ("directive", "不能用百分号开头", False),
    ("anchor", "锚点和引用写不得", False),
    ("alias", "锚点和引用写不得", False),
    ("tag", "类型标记写不得", False),
)


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, bool]:
    """The reason in Chinese, and whether it began at the mark of the context."""
    text = f"{error.context or ''} {error.problem or ''}"
    for english, chinese, is_at_start in _EXPLAIN:
        if english in text:
            return chinese, is_at_start
    return "写法不对", False
