"""A build depends on the project alone: not on the machine, a network or other programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from test_unbreakable import tree

# A build in a world of its own: how many processors there are, and in which order a folder gives
# its names. With so few pages one process would do it all; here two have to share them.
WORLD = """
import os, random, sys
processors, seed, *words = sys.argv[1:]
os.cpu_count = lambda: int(processors)
scandir, listdir = os.scandir, os.listdir
class Shuffled:
    def __init__(self, path):
        with scandir(path) as found:
            self.found = sorted(found, key=lambda entry: entry.name)
        random.Random(seed).shuffle(self.found)
        self.rest = iter(self.found)
    def __iter__(self): return self.rest
    def __next__(self): return next(self.rest)
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def close(self): pass
def shuffled(path="."):
    names = sorted(listdir(path))
    random.Random(seed).shuffle(names)
    return names
os.scandir, os.listdir = (lambda path=".": Shuffled(path)), shuffled
sys.path.insert(0, os.environ["PROJECT"])
import build, sitegen.making
sitegen.making.FEW = 0
sys.exit(build.main(words))
"""

# Processors, seed of the order, umask, environment.
WORLDS = {
    "first": (1, 1, 0o022, {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}),
    "two processes": (2, 2, 0o022, {"PYTHONHASHSEED": "999", "LC_ALL": "C.UTF-8"}),
    "other order": (1, 3, 0o022, {"TZ": "Asia/Shanghai"}),
    "nobody else may read": (2, 4, 0o027, {"TZ": "America/Anchorage", "LC_ALL": "POSIX"}),
    "path with spaces and Chinese": (2, 5, 0o077, {"PYTHONHASHSEED": "7", "HOME": "/nirgends"}),
}


def pythons() -> dict[str, str]:
    """The Pythons of this machine that the program says it runs on, by version."""
    found = {}
    for version in ("3.11", "3.12", "3.13"):
        own = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
        for program in (shutil.which(f"python{version}"), *map(str, own)):
            words = [program, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
            if (
                program
                and subprocess.run(
                    words, capture_output=True, text=True, check=False
                ).stdout.strip()
                == version
            ):
                found[version] = program
    return found


def made(python: str, root: Path, out: Path, name: str, **more: str) -> dict[str, bytes]:
    """The site that one of the worlds makes of a project, without any earlier build."""
    shutil.rmtree(root / ".cache", ignore_errors=True)
    processors, seed, umask, world = WORLDS[name]
    words = ["--root", root, "--out", out, "--as-of", "2026-11-21", "--without-index"]
    done = subprocess.run(
        [python, "-c", WORLD, str(processors), str(seed), *map(str, words)],
        cwd=out.parent,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PROJECT": str(ROOT), **world, **more},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tree(out)


@pytest.mark.promise("A8")
def test_bytes_are_the_same_in_every_world(
    copy_mini: Callable[[Path], Path], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    sites = []
    for number, name in enumerate(WORLDS):
        folder = tmp_path / (f"{number} 医保 怎么办" if "Chinese" in name else str(number))
        folder.mkdir()
        sites.append(made(sys.executable, copy_mini(folder / "mini"), folder / "site", name))
        mode = (folder / "site/index.html").stat().st_mode & 0o777
        assert mode == 0o666 & ~WORLDS[name][2]
    assert len(sites[0]) > 51
    assert all(site == sites[0] for site in sites)
    figure(f"{len(sites)}/{len(sites)} worlds, the same bytes")


@pytest.mark.slow
@pytest.mark.promise("F8")
def test_every_python_that_is_promised_makes_the_same_bytes(
    copy_mini: Callable[[Path], Path], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """With the packages of this environment: what of them is compiled for this Python alone has
    a twin in Python, which then does its work (PyYAML's reader, MarkupSafe's escaping)."""
    found = pythons()
    if len(found) < 2:
        pytest.skip(f"only {', '.join(found) or 'none'} of Python 3.11, 3.12 and 3.13 is here")
    packages = str(Path(pytest.__file__).parent.parent)
    root = copy_mini(tmp_path / "mini")
    sites = [
        made(python, root, tmp_path / version / "site", "two processes", PYTHONPATH=packages)
        for version, python in found.items()
        if (tmp_path / version).mkdir() is None
    ]
    assert all(site == sites[0] for site in sites)
    figure(f"Python {', '.join(found)}: the same bytes")


NETWORK = "socket,socketpair,connect,bind,sendto,sendmsg"
PROGRAMS = "execve,execveat"


def build_under(root: Path, out: Path, *before: str) -> subprocess.CompletedProcess[str]:
    words = ["--root", root, "--out", out, "--as-of", "2026-11-21", "--without-index"]
    return subprocess.run(
        [*before, sys.executable, str(ROOT / "build.py"), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.promise("A10")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a program of Linux")
def test_build_opens_no_socket_and_starts_no_program(
    mini: Path, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """The index of all words aside: Pagefind is a program of its own and speaks by a pipe."""
    log = tmp_path / "log"
    strace = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={NETWORK},{PROGRAMS}"]
    done = build_under(mini, tmp_path / "site", *strace)
    assert done.returncode == 0, done.stderr
    calls = re.findall(r"(?m)^\d+ +([a-z]+)\(", log.read_text(encoding="utf-8"))
    assert calls == ["execve"], "only the start of Python itself"
    figure("0 sockets, 0 programs started")


@pytest.mark.promise("A10")
@pytest.mark.skipif(not shutil.which("unshare"), reason="there is no unshare here")
def test_build_needs_no_network(mini: Path, tmp_path: Path, figure: Callable[[str], None]) -> None:
    can = subprocess.run(["unshare", "-rn", "true"], capture_output=True, text=True, check=False)
    if can.returncode:
        pytest.skip(f"this sandbox takes no network away: {can.stderr.strip()}")
    done = build_under(mini, tmp_path / "site", "unshare", "-rn")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site/index.html").is_file()
    figure("a machine without a network builds")
