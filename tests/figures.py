"""The figures behind docs/promises.md. Not a test."""

from dataclasses import dataclass, field


@dataclass
class Figures:
    found: dict = field(default_factory=dict)

    def add(self, promise, number, of, broken=None):
        print(promise, number, of, broken)
