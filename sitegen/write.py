"""Putting a whole site in place of the old one, or leaving the old one untouched.

Files go to a staging folder beside the output; only when all of them are there do the two
folders change places.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sitegen.errors import ProjectError

# The first line of a file that every build writes: the sign that a folder is ours.
MARKER_FILE = "_headers"
MARKER = "# 由 build.py 生成，请不要手改。\n"


class WriteError(ProjectError):
    """The site could not be put in place; the old one is as it was."""


class WriteReport(NamedTuple):
    """How many files were written and how many bytes they hold."""

    files: int
    bytes: int


def file_of(url: str) -> PurePosixPath:
    """The file of a URL: ``/tianjin/`` → ``tianjin/index.html``."""
    return PurePosixPath(url.lstrip("/") + "index.html" if url.endswith("/") else url.lstrip("/"))


def headers_text(style_hashes: Sequence[str], script_hash: str, has_full_text: bool = False) -> str:
    """The ``_headers`` file: one strict policy for every page, long life for the assets.

    With a full-text index the search page may run WebAssembly. Of two rules that match an
    address and name the same header, the later one holds.
    """
    quoted = f"'{script_hash}'"
    rules = {
        "/*": (
            f"Content-Security-Policy: {_policy(style_hashes, quoted)}",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Opener-Policy: same-origin",
            "Cross-Origin-Resource-Policy: same-origin",
            "Permissions-Policy: camera=(), geolocation=(), microphone=()",
            "Strict-Transport-Security: max-age=31536000",
            "Cache-Control: public, max-age=0, must-revalidate",
        ),
        # The name of the folder is the hash of what is in it.
        "/assets/*": ("Cache-Control: public, max-age=31536000, immutable",),
        "/sw.js": ("Cache-Control: no-cache",),
    }
    if has_full_text:
        policy = _policy(style_hashes, f"{quoted} 'wasm-unsafe-eval'")
        rules["/sousuo/*"] = (f"Content-Security-Policy: {policy}",)
    return MARKER + "".join(
        f"{path}\n" + "".join(f"  {line}\n" for line in lines) for path, lines in rules.items()
    )


def _policy(style_hashes: Sequence[str], scripts: str) -> str:
    """The policy with ``scripts`` (sources in quotes) beside our own files."""
    styles = " ".join(f"'{digest}'" for digest in style_hashes)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            f"style-src {styles}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            # Registering /sw.js is the one place that needs a policy (site.js).
            "trusted-types worker",
        )
    )


def sitemap_text(address: str, urls: Iterable[str]) -> str:
    """The sitemap of the pages that may be indexed, below the address of the site."""
    start = address.rstrip("/")
    lines = "".join(f"<url><loc>{start}{url}</loc></url>\n" for url in urls)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'


# Longer than between two ticks of the clock of a file system. We wait for it before anyone can
# see a new file: what is changed in it later on then has another time than what we wrote.
TICK = 0.012

# What tells a file apart from every other state of it: bytes, the times of its last change of
# content and of anything (nobody can set that one), and its number in the file system.
Stamp = tuple[int, int, int, int]


def stamp_of(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def put(folder: Path | str, path: str, content: bytes) -> Stamp:
    """Write a file that is not there yet, its folders too."""
    target = f"{folder}/{path}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        file = os.open(target, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        file = os.open(target, flags, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        return stamp_of(os.fstat(file))
    except OSError as error:
        error.filename = target
        raise
    finally:
        os.close(file)


@contextmanager
def staged(out: Path, removed: Sequence[str] | None = None) -> Iterator[Path]:
    """A new folder that takes the place of ``out`` if the block ends well, else disappears.

    With ``removed`` it holds only what is new: its files then go into ``out`` one by one, each
    whole at any moment, and the ``removed`` ones out of it (see ``recover``).
    Raises ``WriteError`` for what the system refuses, and for an ``out`` that is not ours.
    """
    out = out.resolve() if not out.is_symlink() else out
    _refuse_foreign(out)
    recover(out)
    staging = out.with_name(f".{out.name}-new")
    try:
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir(parents=True)
        yield staging
        time.sleep(TICK)
        if removed is None:
            _exchange(staging, out)
        else:
            _note(out, removed)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        where = error.filename or staging
        raise WriteError(
            f"写不进 {where}（{error.strerror}）；原来的 {out.name}/ 没有动"
        ) from error
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    if removed is not None:
        recover(out)


def _refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that no build of ours has made."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise WriteError(f"{out} 不是文件夹；请换一个输出位置")
    if not out.is_dir() or not any(out.iterdir()):
        return
    marker = out / MARKER_FILE
    if not marker.is_file() or not marker.read_bytes().startswith(MARKER.encode()):
        raise WriteError(f"{out} 里有别的东西，不是本程序生成的；请换一个空的输出位置")


def _exchange(staging: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}-old")
    if old.exists():
        shutil.rmtree(old)
    if out.exists():
        out.rename(old)
    try:
        staging.rename(out)
    except BaseException:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _note(out: Path, removed: Sequence[str]) -> None:
    """Write down that the staging folder is complete, and what is to go."""
    note, new = out.with_name(f".{out.name}-note"), out.with_name(f".{out.name}-note-new")
    new.write_text(json.dumps(list(removed)), encoding="utf-8")
    new.replace(note)


def recover(out: Path) -> None:
    """Carry out what is noted, also what a killed build had begun; without a note, nothing.

    A build that was killed before its note has changed nothing in ``out``; after it, every file
    is whole, the old or the new one, and the next build puts in what is missing.
    """
    note, staging = out.with_name(f".{out.name}-note"), out.with_name(f".{out.name}-new")
    old = out.with_name(f".{out.name}-old")
    if not out.exists() and old.is_dir():
        # Killed between the two steps of an exchange.
        old.rename(out)
    if not note.is_file():
        return
    try:
        _carry_out(out, staging, json.loads(note.read_text(encoding="utf-8")))
        shutil.rmtree(staging, ignore_errors=True)
        note.unlink()
    except OSError as error:
        where = error.filename or out
        raise WriteError(f"写不进 {where}（{error.strerror}）；再生成一次，会接着做完") from error


def _carry_out(out: Path, staging: Path, removed: Sequence[str]) -> None:
    for folder, _, names in os.walk(staging):
        target = out / Path(folder).relative_to(staging)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            Path(folder, name).replace(target / name)
    for path in removed:
        gone = out / path
        gone.unlink(missing_ok=True)
        with suppress(OSError):  # the first folder that still holds something
            for parent in gone.parents:
                if parent == out:
                    break
                parent.rmdir()
