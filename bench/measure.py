"""A command timed from its start to its exit, with the memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from workload import AS_OF

ROOT = Path(__file__).resolve().parent.parent


def ours(project: Path, out: Path) -> list[str]:
    """The command that builds a project of ours; what is measured is the pages, not Pagefind."""
    where = ["--root", str(project), "--out", str(out), "--as-of", AS_OF.isoformat()]
    return [sys.executable, str(ROOT / "build.py"), "--without-index", *where]


class Run:
    """One run of a command: ``seconds`` on the wall and of processors (``cpu``), ``peak`` in MB of
    all its processes together, ``told`` is what it wrote. Stops everything where it fails."""

    def __init__(self, command: list[str], folder: Path = ROOT) -> None:
        self._peak = 0
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            # Python keeps what it has compiled, as it does for everybody who does not forbid it.
            env={**os.environ, "URL": "", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        watcher = threading.Thread(target=self._watch, args=(process.pid,), daemon=True)
        watcher.start()
        try:
            out, err = process.communicate()
        except BaseException:  # who stops us stops what we started
            process.kill()
            raise
        self.seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = sum(after[:2]) - sum(before[:2])
        self.peak = self._peak / 1e6
        self.told = out.decode()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)[:80]}: {err.decode()[-2000:]}{self.told[-500:]}")

    def _watch(self, pid: int) -> None:
        while True:
            pids, total = [pid], 0
            for one in pids:
                try:
                    children = Path(f"/proc/{one}/task/{one}/children").read_text()
                    # What two processes share counts once.
                    told = Path(f"/proc/{one}/smaps_rollup").read_text()
                    total += int(told.partition("\nPss:")[2].split()[0]) * 1024
                except (OSError, IndexError):
                    continue
                pids += map(int, children.split())
            if not total:
                return
            self._peak = max(self._peak, total)
            time.sleep(0.02)
