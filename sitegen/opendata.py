"""The national tables as CSV, for spreadsheets: one line a pool and row of a figure.

A program of a Chinese office opens such a file by double click, so it carries a byte order mark,
and no cell may be taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from sitegen.atlas import Atlas
from sitegen.figures import Fact, Line
from sitegen.model import Area

COLUMNS = (
    *("省", "城市", "项目", "人员", "数值", "单位", "状态", "起始"),
    *("资料等级", "资料日期", "谁的规定", "说明", "依据", "网页"),
)

STATE = {
    "known": "查到",
    "described": "另有规定",
    "none": "没有这一项",
    "unknown": "未查到",
    "unverified": "待核实",
    "disputed": "说法不一",
}

# A spreadsheet takes a cell for a formula that starts with one of these, full-width ones too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

_PER = {"每月": "/月", "每年": "/年", "每次": "/次"}


def table_url(guide: str) -> str:
    """Where the CSV of a national table lies: ``/biao/huaru/yibao-huaru.csv``."""
    return f"/biao/{guide}/yibao-{guide}.csv"


def table_csv(atlas: Atlas, guide: str, columns: Iterable[tuple[str, str]], address: str) -> bytes:
    """All pools of a national table, parameter by parameter and row by row, as CSV.

    ``columns`` are the parameters with what the table calls them. Numbers are plain, without
    thousands marks, a share in percent; what is no number is left empty and named in 状态.
    ``address`` is that of the site, empty where it is not known: 网页 is then a path.
    """
    named = tuple(columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for pool in atlas.pools:
        province = atlas.rules.areas[pool.parent].short if pool.parent != "nation" else pool.short
        page = f"{address}/{pool.slug}/{guide}/"
        for id, label in named:
            for cells in _lines(atlas, pool, id):
                row = (province, pool.short, label, *cells, page)
                writer.writerow([_safe(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _lines(atlas: Atlas, pool: Area, id: str) -> Iterator[tuple[str, ...]]:
    """The middle cells of each line, from 人员 to 依据."""
    fact = atlas.fact(pool.slug, id)
    if fact.state in ("unknown", "unverified"):
        # What is not good enough for a page is not good enough for a list either.
        yield ("", "", "", STATE[fact.state], *[""] * 6)
        return
    for side in (fact, *fact.rivals):
        titles = "；".join(atlas.source_views[id].title for id in side.sources)
        whose = fact.inherited or pool.short
        for line in side.lines or (Line("", fact.state, note=fact.note),):
            state = STATE[fact.state if line.state == "known" else line.state]
            figures = (line.label, *_number(side, line), state, side.since)
            yield (*figures, side.level_text, side.dated, whose, _remark(side, line), titles)


def _number(fact: Fact, line: Line) -> tuple[str, str]:
    """数值 and 单位 of a row: 70 and 元/月, 2.5 and %, 2026年2月28日 and 日期."""
    if line.state != "known":
        return "", ""
    if line.number is None:
        return line.figure, "日期"
    if line.unit:
        return f"{line.number:f}", line.unit + _PER.get(fact.per, "")
    return f"{(line.number * 100).normalize():f}", "%"


def _remark(fact: Fact, line: Line) -> str:
    """What a share is a share of, what was noted, and why to ask once more."""
    of = line.figure if line.number is not None and not line.unit else ""
    hedge = f"暂按这个数。{fact.provisional}" if fact.provisional else ""
    parts = (of, line.note, fact.note, hedge, fact.overdue)
    return "；".join(dict.fromkeys(part.rstrip("。") for part in parts if part))


def _safe(cell: str) -> str:
    """The cell on one line, with a quote before what a spreadsheet would take for a formula."""
    flat = " ".join(cell.split())
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
