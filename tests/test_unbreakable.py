"""A build that is killed or refused at any system call leaves the whole old or the whole new site.

The points are found by strace: a build is run once under it, and then again for every call that
changes a file, with a kill or an error put in the place of just that call. Points in time would
prove nothing; the dangerous moments are too short to be hit by chance.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parent.parent / "build.py"

# Every call of ours that changes what is on a disk. Files are also read by open, which is why
# only the opening of a new file is one of them here: a refused open is in ``REFUSED``.
CHANGES = "mkdir,rename,renameat2,link,unlink,rmdir,write,utimensat"
REFUSED = "mkdir,openat,rename,renameat2,link,write"
# What a blow is given with. The second stops at the calls that it is asked for alone, which takes
# a quarter of the time, but sends no signals.
KILLING = ("strace", "-f", "-qq")
REFUSING = (*KILLING, "--seccomp-bpf")
ERRORS = ("ENOSPC", "EIO", "EROFS")

# So many points in the usual run, spread evenly. With --all a build is killed at every one; of the
# calls that can be refused, of which there are thousands, one of each kind is.
SAMPLE = 2

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="strace is a program of Linux"
)


# The bytes of each file by its path.
Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@dataclass
class Project:
    """A mini project whose one figure is changed before each build; ``out`` is its site."""

    root: Path
    out: Path
    number: int = 10

    def command(self) -> list[str]:
        options = {"--as-of": "2026-11-21", "--root": self.root, "--out": self.out}
        words = [str(word) for pair in options.items() for word in pair]
        return [sys.executable, str(BUILD), *words, "--without-index"]

    def run(self, *before: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, *self.command()],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "URL": ""},
            timeout=120,
            check=False,
        )

    def edit(self) -> None:
        self.number = self.number % 89 + 10
        path = self.root / "rules/shili/jia.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"1500\.[0-9]+", f"1500.{self.number}", text), encoding="utf-8")

    def build(self) -> Tree:
        done = self.run()
        assert done.returncode == 0, done.stderr
        return tree(self.out)

    def struck(
        self, strace: Sequence[str], call: str, number: int, blow: str
    ) -> tuple[subprocess.CompletedProcess[str], Tree, Tree, Tree]:
        """A build after an edit that meets ``blow`` at a call: how it ended; the site before it,
        as it left it, and as the next build makes it."""
        old = tree(self.out)
        self.edit()
        inject = f"inject={call}:{blow}:when={number}"
        done = self.run(*strace, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        return done, old, tree(self.out), self.build()

    @property
    def beside(self) -> list[str]:
        return sorted(path.name for path in self.out.parent.iterdir() if "site" in path.name)


Point = tuple[str, int]


def points(project: Project, strace: Sequence[str], calls: str) -> list[tuple[Point, str]]:
    """The calls of one build after an edit, by name and number from 1, each with its kind.

    Of one kind are calls of one name on files of one folder that are called alike: pages, area
    files of a province, modules of a package.
    """
    project.edit()
    log = project.root.parent / "trace"
    done = project.run(*strace, "-o", str(log), "-e", f"trace={calls}")
    assert done.returncode == 0, done.stderr
    text = log.read_text(encoding="utf-8")
    # What the build starts beside itself has numbers of its own, and is struck with it.
    main = text.partition(" ")[0]
    calls_made = re.findall(rf"(?m)^{main} +([a-z0-9]+)\((.*)", text)
    numbers: Counter[str] = Counter()
    found = []
    is_ours = False
    for name, words in calls_made:
        numbers[name] += 1
        # What is opened before our first file is Python itself.
        is_ours = is_ours or str(project.root.parent) in words
        if is_ours:
            path = re.search(r'"([^"]*)"', words)
            folder, _, file = (path[1] if path else "").rpartition("/")
            modes = " ".join(re.findall(r"O_[A-Z]+", words))
            # A page of one city is made as that of another.
            of_site = folder.startswith(str(project.out)) or "/.cache/site/" in folder
            kind = f"{name} {'' if of_site else folder} {Path(file).suffix} {modes}"
            found.append(((name, numbers[name]), kind))
    return found


def spread(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many of the points, spread evenly."""
    step = max(1, -(-len(points) // most))
    return list(points[step // 2 :: step])


def one_of_each_kind(found: list[tuple[Point, str]]) -> list[Point]:
    kinds: dict[str, list[Point]] = {}
    for point, kind in found:
        kinds.setdefault(kind, []).append(point)
    return [points[len(points) // 2] for points in kinds.values()]


PLACES = ("in the project", "outside")


@pytest.fixture(params=PLACES)
def project(
    request: pytest.FixtureRequest, copy_mini: Callable[[Path], Path], tmp_path: Path
) -> Iterator[Project]:
    root = copy_mini(tmp_path / "mini")
    out = (root if request.param == "in the project" else tmp_path) / "site"
    project = Project(root, out)
    for _ in range(2):
        project.edit()
        project.build()
    yield project
    assert project.beside == ["site"]


@pytest.mark.promise("A1")
def test_site_is_whole_wherever_a_build_is_killed(
    project: Project, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    killed = 0
    found = [point for point, _ in points(project, KILLING, CHANGES)]
    if not request.config.getoption("--all"):
        found = spread(found, SAMPLE)
    for name, number in found:
        # Which process makes what differs from run to run, and so does how many calls each makes:
        # where this one makes fewer now, an earlier call is struck.
        is_killed = False
        while number and not is_killed:
            done, old, left, new = project.struck(KILLING, name, number, "signal=SIGKILL")
            is_killed = done.returncode in (-9, 137)
            assert left in (old, new), (name, number)
            assert old != new
            assert project.beside == ["site"], (name, number)
            number //= 2
        killed += is_killed
    assert killed == len(found)
    figure(f"{len(found)} calls, 0 broken")


# Each error in one place, and each place, in the usual run.
USUAL = {("ENOSPC", PLACES[0]), ("EIO", PLACES[1]), ("EROFS", PLACES[0])}


@pytest.mark.promise("A2")
@pytest.mark.parametrize(
    ("project", "error"),
    [
        pytest.param(place, error, marks=[] if (error, place) in USUAL else [pytest.mark.slow])
        for error in ERRORS
        for place in PLACES
    ],
    indirect=["project"],
)
def test_refused_call_is_one_line_and_the_old_site(
    project: Project, error: str, request: pytest.FixtureRequest, figure: Callable[[str], None]
) -> None:
    all_points = points(project, REFUSING, REFUSED)
    is_usual = not request.config.getoption("--all")
    found = spread([p for p, _ in all_points], SAMPLE) if is_usual else one_of_each_kind(all_points)
    for name, number in found:
        done, old, left, new = project.struck(REFUSING, name, number, f"error={error}")
        where = (name, number, done.stderr)
        assert "Traceback" not in done.stderr, where
        if done.returncode:
            assert done.returncode == 1, where
            # A file that cannot be read is told as every problem of a file is, and counted.
            counted = done.stderr.endswith("1 个错误，没有生成\n")
            assert done.stderr.count("\n") == 1 + counted, where
            # What says how it went may be refused too, when all is done.
            assert left == (new if "新的网站已经换上" in done.stderr else old), where
        else:
            assert left == new, where
        assert project.beside == ["site"], where
    figure(f"{error}: {len(found)} calls, 0 broken, 0 tracebacks")
