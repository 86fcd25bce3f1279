"""From what an earlier build left to the site as it is now, and no more work than that takes."""

from __future__ import annotations

import gc
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
from sitegen.keys import Keys
from sitegen.load import load_rules
from sitegen.manifest import Last, Manifest, Spare
from sitegen.model import Content, Page, Problem, Rules
from sitegen.paper import BOOKLET, chapter_templates
from sitegen.parts import Before
from sitegen.pipeline import Progress, Stores, other_files, read_project, stores_of, texts_of
from sitegen.plan import Plan, outline_site
from sitegen.pools import told_of
from sitegen.rehearsal import Rehearsed, base_of
from sitegen.render import Code, Renderer
from sitegen.replacing import Project, Replaced, SpareDamaged, replace_site
from sitegen.storage import digest_of
from sitegen.templates import template_digests
from sitegen.workers import Beside, processes, run
from sitegen.write import (
    WriteReport,
    file_of,
    locked,
    recover,
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
class _Planned:
    """The project in outline; ``looks`` tell apart what its templates are made of, and ``code`` is
    what was compiled of them."""

    project: Project
    looks: Mapping[str, str]
    code: Code


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
            planned = self._planned(read, touched)
            replaced = partial(
                replace_site,
                *(self.out, self.edition, planned.project, self.last.files, touched),
                progress=progress,
            )
            saved = start(self._save, processes())
            try:
                site = replaced(spare=spare, strangers=looked.next)
            except SpareDamaged:
                spare = None
                site = replaced(spare=None, strangers=list)
            saved.next()
            kept = start(partial(self._keep, spare, site), processes())
            built = self._built(site, read.warnings)
            if planned.code.made:
                self.stores.templates.put_all(planned.code.made)
                self.stores.templates.save(forget=False)
            digests = {name: part.digest for name, part in site.plan.parts.items()}
            found = Manifest(
                *(self.inputs, self.program, planned.looks, told(built), site.files, digests)
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

    def _keep(self, spare: Spare | None, site: Replaced) -> Iterator[None]:
        """Keep the names of the pages, and what the spare site holds now."""
        self.stores.parts.save()
        if spare:
            manifest.keep_spare(spare, site.spare)
        yield

    def _built(self, site: Replaced, warnings: Sequence[Problem]) -> Built:
        pages = [page for page in site.plan.pages if not page.is_data]
        return Built(
            report=WriteReport(len(site.files), sum(s[0] for _, s in site.files.values())),
            pages=len(pages),
            indexed=sum(page.is_indexed for page in site.plan.pages),
            seconds=time.perf_counter() - self.started,
            states=dict(Counter(told.state for told in told_of(site.plan.parts))),
            warnings=tuple(warnings),
            rendered=sum(file_of(page.url) in site.new for page in pages),
        )

    def _planned(self, read: _Read, touched: frozenset[str]) -> _Planned:
        """See which parts of the site an earlier build or a rehearsal has made."""
        assets = load_assets(self.root, made_files(read.rules, read.content))
        guides, single, _ = read.compiled
        frame = frame_of(self.program, assets)
        made_of = template_digests(self.root, texts_by_name(guides, single))
        looks = _looks(frame, made_of, guides)
        last = self.last.looks
        changed = frozenset(n for n in looks.keys() | last.keys() if looks.get(n) != last.get(n))
        base = base_of(self.program, self.edition, read.rules, read.content, read.compiled)
        before = Before(
            base,
            self.last.parts if FRAME not in changed else {},
            self.stores.parts,
            changed,
            (lambda url: file_of(url) in touched) if touched else None,
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
        return _Planned(Project(outline, keys, renderer, others), looks, code)


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
