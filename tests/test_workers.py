"""Processes that help a build never outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each prints the number of the process that it starts, which then has more to say than a pipe
# holds, and reads nothing of it.
BESIDE = """
import time
from sitegen.workers import Beside
def make():
    yield "x" * 10_000_000
print(Beside(make, 2)._pid, flush=True)
time.sleep(60)
"""
RUN = """
import os, time
from sitegen.workers import run
parent = os.getpid()
def work(number):
    if os.getpid() == parent:
        time.sleep(60)
    print(os.getpid(), flush=True)
    return "x" * 10_000_000
run(2, work, 2)
"""


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        return state != "Z"
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="/proc is of Linux")
@pytest.mark.parametrize("code", [BESIDE, RUN], ids=["beside", "run"])
def test_helping_process_ends_when_the_build_is_killed(code):
    build = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, encoding="ascii"
    )
    try:
        assert build.stdout
        helper = int(build.stdout.readline())
        assert is_running(helper)
        time.sleep(0.3)  # until the pipe is full
    finally:
        build.kill()
        build.wait()
        if build.stdout:
            build.stdout.close()
    end = time.monotonic() + 20
    while is_running(helper) and time.monotonic() < end:
        time.sleep(0.05)
    try:
        assert not is_running(helper)
    finally:
        with suppress(ProcessLookupError):
            os.kill(helper, signal.SIGKILL)
