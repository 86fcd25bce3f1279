"""No text of ours holds what no eye can see: it could say one thing and mean another."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from conftest import ROOT
from sitegen.model import INVISIBLE
from sitegen.yamlfile import Node, Refused, decode, parse

# What has to be found, by the standard's names and numbers.
PLANTED = [
    *range(0x09),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    0x00AD,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xE0000, 0xE0080),
]
# Files that are no text.
BINARY = {".png", ".jpg", ".ico", ".woff2", ".webp", ".gif"}


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


def texts() -> dict[str, str]:
    """Every tracked file that is text; one that is not UTF-8 fails here."""
    paths = {name: ROOT / name for name in tracked()}
    return {
        name: path.read_bytes().decode("utf-8")
        for name, path in paths.items()
        if path.suffix not in BINARY and path.is_file()
    }


def values(node: Node) -> Iterator[str]:
    """Every key and every value of a document, as it is after parsing."""
    if isinstance(node.value, str):
        yield node.value
    elif isinstance(node.value, list):
        for item in node.value:
            yield from values(item)
    else:
        yield from node.value
        for item in node.value.values():
            yield from values(item)


@pytest.mark.promise("B5")
def test_no_tracked_file_holds_what_no_eye_can_see(figure: Callable[[str], None]) -> None:
    found = texts()
    assert len(found) > 900
    assert {name for name, text in found.items() if INVISIBLE.search(text)} == set()
    figure("0 in all tracked text files")


@pytest.mark.promise("B5")
def test_no_value_holds_it_after_yaml_is_read(figure: Callable[[str], None]) -> None:
    """An escape such as ``"\\u202e"`` is plain ASCII in the file."""
    checked = 0
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        node, problems = parse(decode(path.read_bytes(), path.name), path.name)
        assert problems == []
        for value in values(node):
            assert not INVISIBLE.search(value), (path, value)
            checked += 1
    assert checked > 30_000
    figure("0 in all values of rules/")


@pytest.mark.promise("B5")
def test_every_planted_one_is_found(figure: Callable[[str], None]) -> None:
    for code in PLANTED:
        hidden = chr(code)
        with pytest.raises(Refused, match=r"^f:2:4: "):
            decode(f"甲: 1\n乙: {hidden}丙\n".encode(), "f")
        _, problems = parse(f'乙: "丙\\U{code:08X}"\n', "f")
        assert [str(problem)[:6] for problem in problems] == ["f:1:4:"], hex(code)
    figure(f"{len(PLANTED)}/{len(PLANTED)} planted found, as bytes and as escapes")
