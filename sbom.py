#!/usr/bin/env python3
"""Print what the program is made of, as a CycloneDX 1.6 document, from a lock.

``python sbom.py [requirements-test.txt]``; without a name the packages of a production build.
The same lock gives the same bytes: there is no time and no random number in it. ``hashes`` are
those of every file that the lock admits of a package: its source and a wheel for each system.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;]+)")
PROJECT = "yibao-zenmeban"


def sbom(lock: str) -> dict[str, object]:
    """The document for the text of a lock as uv writes it, with its comments ``# via``."""
    components: dict[str, dict[str, object]] = {}
    needed_by: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=[a-z0-9])", lock):
        found = PACKAGE.match(block)
        if not found:
            continue
        name, version = found.groups()
        reference = f"pkg:pypi/{name}@{version}"
        hashes = re.findall("sha256:([0-9a-f]{64})", block)
        comments = re.findall(r"(?m)^ +#(?: via)? *(.*)$", block)
        needed_by[name] = [PROJECT if by.startswith("-r ") else by for by in comments]
        components[name] = {
            "type": "library",
            "bom-ref": reference,
            "name": name,
            "version": version,
            "purl": reference,
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
        }
    references = {name: str(item["bom-ref"]) for name, item in components.items()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": PROJECT, "name": PROJECT},
        },
        "components": [components[name] for name in sorted(components)],
        "dependencies": [
            {
                "ref": references.get(name, PROJECT),
                "dependsOn": sorted(
                    references[needed] for needed, by in needed_by.items() if name in by
                ),
            }
            for name in (PROJECT, *sorted(components))
        ],
    }


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "requirements.txt"
    try:
        text = (ROOT / name).read_text(encoding="utf-8")
    except OSError as error:
        sys.exit(f"sbom: {name}: {error.strerror}")
    try:
        print(json.dumps(sbom(text), indent=2), flush=True)
    except BrokenPipeError:  # who reads it has read enough
        os._exit(1)
