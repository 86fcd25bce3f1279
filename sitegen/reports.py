"""Problems for whom they are meant: a person, a program, the checks of GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sitegen.model import Problem


def lines_of(problems: Iterable[Problem], form: str) -> Iterator[str]:
    """Each problem as one line in a ``form``: ``text``, or ``github`` (workflow commands)."""
    for problem in problems:
        yield _command(problem) if form == "github" else str(problem)


def as_json(problems: Iterable[Problem], **told: Any) -> str:
    """All problems, and what else is ``told``, as one JSON object.

    Lines and columns count from 1.
    """
    found = [
        {
            "file": problem.place.path,
            "line": problem.place.line,
            "column": problem.place.col,
            "level": _level(problem),
            "what": problem.what,
            "expected": problem.expected,
            "near": problem.near,
        }
        for problem in problems
    ]
    return json.dumps({"problems": found, **told}, ensure_ascii=False, indent=1)


def _level(problem: Problem) -> str:
    return "warning" if problem.warning else "error"


def _command(problem: Problem) -> str:
    place = problem.place
    file = _escaped(place.path).replace(":", "%3A").replace(",", "%2C")
    where = f"file={file},line={place.line},col={place.col}"
    words = str(problem).removeprefix(f"{place}: ").removeprefix("提醒：")
    return f"::{_level(problem)} {where}::{_escaped(words)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
