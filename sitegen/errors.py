"""What stops a command: something for a person to read, never a traceback."""

from __future__ import annotations

from collections.abc import Sequence


class ProjectError(Exception):
    """``lines`` say in Chinese what is wrong, one after the other."""

    def __init__(self, *lines: object) -> None:
        super().__init__(*lines)
        self.lines: Sequence[str] = [str(line) for line in lines]
