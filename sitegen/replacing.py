"""Putting what is new into the site that takes the place of the old one, and keeping the rest.

Where there is a spare site, the one before the last, it is brought up to date: that it is as it
was left is believed while the new pages are made, and seen in the meantime.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sitegen import manifest
from sitegen.edition import Edition
from sitegen.fulltext import index_files, is_searched
from sitegen.keys import Keys
from sitegen.making import Maker, make
from sitegen.manifest import Spare
from sitegen.pipeline import Progress
from sitegen.plan import Outline, Plan
from sitegen.render import Renderer
from sitegen.storage import digest_of
from sitegen.write import (
    Stamp,
    WriteError,
    file_of,
    is_same,
    link,
    put,
    remove,
    staged,
    stamp_again,
    stamp_of,
    take_out,
)

Files = Mapping[str, tuple[str, Stamp]]


@dataclass(frozen=True)
class Project:
    """A project in outline, and all that its site is made with.

    ``others`` gives the files beside the pages of a plan, by their path in the site.
    """

    outline: Outline
    keys: Keys
    renderer: Renderer
    others: Callable[[Plan], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True)
class Replaced:
    """The plan of the new site; its files by path, each with its key and stamp; what is new.

    ``spare`` are the files of the old one, which is the next to be brought up to date.
    """

    plan: Plan
    files: Files
    new: frozenset[str]
    spare: Files


class SpareDamaged(Exception):
    """A file of the spare site is not as it was left, and its page was not made for that."""


def replace_site(
    out: Path,
    edition: Edition,
    project: Project,
    last: Files,
    touched: frozenset[str],
    spare: Spare | None,
    strangers: Callable[[], Iterable[str]],
    progress: Progress,
) -> Replaced:
    """Put the new site in place of the old one.

    ``last`` are the files of the old one as its build left them, but for those that were
    ``touched``; ``strangers`` tells what the spare site was not left with. Raises
    ``SpareDamaged``, upon which it can be called again without one.
    """
    valid = {path: key for path, (key, _) in last.items() if path not in touched}
    had = {path: key for path, (key, _) in spare.files.items()} if spare else {}
    if spare:
        manifest.take_spare(spare)
    with staged(out, spare.folder if spare else None) as folder:
        maker = Maker(project.renderer, project.keys, folder, bool(had), had, valid)
        rows, plan = _pages(project.outline, maker, progress)
        stamps = {path: stamp for path, (_, stamp) in rows.items() if stamp}
        new = frozenset(stamps)
        others = dict(project.others(plan))
        wanted = {path: key for path, (key, _) in rows.items()}
        wanted |= {path: digest_of(data) for path, data in others.items()}
        index = _Index(edition, plan, wanted)
        wanted |= index.left(last, valid)
        gone = _clear(folder, had, set(strangers()) - new, new, wanted, valid)
        linked: dict[str, Stamp] = {}
        for path, key in wanted.items():
            if path in new:
                continue
            if spare and had.get(path) == key:
                stamps[path] = spare.files[path][1]
            elif valid.get(path) == key:
                stamps[path] = linked[path] = link(out, folder, path)
                if not is_same(stamp_of(os.lstat(f"{out}/{path}")), last[path][1]):
                    raise WriteError(f"{out.name}/{path} 刚才被别人改了；再生成一次")
            else:
                stamps[path] = put(folder, path, others[path])
        for name, data in index.made(folder, wanted):
            stamps[name] = put(folder, name, data)
            wanted[name] = index.key
    old = {path: (key, last[path][1]) for path, key in valid.items()}
    old |= {path: (valid[path], stamp) for path, stamp in linked.items()}
    if spare:
        # What is no longer in the new site may have been another name of a file of the old one.
        for path in (new | gone) & old.keys() - linked.keys():
            old[path] = (valid[path], stamp_again(spare.folder, path, old[path][1]))
    else:
        stamps |= {path: stamp_again(out, path, stamp) for path, stamp in linked.items()}
    return Replaced(plan, {path: (wanted[path], s) for path, s in stamps.items()}, new, old)


def _pages(
    outline: Outline, maker: Maker, progress: Progress
) -> tuple[dict[str, tuple[str, Stamp | None]], Plan]:
    """Key and, where it is new, stamp of the file of each page by path; and the plan of all."""
    made, rows = make(outline, maker, progress)
    plan = outline.plan(made)
    for page in plan.pages:
        path = file_of(page.url)
        if path not in rows:
            rows[path] = maker.page(page)
    return rows, plan


def _clear(
    folder: Path,
    had: dict[str, str],
    strange: set[str],
    new: frozenset[str],
    wanted: Mapping[str, str],
    valid: Mapping[str, str],
) -> set[str]:
    """Take out of ``folder`` what it ``had`` and what is ``strange``, but what is ``new`` or still
    ``wanted``, and return that; ``had`` is then what is left."""
    if any(had.get(path) == wanted.get(path) != valid.get(path) for path in strange & had.keys()):
        raise SpareDamaged
    there = (had.keys() | strange) - new
    gone = {path for path in there if path in strange or had[path] != wanted.get(path)}
    for path in gone:
        had.pop(path, None)
        # The folder of what is still wanted is needed again at once.
        (take_out if path in wanted else remove)(folder, path)
    return gone


class _Index:
    """The index of all words of a plan (fulltext.py), in an edition that has one.

    ``key`` tells apart what it is made of: the pages by the keys that are ``wanted``.
    """

    def __init__(self, edition: Edition, plan: Plan, wanted: Mapping[str, str]) -> None:
        searched = filter(is_searched, plan.pages) if edition.has_full_text else ()
        self._urls = {file_of(page.url): page.url for page in searched}
        self.key = digest_of("".join(wanted[path] for path in self._urls))

    def left(
        self, last: Mapping[str, tuple[str, Stamp]], valid: Mapping[str, str]
    ) -> dict[str, str]:
        """Its files in the last site, by path with their key, if it is the same and whole."""
        found = {path for path, (key, _) in last.items() if key == self.key}
        # A part of an index is of no use.
        return dict.fromkeys(found, self.key) if self._urls and found <= valid.keys() else {}

    def made(self, folder: Path, wanted: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """Its files, made from the pages in ``folder``, unless they are among the ``wanted``."""
        if self._urls and self.key not in wanted.values():
            html = ((url, Path(folder, p).read_text("utf-8")) for p, url in self._urls.items())
            for name, data in index_files(html):
                yield str(name), data
