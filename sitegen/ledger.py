"""The URLs that were ever published, and those that have moved: a link once given away stays good.

``urls.txt`` at the root of the project is the ledger: every page, every file of open data and
every feed, one URL a line, sorted; lines are only ever added. What it names is there, or
``content/redirects.yaml`` says where it went.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sitegen.model import Page, Place, Problem, Redirect
from sitegen.schema import nearest

LEDGER = "urls.txt"
REDIRECTS = "content/redirects.yaml"

# Below it lies what programs may rely on (opendata.py).
DATA = "/data/"

# So many new URLs are named in the warning of them.
NAMED = 3


def published(pages: Iterable[Page]) -> list[str]:
    """The URLs that others may keep: all pages but that of errors, the open data and the feeds.

    Pages that search engines may not list too: they are sent to friends and printed on sheets.
    The data of a page stands beside it, and goes where it goes.
    """
    urls = [page.url for page in pages]
    return sorted({url for url in urls if url.endswith(("/", ".xml")) or url.startswith(DATA)})


def redirect_problems(redirects: Sequence[Redirect], urls: Iterable[str]) -> Iterator[Problem]:
    """Redirects that would hide a page, lead nowhere, on to another one, or that stand twice."""
    there = set(urls)
    moved: dict[str, Redirect] = {}
    for redirect in redirects:
        if redirect.old in moved:
            first = moved[redirect.old].at.line
            yield Problem(redirect.at, f"{redirect.old} 第{first}行已经写过", "只留一行")
        moved.setdefault(redirect.old, redirect)
    for redirect in redirects:
        old, new = redirect.old, redirect.new
        if old in there:
            yield Problem(redirect.at, f"{old} 这一页还在", "有这一页，就不写搬家")
        elif new in moved:
            further = moved[new].new
            what = f"{old} 搬到 {new}，{new} 又搬到 {further}"
            yield Problem(redirect.at, what, "to 直接写最后的网址")
        elif new not in there:
            near = nearest(new, sorted(there))
            yield Problem(redirect.at, f"to 的 {new} 没有这一页", "写现在有的网址", near)


def ledger_problems(
    root: Path, urls: Sequence[str], redirects: Iterable[Redirect]
) -> Iterator[Problem]:
    """What the ledger names and is neither there nor moved; one warning of all that is new.

    A project without the ledger has published nothing.
    """
    if not (root / LEDGER).is_file():
        return
    good = {*urls, *(redirect.old for redirect in redirects)}
    known = _read(root)
    for number, url in enumerate(known, 1):
        if url not in good:
            what = f"{url} 发布过，现在没有这一页"
            line = f"- {{from: {url}, to: 现在的网址, why: 为什么搬}}"
            yield Problem(
                Place(LEDGER, number), what, f"恢复这一页，或者在 {REDIRECTS} 里写一行 {line}"
            )
    if new := sorted(set(urls).difference(known)):
        named = "、".join(new[:NAMED]) + ("等" if len(new) > NAMED else "")
        what = f"{len(new)} 个新网址还没有登记：{named}"
        remedy = "发布前运行 python build.py check --write-urls，就会添上"
        yield Problem(Place(LEDGER), what, remedy, warning=True)


def write_ledger(root: Path, urls: Iterable[str]) -> int:
    """Add to the ledger what it lacks of ``urls``; returns how many lines that were."""
    known = set(_read(root)) if (root / LEDGER).is_file() else set()
    whole = known.union(urls)
    (root / LEDGER).write_text("".join(f"{url}\n" for url in sorted(whole)), encoding="utf-8")
    return len(whole) - len(known)


def _read(root: Path) -> list[str]:
    return (root / LEDGER).read_text(encoding="utf-8").splitlines()
