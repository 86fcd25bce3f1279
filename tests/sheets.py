"""Print sheets in Chromium and count their pages: every one must be one page of A4.

PYTHONPATH=. python tests/sheets.py          the tallest of every task, and a few usual ones
PYTHONPATH=. python tests/sheets.py --all    all sheets of all pools
PYTHONPATH=. python tests/sheets.py --save DIR /tianjin/dayin/yue/ …   these, as PDF files
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pypdf import PdfReader

from browser import CHINA, launch
from samples import shapes
from sitegen.edition import Edition
from sitegen.pipeline import prepare
from sitegen.render import Renderer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

# As long as an address gets: with it the sheets have their QR code, the tallest thing in the head.
ADDRESS = "https://yibao-zenmeban.example.org"

USUAL = ("tianjin", "mianyang", "beijing")
TALLEST = 8

# Height and width in CSS pixels of what @page leaves of A4 between its margins (sheet.css).
HEIGHT, WIDTH = 273 * 96 / 25.4, 178 * 96 / 25.4


class Papers(Mapping[str, str]):
    """The HTML of the sheets and booklets of a project, by URL, as on a site with an address.

    Each is rendered when it is asked for.
    """

    def __init__(self, root: Path) -> None:
        _, plan, assets, _ = prepare(root, Edition(AS_OF, ADDRESS))
        is_paper = re.compile("/dayin/|/dazi/").search
        self._pages = {page.url: page for page in plan.pages if is_paper(page.url)}
        self._renderer = Renderer(root, plan.texts, assets)

    def __getitem__(self, url: str) -> str:
        return self._renderer.page(self._pages[url]).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def shapes(self) -> list[str]:
        """The URLs of one sheet of every shape."""
        sheets = [page for url, page in self._pages.items() if "/dayin/" in url]
        return [page.url for page in shapes(sheets)]


def task_of(url: str) -> str:
    """The task of a sheet: yue for /tianjin/dayin/yue/."""
    return url.split("/")[3]


def heights(browser: Browser, papers: Papers, urls: Sequence[str]) -> dict[str, float]:
    """How tall the content of sheets is on paper, in CSS pixels, by URL."""
    sheets = [papers[url] for url in urls]
    head = sheets[0].partition("<body")[0]
    bodies = [re.findall("<main.*</main>", html, re.S)[0] for html in sheets]
    context = browser.new_context(**CHINA, offline=True)
    try:
        page = context.new_page()
        page.emulate_media(media="print")
        page.set_viewport_size({"width": round(WIDTH), "height": round(HEIGHT)})
        page.set_content(f"{head}<body>{''.join(bodies)}", wait_until="domcontentloaded")
        found: list[float] = page.evaluate(
            """() => [...document.querySelectorAll(".paper")].map((paper) => {
                paper.style.minHeight = 0;
                return paper.getBoundingClientRect().height;
            })"""
        )
    finally:
        context.close()
    return dict(zip(urls, found, strict=True))


def tallest(heights: Mapping[str, float], count: int) -> list[str]:
    """The URLs of so many sheets of every task, the tallest ones."""
    tasks: dict[str, list[str]] = {}
    for url in sorted(heights, key=lambda url: -heights[url]):
        tasks.setdefault(task_of(url), []).append(url)
    return [url for urls in tasks.values() for url in urls[:count]]


def wide_sample(browser: Browser, papers: Papers) -> list[str]:
    """The URLs of the tallest sheets of every task, and of a few usual pools."""
    usual = [url for url in papers if "/dayin/" in url and url.split("/")[1] in USUAL]
    return list(dict.fromkeys(usual + tallest(heights(browser, papers, papers.shapes()), TALLEST)))


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
    papers = Papers(ROOT)
    sheets = [url for url in papers if "/dayin/" in url]
    right = 0
    with launch() as browser:
        urls = options.paths or (sheets if options.all else wide_sample(browser, papers))
        for url, pdf in print_pages(browser, ((url, papers[url]) for url in urls)):
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
