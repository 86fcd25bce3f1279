"""Making what is new of a site, part by part, with every processor that helps."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sitegen.keys import Keys
from sitegen.model import LEFT, Page
from sitegen.parts import Part
from sitegen.pipeline import Progress
from sitegen.plan import Outline
from sitegen.pools import POOLS
from sitegen.render import Renderer, RenderError
from sitegen.workers import Failed, processes, run, stay_with_parent
from sitegen.write import Stamp, WriteError, file_of, put, put_anew

# So few parts are made sooner than another process starts.
FEW = 4


@dataclass(frozen=True)
class Maker:
    """Makes pages that are new, into ``folder``, which may hold files of old (``is_old``).

    ``had`` are the keys of those that it was left with, ``valid`` those of the last site.
    """

    renderer: Renderer
    keys: Keys
    folder: Path
    is_old: bool
    had: Mapping[str, str]
    valid: Mapping[str, str]

    def page(self, page: Page) -> tuple[str, Stamp | None]:
        """The key of a page, and the stamp of its file where that is new."""
        path = file_of(page.url)
        if page.context is LEFT:
            return self.valid[path], None
        key = self.keys.key(page)
        if key in (self.had.get(path), self.valid.get(path)):
            return key, None
        html = self.renderer.page(page)
        stay_with_parent()
        # No other page has this path: what lies there is of old.
        return key, (put_anew if self.is_old else put)(self.folder, path, html)


# A page as others need it (its names), with its key and, where its file is new, its stamp.
_Row = tuple[str, str, bool, str, str, str, "Stamp | None"]


def make(
    outline: Outline, maker: Maker, progress: Progress
) -> tuple[dict[str, Part], dict[str, tuple[str, Stamp | None]]]:
    """Make what is new, with every processor that helps: plan it, render it, write it.

    Returns the parts, and keys and stamps of the files of all pages by path. Each process makes
    whole parts, so that nothing but the names of their pages has to be told to the other.
    """
    portions = _portions(outline)
    total = sum(map(len, portions))
    here = os.getpid()

    def work(number: int) -> list[tuple[str, str, tuple[object, ...], list[_Row]]]:
        found = []
        for name in portions[number]:
            part = _part(outline, name)
            rows: list[_Row] = [
                (p.url, p.template, p.is_indexed, p.guide, p.changed, *maker.page(p))
                for p in part.pages
            ]
            found.append((name, part.digest, part.told, rows))
        # What templates leave behind in circles is collected; what stays is not looked at again.
        gc.collect()
        gc.freeze()
        if os.getpid() == here:  # two that write one line would write over each other
            # Portions are taken in their order, so those before are done or under way.
            progress(sum(map(len, portions[:number])), total)
        return found

    # What there is stays to the end and is shared with the other process as it is.
    gc.freeze()
    try:
        done = run(len(portions), work, processes() if total > FEW else 1)
    except (Failed, RenderError, FileExistsError):
        # The first page in the order of the site that cannot be made says why.
        for page in outline.plan({}).pages:
            if page.context is not LEFT:
                maker.renderer.page(page)
        raise WriteError("一个进程中途停了；再生成一次") from None
    finally:
        gc.unfreeze()
    progress(total, total)
    made: dict[str, Part] = {}
    files: dict[str, tuple[str, Stamp | None]] = {}
    for name, digest, told, rows in (part for portion in done for part in portion):
        if name:
            pages = tuple(Page(u, t, LEFT, *rest) for u, t, *rest, _, _ in rows)
            made[name] = Part(pages, told, digest)
        files.update((file_of(url), (key, stamp)) for url, *_, key, stamp in rows)
    return made, files


def _portions(outline: Outline) -> list[list[str]]:
    """The parts that are new, by name, in portions of those that share much; the empty name is
    for the pages of no part.

    What is one of its kind comes first; then the pools, those of the largest provinces first.
    """
    portions: dict[str, list[str]] = {"": [""]}
    at_hand = (name for name, part in outline.parts.ready.items() if not part.is_left)
    for name in (*at_hand, *outline.parts.open):
        portions.setdefault(name.rpartition("/")[0], []).append(name)
    return sorted(portions.values(), key=lambda names: (names[0].startswith(POOLS), -len(names)))


def _part(outline: Outline, name: str) -> Part:
    if not name:
        return Part(tuple(outline.pages))
    return outline.parts.ready.get(name) or outline.parts.open[name]()
