"""From what an earlier build left to the site as it is now, and no more work than that takes."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sitegen import manifest
from sitegen.assets import Assets, load_assets
from sitegen.atlas import GuideText
from sitegen.compiling import Texts, texts_by_name
from sitegen.edition import Edition
from sitegen.finder import made_files
from sitegen.fulltext import index_files, is_searched
from sitegen.keys import Keys
from sitegen.load import load_rules
from sitegen.making import Maker, make
from sitegen.manifest import Last, Manifest, Spare
from sitegen.model import LEFT, Content, Page, Problem, Rules
from sitegen.paper import BOOKLET, chapter_templates
from sitegen.parts import Before
from sitegen.pipeline import Progress, Stores, other_files, read_project, stores_of, texts_of
from sitegen.plan import Outline, Plan, outline_site
from sitegen.pools import told_of
from sitegen.rehearsal import Rehearsed, base_of
from sitegen.render import Code, Renderer
from sitegen.storage import digest_of
from sitegen.templates import template_digests
from sitegen.workers import Beside, processes, run
from sitegen.write import (
    Stamp,
    WriteError,
    WriteReport,
    file_of,
    is_same,
    link,
    locked,
    put,
    recover,
    remove,
    staged,
    stamp_again,
    stamp_of,
)

STATES = {
    "known": "本地有金额",
    "inherited": "用全省统一金额",
    "described": "规定不是一个数",
    "disputed": "说法不一",
    "none": "规定里没有",
    "unverified": "待核实",
    "unknown": "未查到金额",
}


@dataclass(frozen=True)
class Built:
    """What a build did: files, seconds, the states of all amounts, warnings.

    ``pages`` and ``rendered`` count pages for people, all and new ones.
    """

    report: WriteReport
    pages: int
    indexed: int
    seconds: float
    states: dict[str, int]
    warnings: tuple[Problem, ...]
    rendered: int


def build(
    root: Path,
    out: Path,
    edition: Edition,
    progress: Progress,
    rehearsed: Rehearsed | None = None,
) -> Built:
    """Bring the site in ``out`` to what ``root`` says now, in this edition.

    Only pages that an earlier build has not left there are rendered; what is ``rehearsed`` of
    this project and output is not done again where it still holds. Raises ``LoadError``,
    ``RenderError`` or ``WriteError``; ``out`` stays.
    """
    # Nothing of a build is garbage before its end, so the collector would only search in vain.
    was_collecting = gc.isenabled()
    gc.disable()
    out = out if out.is_symlink() else out.resolve()
    if not (root / "rules").is_dir():
        load_rules(root)  # says so, before anything is written below a folder that is no project
    try:
        with locked(manifest.lock_of(root, out), out):
            recover(out)
            return _started(root, out, edition, rehearsed).run(progress)
    finally:
        if was_collecting:
            gc.enable()


def _started(root: Path, out: Path, edition: Edition, rehearsed: Rehearsed | None) -> _Build:
    started = time.perf_counter()
    # Hashed before it is read: what is saved meanwhile is new for the next build.
    inputs = ""
    with suppress(OSError):  # what cannot be read, loading says better
        inputs = manifest.hash_inputs(root, edition)
    program = manifest.hash_code()
    ready = rehearsed or Rehearsed(Last(root, out))
    if ready.program != program:
        ready = Rehearsed(ready.last)
    last = (ready.last.manifest() if inputs else None) or Manifest("")
    stores = ready.stores or stores_of(root, program)
    return _Build(root, out, edition, started, inputs, program, last, ready, stores)


@dataclass(frozen=True)
class _Read:
    """The project as it was read: its rules and its texts, and what the rules are warned of."""

    rules: Rules
    content: Content
    compiled: Texts
    warnings: Sequence[Problem]


@dataclass(frozen=True)
class _Project:
    """The project in outline; ``looks`` tell apart what its templates are made of.

    ``others`` gives the files beside the pages of a plan, by their path in the site.
    """

    outline: Outline
    keys: Keys
    code: Code
    renderer: Renderer
    others: Callable[[Plan], Iterable[tuple[str, bytes]]]
    looks: Mapping[str, str]


@dataclass(frozen=True)
class _Placed:
    """The plan of the new site; its files by path, each with its key and stamp; what is new.

    ``spare`` are the files of the old one, which is the next to be brought up to date.
    """

    plan: Plan
    files: Mapping[str, tuple[str, Stamp]]
    new: frozenset[str]
    spare: Mapping[str, tuple[str, Stamp]]


@dataclass(frozen=True)
class _Build:
    """One build: what is known before anything is read.

    ``last`` is what the build before has left, ``ready`` what is rehearsed, ``stores`` what both
    have kept; ``inputs`` and ``program`` are hashes, ``started`` is a time to count from.
    """

    root: Path
    out: Path
    edition: Edition
    started: float
    inputs: str
    program: str
    last: Manifest
    ready: Rehearsed
    stores: Stores

    @property
    def is_all_new(self) -> bool:
        """Whether another program made the last site, or none did, so that every page is new."""
        return self.last.program != self.program

    def run(self, progress: Progress) -> Built:
        """Read, make and place; keep what the next build asks for."""
        spare = manifest.find_spare(self.root, self.out, self.ready.last)
        with ExitStack() as beside:

            def start(make: Callable[[], Iterator[Any]], count: int) -> Beside:
                found = Beside(make, count)
                beside.callback(found.stop)
                return found

            # While the rules are read, another process looks at what lies there; where every
            # page is new, one compiles texts.
            looked = start(partial(self._looked, spare), processes())
            texts_now = partial(texts_of, self.root, self.stores.read)
            texts = start(texts_now, processes() if self.is_all_new else 1)
            read = _Read(*read_project(self.root, texts, self.stores.read))
            touched = frozenset(looked.next())
            valid = {p: key for p, (key, _) in self.last.files.items() if p not in touched}
            project = self._project(read, valid)
            saved = start(self._save, processes())
            try:
                placed = self._placed(project, valid, spare, looked.next, progress)
            except _SpareDamaged:
                spare = None
                placed = self._placed(project, valid, spare, list, progress)
            saved.next()
            kept = start(partial(self._keep, spare, placed), processes())
            built = self._built(placed, read.warnings)
            if project.code.made:
                self.stores.templates.put_all(project.code.made)
                self.stores.templates.save(forget=False)
            digests = {name: part.digest for name, part in placed.plan.parts.items()}
            found = Manifest(
                *(self.inputs, self.program, project.looks, told(built), placed.files, digests)
            )
            manifest.save(manifest.path_of(self.root, self.out), found)
            kept.next()
        return built

    def _looked(self, spare: Spare | None) -> Iterator[list[str]]:
        """What is not as it was left: the files of the last site; then those of the spare one."""
        yield manifest.touched(self.out, self.last.files)
        yield manifest.strangers(spare) if spare else []

    def _save(self) -> Iterator[None]:
        """Keep what was read and compiled."""
        self.stores.templates.save(forget=False)
        self.stores.read.save()
        yield

    def _keep(self, spare: Spare | None, placed: _Placed) -> Iterator[None]:
        """Keep the names of the pages, and what the spare site holds now."""
        self.stores.parts.save()
        if spare:
            manifest.keep_spare(spare, placed.spare)
        yield

    def _built(self, placed: _Placed, warnings: Sequence[Problem]) -> Built:
        pages = [page for page in placed.plan.pages if not page.is_data]
        return Built(
            report=WriteReport(len(placed.files), sum(s[0] for _, s in placed.files.values())),
            pages=len(pages),
            indexed=sum(page.is_indexed for page in placed.plan.pages),
            seconds=time.perf_counter() - self.started,
            states=dict(Counter(told.state for told in told_of(placed.plan.parts))),
            warnings=tuple(warnings),
            rendered=sum(file_of(page.url) in placed.new for page in pages),
        )

    def _project(self, read: _Read, valid: Mapping[str, str]) -> _Project:
        """See which parts of the site an earlier build or a rehearsal has made."""
        assets = load_assets(self.root, made_files(read.rules, read.content))
        guides, single, _ = read.compiled
        frame = frame_of(self.program, assets)
        made_of = template_digests(self.root, texts_by_name(guides, single))
        looks = _looks(frame, made_of, guides)
        last = self.last.looks
        changed = frozenset(name for name, look in looks.items() if last.get(name) != look)

        def is_lost(url: str) -> bool:
            return file_of(url) not in valid

        base = base_of(self.program, self.edition, read.rules, read.content, read.compiled)
        before = Before(
            base,
            self.last.parts if FRAME not in changed else {},
            self.stores.parts,
            changed,
            is_lost if len(valid) < len(self.last.files) else None,
            self.ready.parts,
        )
        outline = outline_site(read.rules, read.content, self.edition, read.compiled, before)
        code = Code(self.stores.templates.get)
        renderer = Renderer(self.root, outline.texts, assets, code)
        if self.is_all_new:
            files = [path.name for path in sorted((self.root / "templates").glob("*.html"))]
            names = (*files, *outline.texts, *chapter_templates(guides))
            self.stores.templates.put_all(_compiled(renderer, code, names))
        keys = Keys(frame, made_of, self.ready.texts)
        others = partial(other_files, self.edition, read.rules, assets=assets, renderer=renderer)
        return _Project(outline, keys, code, renderer, others, looks)

    def _placed(
        self,
        project: _Project,
        valid: Mapping[str, str],
        spare: Spare | None,
        strangers: Callable[[], Iterable[str]],
        progress: Progress,
    ) -> _Placed:
        """Put the new site in place of the old one.

        That the spare site is as it was left is believed until ``strangers`` are told.
        """
        had = {path: key for path, (key, _) in spare.files.items()} if spare else {}
        if spare:
            manifest.take_spare(spare)
        with staged(self.out, spare.folder if spare else None) as folder:
            maker = Maker(project.renderer, project.keys, folder, bool(had), had, valid)
            made, rows = make(project.outline, maker, progress)
            plan = project.outline.plan(made)
            others = dict(project.others(plan))
            wanted: dict[str, str] = {}
            stamps: dict[str, Stamp] = {}
            for page in plan.pages:
                path = file_of(page.url)
                if page.context is LEFT and path not in rows:
                    wanted[path] = valid[path]
                    continue
                wanted[path], stamp = rows[path] if path in rows else maker.page(page)
                if stamp:
                    stamps[path] = stamp
            new = frozenset(stamps)
            wanted |= {path: digest_of(data) for path, data in others.items()}
            index = _Index(self.edition, plan, wanted)
            wanted |= index.left(self.last.files, valid)
            strange = set(strangers()) - new
            if any(had.get(p) == wanted.get(p) != valid.get(p) for p in strange & had.keys()):
                raise _SpareDamaged
            for path in (had.keys() | strange) - new:
                if path in strange or had[path] != wanted.get(path):
                    had.pop(path, None)
                    remove(folder, path, path not in wanted)
            linked: dict[str, Stamp] = {}
            for path, key in wanted.items():
                if path in new:
                    continue
                if spare and had.get(path) == key:
                    stamps[path] = spare.files[path][1]
                elif valid.get(path) == key:
                    stamps[path] = linked[path] = link(self.out, folder, path)
                    found = stamp_of(os.lstat(f"{self.out}/{path}"))
                    if not is_same(found, self.last.files[path][1]):
                        raise WriteError(f"{self.out.name}/{path} 刚才被别人改了；再生成一次")
                else:
                    stamps[path] = put(folder, path, others[path])
            for name, data in index.made(folder, wanted):
                stamps[name] = put(folder, name, data)
                wanted[name] = index.key
        if not spare:
            stamps |= {path: stamp_again(self.out, path, s) for path, s in linked.items()}
        old = {path: (key, self.last.files[path][1]) for path, key in valid.items()}
        old |= {path: (valid[path], stamp) for path, stamp in linked.items()}
        files = {path: (wanted[path], stamp) for path, stamp in stamps.items()}
        return _Placed(plan, files, new, old)


class _SpareDamaged(Exception):
    """A file of the spare site that a page was not made for is not there as it was."""


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


def _compiled(renderer: Renderer, code: Code, names: Sequence[str]) -> dict[str, str]:
    """The code of templates that were never compiled, each by one of the processors."""

    def work(number: int) -> dict[str, str]:
        renderer.compile(names[number])
        made = dict(code.made)
        code.made.clear()
        return made

    done = run(len(names), work, processes())
    return {key: made for task in done for key, made in task.items()}


# The name under which ``looks`` have what every page is made of.
FRAME = ""


def _looks(frame: str, made_of: Mapping[str, str], guides: Iterable[GuideText]) -> dict[str, str]:
    """What tells apart what each template is made of; a booklet is made of all its chapters."""
    chapters = (made_of[name] for name in chapter_templates(guides))
    return {**made_of, BOOKLET: digest_of(made_of.get(BOOKLET, ""), *chapters), FRAME: frame}


def frame_of(program: str, assets: Assets) -> str:
    """What tells apart that which every page is made of, beside its template and its context."""
    return digest_of(program, assets.folder, *assets.styles.values(), assets.head_script)


def why_made(root: Path, out: Path, page: Page, plan: Plan, assets: Assets) -> str:
    """Whether the next build would make this page of ``plan`` again, and why, in Chinese."""
    before = manifest.read(manifest.path_of(root, out))
    path = file_of(page.url)
    program = manifest.hash_code()
    kept = before.files.get(path) if before else None
    if before is None:
        return "要做：这里还没有生成过"
    if before.program != program:
        return "要重做：程序变了，每一页都要"
    if kept is None:
        return "要做：上次生成时没有这一页"
    keys = Keys(frame_of(program, assets), template_digests(root, plan.texts))
    if keys.key(page) != kept[0]:
        return "要重做：它用到的规则、文字、模板或者样式变了"
    if manifest.touched(out, {path: kept}):
        return f"要重做：{out.name}/{path} 被别人改过，或者不见了"
    return "不用重做：和上次生成的一样"


def told(built: Built) -> tuple[str, ...]:
    """What a build says of its site, however much of it is new."""
    states = "，".join(f"{STATES[s]} {n}" for s, n in sorted(built.states.items()))
    lines = [
        f"{built.pages} 页，{built.report.bytes / 1e6:.1f} MB",
        f"个人账户划入：{states}（统筹区）；允许收录 {built.indexed} 页",
    ]
    if built.warnings:
        lines.append(f"{len(built.warnings)} 个提醒，用 python build.py check 看")
    return tuple(lines)
