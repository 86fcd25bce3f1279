"""A slip of one digit in a figure of ``rules/`` is noticed, because something else says it too."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import ROOT
from sitegen.check import check_rules
from sitegen.load import LoadError, load_rules
from sitegen.quotes import in_chinese, numbers_in, says
from sitegen.store import Store
from sitegen.yamlfile import Node, decode, parse

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# In the usual run every so-manyth number; with --all every one.
STEP = 30


def numbers_of(node: Node, kind: str) -> Iterator[tuple[str, Node]]:
    """Every number of a value: the value itself, its rows, what they are bounded by."""
    if isinstance(node.value, str):
        if NUMBER.fullmatch(node.value) and (kind != "bound" or node.value != "0"):
            yield kind, node
    elif isinstance(node.value, list):
        for item in node.value:
            yield from numbers_of(item, kind)
    else:
        kinds = {"value": kind, "net": "net", "yuan": "base", "at_least": "condition"}
        for name, item in node.value.items():
            if name in ("any", "all", "base"):
                yield from numbers_of(item, kind)
            elif name not in ("note", "quote", "text", "year"):
                yield from numbers_of(item, kinds.get(name, "bound"))


def figures() -> list[tuple[Path, str, Node]]:
    """Every number of every value in rules/, with its kind and place."""
    found = []
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        root, _ = parse(decode(path.read_bytes(), path.name), path.name)
        assert isinstance(root.value, dict)
        values = root.value.get("values") if path.name != "parameters.yaml" else None
        for entries in values.value.values() if values else ():  # type: ignore[union-attr]
            for entry in entries.value:
                fields = entry.value
                parts = [
                    (name, fields[name]) for name in ("value", "net", "base") if name in fields
                ]
                for claim in fields["claims"].value if "claims" in fields else ():
                    parts.append(("claim", claim.value["value"]))
                found += [
                    (path, kind, number)
                    for name, part in parts
                    for kind, number in numbers_of(part, name)
                ]
    return found


def slipped(text: str, by: int) -> str:
    """The number with one digit replaced by another, both chosen by ``by``; still a number."""
    places = [n for n, character in enumerate(text) if character.isdigit()]
    if text.startswith("0."):
        places = places[1:]  # no share has anything but 0 there
    at = places[by % len(places)]
    other = (int(text[at]) + 1 + by % 8) % 10
    if at == 0 and other == 0 and len(text) > 1:
        other = int(text[at]) % 9 + 1
    return text[:at] + str(other) + text[at + 1 :]


@pytest.mark.promise("B7")
def test_slip_of_a_digit_is_noticed(
    tmp_path: Path, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    store = Store(tmp_path / "store.json", "")
    assert check_rules(load_rules(tmp_path, store)) == []
    made, caught, missed = Counter[str](), Counter[str](), []
    every = figures()
    assert len(every) > 700
    for path, kind, node in every[:: 1 if request.config.getoption("--all") else STEP]:
        target = tmp_path / path.relative_to(ROOT)
        original = target.read_text(encoding="utf-8")
        lines = original.splitlines(keepends=True)
        line, col = node.at.line - 1, node.at.col - 1
        assert isinstance(node.value, str)
        start = lines[line][:col]
        assert lines[line][col:].startswith(node.value), (path, node)
        wrong = slipped(node.value, line + col)
        assert wrong != node.value
        lines[line] = start + wrong + lines[line][col + len(node.value) :]
        target.write_text("".join(lines), encoding="utf-8")
        made[kind] += 1
        try:
            found = bool(check_rules(load_rules(tmp_path, store)))
        except LoadError:
            found = True
        if found:
            caught[kind] += 1
        else:
            missed.append(f"{path.relative_to(ROOT)}:{node.at.line}: {node.value} → {wrong}")
        target.write_text(original, encoding="utf-8")
    for kind in sorted(made):
        print(f"\n{kind}: {caught[kind]} of {made[kind]}", end="")
    print("\nneeds a second reader:", *missed, sep="\n")
    assert caught.total() >= made.total() * 0.9
    figure(f"{caught.total()} of {made.total()} slips noticed")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("每月70元", "70", "yuan"),
        ("每月70.00元", "70", "yuan"),
        ("每人每月七十元", "70", "yuan"),
        ("每人每月一百零五元", "105", "yuan"),
        ("１，３５０元", "1350", "yuan"),
        ("1.5万元", "15000", "yuan"),
        ("两千元", "2000", "yuan"),
        ("按3.5%划入", "0.035", "share"),
        ("按百分之三点五划入", "0.035", "share"),
        ("报销八成", "0.8", "share"),
        ("满二十五年", "25", "years"),
        ("等待半年", "6", "months"),
        ("等待1年", "12", "months"),
        ("不设个人账户", "0", "yuan"),
    ],
)
def test_number_is_found_in_every_form_in_which_it_is_written(text, value, unit):
    assert says(text, Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("每月70元", "7", "yuan"),
        ("每月70元", "700", "yuan"),
        ("每月170元", "70", "yuan"),
        ("每月70.5元", "5", "yuan"),
        ("按35%划入", "0.035", "share"),
        ("按3.5%划入", "0.35", "share"),
        ("35元", "0.35", "share"),
        ("满二十五年", "20", "years"),
        ("满二十五年", "5", "years"),
        ("每月70元", "0", "yuan"),
    ],
)
def test_part_of_a_number_is_another_number(text, value, unit):
    assert not says(text, Decimal(value), unit)


def test_chinese_numbers_are_read():
    written = {"十": 10, "二十": 20, "一百一": 101, "三百零六": 306, "三万二千": 32_000, "二〇": 20}
    assert {text: in_chinese(text) for text in written} == written
    assert Decimal("0.055") in set(numbers_in("百分之五点五"))
