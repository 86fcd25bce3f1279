"""The guide of every city, from rules to pages, in six steps that never look back.

    rules/*.yaml ──┐                                     ┌── templates/
                   ├─ load ─▶ resolve ─▶ plan ─▶ render ─▶ write ─▶ check
    content/*.md ──┘  Rules    Resolved   Page    str       site/    Problem

A later step may import an earlier one, never the other way; `tests/test_imports.py` holds it.
"""
