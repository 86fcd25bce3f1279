"""docs/promises.md: each promise, the tests that prove it, what they counted. Not a test.

A pytest plugin. A whole usual run holds what its tests said against the table, and fails where
the table says other words; with ``--write-promises`` it writes its column, and one with ``--all``
the other.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PROMISES = ROOT / "tests" / "promises.yaml"
TABLE = ROOT / "docs" / "promises.md"

HEAD = """# What is promised, and what proves it

Made by `./run test --write-promises` and `./run test --all --write-promises`; a run that proves
something else fails. The first figure is of the usual run, a sample; the second of `--all`, where
that is more. Where no test can prove a promise, the command that can stands in place of tests.
"""


def promises() -> dict[str, dict[str, dict[str, str]]]:
    """The promises by group and id."""
    groups = yaml.safe_load(PROMISES.read_text(encoding="utf-8"))
    assert isinstance(groups, dict)
    return groups


@dataclass
class Run:
    """What the tests of one run said: figures by promise, and the tests that prove each."""

    figures: dict[str, dict[str, str]] = field(default_factory=dict)
    tests: dict[str, set[str]] = field(default_factory=dict)


def cells() -> dict[str, tuple[str, str]]:
    """The figures of the usual run and of ``--all`` in the table as it is, by promise."""
    found = {}
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.is_file() else []
    for line in lines:
        parts = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("|") and len(parts) == 5:
            found[parts[0]] = (parts[2], parts[3])
    return found


def table(run: Run, is_all: bool) -> str:
    """The table with the figures of ``run`` in its column, the other column as it was."""
    before = cells()
    lines = [HEAD]
    for group, items in promises().items():
        lines.append(f"\n## {group}\n")
        lines.append("| | promise | figure | with `--all` | proved by |\n|---|---|---|---|---|")
        for id, item in items.items():
            usual, every = before.get(id, ("", ""))
            said = Counter(text for _, text in sorted(run.figures.get(id, {}).items()))
            words = "; ".join(f"{n} × {text}" if n > 1 else text for text, n in said.items())
            usual, every = (usual, words) if is_all else (words, every)
            every = "" if every == usual else every
            by = ", ".join(f"`{test}`" for test in sorted(run.tests.get(id, ())))
            by = by or (f"by hand: `{item['hand']}`" if "hand" in item else "**nothing yet**")
            lines.append(f"| {id} | {item['promise']} | {usual} | {every} | {by} |")
    return "\n".join(lines) + "\n"


def news(run: Run) -> list[str]:
    """What a run said that the table does not say: words of a figure, or a test.

    Numbers may differ by a call or two from one machine to the next; what a machine cannot do
    (it has no nginx, it forbids mounts) is skipped there and stays in the table.
    """
    text = TABLE.read_text(encoding="utf-8") if TABLE.is_file() else ""
    rows = {line.split("|")[1].strip(): _words(line) for line in text.splitlines() if "|" in line}
    found = []
    for groups in promises().values():
        found += [f"{id} at all" for id in groups if id not in rows]
    for id, tests in run.tests.items():
        said = {*tests, *run.figures.get(id, {}).values()}
        found += [f"{id}: {text}" for text in sorted(said) if _words(text) not in rows.get(id, "")]
    return found


def _words(text: str) -> str:
    return re.sub("[0-9][0-9,]*", "#", text)


class Promises:
    """Collects what the tests of a run say, in whatever process they run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._run = Run()
        self._told = ""

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for mark in item.iter_markers("promise"):
            item.user_properties.append((str(mark.args[0]), ""))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path, _, name = report.nodeid.partition("::")
        for id, words in report.user_properties if report.when == "call" else ():
            self._run.tests.setdefault(id, set()).add(f"{Path(path).name}::{name.split('[')[0]}")
            if words:
                self._run.figures.setdefault(id, {})[f"{report.nodeid} {words}"] = str(words)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        is_worker = hasattr(self._config, "workerinput")
        is_writing = self._config.getoption("--write-promises")
        # To write the table, the tests of promises are enough: -m promise.
        is_all_of_them = is_writing and self._config.getoption("markexpr") == "promise"
        if is_worker or session.exitstatus or (is_part(self._config) and not is_all_of_them):
            return
        if is_writing:
            made = table(self._run, bool(self._config.getoption("--all")))
            TABLE.write_text(made, encoding="utf-8")
        elif not self._config.getoption("--all") and (stale := news(self._run)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            remedy = "./run test --write-promises, and read the diff"
            self._told = f"docs/promises.md does not say {'; '.join(stale)}: {remedy}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._told:
            terminalreporter.write_line(self._told, red=True)


def is_part(config: pytest.Config) -> bool:
    """Whether a run is of some tests only."""
    is_chosen = any(config.getoption(name) for name in ("keyword", "markexpr", "lf", "stepwise"))
    return is_chosen or any(not Path(arg).is_dir() for arg in config.args)
