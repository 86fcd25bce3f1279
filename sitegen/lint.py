"""How the finished pages read: words that say nothing, ages that say two things, twin pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from sitegen.model import Place, Problem
from sitegen.write import file_of

SHINGLE = 5
TOO_ALIKE = 0.80

_MAIN = re.compile(r"<main.*?</main>", re.S)
_DROPPED = re.compile(
    r'<(ol|ul|div) class="(?:sources|tools[^"]*)">.*?</\1>|<nav.*?</nav>|<script.*?</script>', re.S
)
_BLOCK_END = re.compile(r"</(?:p|li|dd|dt|tr|h1|h2|h3|caption|summary|th|td)>")
_TAG = re.compile(r"<[^>]+>")
_HAN = "\u3400-\u9fff"


@dataclass(frozen=True)
class Banned:
    """A way of writing that helps nobody: what it is, what to write instead."""

    pattern: re.Pattern[str]
    what: str
    instead: str


BANNED = (
    Banned(
        re.compile("或类似的|类似选项|等等相关"), "说得不清", "写出确切的名称，不知道就写未查到"
    ),
    Banned(re.compile("仅供参考|不作任何保证|数据源于网络"), "推卸的话", "写出处和日期"),
    Banned(re.compile("因地区而异|各地不尽相同|视情况而定"), "空话", "写清楚哪里不一样，或问谁"),
    Banned(
        re.compile(r"以当地(?:规定|政策)?为准(?!.{0,20}123(?:93|45))"),
        "“以当地为准”旁边没有电话",
        "写出12393",
    ),
    Banned(
        re.compile(r"[0-9]{2}岁以[上下](?!.{0,12}(?:原文|没有说明|未说明))"),
        "年龄含不含不清楚",
        "写“满70岁”“不满70岁”，原文不清就写明",
    ),
    Banned(
        re.compile(
            r"12333[^。；，]{0,6}医保(?:热线|服务热线|电话)|医保(?:热线|电话)[^。；，]{0,4}12333"
        ),
        "把12333写成医保热线",
        "医保热线是12393",
    ),
    Banned(re.compile(f"[{_HAN}] +[0-9]|[0-9] +[{_HAN}]"), "汉字和数字之间有空格", "删掉空格"),
    Banned(re.compile(f"[{_HAN}][,;:!?()][{_HAN}]"), "汉字之间用了半角标点", "改用全角标点"),
)


def main_text(html: str) -> str:
    """The text of ``main``, a block a line, without sources, navigation, buttons and data."""
    found = _MAIN.search(html)
    body = _DROPPED.sub("", found.group()) if found else ""
    # Where a tag stood no space was typed: a tab keeps the two sides apart.
    text = _TAG.sub("\t", _BLOCK_END.sub("\n", body))
    for entity, sign in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, sign)
    return text.replace("&amp;", "&")


def lint_page(url: str, html: str) -> list[Problem]:
    """Every banned way of writing on a page, and 返款 alone in its title."""
    place = Place(f"site/{file_of(url)}")
    problems = []
    # A wrong claim is quoted where it is corrected.
    quoted = re.compile("“[^”]*”")
    for line in main_text(html).split("\n"):
        own = quoted.sub("“”", line) if url == "/wujie/" else line
        for banned in BANNED:
            if found := banned.pattern.search(own):
                around = own[max(0, found.start() - 8) : found.end() + 8].strip()
                problems.append(Problem(place, f"{banned.what}：“{around}”", banned.instead))
    title = re.search("<title>(.*?)</title>", html)
    if title and "返款" in title.group(1) and "俗称返款" not in title.group(1):
        problems.append(Problem(place, "标题里单用“返款”", "写“个人账户划入（俗称返款）”"))
    return problems


def near_duplicates(texts: Mapping[str, str], limit: float = TOO_ALIKE) -> list[Problem]:
    """Pairs of pages (URL → text) whose 5-character shingles are too alike.

    Likeness is the shared part of both pages' shingles, 0–1. Each page is a set of bits,
    one a shingle, so that a pair costs one AND.
    """
    numbers: dict[str, int] = {}
    pages: list[tuple[str, int, int]] = []
    for url, text in texts.items():
        flat = re.sub(r"\s", "", text)
        shingles = {flat[i : i + SHINGLE] for i in range(len(flat) - SHINGLE + 1)}
        bits = bytearray(len(numbers) // 8 + len(shingles) // 8 + 2)
        for shingle in shingles:
            number = numbers.setdefault(shingle, len(numbers))
            bits[number >> 3] |= 1 << (number & 7)
        pages.append((url, int.from_bytes(bits, "little"), len(shingles)))
    problems = []
    for (url, own, size), (other, theirs, other_size) in combinations(pages, 2):
        shared = (own & theirs).bit_count()
        whole = size + other_size - shared
        if whole and shared / whole >= limit:
            place = Place(f"site/{file_of(url)}")
            problems.append(
                Problem(
                    place, f"和 {other} 有 {shared / whole:.0%} 一样", "写进当地的内容，或不让收录"
                )
            )
    return problems


def alike_pages(pages: Iterable[tuple[str, str, str]]) -> list[Problem]:
    """Near duplicates among (guide, URL, text) of the indexable pages, guide by guide."""
    guides: dict[str, dict[str, str]] = {}
    for guide, url, text in pages:
        guides.setdefault(guide, {})[url] = text
    return [problem for texts in guides.values() for problem in near_duplicates(texts)]
