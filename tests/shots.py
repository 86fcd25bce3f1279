"""Take pictures of built pages into ``tests/shots/``, for eyes.

python tests/shots.py / /beijing/ --widths 360,1280 --dark
python tests/shots.py --all-types
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from browser import CHINA, SiteServer, has_chinese_font, launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "tests" / "shots"


def note_error(errors: list[str], event: ConsoleMessage | Error) -> None:
    """Keep what a page complains about, among it every refusal of its CSP."""
    if getattr(event, "type", "error") == "error":
        place = getattr(event, "location", {}).get("url", "")
        errors.append(f"{place} {event}".strip())


def shoot(browser: Browser, address: str, paths: list[str], width: int, kind: str) -> int:
    """Take a picture of each path at a width; return how often the console complained.

    ``kind`` is what the names of the files end in: of "-dark" and "-print" one, both or none.
    """
    context = browser.new_context(
        **CHINA,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if "-dark" in kind else "light",
    )
    page = context.new_page()
    if not has_chinese_font(page):
        sys.exit("no Chinese font: every character would be the same box; install one")
    page.emulate_media(media="print" if "-print" in kind else "screen")
    errors: list[str] = []
    page.on("console", partial(note_error, errors))
    page.on("pageerror", partial(note_error, errors))
    complaints = 0
    for path in paths:
        answer = page.goto(f"{address}/{path.lstrip('/')}")
        name = path.strip("/").replace("/", "-") or "index"
        file = SHOTS / f"{name}-{width}{kind}.png"
        page.screenshot(path=file, full_page=True)
        print(file.relative_to(ROOT), answer.status if answer else "", *errors, sep="\n  ")
        complaints += len(errors)
        errors.clear()
    context.close()
    return complaints


def main() -> int:
    """Return 0, or 1 where a page was not found or wrote an error to the console."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="URLPATH", help="such as /beijing/")
    parser.add_argument("--widths", default="360,1280", help="in CSS pixels (%(default)s)")
    parser.add_argument("--dark", action="store_true", help="as with a dark colour scheme")
    parser.add_argument("--print", action="store_true", help="as on paper")
    parser.add_argument(
        "--all-types", action="store_true", help="a page of every kind, light and dark"
    )
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built folder")
    options = parser.parse_args()
    if not options.paths and not options.all_types:
        parser.error("name a path or ask for --all-types")

    paths = options.paths
    if options.all_types:
        sys.path.append(str(ROOT))  # a program of tests/ does not see sitegen by itself
        from samples import samples

        paths = [*paths, *dict.fromkeys(samples(ROOT, options.site, date.today()).values())]
    schemes = ["", "-dark"] if options.all_types else ["-dark" if options.dark else ""]
    media = "-print" if options.print else ""
    SHOTS.mkdir(exist_ok=True)
    with SiteServer(options.site) as server, launch() as browser:
        complaints = sum(
            shoot(browser, server.url, paths, width, scheme + media)
            for width in map(int, options.widths.split(","))
            for scheme in schemes
        )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
