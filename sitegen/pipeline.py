"""The six steps in a row: what a build and a check do, for the command line and for serve."""

from __future__ import annotations

import gc
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sitegen import manifest
from sitegen.assets import Assets, load_assets
from sitegen.atlas import AMOUNT
from sitegen.check import Scan, check_links, check_rules, scan_page
from sitegen.figures import Fact
from sitegen.fulltext import index_files, is_searched
from sitegen.keys import Keys
from sitegen.lint import alike_pages, lint_page, main_text
from sitegen.load import LoadError, load_rules
from sitegen.manifest import Manifest
from sitegen.model import Page, Problem, Rules
from sitegen.paper import part_of
from sitegen.plan import Plan, compile_content, plan_site, texts_by_name
from sitegen.render import Renderer, RenderError, compiled_code
from sitegen.resolve import Age, age_of
from sitegen.texts import load_content
from sitegen.weight import Weight, heaviest, too_heavy, weigh
from sitegen.workers import Beside, Failed, processes, run, stay_with_parent
from sitegen.write import (
    MARKER_FILE,
    Stamp,
    WriteError,
    WriteReport,
    file_of,
    headers_text,
    put,
    recover,
    sitemap_text,
    staged,
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

# How many of the largest pages a check names.
HEAVIEST = 20

# Called with how many pages are done and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """What a build did: files, seconds, the states of all amounts, warnings."""

    report: WriteReport
    pages: int
    indexed: int
    seconds: float
    states: dict[str, int]
    warnings: tuple[Problem, ...]
    rendered: int


@dataclass(frozen=True)
class Checked:
    """What a check found: problems, how much of the data is known and how old, large pages."""

    problems: tuple[Problem, ...]
    heaviest: tuple[Weight, ...]
    pages: int
    areas: int
    age: Age
    seconds: float


def _texts(root: Path) -> Iterator[Any]:
    """The content and its compiled texts, then the code of the templates: nothing of the rules."""
    content = load_content(root)
    guides, single, problems = compiled = compile_content(content)
    yield content, compiled
    parts = [part_of(item) for item in guides if item.guide.kind == "task"]
    yield compiled_code(root, texts_by_name(guides, single), parts) if not problems else {}


def prepare(
    root: Path,
    day: date,
    address: str = "",
    has_full_text: bool = False,
    texts: Beside | None = None,
) -> tuple[Rules, Plan, Assets, list[Problem]]:
    """Load, check and plan. Raises ``LoadError`` with all problems; returns the warnings."""
    problems: list[Problem] = []
    rules = content = None
    texts = texts or Beside(partial(_texts, root), 1)
    try:
        rules = load_rules(root)
    except LoadError as error:
        problems += error.problems
    try:
        content, compiled = texts.next()
    except LoadError as error:
        problems += error.problems
    if rules is None or content is None:
        raise LoadError(problems)
    found = check_rules(rules)
    if errors := [problem for problem in found if not problem.warning]:
        raise LoadError(errors)
    plan = plan_site(rules, content, day, address, has_full_text, compiled)
    return rules, plan, load_assets(root, plan.made), found


def build(root: Path, out: Path, day: date, progress: Progress, address_given: str = "") -> Built:
    """Bring the site in ``out`` to what ``root`` says as of ``day``.

    With an address it gets a sitemap too, and where Pagefind is installed, all words of the pages
    can be searched. Only pages that an earlier build has not left there are rendered. Raises
    ``LoadError``, ``RenderError`` or ``WriteError``; then ``out`` is as it was.
    """
    # Nothing of a build is garbage before its end, so the collector would only search in vain.
    was_collecting = gc.isenabled()
    gc.disable()
    texts = Beside(partial(_texts, root), processes())
    try:
        return _build(root, out, day, progress, address_given, texts)
    finally:
        texts.stop()
        if was_collecting:
            gc.enable()


def _build(
    root: Path, out: Path, day: date, progress: Progress, address_given: str, texts: Beside
) -> Built:
    started = time.perf_counter()
    has_full_text = manifest.has_full_text()
    options = (day.isoformat(), address_given, str(has_full_text))
    recover(out)
    # Hashed before it is read: what is saved meanwhile is new for the next build.
    inputs = _inputs(root, options)
    before = manifest.read(manifest.path_of(root, out))
    _, plan, assets, warnings = prepare(root, day, address_given, has_full_text, texts)
    keys = Keys(root, plan.texts, assets)
    paths = {str(file_of(page.url)): page for page in plan.pages}
    wanted = {path: keys.key(page) for path, page in paths.items()}
    valid = _valid(out, before)
    new = [page for path, page in paths.items() if valid.get(path) != wanted[path]]
    # Where little is new, what it needs is compiled sooner than all is.
    renderer = Renderer(root, plan.texts, assets, texts.next() if len(new) > FEW else None)
    search = ""
    if has_full_text:
        searched = [path for path, page in paths.items() if is_searched(page)]
        search = _hash("".join(wanted[path] for path in searched))
    index = {path: key for path, key in valid.items() if key == search} if search else {}
    others = {str(path): data for path, data in _other_files(plan, assets, renderer, has_full_text)}
    wanted |= {path: _hash(data) for path, data in others.items()} | index
    # Files go one by one into a site that mostly stays; else a whole new one takes its place.
    is_patch = bool(valid) and 2 * len(new) < len(plan.pages)
    is_patch = is_patch and not _is_in_the_way(set(valid) - set(wanted), set(wanted) - set(valid))
    removed: list[str] = []
    if not is_patch:
        new = list(plan.pages)
    with staged(out, removed if is_patch else None) as folder:
        stamps = _write_pages(new, plan, renderer, folder, progress)
        for path, data in others.items():
            if not is_patch or valid.get(path) != wanted[path]:
                stamps[path] = put(folder, path, data)
        if has_full_text:
            index_of: Iterable[tuple[str, bytes]]
            if index and is_patch:
                index_of = ()
            elif index:
                index_of = [(path, (out / path).read_bytes()) for path in index]
            else:
                where = ((p, folder if p in stamps else out) for p in searched)
                html = ((paths[p].url, (at / p).read_text("utf-8")) for p, at in where)
                index_of = [(str(path), data) for path, data in index_files(html)]
            for path, data in index_of:
                stamps[path] = put(folder, path, data)
                wanted[path] = search
        removed += sorted(set(before.files) - set(wanted)) if before else []
    if is_patch:
        stamps = manifest.after_move(out, stamps)
        assert before is not None
        stamps |= {path: before.files[path][1] for path in wanted if path not in stamps}
    report = WriteReport(len(stamps), sum(stamp[0] for stamp in stamps.values()))
    indexed = sum(page.is_indexed for page in plan.pages)
    seconds = time.perf_counter() - started
    built = Built(
        report, len(plan.pages), indexed, seconds, _states(plan), tuple(warnings), len(new)
    )
    files = {path: (wanted[path], stamp) for path, stamp in stamps.items()}
    manifest.save(manifest.path_of(root, out), Manifest(inputs, told(built), files))
    return built


def _inputs(root: Path, options: tuple[str, ...]) -> str:
    with suppress(OSError):  # what cannot be read, loading says better
        return manifest.hash_inputs(root, options)
    return ""


def _valid(out: Path, before: Manifest | None) -> dict[str, str]:
    """The keys of the files in ``out`` that are as the last build left them."""
    if before is None:
        return {}
    touched = set(manifest.touched(out, before.files))
    return {path: key for path, (key, _) in before.files.items() if path not in touched}


def _is_in_the_way(removed: Iterable[str], added: Iterable[str]) -> bool:
    """Whether a file would become a folder or the other way round."""
    folders = {str(parent) for path in added for parent in PurePosixPath(path).parents}
    gone = {str(parent) for path in removed for parent in PurePosixPath(path).parents}
    return not folders.isdisjoint(removed) or not gone.isdisjoint(added)


def _hash(data: bytes | str) -> str:
    data = data.encode() if isinstance(data, str) else data
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _write_pages(
    pages: Sequence[Page], plan: Plan, renderer: Renderer, folder: Path, progress: Progress
) -> dict[str, Stamp]:
    """Render and write pages, with every processor that helps; returns their stamps."""
    tasks = _tasks(pages)

    def work(number: int) -> list[tuple[str, Stamp]]:
        named = [(str(file_of(page.url)), page) for page in tasks[number]]
        stamps = []
        for path, page in named:
            html = renderer.page(page)
            stay_with_parent()
            stamps.append((path, put(folder, path, html)))
        renderer.forget()
        gc.collect()
        # Tasks are taken in their order, so those before are done or under way.
        progress(sum(map(len, tasks[: number + 1])), len(pages))
        return stamps

    # What there is stays to the end and is shared with the other process as it is; what a template
    # leaves behind in circles is collected after each task.
    gc.freeze()
    try:
        done = run(len(tasks), work, processes() if len(pages) > FEW else 1)
    except (Failed, RenderError):
        # The first page in the order of the site that cannot be made says why.
        for page in plan.pages:
            renderer.page(page)
        raise WriteError("一个进程中途停了；再生成一次") from None
    finally:
        gc.unfreeze()
    return {path: (a, b, c, d) for stamps in done for path, (a, b, c, d) in stamps}


def _tasks(pages: Iterable[Page]) -> list[list[Page]]:
    """The pages in portions, the largest first: those of one template together, since a
    template is compiled by whoever renders it, and those of one shared context together."""
    portions: dict[str, list[Page]] = {}
    for page in pages:
        portions.setdefault(page.template, []).append(page)
    return sorted(portions.values(), key=len, reverse=True)


def _other_files(
    plan: Plan, assets: Assets, renderer: Renderer, has_full_text: bool
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What a site holds beside its pages and their index."""
    yield from assets.files.items()
    yield from ((file_of(url), content) for url, content in plan.files.items())
    yield from renderer.root_files(plan.name)
    headers = headers_text(assets.style_hashes, assets.script_hash, has_full_text)
    yield PurePosixPath(MARKER_FILE), headers.encode()
    if address := plan.address:
        urls = (page.url for page in plan.pages if page.is_indexed)
        yield PurePosixPath("sitemap.xml"), sitemap_text(address, urls).encode()


def check(root: Path, day: date, progress: Progress) -> Checked:
    """Everything that a build would publish, held against the rules of the project."""
    started = time.perf_counter()
    rules, plan, assets, problems = prepare(root, day)
    renderer = Renderer(root, plan.texts, assets)
    scans: list[Scan] = []
    weights: list[Weight] = []
    guides: list[tuple[str, str, str]] = []
    for done, page in enumerate(plan.pages, 1):
        html = renderer.page(page).decode()
        scans.append(scan_page(page.url, html))
        problems += lint_page(page.url, html)
        weights.append(weigh(page.url, html))
        if page.guide and page.is_indexed:
            guides.append((page.guide, page.url, main_text(html)))
        progress(done, len(plan.pages))
    beside = [*assets.files, *(path for path, _ in renderer.root_files(plan.name))]
    problems += check_links(scans, [*plan.files, *(f"/{path}" for path in beside)])
    problems += alike_pages(guides)
    problems += too_heavy(weights)
    return Checked(
        problems=tuple(problems),
        heaviest=heaviest(weights, HEAVIEST),
        pages=len(plan.pages),
        areas=sum(area.level == "pool" for area in rules.areas.values()),
        age=age_of(rules, day),
        seconds=time.perf_counter() - started,
    )


def _states(plan: Plan) -> dict[str, int]:
    """How many pools have the amount known, described, unknown and so on."""
    counts: Counter[str] = Counter()
    for page in plan.pages:
        if page.template == "city.html":
            values = page.context["values"]
            assert isinstance(values, dict)
            amount = values[AMOUNT]
            assert isinstance(amount, Fact)
            counts[
                "inherited" if amount.inherited and amount.state == "known" else amount.state
            ] += 1
    return dict(counts)


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
