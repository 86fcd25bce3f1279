"""What the last build read and wrote, so that the next one does only what is new.

A manifest is plain JSON below ``.cache/`` of the project, which git ignores; one that is
missing, damaged or of other code costs time and nothing else. Two questions are answered by it:

- Is there anything to do? Everything that a build reads is hashed, never compared by time: it
  is 3 MB. What it wrote is 200 MB, so an output counts as untouched where size, both times (the
  second cannot be set by anyone), and the number of its file are those that the build itself
  saw; the build waits one tick of the clock before a page can be seen, so that no later change
  falls into the same tick.
- Which pages are new? Each has a key, a hash of its template and of everything in its context,
  known before it is rendered; the page of the same key and an untouched file stays as it is.

This module imports nothing but the standard library, and little of that: where nothing has
changed, it is all that runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sitegen.write import Stamp, stamp_of

# What is read of a project, and of the program itself.
FOLDERS = ("rules", "content", "templates")
CODE = Path(__file__).resolve().parent
PACKAGES = ("jinja2", "pagefind")


class Manifest(NamedTuple):
    """``inputs`` is the hash of all that was read, ``told`` what the build printed.

    ``files`` gives the key and the stamp of each file by its path in the site.
    """

    inputs: str
    told: tuple[str, ...] = ()
    files: Mapping[str, tuple[str, Stamp]] = MappingProxyType({})


def has_full_text() -> bool:
    """Whether an index of all words can be built here (fulltext.py)."""
    return find_spec("pagefind") is not None


def hash_code() -> str:
    """The hash of the program: our code, the versions of Python and of what is installed."""
    packages = sorted({p for name in PACKAGES for p in _beside(name)})
    return _hash((sys.version, *packages), [CODE])


def hash_inputs(root: Path, options: Sequence[str]) -> str:
    """The hash of everything that decides what a build makes: program, options, files.

    Raises ``OSError`` where a file cannot be read.
    """
    return _hash((hash_code(), *options), [root / name for name in FOLDERS])


def _hash(texts: Sequence[str], folders: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for text in texts:
        whole.update(f"{len(text)} {text} ".encode())
    for top in folders:
        for path in _files(str(top)):
            with open(path, "rb") as file:
                content = file.read()
            name = os.path.relpath(path, top.parent)
            whole.update(f"{len(name)} {name} {os.path.islink(path)} {len(content)} ".encode())
            whole.update(content)
    return whole.hexdigest()


def _beside(package: str) -> list[str]:
    """The names in the folder where a package is installed: they hold every version."""
    spec = find_spec(package)
    return os.listdir(Path(spec.origin).parent.parent) if spec and spec.origin else []


def _files(folder: str) -> Iterator[str]:
    """All files below a folder in a fixed order, without what Python and editors leave."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        elif entry.is_file():
            yield entry.path
        else:
            # A broken link is an error that the build has to name.
            raise FileNotFoundError(entry.path)


def path_of(root: Path, out: Path) -> Path:
    """Where the manifest of a project and an output lies."""
    name = hashlib.sha256(str(out.absolute()).encode()).hexdigest()[:16]
    return root / ".cache" / "site" / f"{name}.json"


def read(path: Path) -> Manifest | None:
    """The manifest of an earlier build, ``None`` where there is none that can be used."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        digest, _, text = path.read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() == digest:
            data = json.loads(text)
            return Manifest(data["inputs"], tuple(data["told"]), data["files"])
    return None


def save(path: Path, manifest: Manifest) -> None:
    """Keep a manifest. Where that cannot be, the next build does everything again."""
    data = {"inputs": manifest.inputs, "told": manifest.told, "files": manifest.files}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        new.replace(path)


def touched(out: Path, files: Mapping[str, tuple[str, Stamp]]) -> list[str]:
    """The files that are not as the build left them, or gone."""
    folder = f"{out}/"
    found = []
    for path, (_, stamp) in files.items():
        try:
            now = os.stat(folder + path, follow_symlinks=False)
        except OSError:
            found.append(path)
            continue
        if (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino) != tuple(stamp):
            found.append(path)
    return found


def after_move(out: Path, staged: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """The stamps of files that were moved into ``out``: a move counts as a change of the file.

    One that is not what was written has the stamp of no file.
    """
    stamps = {}
    for path, stamp in staged.items():
        found = stamp_of(os.stat(out / path, follow_symlinks=False))
        is_ours = (found[0], found[1], found[3]) == (stamp[0], stamp[1], stamp[3])
        stamps[path] = found if is_ours else (0, 0, 0, 0)
    return stamps


def nothing_to_do(root: Path, out: Path, options: Sequence[str]) -> tuple[str, ...] | None:
    """What the last build told, if it read and wrote just what there is now."""
    manifest = read(path_of(root, out))
    if manifest is None or out.with_name(f".{out.name}-note").exists():
        return None
    with suppress(OSError):
        if manifest.inputs == hash_inputs(root, options) and not touched(out, manifest.files):
            return manifest.told
    return None
