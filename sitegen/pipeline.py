"""The six steps in a row: what a build and a check do, for the command line and for serve."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from sitegen.assets import Assets, load_assets
from sitegen.atlas import AMOUNT
from sitegen.check import Scan, check_links, check_rules, scan_page
from sitegen.figures import Fact
from sitegen.fulltext import index_files, is_installed, is_searched
from sitegen.lint import alike_pages, lint_page, main_text
from sitegen.load import LoadError, load_rules
from sitegen.model import Content, Page, Problem, Rules
from sitegen.plan import Plan, Texts, compile_content, plan_site
from sitegen.render import Renderer, RenderError
from sitegen.resolve import Age, age_of
from sitegen.texts import load_content
from sitegen.weight import Weight, heaviest, too_heavy, weigh
from sitegen.write import (
    MARKER_FILE,
    WriteError,
    WriteReport,
    file_of,
    headers_text,
    put,
    sitemap_text,
    staged,
)
from sitegen.workers import Failed, beside, processes, run

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


@dataclass(frozen=True)
class Checked:
    """What a check found: problems, how much of the data is known and how old, large pages."""

    problems: tuple[Problem, ...]
    heaviest: tuple[Weight, ...]
    pages: int
    areas: int
    age: Age
    seconds: float


def prepare(
    root: Path, day: date, address: str = "", has_full_text: bool = False
) -> tuple[Rules, Plan, Assets, list[Problem]]:
    """Load, check and plan. Raises ``LoadError`` with all problems; returns the warnings."""
    problems: list[Problem] = []
    rules = content = None

    def read_content() -> tuple[Content, Texts]:
        found = load_content(root)
        return found, compile_content(found)

    texts = beside(read_content, processes())
    try:
        rules = load_rules(root)
    except LoadError as error:
        problems += error.problems
    try:
        content, compiled = texts()
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
    """Build the whole site into ``out`` as of ``day``; with an address, a sitemap too.

    Where Pagefind is installed, all words of the pages can be searched.
    Raises ``LoadError``, ``RenderError`` or ``WriteError``; then ``out`` is as it was.
    """
    started = time.perf_counter()
    # Nothing of a build is garbage before its end, so the collector would only search in vain;
    # what is frozen, the processes also share as it is.
    gc.disable()
    has_full_text = is_installed()
    _, plan, assets, warnings = prepare(root, day, address_given, has_full_text)
    renderer = Renderer(root, plan.texts, assets)
    with staged(out) as folder:
        sizes = _write_pages(plan, renderer, folder, progress)
        others = _other_files(plan, assets, renderer, folder, has_full_text)
        sizes += [put(folder, str(path), content)[0] for path, content in others]
    report = WriteReport(len(sizes), sum(sizes))
    seconds = time.perf_counter() - started
    indexed = sum(page.is_indexed for page in plan.pages)
    return Built(report, len(plan.pages), indexed, seconds, _states(plan), tuple(warnings))


def _write_pages(plan: Plan, renderer: Renderer, folder: Path, progress: Progress) -> list[int]:
    """Render and write all pages, with every processor that helps; returns their sizes."""
    tasks = _tasks(plan)

    def work(number: int) -> list[int]:
        pages = tasks[number]
        sizes = [put(folder, str(file_of(page.url)), renderer.page(page))[0] for page in pages]
        # Tasks are taken in their order, so those before are done or under way.
        progress(sum(map(len, tasks[: number + 1])), len(plan.pages))
        return sizes

    try:
        done = run(len(tasks), work, processes())
    except (Failed, RenderError):
        # The first page in the order of the site that cannot be made says why.
        for page in plan.pages:
            renderer.page(page)
        raise WriteError("一个进程中途停了；再生成一次") from None
    return [size for sizes in done for size in sizes]


def _tasks(plan: Plan) -> list[list[Page]]:
    """The pages in portions, the largest first: those of one template together, since a
    template is compiled by whoever renders it, and those of one shared context together."""
    portions: dict[str, list[Page]] = {}
    for page in plan.pages:
        portions.setdefault(page.template, []).append(page)
    return sorted(portions.values(), key=len, reverse=True)


def _other_files(
    plan: Plan, assets: Assets, renderer: Renderer, folder: Path, has_full_text: bool
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What a site holds beside its pages, which lie in ``folder``."""
    yield from assets.files.items()
    yield from renderer.root_files(plan.name)
    if has_full_text:
        searched = (page.url for page in plan.pages if is_searched(page))
        yield from index_files((url, (folder / file_of(url)).read_text("utf-8")) for url in searched)
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
    problems += check_links(scans, (f"/{path}" for path in beside))
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
