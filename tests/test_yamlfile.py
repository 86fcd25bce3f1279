"""The strict reader guesses nothing, and says where it stopped."""

from __future__ import annotations

import gc
import re
import time
from contextlib import suppress

import pytest
import yaml

from sitegen.model import Place
from sitegen.yamlfile import INVISIBLE, MAX_BYTES, MAX_DEPTH, Node, Refused, decode, parse


def read(data: str | bytes) -> tuple[Node | None, list[str]]:
    """The root node of a file and what is printed about it."""
    try:
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
        node, problems = parse(decode(raw, "f"), "f")
    except Refused as refused:
        return None, [str(refused.problem)]
    return node, [str(problem) for problem in problems]


def plain(node: Node | None) -> object:
    """A node as the text, lists and dicts that it holds."""
    if node is None or isinstance(node.value, str):
        return node and node.value
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return {key: plain(item) for key, item in node.value.items()}


def places(node: Node) -> dict[str, tuple[int, int]]:
    """Every text and every key of a document with its line and column."""
    found: dict[str, tuple[int, int]] = {}
    if isinstance(node.value, str):
        return {node.value: (node.at.line, node.at.col)}
    inner = node.value if isinstance(node.value, list) else node.value.values()
    for item in inner:
        found |= places(item)
    return found | {key: (at.line, at.col) for key, at in node.keys.items()}


# What stock PyYAML turns into a number, a day, a truth value, nothing, or an exception.
GUESSED = [
    *("010", "021", "007", "0571", "510700", "85", "1.10", "0.10", "158.20", ".5", "5.", "-0"),
    *("+1", "0x1F", "0b11", "1_000", "12:30", "1:30:00", "190:20:30", "1.0e+3"),
    *(".inf", "-.inf", ".nan", ".NaN", "no", "yes", "on", "off", "No", "YES", "On", "OFF"),
    *("true", "false", "True", "FALSE", "~", "null", "Null", "NULL", "=", "2023-02-01", "2023"),
    *("2024-13-01", "2023-02-30", "2023-02-01T00:00:00Z", "2023-02-01 12:30:00"),
]
# What it leaves as text only by luck: 0816 stays text where 0571 becomes 377.
LUCKY = [
    *("08", "09", "0816", "0898", "1e3", "1E3", "0o17", "y", "n", "2%", "85元", "none", "１２"),
    *(
        "inherit",
        "0.1.0",
        "2023-02",
        "2023-2-1",
        "<<<",
        "1 000",
        "http://x.cn/a#b",
        "甲#乙",
        "甲:乙",
    ),
]


@pytest.mark.promise("B3")
def test_the_table_holds_what_stock_yaml_guesses(figure):
    changed = []
    for text in GUESSED:
        with suppress(yaml.YAMLError, ValueError):
            assert yaml.safe_load(f"值: {text}\n") != {"值": text}, text
        changed.append(text)
    assert len(changed) >= 39
    for text in GUESSED + LUCKY:
        node, problems = read(f"值: {text}\n")
        assert (plain(node), problems) == ({"值": text}, [])
    assert all(read(text)[1] for text, _ in NOT_READ.values())
    figure(f"{len(GUESSED) + len(LUCKY)} traps kept as text, {len(NOT_READ)} refused")


@pytest.mark.parametrize("text", GUESSED + LUCKY)
def test_scalar_stays_text(text):
    for document, expected in (
        (f"值: {text}\n", {"值": text}),
        (f"- {text}\n", [text]),
        (f"值: [{text}]\n", {"值": [text]}),
        (f"{{值: {text}}}\n", {"值": text}),
        (f'值: "{text}"\n', {"值": text}),
        (f"{text}: 值\n", {text: "值"}),
    ):
        node, problems = read(document)
        assert (plain(node), problems) == (expected, []), document


NOT_READ = {
    "anchor": ("值: &a 1\n", "f:1:4"),
    "anchor with a Chinese name": ("值: &甲 1\n", "f:1:5"),
    "anchor on a map": ("值: &a\n  甲: 1\n", "f:1:4"),
    "alias": ("值: *a\n", "f:1:4"),
    "alias of an anchor": ("甲: &a 1\n乙: *a\n", "f:1:4"),
    "alias as a key": ("*a : 1\n", "f:1:1"),
    "tag": ("值: !!str 010\n", "f:1:4"),
    "own tag": ("值: !x 010\n", "f:1:4"),
    "empty tag": ("值: ! 010\n", "f:1:4"),
    "verbatim tag": ("值: !<tag:x> 010\n", "f:1:4"),
    "python tag": ("值: !!python/object/apply:os.system [ls]\n", "f:1:4"),
    "tag on the root": ("!!map {甲: 1}\n", "f:1:1"),
    "tag on a key": ("!!str 甲: 1\n", "f:1:1"),
    "merge": ("甲: 1\n<<: {乙: 2}\n", "f:2:1"),
    "merge in quotes": ('"<<": {乙: 2}\n', "f:1:1"),
    "same key": ("甲: 1\n乙: 2\n甲: 1\n", "f:3:1"),
    "same key in quotes": ('甲: 1\n"甲": 1\n', "f:2:1"),
    "same key inline": ("值: {甲: 1, 甲: 2}\n", "f:1:11"),
    "same key deep": ("- 值:\n    甲: 1\n    甲: 2\n", "f:3:5"),
    "list as a key": ("[甲]: 1\n", "f:1:1"),
    "map as a key": ("? {甲: 1}\n: 2\n", "f:1:3"),
    "second document": ("甲: 1\n---\n乙: 2\n", "f:2:1"),
    "empty second document": ("---\n甲: 1\n---\n", "f:3:1"),
    "text after the end": ("甲: 1\n...\n乙: 2\n", "f:3:1"),
    "empty": ("", "f:1:1"),
    "only comments": ("# 甲\n\n# 乙\n", "f:1:1"),
    "tab as indent": ("甲:\n\t乙: 1\n", "f:2:1"),
    "tab after a value": ("甲: 1\n\t乙: 1\n", "f:2:1"),
    "at": ("甲: @乙\n", "f:1:4"),
    "backtick": ("甲: `乙`\n", "f:1:4"),
    "percent": ("甲: %乙\n", "f:1:4"),
    "open double quote": ('甲: "乙\n丙: 1\n', "f:1:4"),
    "open single quote": ("甲: '乙\n丙: 1\n", "f:1:4"),
    "open bracket": ("甲: [乙\n丙: 1\n", "f:1:4"),
    "open brace": ("甲: {乙: 1\n丙: 1\n", "f:1:4"),
    "open bracket at the end": ("甲: [乙,\n", "f:1:4"),
    "no comma": ('甲: ["乙" "丙"]\n', "f:1:9"),
    "two commas": ("甲: [乙,,丙]\n", "f:1:7"),
    "only a comma": ("甲: [,]\n", "f:1:5"),
    "wrong bracket": ("甲: [乙}\n", "f:1:6"),
    "lone bracket": ("甲: ]\n", "f:1:4"),
    "two colons": ("甲: 乙: 丙\n", "f:1:5"),
    "no colon": ("甲: 1\n乙 2\n丙: 3\n", "f:2:1"),
    "no space": ("甲: 1\n乙:2\n丙: 3\n", "f:2:1"),
    "no colon at the end": ("甲: 1\n乙 2\n", "f:2:1"),
    "full-width colon": ("甲: 1\n乙：2\n", "f:2:1"),
    "indent": ("甲:\n    乙: 1\n  丙: 2\n", "f:3:3"),
    "indent of a dash": ("甲:\n  - 乙\n - 丙\n", "f:3:2"),
    "dash in the line": ("甲: - 乙\n", "f:1:4"),
    "list after text": ("甲: 1\n- 乙\n", "f:2:1"),
    "text after a quote": ('甲: "乙" 丙\n', "f:1:8"),
    "quote in a quote": ("甲: '乙'丙'\n", "f:1:7"),
    "no value after a quoted key": ('"甲":1\n', "f:1:4"),
    "unknown escape": ('甲: "\\q"\n', "f:1:5"),
    "broken escape": ('甲: "\\xZZ"\n', "f:1:7"),
    "escaped surrogate": ('甲: "\\ud800"\n', "f:1:7"),
    "escape of no character": ('甲: "\\UFFFFFFFF"\n', "f:1:7"),
    "anchor without a name": ("甲: & 1\n", "f:1:5"),
    "alias without a name": ("甲: * 1\n", "f:1:5"),
    "unknown tag handle": ("甲: !a!b 1\n", "f:1:4"),
    "old directive": ("%YAML 2.0\n---\n甲: 1\n", "f:1:1"),
    "unknown directive": ("%FOO\n---\n甲: 1\n", "f:1:5"),
    "directive without a document": ("%YAML 1.1\n甲: 1\n", "f:2:1"),
    "wrong block header": ("甲: |abc\n  乙\n", "f:1:5"),
    "block indent of zero": ("甲: |0\n  乙\n", "f:1:5"),
    "tab in a block": ("甲: |\n\t乙\n", "f:2:1"),
    "tag character": ("甲: 乙\U000e0041\n", "f:1:5"),
    "filler": ("甲: 乙\u3164\n", "f:1:5"),
    "not a character": ("甲: 乙\ufffe\n", "f:1:5"),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_refused_where_it_is_wrong(name):
    text, place = NOT_READ[name]
    _, problems = read(text)
    assert [problem.split(": ")[0] for problem in problems] == [place], problems


def test_every_reason_is_chinese_and_one_line():
    """The words of libyaml mean nothing to an author, and a problem is one line of a log."""
    problems = [problem for text, _ in NOT_READ.values() for problem in read(text)[1]]
    english = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
    poor = {problem for problem in problems if english.search(problem) or "\n" in problem}
    assert poor == set()


@pytest.mark.parametrize("text", ['"甲\\n乙": 1\n"甲\\n乙": 2\n', "值: !<\\n> 1\n", "a: \ufffe\n"])
def test_a_problem_is_one_line_of_printable_text(text):
    for problem in read(text)[1]:
        assert "\n" not in problem and not INVISIBLE.search(problem), repr(problem)


def test_a_long_word_is_not_printed_whole():
    text = f"? {'a' * 5000}\n: 1\n? {'a' * 5000}\n: 2\n"
    assert all(len(problem) < 300 for problem in read(text)[1])


# ── positions ──


def test_places_count_characters_not_bytes():
    node, problems = read("地区: 绵阳市 # 注\n# 注\n数值:\n  - {年龄: 零, 金额: 八十}\n")
    assert problems == [] and node
    assert places(node) == {
        "地区": (1, 1),
        "绵阳市": (1, 5),
        "数值": (3, 1),
        "年龄": (4, 6),
        "零": (4, 10),
        "金额": (4, 13),
        "八十": (4, 17),
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_are_the_same_with_any_line_end(end):
    node, _ = read(end.join(["甲: 1", "", "乙:", "  丙: 2", ""]))
    assert node and places(node)["2"] == (4, 6)
    assert read(end.join(["甲: 1", "", "乙: 2", "甲: 3"]))[1] == [
        "f:4:1: 字段“甲”写了两次；第 1 行已有，只留一个"
    ]


def test_empty_value_stands_behind_its_colon():
    node, _ = read("甲:\n乙: 1\n")
    assert node and places(node)[""] == (1, 3)


def test_line_ends_of_windows_leave_no_trace_in_text():
    assert plain(read("甲: 乙\r\n丙: |\r\n  丁\r\n")[0]) == {"甲": "乙", "丙": "丁\n"}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("甲: 乙\u200b\n", "f:1:5"),
        ("甲: 1\n\n乙: 2\u202e丙\n", "f:3:5"),
        ("\ufeff甲: 1\n", "f:1:1"),
        ("甲: 1\n\ufeff乙: 1\n", "f:2:1"),
        ("甲: 1\r乙: 2\n", "f:1:5"),
        ("甲: \u00ad\n", "f:1:4"),
        ("甲: \x1b[2J\n", "f:1:4"),
        ("# \u2066\n甲: 1\n", "f:1:3"),
        ("甲: \x85\n", "f:1:4"),
        ("甲: \u2028\n", "f:1:4"),
        ("甲: 1 # \x00\n", "f:1:8"),
        (b"\xd5\xe3", "f:1:1"),
        ("甲: 1\n乙: 丙".encode() + b"\xff\n", "f:2:5"),
        ("甲: \ud800\n", "f:1:4"),
        ("甲: 1\n".encode("utf-16"), "f:1:1"),
    ],
)
def test_what_no_eye_can_see_is_refused_in_its_place(data, place):
    assert [problem.split(": ")[0] for problem in read(data)[1]] == [place]


@pytest.mark.parametrize(
    "escape", ["\\u200b", "\\u202e", "\\0", "\\e", "\\xad", "\\N", "\\L", "\\r"]
)
def test_what_no_eye_can_see_is_refused_as_an_escape(escape):
    assert read(f'甲:\n  乙: ["{escape}"]\n')[1] == ["f:2:7: 转义里有看不见的字符；写能看见的字"]
    assert read(f'甲:\n  "{escape}": 1\n')[1] == ["f:2:3: 转义里有看不见的字符；写能看见的字"]


def test_names_beyond_the_common_planes_are_text():
    assert plain(read("甲: 𠮷\n乙: ①㎡“”—…·〔2021〕￥\n")[0]) == {
        "甲": "𠮷",
        "乙": "①㎡“”—…·〔2021〕￥",
    }


def test_all_problems_that_hide_nothing_are_found_at_once():
    _, problems = read("甲: !!str 1\n甲: 2\n<<: {}\n[乙]: 3\n")
    assert [problem.split(": ")[0] for problem in problems] == ["f:1:4", "f:2:1", "f:3:1", "f:4:1"]


# ── limits ──


def test_depth_of_twelve_is_read_and_thirteen_refused():
    assert MAX_DEPTH == 12
    assert read("[" * 12 + "]" * 12)[1] == []
    assert read("[" * 13 + "]" * 13)[1] == ["f:1:13: 嵌套超过 12 层；看看括号或缩进是不是写多了"]
    maps = "".join(f"{'  ' * n}a:\n" for n in range(11))
    assert read(maps)[1] == []
    assert read(maps + "  " * 11 + "a:\n")[1] == [
        "f:12:23: 嵌套超过 12 层；看看括号或缩进是不是写多了"
    ]


def test_file_of_256_kb_is_read_and_one_byte_more_refused():
    text = b"a: 1\n"
    assert read(text.ljust(MAX_BYTES, b"#"))[1] == []
    _, (problem,) = read(text.ljust(MAX_BYTES + 1, b"#"))
    assert problem.startswith("f:1:1: ") and "最多 256 KB" in problem
    assert "有 256 KB" not in problem, "256 KB are allowed: say that it is more"


BOMBS = {
    "brackets": "[" * 30_000,
    "braces": "{" * 30_000,
    "all brackets": "[" * MAX_BYTES,
    "maps in maps": "{a: " * 30_000,
    "lists of lists": "[[]," * 30_000,
    "dashes": "- " * 30_000,
    "questions": "? " * 30_000,
    "staircase": "".join(f"{' ' * n}-\n" for n in range(700)),
    "items": "[" + "a," * 130_000 + "]",
    "pairs": "{" + ",".join(f"a{n}: b" for n in range(20_000)) + "}",
    "same keys": "a: 1\n" * 50_000,
    "tags": "".join(f"a{n}: !x 1\n" for n in range(20_000)),
    "laughs": 'a: &a ["x"]\n' + "".join(f"{c}: &{c} [*a,*a,*a]\n" for c in "bcdefgh"),
    "open quote": 'a: "' + "x" * 250_000,
    "open lists": "[a: b, " * 30_000,
    "colons": "a: " + ":" * 250_000,
    "lines": "\n" * 250_000,
    "long text": "a: b\n" + "  c\n" * 60_000,
    "comment": "#" * 250_000,
    "quotes": '"' * 250_000,
    "backslashes": 'a: "' + "\\\\" * 120_000 + '"',
}


@pytest.mark.promise("B4")
@pytest.mark.parametrize("name", BOMBS)
def test_bomb_goes_off_harmlessly(name, figure):
    text = BOMBS[name][:MAX_BYTES]
    # What the other tests keep in memory is not to be searched meanwhile.
    gc.disable()
    try:
        start = time.process_time()
        node, problems = read(text)
        seconds = time.process_time() - start
    finally:
        gc.enable()
    assert seconds < 1.5, "the slowest takes 0.5 s"
    assert node or problems
    assert sum(map(len, problems[:10])) < 3_000
    figure("kind of bomb, no harm")


def test_place_is_written_as_an_editor_expects_it():
    assert str(Place("rules/sichuan/mianyang.yaml", 4, 8)) == "rules/sichuan/mianyang.yaml:4:8"
