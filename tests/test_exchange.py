"""Rules through a spreadsheet: what a person changed in it gets into the files, nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.load import load_rules
from test_cli import run

JIA = "jia account.retiree.amount"


@pytest.fixture
def edit(mini: Path, tmp_path: Path) -> Callable[..., Path]:
    """Export, change the rows in Python as an office would, and save them."""

    def edited(change: Callable[[list[dict[str, str]]], None], encoding: str = "utf-8-sig") -> Path:
        path = tmp_path / "a.csv"
        assert run("export", path, "--root", mini).returncode == 0
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
        columns = list(rows[0])
        change(rows)
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    return edited


def row_of(rows: list[dict[str, str]], number: str) -> dict[str, str]:
    return next(row for row in rows if row["编号"] == number)


def lines_of(mini: Path) -> dict[str, list[str]]:
    files = (mini / "rules").rglob("*.yaml")
    return {str(path): path.read_text("utf-8").splitlines() for path in files}


def bring_in(mini: Path, path: Path, *args: str) -> tuple[int, list[str], list[str]]:
    done = run("import", path, "--root", mini, *args)
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def test_sheet_that_nobody_changed_changes_nothing(mini, edit):
    run("fmt", "--root", mini)
    before = lines_of(mini)
    assert bring_in(mini, edit(lambda rows: None)) == (0, ["表里没有改动"], [])
    assert lines_of(mini) == before


def test_export_has_a_line_for_every_entry_and_every_row_of_it(mini, edit):
    rules = load_rules(mini)
    entries = [e for values in rules.entries.values() for es in values.values() for e in es]
    rows = sum(len(e.value) for e in entries if isinstance(e.value, tuple))
    seen: list[dict[str, str]] = []
    edit(seen.extend)
    assert len(seen) == len(entries) + rows


def test_changed_figure_gets_into_its_row_and_nothing_else_changes(mini, edit):
    run("fmt", "--root", mini)
    before = lines_of(mini)

    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 2.2")["数值"] = "1620"

    path = edit(change)
    code, told, wrong = bring_in(mini, path)
    assert (code, wrong) == (0, [])
    assert told[0] == "rules/shili/jia.yaml"
    assert told[1].strip().startswith(f"{JIA} 2.2 数值：") and told[1].endswith(" → 1620")
    assert told[-1] == "1 个文件，1 处：写进去了；用 python build.py check 看一遍"
    after = lines_of(mini)
    differing = [
        (old, new)
        for file, lines in after.items()
        for old, new in zip(before[file], lines, strict=True)
        if old != new
    ]
    ((_, new),) = differing
    assert "value: 1620" in new
    assert load_rules(mini).entries["jia"]["account.retiree.amount"][1].value[1].value == 1620


def test_field_that_an_entry_did_not_have_is_added(mini, edit):
    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 1")["说明"] = "一句说明：带冒号，有100%"

    assert bring_in(mini, edit(change))[0] == 0
    note = load_rules(mini).entries["jia"]["account.retiree.amount"][0].note
    assert note == "一句说明：带冒号，有100%"


def test_line_without_a_number_is_a_new_entry(mini, edit):
    def change(rows: list[dict[str, str]]) -> None:
        old = row_of(rows, f"{JIA} 1")
        fields = {"从": "2031/1/1", "数值": "95", "核对日期": "2026/11/21", "原话": "每月95元"}
        rows.append({**old, **fields, "编号": ""})

    code, told, wrong = bring_in(mini, edit(change))
    assert (code, wrong) == (0, [])
    assert f"  {JIA} 新加：95，从 2031/1/1" in told
    entries = load_rules(mini).entries["jia"]["account.retiree.amount"]
    assert (entries[-1].value, str(entries[-1].start.day)) == (95, "2031-01-01")


def test_sheet_may_come_back_as_an_office_in_china_saves_it(mini, edit):
    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 2.2")["数值"] = "1620"

    assert bring_in(mini, edit(change, "gb18030"))[0] == 0
    assert load_rules(mini).entries["jia"]["account.retiree.amount"][1].value[1].value == 1620


def test_check_tells_and_writes_nothing(mini, edit):
    before = lines_of(mini)

    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 2.2")["数值"] = "1620"

    code, told, _ = bring_in(mini, edit(change), "--check")
    assert (code, told[-1]) == (0, "1 个文件，1 处：没有写，只是看看")
    assert lines_of(mini) == before


@pytest.mark.parametrize(
    ("number", "column", "words", "expected"),
    [
        (f"{JIA} 2.2", "数值", "很多", "rules/shili/jia.yaml:"),
        (f"{JIA} 2.2", "数值", "", "“数值”空了，原来是“"),
        (f"{JIA} 2", "数值", "90", "“数值”写在下面每一行里"),
        (f"{JIA} 2.2", "从", "2026-01-01", "“从”写在这一条的第一行"),
        (f"{JIA} 1", "出处", "nirgends", "rules/shili/jia.yaml:"),
        (f"{JIA} 1", "编号", f"{JIA} 99", f"没有编号“{JIA} 99”这一条"),
        (f"{JIA} 1", "编号", "atlantis x 1", "没有“atlantis”这个地区"),
    ],
)
def test_wrong_cell_is_named_and_no_file_is_written(mini, edit, number, column, words, expected):
    before = lines_of(mini)

    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, number)[column] = words

    code, told, wrong = bring_in(mini, edit(change))
    assert (code, told) == (1, [])
    assert expected in wrong[0], wrong
    assert "一个文件也没有写" in wrong[-1]
    assert lines_of(mini) == before


def test_line_that_was_copied_with_its_number_is_refused(mini, edit):
    before = lines_of(mini)

    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 2.2")["数值"] = "1620"
        rows.append({**row_of(rows, f"{JIA} 2.2"), "数值": "170"})

    code, told, wrong = bring_in(mini, edit(change))
    assert (code, told) == (1, [])
    assert re.search(r"a\.csv:\d+: 编号和第 \d+ 行一样；新加的一条，编号空着$", wrong[0])
    assert lines_of(mini) == before


@pytest.mark.parametrize("data", [b"a,b\n", b"", "编号,地区\n".encode(), b"\xff\xff\xff"])
def test_file_that_is_no_sheet_of_ours_is_one_line(mini, tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    code, told, wrong = bring_in(mini, tmp_path / "a.csv")
    assert (code, told, len(wrong)) == (1, [], 1)
    assert str(tmp_path / "a.csv") in wrong[0]


def test_what_looks_like_a_formula_is_none_in_a_spreadsheet_and_comes_back(mini, edit, tmp_path):
    def change(rows: list[dict[str, str]]) -> None:
        row_of(rows, f"{JIA} 1")["说明"] = "=1+1 的样子"

    assert bring_in(mini, edit(change))[0] == 0
    seen: list[dict[str, str]] = []
    path = edit(seen.extend)
    assert row_of(seen, f"{JIA} 1")["说明"] == "'=1+1 的样子"
    assert bring_in(mini, path)[1] == ["表里没有改动"]
