"""CSV for programs of an office: opened by double click, and no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# By it a Chinese Excel knows UTF-8.
BOM = b"\xef\xbb\xbf"

# What starts with one of these is taken for a formula, full-width ones too, unless it is quoted.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def line_of(cells: Iterable[str]) -> str:
    """A line of CSV with its end; a cell is one line, and quoted where it looks like a formula."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow([_quoted(cell) for cell in cells])
    return text.getvalue()


def plain(cell: str) -> str:
    """A cell as it was before ``line_of``."""
    is_quoted = cell.startswith("'") and cell[1:].startswith(_FORMULA)
    return cell[1:] if is_quoted else cell


def _quoted(cell: str) -> str:
    flat = " ".join(cell.split())
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
