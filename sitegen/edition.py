"""Which edition of the site is asked for: what decides about it beside the project itself."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Edition(NamedTuple):
    """One way to build the site of a project.

    ``day`` is the day of the rules. ``address`` is that of the published site, in place of the
    one in content/site.yaml; empty, nothing is written that needs one. ``has_full_text``: all
    words of the pages can be searched. ``is_preview``: for a few people to look at, so that no
    search engine may list any page of it. ``commit`` says what was built, in /version.json.
    """

    day: date
    address: str = ""
    has_full_text: bool = False
    is_preview: bool = False
    commit: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The edition as text: equal for equal editions alone."""
        return tuple(map(str, self))
