"""Several processes for one list of tasks, where the machine can fork."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from sitegen.write import uninterrupted

# More than two share the memory of a small machine and gain little.
MOST = 2

_NUMBER = struct.Struct("<H")
_ROOM = 65536 // _NUMBER.size - 1  # what a pipe holds without a reader


# Of a process that was started here: the id of the one that did.
_parent = 0


def stay_with_parent() -> None:
    """End here if the process that started this one is gone: its folder is no longer ours."""
    if _parent and os.getppid() != _parent:
        os._exit(1)


class Failed(Exception):
    """A process did not do its tasks; done here one after the other, they say why."""


def processes() -> int:
    """How many processes may work: one where there is no fork, or threads that it would break."""
    can_fork = hasattr(os, "fork") and threading.active_count() == 1
    return min(MOST, os.cpu_count() or 1) if can_fork else 1


def run(tasks: int, work: Callable[[int], Any], count: int) -> list[Any]:
    """What ``work`` returns for each number below ``tasks``, done by ``count`` processes.

    Each takes the next number when it is free. Raises ``Failed`` where
    another process fails, and whatever ``work`` raises in this one.
    """
    results: list[Any] = [None] * tasks
    if count < 2 or not 2 <= tasks <= _ROOM:
        for number in range(tasks):
            results[number] = work(number)
        return results
    # A pipe filled beforehand is the queue: a read takes one number, and no two get the same.
    queue, end = os.pipe()
    os.write(end, b"".join(map(_NUMBER.pack, range(tasks))))
    os.close(end)
    others: list[tuple[int, int]] = []
    try:
        # A process that nobody knows of yet could not be ended, and would go on writing. What
        # is started here never hears Ctrl-C or TERM; whoever started it ends it.
        with uninterrupted():
            others += [_start(queue, work) for _ in range(count - 1)]
        done = _take(queue, work)
        for _, answer in others:
            with open(answer, "rb", closefd=False) as told:
                if not (found := told.read()):
                    raise Failed
                # Bytes of our own child, which never lie anywhere, may be objects.
                done += pickle.loads(found)
    except BaseException:
        for pid, _ in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(queue)
        for pid, answer in others:
            os.close(answer)
            os.waitpid(pid, 0)
    for number, result in done:
        results[number] = result
    return results


def _take(queue: int, work: Callable[[int], Any]) -> list[tuple[int, Any]]:
    done = []
    while packed := os.read(queue, _NUMBER.size):
        (number,) = _NUMBER.unpack(packed)
        done.append((number, work(number)))
    return done


def _start(queue: int, work: Callable[[int], Any]) -> tuple[int, int]:
    """Another process that takes from the queue; its id, and where its results come out."""
    global _parent
    answer, end = os.pipe()
    parent = os.getpid()
    if pid := os.fork():
        os.close(end)
        return pid, answer
    _parent = parent
    os.close(answer)  # else a child whose parent is gone would wait for itself to read
    # The child leaves by _exit alone: what the parent would clean up is not its to clean.
    try:
        found = pickle.dumps(_take(queue, work))
        with open(end, "wb") as told:
            told.write(found)
        os._exit(0)
    finally:
        os._exit(1)


class Beside:
    """``make`` in a process of its own: ``next`` waits for each thing that it yields, in turn.

    With a ``count`` of one, and where that process fails, it runs here when it is asked for
    something, which raises what there is to raise. ``stop`` ends it; call it always.
    """

    def __init__(self, make: Callable[[], Iterator[Any]], count: int) -> None:
        self._make = make
        self._yielded = 0
        self._here: Iterator[Any] | None = None
        self._pid = 0
        if count < 2:
            return
        answer, end = os.pipe()
        self._told = os.fdopen(answer, "rb")
        try:
            with uninterrupted():
                self._pid = os.fork()
                if not self._pid:
                    self._tell(end)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(end)

    def _tell(self, end: int) -> NoReturn:
        """What the other process does, to its end."""
        self._told.close()  # else, its parent gone, it would wait for itself to read
        try:
            with open(end, "wb") as told:
                for found in self._make():
                    pickle.dump(found, told)
                    told.flush()
            os._exit(0)
        finally:
            os._exit(1)

    def next(self) -> Any:
        """What ``make`` yields next."""
        if self._pid:
            try:
                found = pickle.load(self._told)
                self._yielded += 1
                return found
            except (EOFError, pickle.UnpicklingError):
                self.stop()
        if self._here is None:
            self._here = self._make()
            for _ in range(self._yielded):
                next(self._here)
        return next(self._here)

    def stop(self) -> None:
        if self._pid:
            self._told.close()
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
