#!/usr/bin/env python3
"""Build, check and serve the site: `build.py --help` tells all. The work is done in sitegen/."""

from __future__ import annotations

import os
import signal
import sys

# Before anything that an older one could not even read.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"要 Python 3.11 或更新的，这里是 {sys.version_info[0]}.{sys.version_info[1]}")

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sitegen.commandline import parser
from sitegen.commands import COMMANDS
from sitegen.errors import ProjectError


def today() -> date:
    # The day starts in Shanghai: at 16:00 UTC tomorrow's entry is already in force there.
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def terminated(number: int, frame: object) -> None:
    """TERM ends a command as Ctrl-C does: what it began is cleared away."""
    raise KeyboardInterrupt(number)


def number_of(folder: Path | None) -> int:
    """What tells a folder from every other one; a site that is replaced has another number."""
    with suppress(OSError):
        return folder.stat().st_ino if folder else 0
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """0 all good, 1 problems (nothing published), 2 the command line is wrong.

    Stopped by a signal: 128 and its number, as of a shell.
    """
    signal.signal(signal.SIGTERM, terminated)
    args = parser().parse_args(argv)
    args.clock = today
    args.day = args.as_of or today()
    before = number_of(args.out)

    def site() -> str:
        is_new = number_of(args.out) != before
        return "新的网站已经换上" if is_new else "原来的网站没有动"

    try:
        code = COMMANDS[args.command or "build"](args)
        sys.stdout.flush()
        return code
    except ProjectError as error:
        for line in error.lines:
            print(line, file=sys.stderr)
    except ModuleNotFoundError as error:
        lock = "requirements-serve.txt" if args.command == "serve" else "requirements.txt"
        remedy = f"用 ./run，或者先 python -m pip install --require-hashes -r {lock}"
        print(f"没有装 {error.name}；{remedy}", file=sys.stderr)
    except ImportError as error:  # a library that is there, and cannot be read
        where = error.path or error.name
        print(f"打不开 {where}（{error.msg.removeprefix(f'{where}: ')}）", file=sys.stderr)
    except BrokenPipeError:  # who reads our lines has read enough
        return 1
    except OSError as error:
        # Only what we print goes to no file that has a name.
        where = f"打不开 {error.filename}" if error.filename else "结果没有打印出来"
        told = "" if error.filename else f"；{site()}"
        print(f"{where}（{error.strerror}）{told}", file=sys.stderr)
    except KeyboardInterrupt as stopped:
        print(f"停下了，{site()}", file=sys.stderr)
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    return 1


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()  # stdout is flushed already, where anybody reads it
    os._exit(code)  # to tidy up the memory of ten thousand pages takes longer than to drop it
