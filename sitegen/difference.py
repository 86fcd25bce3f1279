"""What an edit changes on the pages: sentence by sentence, equal changes told once."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from sitegen import manifest
from sitegen.edition import Edition
from sitegen.errors import ProjectError
from sitegen.keys import Keys
from sitegen.lint import main_text
from sitegen.pipeline import Stores, prepare, stores_of
from sitegen.render import Code, Renderer
from sitegen.storage import digest_of
from sitegen.templates import templates_of

# What a project is, for git.
FOLDERS = ("content", "rules", "templates")


def unpack(root: Path, ref: str, to: Path) -> None:
    """Put the project as of a commit of git into ``to``; raises ``ProjectError`` if git cannot."""
    command = ["git", "-C", str(root), "archive", "--format=tar", ref, *FOLDERS]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise ProjectError("没有装 git，没法和以前比") from None
    if done.returncode:
        why = " ".join(done.stderr.decode(errors="replace").split())
        raise ProjectError(f"git 里找不到 {ref}（{why}）；写一个提交、分支或标签，例如 HEAD~1")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        # Before Python 3.11.4 ``extractall`` cannot be told to be careful. We want files alone.
        for member in filter(tarfile.TarInfo.isfile, archive):
            if file := archive.extractfile(member):
                path = to / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())


def differences(old: Path, new: Path, edition: Edition) -> Iterator[str]:
    """The lines that tell how the pages of two projects differ in an edition.

    Raises ``LoadError`` for a project that cannot be read.
    """
    # What both have in common, a build of the new one has read and compiled.
    stores = stores_of(new, manifest.hash_code())
    before, after = _Pages(old, edition, stores), _Pages(new, edition, stores)
    changed = [u for u, key in after.keys.items() if before.keys.get(u, key) != key]
    gone = sorted(before.keys.keys() - after.keys.keys())
    added = sorted(after.keys.keys() - before.keys.keys())
    yield f"{len(changed)} 页的内容有变化，新增 {len(added)} 页，没了 {len(gone)} 页"
    yield from (f"没了 {url}" for url in gone)
    yield from (f"新增 {url}" for url in added)
    alike: dict[tuple[str, ...], list[str]] = {}
    for url in changed:
        lines = tuple(_changes(before.sentences(url), after.sentences(url)))
        alike.setdefault(lines, []).append(url)
    for lines, urls in sorted(alike.items(), key=lambda item: len(item[1])):
        more = f" 等 {len(urls)} 页" if len(urls) > 1 else ""
        yield f"{urls[0]}{more}"
        yield from lines or ("  （文字没有变，变的是网址、出处或计算用的数）",)


class _Pages:
    """The pages of one project, by URL."""

    def __init__(self, root: Path, edition: Edition, stores: Stores) -> None:
        _, plan, assets, _ = prepare(root, edition, stores.read)
        # The look of all pages is not what an editor asks for, what the texts say is.
        texts = templates_of(plan.texts).items()
        keys = Keys("", {name: digest_of(source) for name, source in texts})
        # The data of a page changes with the page.
        self._pages = {page.url: page for page in plan.pages if not page.is_data}
        self.keys: Mapping[str, str] = {url: keys.key(page) for url, page in self._pages.items()}
        self._renderer = Renderer(root, plan.texts, assets, Code(stores.templates.get))

    def sentences(self, url: str) -> list[str]:
        """The text of a page in pieces that a reader takes in at once."""
        text = main_text(self._renderer.page(self._pages[url]).decode())
        plain = re.sub(r"\[[0-9]+\]|\[网页\]|\t", "", text)
        parts = (" ".join(part.split()) for part in re.split(r"(?<=[。！？；])|\n", plain))
        return [part for part in parts if part]


def _changes(old: list[str], new: list[str]) -> Iterator[str]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (f"  - {line}" for line in old[a:b])
            yield from (f"  + {line}" for line in new[c:d])
