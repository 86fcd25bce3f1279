"""What every page brings along or points to: the inlined sheets and script, the other files.

The other files lie together in one folder named after all their bytes, so that a module may
import its neighbour by its plain name, an address never changes its content, and two
versions of the site never mix.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sitegen.load import LoadError, refuse_links
from sitegen.model import Place, Problem

FOLDER = "templates/assets"

# These stand in the pages themselves; all others become files.
STYLES = ("site.css", "sheet.css")
HEAD_SCRIPT = "head.js"


@dataclass(frozen=True)
class Assets:
    """The files of ``templates/assets`` and what the build adds to them.

    ``styles`` are the inlined sheets by name, ``head_script`` is the inlined script;
    ``files`` are all others by their path in the site, below ``folder`` (``/assets/<hash>/``).
    """

    styles: Mapping[str, str]
    head_script: str
    folder: str
    files: Mapping[PurePosixPath, bytes]

    @property
    def style_hashes(self) -> tuple[str, ...]:
        """The hashes by which the Content-Security-Policy allows the inlined sheets."""
        return tuple(_hash(text) for text in self.styles.values())

    @property
    def script_hash(self) -> str:
        """The hash by which the policy allows the inlined script."""
        return _hash(self.head_script)


def load_assets(root: Path, made: Mapping[str, bytes]) -> Assets:
    """Read ``<root>/templates/assets``; ``made`` are files of the build's own, by name.

    Raises ``LoadError`` where a sheet or the head script is missing, or a template is a link.
    """
    folder = root / FOLDER
    problems: list[Problem] = []
    refuse_links(root, root / "templates", problems.append)
    if problems:
        raise LoadError(problems)
    inlined = {name: _read(folder / name) for name in (*STYLES, HEAD_SCRIPT)}
    others = dict(made)
    for path in sorted(folder.iterdir()):
        if path.name not in inlined and path.is_file():
            others[path.name] = (
                strip(path.read_text("utf-8")).encode()
                if path.suffix == ".js"
                else path.read_bytes()
            )
    digest = hashlib.sha256()
    for name in sorted(others):
        digest.update(f"{name}\0{len(others[name])}\0".encode() + others[name])
    version = digest.hexdigest()[:8]
    return Assets(
        styles={name: minify(inlined[name]) for name in STYLES},
        head_script=minify(inlined[HEAD_SCRIPT]),
        folder=f"/assets/{version}/",
        files={PurePosixPath("assets", version, n): others[n] for n in sorted(others)},
    )


def minify(text: str) -> str:
    """A sheet or a script without comments, line breaks and the space around braces.

    Simple enough for our own files only: a script in here ends each statement with a semicolon
    and writes comments as ``/* … */``.
    """
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s*\n\s*", "", text)
    return re.sub(r"\s*([{};])\s*", r"\1", text).strip()


def strip(text: str) -> str:
    """A module without its comments and indents: what stands on lines of their own only."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*", "*")))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        place = Place(f"{FOLDER}/{path.name}")
        what = f"打不开（{error.strerror}）"
        raise LoadError([Problem(place, what, "这个文件是必须的")]) from None


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()
