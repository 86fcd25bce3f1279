"""A build that is told to stop, that finds no room or that meets another one leaves a whole site.

Where a build is stopped is chosen as in ``test_unbreakable.py``: at its calls to the system.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import ROOT
from sitegen.manifest import lock_of
from test_unbreakable import Project, tree

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="strace and unshare are programs of Linux"
)

STOPPED = ("停下了，原来的网站没有动\n", "停下了，新的网站已经换上\n")


@pytest.fixture
def project(copy_mini: Callable[[Path], Path], tmp_path: Path) -> Project:
    """A mini project that was built once."""
    project = Project(copy_mini(tmp_path / "mini"), tmp_path / "public/site")
    project.build()
    return project


def session_of(pid: str) -> int:
    """The session that a process belongs to; 0 where it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])
    return 0


def left_in(session: int) -> list[str]:
    """The processes that are left of a session."""
    numbers = (path.name for path in Path("/proc").iterdir() if path.name.isdigit())
    return [number for number in numbers if session_of(number) == session]


# ── Stopped ──


def frame_changed(project: Project) -> None:
    """Change what every page depends on: all of them are made anew, by two processes."""
    project.edit()
    base = project.root / "templates/base.html"
    text = re.sub(r"<!-- [0-9]+ -->\n", "", base.read_text(encoding="utf-8"))
    base.write_text(f"{text}<!-- {project.number} -->\n", encoding="utf-8")


def under_strace(project: Project, *words: str) -> tuple[int, str, list[str]]:
    """The exit code of a build, what it said, and the processes that it left."""
    command = ["strace", "-qq", *words, *project.command()]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "URL": ""},
        text=True,
        start_new_session=True,
        # A shell may have started us with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            _, said = process.communicate(timeout=60)
        finally:
            left = left_in(process.pid)
            process.kill()
    return process.returncode, said, left


CALLS = "openat,read,write,mkdir,rename,renameat2,unlink,rmdir,fstat,getdents64,clone,wait4,close"


def stops(project: Project, log: Path, count: int) -> list[tuple[str, int]]:
    """So many calls of one build, from the first of our files to the last one, spread evenly."""
    code, said, _ = under_strace(project, "-o", str(log), "-e", f"trace={CALLS}")
    assert code == 0, said
    seen: dict[str, int] = {}
    found = []
    is_ours = False
    for name, words in re.findall(r"(?m)^([a-z0-9]+)\((.*)", log.read_text(encoding="utf-8")):
        seen[name] = seen.get(name, 0) + 1
        is_ours = is_ours or str(project.root) in words
        if is_ours:
            found.append((name, seen[name]))
        if name == "write" and words.startswith("1,"):
            break  # it has said that it is done
    return [found[(2 * n + 1) * len(found) // (2 * count)] for n in range(count)]


@pytest.mark.promise("A9")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_stopped_build_says_so_in_one_line_and_leaves_nothing_behind(
    project: Project,
    number: signal.Signals,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    figure: Callable[[str], None],
) -> None:
    frame_changed(project)
    count = 20 if request.config.getoption("--all") else 2
    found = stops(project, tmp_path / "log", count)
    kept = 0
    new = tree(project.out)
    for call, nth in found:
        old = new
        frame_changed(project)
        inject = f"inject={call}:signal={number.name}:when={nth}"
        code, said, left = under_strace(
            project, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject
        )
        site = tree(project.out)
        new = project.build()
        where = (call, nth, said)
        assert code == 128 + number, where
        assert said == STOPPED[site != old], where
        assert site in (old, new), where
        assert old != new
        assert left == [], where
        assert project.beside == ["site"], where
        kept += site == old
    assert kept > count / 2, "most calls come before the site is exchanged"
    figure(f"{number.name}: {len(found)} calls, all exit {128 + number}, 0 broken, 0 left behind")


@pytest.mark.promise("A9")
@pytest.mark.parametrize(
    "number",
    [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM],
    ids=lambda n: n.name,
)
def test_whole_project_is_stopped_while_two_processes_write(
    project: Project, number: signal.Signals
) -> None:
    """Two make pages, and a third one keeps what was read, where there are processors."""
    old = tree(project.out)
    command = [sys.executable, "build.py", "--as-of", "2026-11-21", "--out", str(project.out)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            staging = project.out.with_name(".site-new")
            deadline = time.monotonic() + 60
            while not any(staging.glob("*/huaru")):
                assert process.poll() is None, "ended before it wrote a page"
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert len(left_in(process.pid)) >= min(2, os.cpu_count() or 1)
            process.send_signal(number)
            said, problems = process.communicate(timeout=30)
        finally:
            left = left_in(process.pid)
            process.kill()
    assert (process.returncode, said) == (128 + number, b"")
    assert problems.decode() == STOPPED[0]
    assert left == []
    assert tree(project.out) == old
    assert project.beside == ["site"]


# ── Two builds of one output ──

# A build that waits, once the output is its own, until there is a file "go".
HELD = """
import sys, time
from pathlib import Path
import build
import sitegen.builder as builder
here, *words = sys.argv[1:]
read = builder.read_project
def read_later(*args):
    Path(here, "holds").touch()
    while not Path(here, "go").exists():
        time.sleep(0.01)
    return read(*args)
builder.read_project = read_later
sys.exit(build.main(words))
"""


def held(project: Project, here: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", HELD, str(here), *project.command()[2:]]
    return subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.promise("A4")
def test_of_six_builds_of_one_output_one_builds_and_the_others_name_the_lock(
    project: Project, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    old = project.build()
    project.edit()
    started = [held(project, tmp_path) for _ in range(6)]
    try:
        # The one that holds the lock cannot end before it is told to go; the others must.
        deadline = time.monotonic() + 60
        while sum(process.poll() is not None for process in started) < 5:
            assert time.monotonic() < deadline, "more than one build holds the lock"
            time.sleep(0.02)
        assert (tmp_path / "holds").exists()
        assert tree(project.out) == old
        (tmp_path / "go").touch()
        told = [process.communicate(timeout=60) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert sorted(process.returncode for process in started) == [0, 1, 1, 1, 1, 1]
    lock = lock_of(project.root, project.out)
    wanted = f"另一个生成正在写 site/（锁是 {lock}）；等它做完再来\n"
    assert sorted(problems for _, problems in told) == ["", *[wanted] * 5]
    site = tree(project.out)
    shutil.rmtree(project.out)
    assert site == project.build() != old
    with lock.open() as file:  # nobody holds it any more
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    figure("6 started: 1 builds, 5 refuse and name the lock")


# ── No room ──


def mounts() -> str:
    """Why no disk can be mounted here, if so."""
    if not shutil.which("unshare"):
        return "there is no unshare here"
    done = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"this sandbox mounts nothing: {done.stderr.strip()}" if done.returncode else ""


# Makes a disk of its own, builds there, takes its room or its right to be written, builds again.
ON_A_DISK = """
import json, os, shutil, subprocess, sys
from pathlib import Path
disk, mini, damage, build, *words = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], check=True)
disk = Path(disk)
shutil.copytree(mini, disk / "mini")
(disk / "out").mkdir()
def run(day):
    command = [sys.executable, build, "--root", disk / "mini", "--out", disk / "out/site"]
    return subprocess.run([*command, "--as-of", day, *words], capture_output=True, text=True)
def tree():
    return {str(p): p.read_bytes() for p in sorted((disk / "out").rglob("*")) if p.is_file()}
first = run("2026-11-21")
assert first.returncode == 0, first.stderr
before = tree()
if damage == "read-only":
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
else:
    try:
        with (disk / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        os.truncate(disk / "filler", (disk / "filler").stat().st_size - int(damage))
done = run("2027-01-01")
after = tree()
healed = None
if damage == "read-only":
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
else:
    (disk / "filler").unlink()
healed = run("2027-01-01")
print(json.dumps([done.returncode, done.stderr, before == after, len(before), healed.returncode,
                  before == tree(), sorted(p.name for p in (disk / "out").iterdir())]))
"""


@pytest.mark.promise("A3")
@pytest.mark.parametrize(
    "damage",
    ["read-only", "0", *(pytest.param(n, marks=pytest.mark.slow) for n in ("40960", "200704"))],
)
def test_disk_without_room_or_rights_keeps_the_old_site(
    copy_mini: Callable[[Path], Path], tmp_path: Path, damage: str, figure: Callable[[str], None]
) -> None:
    """``damage`` is read-only, or the bytes that are free; a real disk, in a room of its own."""
    if reason := mounts():
        pytest.skip(reason)
    disk = tmp_path / "disk"
    disk.mkdir()
    words = [disk, copy_mini(tmp_path / "mini"), damage, ROOT / "build.py", "--without-index"]
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", ON_A_DISK, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    code, said, is_same, files, healed, is_old, beside = json.loads(done.stdout)
    reason = os.strerror(30 if damage == "read-only" else 28)
    assert code == 1
    assert re.fullmatch(rf"写不进 {disk}/\S+（{reason}）；原来的 site/ 没有动\n", said), said
    assert is_same
    assert files > 51
    # With room again, the same command builds.
    assert (healed, is_old, beside) == (0, False, ["site"])
    figure("read-only: old site" if damage == "read-only" else f"{damage} bytes free: old site")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_summary_that_cannot_be_printed_says_what_became_of_the_site(
    copy_mini: Callable[[Path], Path], tmp_path: Path
) -> None:
    root = copy_mini(tmp_path / "mini")
    command = [sys.executable, ROOT / "build.py", "--root", root, "--out", root / "site"]
    for told in ("新的网站已经换上", "原来的网站没有动"):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*map(str, command), "--without-index", "--as-of", "2026-11-21"],
                stdout=full,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                check=False,
            )
        why = f"结果没有打印出来（No space left on device）；{told}\n"
        assert (done.returncode, done.stderr) == (1, why)
    assert (root / "site/jia/index.html").is_file()
