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
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sitegen.edition import Edition
from sitegen.storage import label_of, read_json, save_json
from sitegen.write import Stamp, files_in

# What is read of a project, and of the program itself.
FOLDERS = ("rules", "content", "templates")
CODE = Path(__file__).resolve().parent
PACKAGES = ("jinja2", "pagefind")


class Manifest(NamedTuple):
    """``inputs`` is the hash of all that was read, ``program`` of the program alone; ``looks`` is
    what each template was made of, by its name; ``told`` is what the build printed.

    ``files`` gives the key and the stamp of each file by its path in the site, ``parts`` the
    digest of each part by its name (parts.py).
    """

    inputs: str
    program: str = ""
    looks: Mapping[str, str] = MappingProxyType({})
    told: tuple[str, ...] = ()
    files: Mapping[str, tuple[str, Stamp]] = MappingProxyType({})
    parts: Mapping[str, str] = MappingProxyType({})


def has_full_text() -> bool:
    """Whether an index of all words can be built here (fulltext.py)."""
    return find_spec("pagefind") is not None


def hash_code() -> str:
    """The hash of the program: our code, the versions of Python and of what is installed."""
    packages = sorted({p for name in PACKAGES for p in _beside(name)})
    return _hash((sys.version, *packages), [CODE])


def hash_inputs(root: Path, edition: Edition) -> str:
    """The hash of everything that decides what a build makes: program, edition, files.

    Raises ``OSError`` where a file cannot be read.
    """
    return _hash((hash_code(), *edition.words), [root / name for name in FOLDERS])


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
    name = hashlib.sha256(os.path.realpath(out).encode()).hexdigest()[:16]
    return root / ".cache" / "site" / f"{name}.json"


def lock_of(root: Path, out: Path) -> Path:
    """Where the lock of a project and an output lies."""
    return path_of(root, out).with_suffix(".lock")


def stores(root: Path) -> tuple[Path, Path, Path]:
    """Where the stores of a project lie: of what was read, of the compiled templates, of the parts
    of the site."""
    folder = root / ".cache" / "site"
    return folder / "read.json", folder / "templates.json", folder / "parts.json"


def read(path: Path) -> Manifest | None:
    """The manifest of an earlier build, ``None`` where there is none that can be used."""
    data = read_json(path)
    with suppress(KeyError, TypeError):
        return Manifest(**{**data, "told": tuple(data["told"])})
    return None


class Last:
    """The last build of a project and an output, whoever ran it: what it kept is read again only
    where it has changed."""

    def __init__(self, root: Path, out: Path) -> None:
        self.path = path_of(root, out)
        self._labels: dict[Path, bytes] = {}
        self._manifest: Manifest | None = None
        self._spare: Mapping[str, tuple[str, Stamp]] = {}

    def manifest(self) -> Manifest | None:
        """What it read and wrote, if anything."""
        if self._is_new(self.path):
            self._manifest = read(self.path)
        return self._manifest

    def spare(self) -> Mapping[str, tuple[str, Stamp]]:
        """What the spare site holds, by path with key and stamp."""
        note = note_of(self.path)
        if self._is_new(note):
            self._spare = read_json(note) or {}
        return self._spare

    def _is_new(self, path: Path) -> bool:
        label = label_of(path)
        is_new = not label or self._labels.get(path) != label
        self._labels[path] = label
        return is_new


def save(path: Path, manifest: Manifest) -> None:
    """Keep a manifest. Where that cannot be, the next build does everything again."""
    save_json(path, manifest._asdict())


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


class Spare(NamedTuple):
    """The site before the last one, kept to be brought up to date and exchanged again.

    ``files`` gives key and stamp of each file that it was left with.
    """

    folder: Path
    files: Mapping[str, tuple[str, Stamp]] = MappingProxyType({})


def find_spare(root: Path, out: Path, last: Last) -> Spare | None:
    """The spare site of an output, as the last build left it; nothing is touched.

    ``None`` for an output outside of the project: what lies there is nobody's business later.
    """
    if root.resolve() not in out.parents or os.stat(root).st_dev != os.stat(out.parent).st_dev:
        return None
    return Spare(last.path.with_suffix(""), last.spare())


def strangers(spare: Spare) -> list[str]:
    """What is not in a spare site as it was left: files that are other ones now, or gone, or new.

    It may be asked while the site is brought up to date, which makes files new too.
    """
    found = dict(files_in(spare.folder)) if spare.files and spare.folder.exists() else {}
    missing = [path for path in spare.files if path not in found]
    files = spare.files
    return missing + [p for p, now in found.items() if p not in files or now != tuple(files[p][1])]


def take_spare(spare: Spare) -> None:
    """Make a spare site the caller's alone: whatever ends it before the spare is whole again,
    nobody trusts it then."""
    with suppress(OSError):
        note_of(spare.folder).unlink(missing_ok=True)
        if not spare.files:
            shutil.rmtree(spare.folder, ignore_errors=True)


def note_of(path: Path) -> Path:
    """Where it is noted what the spare site beside a manifest holds."""
    return path.with_suffix(".spare.json")


def keep_spare(spare: Spare, files: Mapping[str, tuple[str, Stamp]]) -> None:
    """Remember what the spare site holds now; one that holds nothing known goes."""
    if files:
        save_json(note_of(spare.folder), files)
    else:
        shutil.rmtree(spare.folder, ignore_errors=True)


def nothing_to_do(
    root: Path, out: Path, edition: Edition, last: Last | None = None
) -> tuple[str, ...] | None:
    """What the last build told, if it read and wrote just what there is now."""
    manifest = (last or Last(root, out)).manifest()
    if manifest is None:
        return None
    with suppress(OSError):
        if manifest.inputs == hash_inputs(root, edition) and not touched(out, manifest.files):
            return manifest.told
    return None
