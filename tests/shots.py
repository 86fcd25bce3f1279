"""Take pictures of built pages into ``tests/shots/``, for eyes.

python tests/shots.py / /beijing/ --widths 360,1280 --dark
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from browser import CHINA, SiteServer, has_chinese_font, launch

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Error

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "tests" / "shots"


def note_error(errors: list[str], event: ConsoleMessage | Error) -> None:
    """Keep what a page complains about, among it every refusal of its CSP."""
    if getattr(event, "type", "error") == "error":
        place = getattr(event, "location", {}).get("url", "")
        errors.append(f"{place} {event}".strip())


def main() -> int:
    """Return 0, or 1 where a page was not found or wrote an error to the console."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="URLPATH", help="such as /beijing/")
    parser.add_argument("--widths", default="360,1280", help="in CSS pixels (%(default)s)")
    parser.add_argument("--dark", action="store_true", help="as with a dark colour scheme")
    parser.add_argument("--print", action="store_true", help="as on paper")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built folder")
    options = parser.parse_args()

    kind = ("-dark" if options.dark else "") + ("-print" if options.print else "")
    SHOTS.mkdir(exist_ok=True)
    complaints = 0
    with SiteServer(options.site) as server, launch() as browser:
        for width in map(int, options.widths.split(",")):
            context = browser.new_context(
                **CHINA,
                viewport={"width": width, "height": 800},
                color_scheme="dark" if options.dark else "light",
            )
            page = context.new_page()
            if not has_chinese_font(page):
                sys.exit("no Chinese font: every character would be the same box; install one")
            page.emulate_media(media="print" if options.print else "screen")
            errors: list[str] = []
            page.on("console", partial(note_error, errors))
            page.on("pageerror", partial(note_error, errors))
            for path in options.paths:
                answer = page.goto(f"{server.url}/{path.lstrip('/')}")
                name = path.strip("/").replace("/", "-") or "index"
                file = SHOTS / f"{name}-{width}{kind}.png"
                page.screenshot(path=file, full_page=True)
                print(file.relative_to(ROOT), answer.status if answer else "", *errors, sep="\n  ")
                complaints += len(errors)
                errors.clear()
            context.close()
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
