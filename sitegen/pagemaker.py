"""What every page has, whatever it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sitegen.atlas import Link
from sitegen.figures import Fact, newest
from sitegen.model import AS_IT_IS, Page, Site


@dataclass(frozen=True)
class PageMaker:
    """Makes the pages of one site and day.

    No page of a preview says that it may be listed; ``changes_url`` is the page of all changes,
    empty where none are kept.
    """

    site: Site
    day: date
    is_preview: bool
    changes_url: str

    def __call__(
        self,
        url: str,
        template: str,
        h1: str,
        description: str,
        *,
        title: str = "",
        crumbs: tuple[Link, ...] = (),
        is_indexed: bool = True,
        of_guide: str = "",
        place: Mapping[str, object] | None = None,
        shown: Iterable[Fact] = (),
        **context: object,
    ) -> Page:
        """A page; ``shown`` are the facts on it beside the ``values`` of its context."""
        values = context.get("values", {})
        assert isinstance(values, dict)
        reviewed, changed = newest(shown or values.values(), self.day)
        own = {
            "site_name": self.site.name,
            "url": url,
            "address": self.site.address,
            "icp": self.site.icp,
            "h1": h1,
            "title": h1 if url == "/" else f"{title or h1} - {self.site.name}",
            "description": description,
            "crumbs": crumbs,
            "is_indexed": is_indexed and not self.is_preview,
            "groups": (),
            "related": (),
            "sources": {},
            "sheet_url": "",
            "data_url": "",
            "reviewed": reviewed,
            "changes_url": self.changes_url,
            "feed": "",
        }
        whole = own | dict(place or {}) | context
        return Page(url, template, whole, is_indexed, of_guide, changed)


def file_page(url: str, data: bytes) -> Page:
    """A file of text that goes with no page."""
    return Page(url, AS_IT_IS, {"text": data.decode()}, is_indexed=False)
