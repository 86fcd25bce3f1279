"""Print sheets in Chromium and count their pages: every one must be one page of A4.

PYTHONPATH=. python tests/sheets.py          the longest of every task, and a few usual ones
PYTHONPATH=. python tests/sheets.py --all    all sheets of all pools
PYTHONPATH=. python tests/sheets.py --save DIR /tianjin/dayin/yue/ …   these, as PDF files
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pypdf import PdfReader

from browser import CHINA, launch
from sitegen.pipeline import prepare
from sitegen.render import Renderer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

# As long as an address gets: with it the sheets have their QR code, the tallest thing in the head.
ADDRESS = "https://yibao-zenmeban.example.org"

USUAL = ("tianjin", "mianyang", "beijing")
LONGEST = 8


def render_papers(root: Path) -> dict[str, str]:
    """The HTML of all sheets and booklets of a project, by URL, as on a site with an address."""
    _, plan, assets, _ = prepare(root, AS_OF, ADDRESS)
    renderer = Renderer(root, plan.texts, assets)
    is_paper = re.compile("/dayin/|/dazi/").search
    return {page.url: renderer.render(page) for page in plan.pages if is_paper(page.url)}


def wide_sample(sheets: dict[str, str]) -> list[str]:
    """The URLs of the longest sheets of every task, and of a few usual pools."""
    tasks: dict[str, list[str]] = {}
    for url in sheets:
        tasks.setdefault(url.split("/")[3], []).append(url)
    chosen = [url for url in sheets if url.split("/")[1] in USUAL]
    for urls in tasks.values():
        # The QR code is drawn in many letters and takes the same room on every sheet.
        lengths = {url: len(re.sub("<svg.*?</svg>", "", sheets[url], flags=re.S)) for url in urls}
        chosen += sorted(urls, key=lambda url: -lengths[url])[:LONGEST]
    return list(dict.fromkeys(chosen))


def print_pages(browser: Browser, pages: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Each page (URL, HTML) as the bytes of the PDF that the browser prints."""
    context = browser.new_context(**CHINA, offline=True)
    try:
        page = context.new_page()
        for url, html in pages:
            page.set_content(html, wait_until="domcontentloaded")
            yield url, page.pdf(prefer_css_page_size=True)
    finally:
        context.close()


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def main() -> int:
    """Return 0, or 1 where a sheet is not exactly one page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", metavar="URLPATH", help="such as /tianjin/dayin/yue/")
    parser.add_argument("--all", action="store_true", help="every sheet of every pool")
    parser.add_argument("--save", type=Path, metavar="DIR", help="keep the PDF files here")
    options = parser.parse_args()
    sheets = {url: html for url, html in render_papers(ROOT).items() if "/dayin/" in url}
    urls = options.paths or (list(sheets) if options.all else wide_sample(sheets))
    right = 0
    with launch() as browser:
        for url, pdf in print_pages(browser, ((url, sheets[url]) for url in urls)):
            pages = page_count(pdf)
            right += pages == 1
            if pages != 1:
                print(f"{url} {pages} pages", flush=True)
            if options.save:
                options.save.mkdir(parents=True, exist_ok=True)
                (options.save / f"{url.strip('/').replace('/', '-')}.pdf").write_bytes(pdf)
    print(f"{right}/{len(urls)} sheets are exactly one page of A4")
    return 0 if right == len(urls) else 1


if __name__ == "__main__":
    sys.exit(main())
