"""Thousands of damaged copies of the real rules: refused with a line, or read; never a crash.

The damage is the same in every run: files and places are drawn from a fixed seed.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.check import check_rules
from sitegen.load import LoadError, load_rules
from sitegen.model import Problem
from sitegen.schema import AREA, INVALID, VOCABULARY
from sitegen.yamlfile import INVISIBLE, Node, Refused, decode, parse

ROOT = Path(__file__).parents[1]
EACH = 335  # mutants of each kind; nine kinds
VALUES = [
    *("", "~", "[]", "{}", "[[]]", "[{}]", '""', "no", "010", "-1", "1e9", "2024-13-01", "2"),
    *("inherit", "described", "99999999999", "start", "unstated", '"\\u202e"', '"a\\nb"', "|"),
    *("[a, b]", "{a: b}", "*a", "&a b", "!!str a", "'", '"', "javascript:x", "https://[x/"),
    *("绵" * 500, "a/b/c", "{any: []}", "{all: [{text: 甲}]}", "[{value: {any: []}}]"),
]
KEYS = ["extra: 1", "<<: {a: 1}", "? [a]\n: 1", "area: 又一个", '"\\n": 1', "values: 1", ": 1"]

Damage = Callable[[random.Random, list[str]], bytes]


def joined(lines: list[str]) -> bytes:
    return "".join(lines).encode()


def changed_value(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.choice([n for n, line in enumerate(lines) if ":" in line])
    lines[at] = lines[at].partition(":")[0] + ": " + rng.choice(VALUES) + "\n"
    return joined(lines)


def deleted_line(rng: random.Random, lines: list[str]) -> bytes:
    del lines[rng.randrange(len(lines))]
    return joined(lines)


def doubled_line(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.randrange(len(lines))
    lines.insert(at, lines[at])
    return joined(lines)


def random_bytes(rng: random.Random, lines: list[str]) -> bytes:
    data = bytearray(joined(lines))
    for _ in range(rng.choice((1, 1, 1, 3))):
        data[rng.randrange(len(data))] = rng.choice((rng.randrange(256), *b"[]{}:,#&*!|>'\"%@- "))
    return bytes(data)


def truncated(rng: random.Random, lines: list[str]) -> bytes:
    data = joined(lines)
    return data[: rng.randrange(len(data))]


def indented(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.randrange(len(lines))
    by = rng.choice((-2, -1, 1, 2, 4))
    lines[at] = " " * by + lines[at] if by > 0 else lines[at][min(-by, len(lines[at]) - 1) :]
    return joined(lines)


def tabbed(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.randrange(len(lines))
    line = lines[at]
    to = rng.randrange(len(line))
    lines[at] = rng.choice(("\t" + line.lstrip(), line[:to] + "\t" + line[to:]))
    return joined(lines)


def extra_key(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.randrange(len(lines))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(" "))]
    lines.insert(at, "".join(f"{indent}{part}\n" for part in rng.choice(KEYS).split("\n")))
    return joined(lines)


def extra_document(rng: random.Random, lines: list[str]) -> bytes:
    mark = rng.choice(("---\n", "...\n", "--- !x\n", "--- |\n", "%YAML 1.1\n---\n", "---\n---\n"))
    lines.insert(rng.randrange(len(lines) + 1), mark)
    return joined(lines)


KINDS: tuple[Damage, ...] = (
    *(changed_value, deleted_line, doubled_line, random_bytes, truncated, indented),
    *(tabbed, extra_key, extra_document),
)


def texts() -> list[tuple[str, str]]:
    """The files worth damaging: those with more than a head, and the vocabulary."""
    paths = sorted((ROOT / "rules").rglob("*.yaml"))
    read = [(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in paths]
    return [(name, text) for name, text in read if len(text) > 300]


def mutants(kind: Damage, count: int, small: int = 10**6) -> list[tuple[str, bytes]]:
    rng = random.Random(kind.__name__)
    files = [(name, text) for name, text in texts() if len(text) < small]
    made = []
    while len(made) < count:
        name, text = rng.choice(files)
        data = kind(rng, text.splitlines(keepends=True))
        if data != text.encode():
            made.append((name, data))
    return made


def shaped(name: str, data: bytes) -> list[Problem]:
    """The problems of one file by itself; none means accepted."""
    try:
        node, problems = parse(decode(data, name), name)
    except Refused as refused:
        return [refused.problem]
    is_vocabulary = name == "rules/parameters.yaml"
    read = (VOCABULARY if is_vocabulary else AREA).read(node, problems.append)
    assert isinstance(node, Node)
    assert read is not INVALID or problems, f"{name} was refused without a word"
    return problems


def assert_printable(problems: list[Problem], name: str, data: bytes) -> None:
    lines = data.count(b"\n") + 1
    for problem in problems:
        text = str(problem)
        assert problem.place.path == name
        assert 1 <= problem.place.line <= lines and problem.place.col >= 1, text
        assert "\n" not in text and not INVISIBLE.search(text), repr(text)
        assert "Node(" not in text, text


@pytest.mark.promise("B1")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_mutant_of_one_file_is_refused_with_a_line_or_read(kind, figure):
    counts: Counter[str] = Counter()
    for name, data in mutants(kind, EACH):
        problems = shaped(name, data)
        assert_printable(problems, name, data)
        counts["refused" if problems else "accepted"] += 1
    assert counts.total() == EACH
    refused, accepted = counts["refused"], counts["accepted"]
    figure(f"{kind.__name__}: {refused} refused with a line, {accepted} legal, 0 tracebacks")


def test_there_are_three_thousand_mutants_of_nine_kinds():
    assert len(KINDS) == 9 and EACH * len(KINDS) >= 3_000


def test_mutants_in_their_place_are_refused_with_a_line_or_read(tmp_path, request):
    """Through the whole loader and the lints, in 四川: values, sources and places are read too."""
    each = 5 if request.config.getoption("--all") else 2
    (tmp_path / "rules/sichuan").mkdir(parents=True)
    for name in ("parameters", "nation", "sichuan/_province", "sichuan/chengdu", "sichuan/ganzi"):
        shutil.copy(ROOT / f"rules/{name}.yaml", tmp_path / f"rules/{name}.yaml")
    assert load_rules(tmp_path).areas
    counts: Counter[str] = Counter()
    for kind in KINDS:
        rng = random.Random(kind.__name__)
        for path in sorted((tmp_path / "rules/sichuan").glob("*.yaml")):
            original = path.read_bytes()
            for _ in range(each):
                path.write_bytes(kind(rng, original.decode().splitlines(keepends=True)))
                try:
                    problems = check_rules(load_rules(tmp_path))
                except LoadError as error:
                    problems = error.problems
                counts["refused" if problems else "accepted"] += 1
                for problem in problems:
                    text = str(problem)
                    assert problem.place.line >= 1 and "\n" not in text, repr(text)
                    assert "Node(" not in text, text
            path.write_bytes(original)
    print(f"\nin place: {dict(counts)}")
