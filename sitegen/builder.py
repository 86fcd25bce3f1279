"""From what an earlier build left to the site as it is now, and no more work than that takes."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sitegen import manifest
from sitegen.assets import Assets, load_assets
from sitegen.compiling import texts_by_name
from sitegen.edition import Edition
from sitegen.finder import made_files
from sitegen.fulltext import index_files, is_searched
from sitegen.keys import Keys
from sitegen.load import load_rules
from sitegen.manifest import Last, Manifest, Spare
from sitegen.model import LEFT, Page, Problem
from sitegen.parts import Before
from sitegen.pipeline import Progress, other_files, read_project, stores_of, texts_of
from sitegen.plan import Plan, plan_site
from sitegen.rehearsal import Rehearsed, base_of
from sitegen.render import Code, Renderer, RenderError
from sitegen.storage import digest_of
from sitegen.store import Store
from sitegen.templates import template_digests
from sitegen.workers import Beside, Failed, processes, run, stay_with_parent
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

# So few pages are made sooner than another process starts.
FEW = 100

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
            return _build(root, out, edition, progress, rehearsed)
    finally:
        if was_collecting:
            gc.enable()


@dataclass(frozen=True)
class _Earlier:
    """What the last build left: its manifest, and the keys of its files that are as they were.

    ``is_other``: another program made it, or none did, so that every page is new.
    """

    manifest: Manifest
    valid: Mapping[str, str]
    is_other: bool


@dataclass(frozen=True)
class _Project:
    """The project as it is now, planned; ``look`` tells apart what its pages are rendered with.

    ``others`` are the files beside the pages by their path in the site.
    """

    plan: Plan
    keys: Keys
    code: Code
    renderer: Renderer
    others: Mapping[str, bytes]
    look: str
    warnings: Sequence[Problem]


@dataclass(frozen=True)
class _Placed:
    """The files of the new site by path, each with its key and stamp, and the pages rendered."""

    files: Mapping[str, tuple[str, Stamp]]
    rendered: Sequence[Page]


def _build(
    root: Path, out: Path, edition: Edition, progress: Progress, rehearsed: Rehearsed | None
) -> Built:
    started = time.perf_counter()
    # Hashed before it is read: what is saved meanwhile is new for the next build.
    inputs = _inputs(root, edition)
    program = manifest.hash_code()
    ready = rehearsed or Rehearsed(Last(root, out))
    if ready.program != program:
        ready = Rehearsed(ready.last)
    before = (ready.last.manifest() if inputs else None) or Manifest("")
    earlier = _Earlier(before, _valid(out, before), before.program != program)
    store, templates = ready.stores or stores_of(root, program)
    # Where few pages are new, there is time to look at what lies in the spare site.
    count = 1 if earlier.is_other else processes()
    spares = Beside(lambda: iter([manifest.find_spare(root, out)]), count)
    try:
        project = _planned(root, edition, program, earlier, ready, store, templates)
        spare = spares.next()
    finally:
        spares.stop()
    saves = [store.save]
    if earlier.is_other:
        saves.append(partial(templates.save, forget=False))
    placed = _placed(out, edition, project, earlier, spare, saves, progress)
    if not earlier.is_other:
        templates.put_all(project.code.made)
        templates.save(forget=False)
    plan = project.plan
    rendered, pages = (sum(not p.is_data for p in pages) for pages in (placed.rendered, plan.pages))
    built = Built(
        report=WriteReport(len(placed.files), sum(s[0] for _, s in placed.files.values())),
        pages=pages,
        indexed=sum(page.is_indexed for page in plan.pages),
        seconds=time.perf_counter() - started,
        states=dict(Counter(pool.state for pool in plan.pools.values())),
        warnings=tuple(project.warnings),
        rendered=rendered,
    )
    digests = {name: part.digest for name, part in plan.parts.items()}
    found = Manifest(inputs, program, project.look, told(built), placed.files, digests)
    manifest.save(manifest.path_of(root, out), found)
    return built


def _planned(
    root: Path,
    edition: Edition,
    program: str,
    earlier: _Earlier,
    ready: Rehearsed,
    store: Store,
    templates: Store,
) -> _Project:
    """Read the project and plan what an earlier build or a rehearsal has not."""
    # Where every page is new, texts and templates are compiled while the rules are read.
    read_texts = partial(texts_of, root, store, templates)
    texts = Beside(read_texts, processes() if earlier.is_other else 1)
    try:
        rules, content, compiled, warnings = read_project(root, texts, store)
        assets = load_assets(root, made_files(rules, content))
        named = texts_by_name(*compiled[:2])
        frame, made_of = frame_of(program, assets), template_digests(root, named)
        look = digest_of(frame, *made_of.values())
        base = base_of(program, edition, rules, content, compiled)
        # What is rendered with something else has to be rendered, so it has to be planned.
        left = earlier.manifest.parts if earlier.manifest.look == look else {}
        before = Before(base, left, lambda url: file_of(url) in earlier.valid, store, ready.parts)
        plan = plan_site(rules, content, edition, compiled, before)
        if earlier.is_other:
            templates.put_all(texts.next())
    finally:
        texts.stop()
    code = Code(templates.get)
    renderer = Renderer(root, plan.texts, assets, code)
    others = dict(other_files(edition, rules, plan, assets, renderer))
    keys = Keys(frame, made_of, ready.texts)
    return _Project(plan, keys, code, renderer, others, look, warnings)


def _placed(
    out: Path,
    edition: Edition,
    project: _Project,
    earlier: _Earlier,
    spare: Spare | None,
    saves: Sequence[Callable[[], object]],
    progress: Progress,
) -> _Placed:
    """Put the new site in place of the old one; ``saves`` are done by whoever is free."""
    valid, others = earlier.valid, project.others
    pages = {file_of(page.url): page for page in project.plan.pages}

    def key_of(path: str, page: Page) -> str:
        return valid[path] if page.context is LEFT else project.keys.key(page)

    def keys_of_pages() -> dict[str, str]:
        return {path: key_of(path, page) for path, page in pages.items()}

    # Without an earlier build nothing is compared, so that the keys can wait.
    wanted = keys_of_pages() if valid else {}
    wanted |= {path: digest_of(data) for path, data in others.items()}
    searched = [path for path, page in pages.items() if edition.has_full_text and is_searched(page)]
    if valid and searched:
        search = _search_key(searched, wanted)
        index = {path for path, (key, _) in earlier.manifest.files.items() if key == search}
        # A part of an index is of no use.
        wanted |= dict.fromkeys(index, search) if index <= valid.keys() else {}
    had = spare.files if spare else {}
    if spare:
        manifest.take_spare(spare)
    with staged(out, spare.folder if spare else None) as folder:
        for path in spare.found if spare else ():
            if path not in had or wanted.get(path) != had[path][0]:
                remove(folder, path)
        there = {path for path, (key, _) in had.items() if wanted.get(path) == key}
        there |= {path for path, key in valid.items() if wanted.get(path) == key}
        new = [page for path, page in pages.items() if path not in there]
        also: list[Callable[[], object]] = [*saves]
        also += [keys_of_pages] if not valid else []
        stamps, results = _write_pages(new, project.renderer, folder, progress, also)
        wanted |= results[-1] if not valid else {}
        linked: dict[str, Stamp] = {}
        for path, key in wanted.items():
            if path in had and had[path][0] == key:
                stamps[path] = had[path][1]
            elif valid.get(path) == key:
                stamps[path] = linked[path] = link(out, folder, path)
                found = stamp_of(Path(out, path).lstat())
                if not is_same(found, earlier.manifest.files[path][1]):
                    raise WriteError(f"{out.name}/{path} 刚才被别人改了；再生成一次")
            elif path in others:
                stamps[path] = put(folder, path, others[path])
        search = _search_key(searched, wanted)
        if searched and search not in wanted.values():
            html = ((pages[p].url, Path(folder, p).read_text("utf-8")) for p in searched)
            for name, data in index_files(html):
                stamps[str(name)] = put(folder, str(name), data)
                wanted[str(name)] = search
    if spare:
        old = {path: (key, earlier.manifest.files[path][1]) for path, key in valid.items()}
        old |= {path: (valid[path], stamp) for path, stamp in linked.items()}
        manifest.keep_spare(spare, old)
    else:
        stamps |= {path: stamp_again(out, path, stamp) for path, stamp in linked.items()}
    return _Placed({path: (wanted[path], stamp) for path, stamp in stamps.items()}, new)


def _inputs(root: Path, edition: Edition) -> str:
    with suppress(OSError):  # what cannot be read, loading says better
        return manifest.hash_inputs(root, edition)
    return ""


def frame_of(program: str, assets: Assets) -> str:
    """What tells apart that which every page is made of, beside its template and its context."""
    return digest_of(program, assets.folder, *assets.styles.values(), assets.head_script)


def _valid(out: Path, before: Manifest) -> dict[str, str]:
    """The keys of the files in ``out`` that are as the last build left them."""
    touched = set(manifest.touched(out, before.files))
    return {path: key for path, (key, _) in before.files.items() if path not in touched}


def _search_key(searched: Iterable[str], wanted: Mapping[str, str]) -> str:
    return digest_of("".join(wanted[path] for path in searched))


def _write_pages(
    pages: Sequence[Page],
    renderer: Renderer,
    folder: Path,
    progress: Progress,
    also: Sequence[Callable[[], Any]],
) -> tuple[dict[str, Stamp], list[Any]]:
    """Render and write pages, with every processor that helps, and do ``also`` what else there is.

    Returns the stamps of the files, and the results of ``also``, which must be JSON.
    """
    tasks = _tasks(pages)

    def work(number: int) -> Any:
        if number < len(also):
            return also[number]()
        done = number - len(also)
        stamps = []
        for page in tasks[done]:
            html = renderer.page(page)
            stay_with_parent()
            path = file_of(page.url)
            stamps.append((path, put(folder, path, html)))
        renderer.forget()
        gc.collect()
        # Tasks are taken in their order, so those before are done or under way.
        progress(sum(map(len, tasks[: done + 1])), len(pages))
        return stamps

    # What there is stays to the end and is shared with the other process as it is; what a template
    # leaves behind in circles is collected after each task.
    gc.freeze()
    try:
        done = run(len(also) + len(tasks), work, processes() if len(pages) > FEW else 1)
    except (Failed, RenderError):
        # The first page in the order of the site that cannot be made says why.
        for page in pages:
            renderer.page(page)
        raise WriteError("一个进程中途停了；再生成一次") from None
    finally:
        gc.unfreeze()
    stamps = (pair for task in done[len(also) :] for pair in task)
    return {path: (a, b, c, d) for path, (a, b, c, d) in stamps}, done[: len(also)]


def _tasks(pages: Iterable[Page]) -> list[list[Page]]:
    """The pages in portions, the largest first: those of one template together, since a
    template is compiled by whoever renders it, and those of one shared context together."""
    portions: dict[str, list[Page]] = {}
    for page in pages:
        portions.setdefault(page.template, []).append(page)
    return sorted(portions.values(), key=len, reverse=True)


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
