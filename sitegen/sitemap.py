"""The sitemap: the pages that search engines may list, and when each last changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

SITEMAP = "sitemap.xml"

# So many URLs stand in one file; with more, that file names others.
MOST = 10_000

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_files(
    address: str, pages: Iterable[tuple[str, str]], most: int = MOST
) -> Iterator[tuple[str, bytes]]:
    """The files of the sitemap, by their path in the site.

    ``pages`` are the URLs with the day of their newest fact, empty where they show none: such a
    page has no ``lastmod``, since nobody knows one. ``address`` is where the site stands.
    """
    start = address.rstrip("/")
    entries = [(f"{start}{url}", changed) for url, changed in pages]
    if len(entries) <= most:
        yield SITEMAP, _text("urlset", "url", entries)
        return
    parts = [entries[first : first + most] for first in range(0, len(entries), most)]
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    newest = [max(changed for _, changed in part) for part in parts]
    listed = [(f"{start}/{name}", day) for name, day in zip(names, newest, strict=True)]
    yield SITEMAP, _text("sitemapindex", "sitemap", listed)
    for name, part in zip(names, parts, strict=True):
        yield name, _text("urlset", "url", part)


def _text(root: str, kind: str, entries: Sequence[tuple[str, str]]) -> bytes:
    lines = "".join(
        f"<{kind}><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{kind}>\n"
        for url, day in entries
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<{root} xmlns="{_SPACE}">\n{lines}</{root}>\n'.encode()
