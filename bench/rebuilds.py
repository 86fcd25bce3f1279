"""How long our build takes when it was built before: each edit is a real one, its pages counted."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from pathlib import Path

from measure import Run, ours

# An amount of money that a city gives its retirees each month.
_FIGURE = re.compile("(account\\.retiree\\.amount:\n.*\n      per: month\n      value: )([0-9]+)\n")


def _nothing(project: Path, number: int) -> None:
    pass


def _figure(project: Path, number: int) -> None:
    """The amount of the first city that has one is a yuan higher."""
    for path in sorted((project / "rules").rglob("*.yaml")):
        text = path.read_text("utf-8")
        if "\nlevel: pool\n" in text and (found := _FIGURE.search(text)):
            value = int(found[2]) + 1
            path.write_text(f"{text[: found.start(2)]}{value}{text[found.end(2) :]}", "utf-8")
            return
    raise SystemExit("no city has an amount to change")


def _guide(project: Path, number: int) -> None:
    """The guide of monthly amounts has one sentence more."""
    path = project / "content/guides/huaru/pool.md"
    path.write_text(f"{path.read_text('utf-8')}\n这一句是第{number}次改动。\n", "utf-8")


def _template(project: Path, number: int) -> None:
    """The template of all guides has another heading over its links."""
    path = project / "templates/guide.html"
    text, count = re.subn("<h2>相关[0-9]*</h2>", f"<h2>相关{number}</h2>", path.read_text("utf-8"))
    if count != 1:
        raise SystemExit("templates/guide.html has no heading 相关 to change")
    path.write_text(text, "utf-8")


EDITS: dict[str, Callable[[Path, int], None]] = {
    "nothing": _nothing,
    "a figure of one city": _figure,
    "the text of one guide": _guide,
    "the template of all guides": _template,
}


def rebuild(project: Path, out: Path, rounds: int) -> None:
    """Print what a build of ``out`` takes after each of the edits: medians, the first round thrown
    away. The edits take turns; the project is what the last build left, with its cache."""
    seconds: dict[str, list[float]] = {name: [] for name in EDITS}
    changed: dict[str, list[int]] = {name: [] for name in EDITS}
    Run(ours(project, out))
    pages = _pages(out)
    for number in range(1, rounds + 2):
        for name, edit in EDITS.items():
            edit(project, number)
            run = Run(ours(project, out))
            before, pages = pages, _pages(out)
            count = sum(before.get(path) != text for path, text in pages.items())
            if (count == 0) != (edit is _nothing):
                raise SystemExit(f"{name} changed: {count} pages are new")
            if number > 1:
                seconds[name].append(run.seconds)
                changed[name].append(count)
    print("\n| changed since the last build | seconds | pages that are new |\n|---|---|---|")
    for name, found in seconds.items():
        count = statistics.median(changed[name])
        print(f"| {name} | {statistics.median(found):.2f} | {count:,.0f} |", flush=True)


def _pages(out: Path) -> dict[Path, int]:
    return {path: hash(path.read_bytes()) for path in out.rglob("*.html")}
