"""Files below ``.cache/`` of a project: JSON under a hash of itself, whole or not there."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def digest_of(*contents: bytes | str) -> str:
    """A short hash of contents, each by itself: what is equal has the same one."""
    whole = hashlib.blake2b(digest_size=16)
    for content in contents:
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        whole.update(b"%d " % len(data) + data)
    return whole.hexdigest()


def read_json(path: Path) -> Any:
    """What ``save_json`` wrote; ``None`` where there is nothing, or a single bit is wrong."""
    with suppress(OSError, ValueError, RecursionError):
        digest, _, text = path.read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() == digest:
            return json.loads(text)
    return None


def label_of(path: Path) -> bytes:
    """What tells apart a file of ``save_json`` from what it was before, without reading it all."""
    with suppress(OSError), path.open("rb") as file:
        return file.readline()
    return b""


def save_json(path: Path, data: object) -> None:
    """Keep ``data``. Where that cannot be, the next build does more."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        new.replace(path)
