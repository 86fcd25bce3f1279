"""Rules as a spreadsheet, for people who do not write YAML: out as CSV, changed, and in again.

One line an entry, and below an entry of several rows one line a row. What a person changes in
the columns of ``EDITABLE`` goes into the files, and nothing else of them changes; a line without
a number is a new entry. A line that is taken out of the sheet means nothing: rules stay.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from sitegen.errors import ProjectError
from sitegen.formatting import laid_out
from sitegen.load import LoadError, load_rules
from sitegen.model import Area, Place, Rules
from sitegen.newrules import scalar
from sitegen.questions import NoAnswer, must_be, slug_of
from sitegen.spreadsheet import BOM, line_of, plain
from sitegen.wording import row_labels
from sitegen.yamlfile import Node, Written, parse

NUMBER = "编号"

# The columns that a person may change, and the fields of an entry that they are.
EDITABLE = {
    "从": "from",
    "每": "per",
    "数值": "value",
    "出处": "source",
    "原话": "quote",
    "说明": "note",
    "核实": "verified",
    "核对日期": "checked",
}
COLUMNS = (NUMBER, "地区", "参数", "名称", "什么人", "单位", *EDITABLE)

# What a row of an entry has of its own.
OF_ROWS = ("value", "quote", "note")

_UNITS = {
    "yuan": "元",
    "share": "比例，2% 写 0.02",
    "years": "年",
    "months": "个月",
    "days": "个工作日",
    "text": "文字，写在说明里",
}


@dataclass(frozen=True)
class Line:
    """A line of the sheet: its number, its words by column, and the node that it stands for."""

    number: str
    cells: Mapping[str, str]
    node: Node


@dataclass(frozen=True)
class Change:
    """What goes into a file: at ``start`` (an offset) the words up to ``end`` are replaced."""

    start: int
    end: int
    words: str


def exported(root: Path, names: Iterable[str], parameters: Iterable[str]) -> bytes:
    """The entries of areas (all, or those ``names``) and parameters as CSV with a byte order mark.

    Raises ``LoadError`` for rules that cannot be read, ``NoAnswer`` for a name of nothing.
    """
    rules = load_rules(root)
    only, ids = [slug_of(rules, name) for name in names], list(parameters)
    for id in ids:
        must_be(id, rules.vocabulary.parameters, "参数")
    text = line_of(COLUMNS)
    for area in rules.areas.values():
        if not only or area.slug in only:
            for line in _lines(root, rules, area):
                if not ids or line.cells["参数"] in ids:
                    text += line_of(line.cells.get(column, "") for column in COLUMNS)
    return BOM + text.encode()


def imported(root: Path, sheet: Path) -> dict[Path, tuple[str, list[str]]]:
    """The new text of each file that a sheet changes, and what is new in it, line by line.

    Nothing is written. Raises ``ProjectError`` for a sheet that cannot be read, ``LoadError``
    for rules that could not be read afterwards.
    """
    rules = load_rules(root)
    texts: dict[str, str] = {}
    lines: dict[str, dict[str, Line]] = {}
    changes: dict[str, list[Change]] = {}
    added: dict[str, list[dict[str, str]]] = {}
    told: dict[str, list[str]] = {}
    problems: list[str] = []
    seen: dict[str, int] = {}
    for at, cells in _read(sheet):
        try:
            if (first := seen.setdefault(cells[NUMBER] or f"{at}", at)) != at:
                raise _Wrong(f"编号和第 {first} 行一样；新加的一条，编号空着")
            slug = _slug_of(rules, cells)
            if slug not in texts:
                texts[slug] = _text(root, rules.areas[slug])
                lines[slug] = {line.number: line for line in _lines(root, rules, rules.areas[slug])}
            if cells[NUMBER]:
                found = list(_edits(texts[slug], lines[slug], cells))
                changes.setdefault(slug, []).extend(change for change, _ in found)
                told.setdefault(slug, []).extend(words for _, words in found)
            else:
                told.setdefault(slug, []).append(_told(rules, cells))
                added.setdefault(slug, []).append(cells)
        except _Wrong as wrong:
            problems.append(f"{sheet}:{at}: {wrong}")
    if problems:
        raise ProjectError(*problems, f"{len(problems)} 行有错，一个文件也没有写")
    news: dict[Path, tuple[str, list[str]]] = {}
    for slug in (slug for slug, words in told.items() if words):
        text = _applied(texts[slug], changes.get(slug, ()))
        for cells in added.get(slug, ()):
            text = _applied(text, [_addition(text, cells)])
        path = rules.areas[slug].at.path
        news[root / path] = (laid_out(text, path), told[slug])
    _refuse_wrong(root, {path: text for path, (text, _) in news.items()})
    return news


class _Wrong(Exception):
    """What is wrong with a line of the sheet."""


def _text(root: Path, area: Area) -> str:
    return laid_out((root / area.at.path).read_text(encoding="utf-8"), area.at.path)


def _lines(root: Path, rules: Rules, area: Area) -> Iterator[Line]:
    """The lines of an area's file, whose nodes are those of the file in our layout."""
    node, _ = parse(_text(root, area), area.at.path)
    assert isinstance(node.value, dict)
    values = node.value.get("values")
    for id, listed in values.value.items() if values and isinstance(values.value, dict) else ():
        parameter = rules.vocabulary.parameters[id]
        for number, entry in enumerate(listed.value, 1):
            assert isinstance(entry, Node)
            about = {
                NUMBER: f"{area.slug} {id} {number}",
                "地区": area.slug,
                "参数": id,
                "名称": f"{area.short}：{parameter.label}",
                "单位": _UNITS.get(parameter.unit, parameter.unit),
            }
            yield Line(about[NUMBER], about | _words(entry, EDITABLE.values()), entry)
            loaded = rules.entries[area.slug][id][number - 1].value
            if not isinstance(loaded, tuple):
                continue
            assert isinstance(entry.value, dict)
            rows = entry.value["value"].value
            labels = row_labels(loaded, rules.vocabulary)
            for place, (row, label) in enumerate(zip(rows, labels, strict=True), 1):
                assert isinstance(row, Node)
                more = {NUMBER: f"{about[NUMBER]}.{place}", "什么人": label}
                yield Line(more[NUMBER], about | more | _words(row, OF_ROWS), row)


def _words(node: Node, fields: Iterable[str]) -> dict[str, str]:
    assert isinstance(node.value, dict)
    columns = {field: column for column, field in EDITABLE.items()}
    found = ((columns[field], node.value[field].value) for field in fields if field in node.value)
    return {column: words for column, words in found if isinstance(words, str)}


def _read(sheet: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a sheet with their numbers, as a Chinese office saves them."""
    data = sheet.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise ProjectError(f"{sheet}：不是 UTF-8，也不是 GBK；请另存为“CSV UTF-8”") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(reader, [])]
    if missing := [name for name in (NUMBER, "地区", "参数", *EDITABLE) if name not in header]:
        expected = "用 python build.py export 得到的表，别改第一行"
        raise ProjectError(f"{sheet}:1: 没有“{'、'.join(missing)}”这几列；{expected}")
    for row in reader:
        if any(cell.strip() for cell in row):
            cells = zip_longest(header, row, fillvalue="")
            yield reader.line_num, {name: plain(cell.strip()) for name, cell in cells}


def _slug_of(rules: Rules, cells: Mapping[str, str]) -> str:
    try:
        return slug_of(rules, cells[NUMBER].partition(" ")[0] or cells["地区"])
    except NoAnswer as error:
        raise _Wrong(*error.lines) from None


def _edits(
    text: str, known: Mapping[str, Line], cells: Mapping[str, str]
) -> Iterator[tuple[Change, str]]:
    """What a line changes, with words for it."""
    line = known.get(cells[NUMBER])
    if line is None:
        raise _Wrong(f"没有编号“{cells[NUMBER]}”这一条；新加的一条，编号空着")
    is_row = "." in line.number.rpartition(" ")[2]
    written = Written(text)
    node = line.node
    assert isinstance(node.value, dict)
    for column, field in EDITABLE.items():
        old, new = line.cells.get(column, ""), _meant(field, cells[column])
        if old == new:
            continue
        if is_row and field not in OF_ROWS:
            raise _Wrong(f"“{column}”写在这一条的第一行，不写在每个人群上")
        if not new:
            raise _Wrong(f"“{column}”空了，原来是“{old}”；真要删，到 {node.at} 里删")
        at = written.offset(node.at)
        if field in node.value:
            start = written.offset(node.value[field].at)
            if start not in written.scalars:
                raise _Wrong(f"这一条按人群分了几行，“{column}”写在下面每一行里")
            change = Change(start, written.scalars[start], _scalar(field, new))
        elif text[at] == "{":
            change = Change(at + 1, at + 1, f"{field}: {_scalar(field, new)}, ")
        else:
            pad = " " * (node.at.col - 1)
            change = Change(at, at, f"{field}: {_scalar(field, new)}\n{pad}")
        yield change, f"{line.number} {column}：{old or '没有'} → {new}"


def _told(rules: Rules, cells: Mapping[str, str]) -> str:
    """What a new entry says, in one line. Raises ``_Wrong`` for a parameter that there is not."""
    if (id := cells["参数"]) not in rules.vocabulary.parameters:
        raise _Wrong(f"没有“{id}”这个参数；全部参数在 rules/parameters.yaml")
    return f"{cells['地区']} {id} 新加：{cells['数值']}，从 {cells['从']}"


def _addition(text: str, cells: Mapping[str, str]) -> Change:
    """A new entry, behind those of its parameter."""
    id = cells["参数"]
    fields = ((field, _meant(field, cells[column])) for column, field in EDITABLE.items())
    written = [f"{field}: {_scalar(field, words)}" for field, words in fields if words]
    entry = "    - " + "\n      ".join(written) + "\n"
    node, _ = parse(text, "")
    assert isinstance(node.value, dict)
    values = node.value.get("values")
    if values is None or not isinstance(values.value, dict):
        return Change(len(text), len(text), f"\nvalues:\n  {id}:\n{entry}")
    if id in values.value:
        at = _end_of(text, values.value[id])
        return Change(at, at, entry)
    at = _end_of(text, values)
    return Change(at, at, f"  {id}:\n{entry}")


def _end_of(text: str, node: Node) -> int:
    """The start of the line after a node."""
    return Written(text).offset(Place("", max(_ends(node)) + 1))


def _ends(node: Node) -> Iterator[int]:
    yield node.at.line
    below = node.value.values() if isinstance(node.value, dict) else node.value
    for item in below if not isinstance(below, str) else ():
        yield from _ends(item)


def _scalar(field: str, words: str) -> str:
    """The words as YAML; numbers, days and names of sources stand without quotes."""
    is_plain = field not in ("quote", "note") and re.fullmatch("[0-9A-Za-z./_-]+", words)
    return words if is_plain else scalar(words)


def _meant(field: str, words: str) -> str:
    """A cell as a rule has it: an office turns 2025-04-01 into 2025/4/1."""
    found = re.fullmatch(r"(\d{4})/(\d{1,2})(?:/(\d{1,2}))?", words)
    if field in ("from", "checked") and found:
        return "-".join([found[1], *(part.zfill(2) for part in found.groups()[1:] if part)])
    return words


def _applied(text: str, changes: Iterable[Change]) -> str:
    # From the end, so that what is before keeps its offset.
    for change in sorted(changes, key=lambda change: change.start, reverse=True):
        text = text[: change.start] + change.words + text[change.end :]
    return text


def _refuse_wrong(root: Path, texts: Mapping[Path, str]) -> None:
    """Raise ``LoadError`` where the rules with these texts in them could not be read."""
    with TemporaryDirectory() as name:
        copy = Path(name)
        shutil.copytree(root / "rules", copy / "rules")
        for path, text in texts.items():
            (copy / path.relative_to(root)).write_text(text, encoding="utf-8")
        try:
            load_rules(copy)
        except LoadError as error:
            told = "写进去以后规则读不懂，所以一个文件也没有写"
            raise ProjectError(*map(str, error.problems), told) from None
