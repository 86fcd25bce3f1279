"""A new rules file, or a new source in one that is there: text in, text out, checked before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sitegen import schema
from sitegen.errors import ProjectError
from sitegen.load import load_rules
from sitegen.model import Problem
from sitegen.questions import must_be, slug_of
from sitegen.yamlfile import Refused, parse


def new_city(root: Path, place: str, fields: Mapping[str, str]) -> Path:
    """Make ``rules/<place>.yaml`` (``sichuan/mianyang``) with these fields; returns its path.

    Raises ``ProjectError`` where there is such a file, no such province, or a field is wrong.
    """
    if not re.fullmatch(r"[a-z-]+/[a-z-]+", place):
        raise ProjectError(f"“{place}”不是“省/市”的拼音，应为 sichuan/mianyang 这样")
    province, _, slug = place.partition("/")
    rules = load_rules(root)
    provinces = [area.slug for area in rules.areas.values() if area.level == "province"]
    must_be(province, provinces, "省")
    if slug in rules.areas:
        at = rules.areas[slug].at.path
        raise ProjectError(f"已经有 {at}；拼音和别的城市一样，就写 {province}/{slug}-{province}")
    path = root / "rules" / f"{place}.yaml"
    written = {**fields, "level": "pool"}
    lines = [f"{name}: {scalar(text)}" for name, text in written.items() if text]
    modeline = "# yaml-language-server: $schema=../schema.json"
    text = "\n".join([modeline, *lines, "phone_area: {status: unknown}"]) + "\n"
    _refuse_wrong(text, path.relative_to(root).as_posix())
    path.write_text(text, encoding="utf-8")
    return path


def new_source(root: Path, place: str, id: str, fields: Mapping[str, str]) -> Path:
    """Add a source to the file of an area, after those that are there; returns the file's path.

    Raises ``ProjectError`` for an area that is not there, an id that is, or a field that is wrong.
    """
    rules = load_rules(root)
    slug = slug_of(rules, place)
    if f"{slug}/{id}" in rules.sources:
        raise ProjectError(f"{rules.sources[f'{slug}/{id}'].at} 已经有出处 {id}；换一个代号")
    path = root / rules.areas[slug].at.path
    text = path.read_text(encoding="utf-8")
    block = f"  {id}:\n" + "".join(
        f"    {name}: {scalar(words)}\n" for name, words in fields.items() if words
    )
    text = _with_source(text, block)
    _refuse_wrong(text, path.relative_to(root).as_posix())
    path.write_text(text, encoding="utf-8")
    return path


def _with_source(text: str, block: str) -> str:
    """The text of a file with a source more, its comments where they were."""
    lines = text.split("\n")
    if "sources:" not in lines:
        # Before the channels or the values, which cite it.
        tops = [n for n, line in enumerate(lines) if re.match("(channels|values):", line)]
        at = tops[0] if tops else len(lines) - 1
        return "\n".join([*lines[:at], "sources:", block, *lines[at:]])
    at = lines.index("sources:") + 1
    while at < len(lines) and (not lines[at] or lines[at].startswith((" ", "#"))):
        at += 1
    while not lines[at - 1].strip():
        at -= 1
    return "\n".join([*lines[:at], block.rstrip("\n"), *lines[at:]])


# What YAML reads back as it stands; all else goes into quotes.
_PLAIN = re.compile(
    r"https?://[^\s#]+|[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?|[a-z_]+(?: [a-z]+)*"
    r"|[\u3400-\u9fff][\u3400-\u9fff\w（）〔〕《》、，。]*"
)


def scalar(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refuse_wrong(text: str, name: str) -> None:
    problems: list[Problem] = []
    try:
        node, found = parse(text, name)
        problems += found
        schema.AREA.read(node, problems.append)
    except Refused as refused:
        problems.append(refused.problem)
    if problems:
        raise ProjectError(*(f"{problem}" for problem in problems), "没有写")
