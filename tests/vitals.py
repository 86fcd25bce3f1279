"""How fast built pages are on a cheap phone: laboratory figures, not a test.

python tests/vitals.py /tianjin/huaru/ / --loads 7

A phone of 412 px with a processor four times slower than this machine, 1.6 Mbit/s, 150 ms, an
empty cache. Prints median (least–most) of each figure; ends with 1 where a median misses its goal.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from browser import CHINA, SiteServer, launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent

PHONE: Mapping[str, Any] = {
    "viewport": {"width": 412, "height": 839},
    "device_scale_factor": 2.625,
    "is_mobile": True,
    "has_touch": True,
}
BYTES_PER_SECOND = 1_600_000 / 8
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": BYTES_PER_SECOND,
    "uploadThroughput": BYTES_PER_SECOND,
}
SLOWER = 4

# The most that the median may be; a figure without a goal is only printed.
GOALS = {"LCP ms": 1000.0, "CLS": 0.0, "TBT ms": 50.0, "third-party": 0.0}

# How long a page is watched after it has loaded: a late shift or task counts too.
WATCH_MS = 600

OBSERVE = """() => {
    window.seen = { "FCP ms": 0, "LCP ms": 0, "CLS": 0, "TBT ms": 0 };
    const watch = (type, note) => new PerformanceObserver((list) => {
        list.getEntries().forEach(note);
    }).observe({ type, buffered: true });
    watch("paint", (one) => {
        if (one.name === "first-contentful-paint") { seen["FCP ms"] = one.startTime; }
    });
    watch("largest-contentful-paint", (one) => { seen["LCP ms"] = one.startTime; });
    watch("layout-shift", (one) => { seen.CLS += one.hadRecentInput ? 0 : one.value; });
    watch("longtask", (one) => { seen["TBT ms"] += Math.max(0, one.duration - 50); });
}"""


def load(browser: Browser, url: str) -> dict[str, float]:
    """Open a page once in a browser that has seen nothing; figures by name."""
    context = browser.new_context(**CHINA, **PHONE)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    requests: list[str] = []
    received: list[float] = []
    devtools.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"]))
    devtools.on(
        "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
    )
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(f"({OBSERVE})()")
    page.goto(url, wait_until="load")
    page.wait_for_timeout(WATCH_MS)
    figures: dict[str, float] = page.evaluate("() => window.seen")
    context.close()
    sent = [one for one in requests if not one.startswith("data:")]
    foreign = [one for one in sent if urlsplit(one).netloc != urlsplit(url).netloc]
    return figures | {
        "requests": len(sent),
        "bytes": sum(received),
        "third-party": len(foreign),
    }


def summary(loads: list[dict[str, float]]) -> tuple[list[str], bool]:
    """A line for each figure, and whether all medians reach their goals."""
    lines, is_good = [], True
    for name in loads[0]:
        values = [figures[name] for figures in loads]
        middle = statistics.median(values)
        digits = 3 if name == "CLS" else 0
        goal = GOALS.get(name)
        missed = goal is not None and middle > goal
        is_good = is_good and not missed
        span = f"{min(values):,.{digits}f}–{max(values):,.{digits}f}"
        wish = "" if goal is None else f"  goal {goal:g}" + (" MISSED" if missed else "")
        lines.append(f"  {name:12}{middle:10,.{digits}f}  ({span}){wish}")
    return lines, is_good


def main() -> int:
    """Return 0, or 1 where a median misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="URLPATH", help="such as /tianjin/huaru/")
    parser.add_argument("--loads", type=int, default=7, help="of each page (%(default)s)")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built folder")
    options = parser.parse_args()
    reached = True
    with SiteServer(options.site) as server, launch() as browser:
        load(browser, server.url)  # the first one also warms the browser up
        for path in options.paths:
            url = f"{server.url}/{path.lstrip('/')}"
            lines, is_good = summary([load(browser, url) for _ in range(options.loads)])
            print(path, *lines, sep="\n")
            reached = reached and is_good
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
