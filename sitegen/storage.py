"""Files below ``.cache/`` of a project: JSON, never code or pickle, and whole or not there."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any:
    """What ``save_json`` wrote; ``None`` where there is nothing, or a single bit is wrong."""
    with suppress(OSError, ValueError, RecursionError):
        digest, _, text = path.read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() == digest:
            return json.loads(text)
    return None


def save_json(path: Path, data: object) -> None:
    """Keep ``data``. Where that cannot be, the next build does more."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        new.replace(path)
