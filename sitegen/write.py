"""Putting a whole site in place of the old one, or leaving the old one untouched.

The new site is made in a folder of its own; when it is whole, the two folders change places in
one step, so that at every moment the output is the whole old site or the whole new one. What
was the old site may be kept: the next build then brings it up to date and exchanges again, so
that only what two builds changed is written.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sitegen.errors import ProjectError
from sitegen.headers import MARKER, MARKER_FILE


class WriteError(ProjectError):
    """The site could not be put in place; the old one is as it was."""


class WriteReport(NamedTuple):
    """How many files were written and how many bytes they hold."""

    files: int
    bytes: int


def file_of(url: str) -> str:
    """The file of a URL: ``/tianjin/`` → ``tianjin/index.html``."""
    return url.lstrip("/") + "index.html" if url.endswith("/") else url.lstrip("/")


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
        _make_folder(target.rpartition("/")[0])
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


def put_anew(folder: Path | str, path: str, content: bytes) -> Stamp:
    """Write a file in place of whatever is there, a file or a folder, also on the way to it."""
    target = f"{folder}/{path}"
    try:
        os.unlink(target)
    except FileNotFoundError:
        pass
    except NotADirectoryError:  # a part of the way was a file
        while not os.path.lexists(target):
            target = os.path.dirname(target)
        if not os.path.isdir(target):  # what another process has put right meanwhile
            os.unlink(target)
    except (IsADirectoryError, PermissionError):  # which of both depends on the system
        if not os.path.isdir(target):
            raise
        shutil.rmtree(target)
    return put(folder, path, content)


def _make_folder(folder: str) -> None:
    """A folder for a file; that above it is mostly there, and another process may make it too."""
    with suppress(FileExistsError):
        try:
            os.mkdir(folder)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)


def link(source: Path, folder: Path, path: str) -> Stamp:
    """Let ``folder`` have the file of ``source`` too: one file then, or a copy where the disk
    knows no second name of a file."""
    target = f"{folder}/{path}"
    try:
        _link(f"{source}/{path}", target)
    except FileNotFoundError:
        _make_folder(target.rpartition("/")[0])
        _link(f"{source}/{path}", target)
    return stamp_of(os.lstat(target))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)


def stamp_again(folder: Path, path: str, stamp: Stamp) -> Stamp:
    """The stamp of a file whose other name is gone, which counts as a change of it.

    One that is no longer what was linked has the stamp of no file.
    """
    found = stamp_of(os.stat(f"{folder}/{path}", follow_symlinks=False))
    return found if is_same(found, stamp) else (0, 0, 0, 0)


def is_same(one: Stamp, other: Stamp) -> bool:
    """Whether two stamps are of one content: another name of a file changes nothing but a time."""
    return (one[0], one[1], one[3]) == (other[0], other[1], other[3])


def take_out(folder: Path, path: str) -> None:
    """Take a file out of a folder, if it is there."""
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(f"{folder}/{path}")


def remove(folder: Path, path: str) -> None:
    """Take a file out of a folder, if it is there, and the folders that are empty then."""
    take_out(folder, path)
    gone = f"{folder}/{path}"
    with suppress(OSError):  # the first folder that still holds something
        while (gone := os.path.dirname(gone)) != str(folder):
            os.rmdir(gone)


def files_in(folder: Path) -> Iterator[tuple[str, Stamp]]:
    """All that lies in a folder and is no folder, by its path from there."""
    folders = [""]
    while folders:
        start = folders.pop()
        with os.scandir(f"{folder}/{start}") as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{start}{entry.name}/")
                else:
                    yield f"{start}{entry.name}", stamp_of(entry.stat(follow_symlinks=False))


@contextmanager
def locked(path: Path, out: Path) -> Iterator[None]:
    """The right to write ``out``, which only the process has that locks the file ``path``.

    Raises ``WriteError`` for every other one. The system lets go of the lock whatever ends us.
    """
    try:
        import fcntl
    except ImportError:  # a system without such locks has none
        yield
        return
    with ExitStack() as open_files:
        with suppress(OSError):  # where nothing can be kept, nothing is locked
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open_files.enter_context(path.open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                what = f"另一个生成正在写 {out.name}/（锁是 {path}）；等它做完再来"
                raise WriteError(what) from None
        yield


@contextmanager
def staged(out: Path, spare: Path | None = None) -> Iterator[Path]:
    """A folder that takes the place of ``out`` if the block ends well, else disappears.

    With ``spare``, on the same disk, it is that folder, as it is where it exists, and what was
    in ``out`` is there afterwards. Raises ``WriteError`` for what the system refuses, and for an
    ``out`` that is not ours.
    """
    out = out.resolve() if not out.is_symlink() else out
    _refuse_foreign(out)
    recover(out)
    beside = out.with_name(f".{out.name}-new")
    staging = spare or beside
    try:
        for left in (beside, out.with_name(f".{out.name}-old")):
            if left.exists():
                shutil.rmtree(left)
        staging.mkdir(parents=True, exist_ok=spare is not None)
        yield staging
        time.sleep(TICK)
        _exchange(staging, out)
    except OSError as error:
        _clear(staging)
        raise _refused(error, staging, out) from error
    except BaseException:
        _clear(staging)
        raise
    if not spare:
        _clear(staging)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and TERM wait for the end of the block, in what is started in it for ever."""
    if not hasattr(signal, "pthread_sigmask"):  # a system without such signals
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _clear(folder: Path) -> None:
    # Interrupted, rmtree closes one file twice, and what is left of the folder stays.
    with uninterrupted():
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # a disk that refused one call of many
            shutil.rmtree(folder, ignore_errors=True)


def _refused(error: OSError, where: Path, out: Path) -> WriteError:
    name = error.filename or where
    return WriteError(f"写不进 {name}（{error.strerror}）；原来的 {out.name}/ 没有动")


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
    """Let the two folders change places, in one step where the system can do that."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists() or not any(out.iterdir()):
        staging.rename(out)
        return
    if _swap(staging, out):
        return
    old = out.with_name(f".{out.name}-old")
    out.rename(old)
    try:
        staging.rename(out)
    except BaseException:
        old.rename(out)
        raise
    old.rename(staging)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names in one step; whether the system can."""
    import ctypes  # needed once, at the end of a build that wrote something

    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)
    if not swap(here, os.fsencode(one), here, os.fsencode(other), exchange):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def recover(out: Path) -> None:
    """Put the old site back where a build was killed between the two steps of an exchange."""
    old = out.with_name(f".{out.name}-old")
    if not out.exists() and old.is_dir():
        old.rename(out)
