"""Everything that a build would publish, held against the rules of the project."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sitegen import manifest
from sitegen.check import Scan, check_links, check_orphans, scan_page
from sitegen.edition import Edition
from sitegen.ledger import ledger_problems, published
from sitegen.lint import alike_pages, lint_page, main_text
from sitegen.model import Problem
from sitegen.notes import log_problems
from sitegen.pipeline import Progress, prepare, stores_of
from sitegen.questions import slug_of
from sitegen.render import Code, Renderer
from sitegen.resolve import Age, age_of
from sitegen.weight import Weight, heaviest, too_heavy, weigh

# How many of the largest pages a check names.
HEAVIEST = 20

# Pages for those who type an address: a wrong one, or a name that several cities have.
ENTRANCES = ("404.html", "twins.html")


@dataclass(frozen=True)
class Checked:
    """What a check found: problems, how much of the data is known and how old, large pages.

    ``urls`` are those that belong into the ledger.
    """

    problems: tuple[Problem, ...]
    heaviest: tuple[Weight, ...]
    pages: int
    urls: tuple[str, ...]
    areas: int
    age: Age
    seconds: float


def check(root: Path, edition: Edition, progress: Progress, only: Sequence[str] = ()) -> Checked:
    """Everything that a build would publish, held against the rules of the project.

    With ``only``, names of areas: their files and pages, and nothing that asks for all others.
    Raises ``LoadError`` for a project that cannot be read, ``NoAnswer`` for no such area.
    """
    started = time.perf_counter()
    # What the last build has read and compiled need not be again.
    stores = stores_of(root, manifest.hash_code())
    rules, plan, assets, problems = prepare(root, edition, stores.read)
    slugs = [slug_of(rules, name) for name in only]
    files = {rules.areas[slug].at.path for slug in slugs}
    problems = [problem for problem in problems if not only or problem.place.path in files]
    starts = tuple(f"/{slug}/" for slug in slugs)
    pages = [page for page in plan.pages if not only or page.url.startswith(starts)]
    renderer = Renderer(root, plan.texts, assets, Code(stores.templates.get))
    scans: list[Scan] = []
    weights: list[Weight] = []
    guides: list[tuple[str, str, str]] = []
    for done, page in enumerate(pages, 1):
        progress(done, len(pages))
        html = renderer.page(page).decode()
        if page.is_data:
            continue
        scans.append(scan_page(page.url, html))
        problems += lint_page(page.url, html)
        weights.append(weigh(page.url, html))
        if page.guide and page.is_indexed:
            guides.append((page.guide, page.url, main_text(html)))
    beside = [*assets.files, *(path for path, _ in renderer.root_files(plan.name))]
    others = [page.url for page in plan.pages if page.is_data or only]
    problems += check_links(scans, [*others, *(f"/{path}" for path in beside)])
    problems += alike_pages(guides)
    problems += too_heavy(weights)
    urls = published(plan.pages)
    if not only:
        entrances = (page.url for page in plan.pages if page.template in ENTRANCES)
        problems += check_orphans(scans, entrances)
        problems += ledger_problems(root, urls, plan.redirects)
    told = log_problems(root, rules, plan.log)
    problems += (problem for problem in told if not only or problem.place.path in files)
    return Checked(
        problems=tuple(problems),
        heaviest=heaviest(weights, HEAVIEST),
        pages=len(scans),
        urls=tuple(urls),
        areas=sum(area.level == "pool" for area in rules.areas.values()),
        age=age_of(rules, edition.day),
        seconds=time.perf_counter() - started,
    )
