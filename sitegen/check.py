"""What only the whole can show: lints over the rules and over the finished pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from urllib.parse import urlsplit

from sitegen.credit import DEDUCTIONS
from sitegen.model import (
    Condition,
    Entry,
    Parameter,
    Place,
    Problem,
    Row,
    Rules,
    Scalar,
    Vocabulary,
    Word,
)
from sitegen.quotes import says
from sitegen.resolve import NoRow, in_force, value_for
from sitegen.write import file_of


def check_rules(rules: Rules, cited: Iterable[str] = ()) -> list[Problem]:
    """Findings that do not depend on the day: errors, and warnings that stop nothing.

    ``cited`` are sources that are used elsewhere.
    """
    problems: list[Problem] = []
    used = set(cited)
    for slug, values in rules.entries.items():
        for id, entries in values.items():
            for entry in entries:
                sources = [entry.source, *(s.source for s in entry.also)]
                used.update(sources, (c.source for c in entry.claims))
                problems += _check_entry(rules, entry, sources)
                problems += _check_quoted(entry, rules.vocabulary.parameters[id], rules.vocabulary)
                problems += _check_examples(entry)
            problems += _check_jumps(entries)
            problems += _redundant(rules, slug, id, entries)
        problems += _check_net(rules, slug)
        used.update(use.source for c in rules.channels[slug] for use in c.uses)
    # The nation's sources are also cited by the texts of content/.
    for id, source in rules.sources.items():
        if id not in used and not id.startswith("nation/"):
            problems.append(
                Problem(source.at, f"出处 {id} 没有地方引用", "用上它，或者删掉", warning=True)
            )
    return sorted(problems)


def _check_entry(rules: Rules, entry: Entry, cited: list[str]) -> Iterator[Problem]:
    if entry.verified == "primary":
        host = urlsplit(rules.sources[entry.source].url).hostname or ""
        if not (host == "gov.cn" or host.endswith(".gov.cn")):
            yield Problem(
                entry.at,
                "写了 primary，出处却没有官方网址",
                "primary 只给在发文单位自己网站上读到的；否则写 quoted",
            )
    has_quote = entry.quote or any(s.quote for s in entry.also)
    if isinstance(entry.value, tuple):
        has_quote = has_quote or all(row.quote for row in entry.value)
    if not has_quote and entry.value not in (Word.UNKNOWN, Word.INHERIT, Word.NONE):
        yield Problem(entry.at, "没有摘原话", "在 quote 里摘一句出处的原话", warning=True)
    if len(set(cited)) != len(cited):
        yield Problem(entry.at, "同一个出处引了两次", "also 里只写别的出处")


def _check_quoted(entry: Entry, parameter: Parameter, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Each number of a value stands in what was quoted or noted too, or is named in unquoted."""
    rows = entry.value if isinstance(entry.value, tuple) else ()
    text = "\n".join(
        [
            *(entry.quote, entry.note, entry.provisional),
            *(support.quote for support in entry.also),
            *(words for row in rows for words in (row.quote, row.note)),
        ]
    )
    if not text.strip():
        return  # that there is nothing quoted is said already
    values = [(entry.value, entry.at), *((row.value, row.at) for row in rows)]
    numbers = [(value, at) for value, at in values if isinstance(value, Decimal)]
    lacking = [pair for pair in numbers if not says(text, pair[0], parameter.unit)]
    for row in rows:
        for name, bound in row.bounds.items():
            # 70周岁以上 may begin at 71.
            unit = vocabulary.axes[name].unit
            if (
                isinstance(bound, int)
                and bound
                and not any(says(text, Decimal(n), unit) for n in (bound, bound - 1))
            ):
                lacking.append((Decimal(bound), row.at))
    for number, at in lacking:
        if number not in entry.unquoted:
            yield Problem(
                at,
                f"原话和说明里都没有 {number}",
                "对一遍出处；没有写错就把这个数写进 unquoted",
                warning=True,
            )
    for claim in entry.claims:
        words = f"{claim.quote}\n{text}"
        told = (
            [row.value for row in claim.value] if isinstance(claim.value, tuple) else [claim.value]
        )
        for value in told:
            if not claim.quote or not isinstance(value, Decimal):
                continue
            if not says(words, value, parameter.unit):
                yield Problem(entry.at, f"原话里没有 {value}", "对一遍出处", warning=True)
    for number in entry.unquoted:
        if number not in [found for found, _ in lacking]:
            yield Problem(
                entry.at,
                f"unquoted 里的 {number} 用不着",
                "值里没有，或者原话里有，删掉",
                warning=True,
            )


def _check_examples(entry: Entry) -> Iterator[Problem]:
    """Each example of a rule is what the rule gives."""
    for example in entry.examples:
        try:
            got = value_for(entry.value, example.bounds)
        except NoRow:
            rows = entry.value if isinstance(entry.value, tuple) else ()
            axes = "、".join(rows[0].bounds) if rows else ""
            yield Problem(example.at, "没有一行对得上这个例子", f"写全 {axes}")
            continue
        if got != example.value:
            what = f"例子算出来是 {_shown(got)}，写的是 {_shown(example.value)}"
            yield Problem(example.at, what, "对一遍出处，值和例子有一个不对")


def _shown(value: Scalar | Condition) -> str:
    return value.value if isinstance(value, Word) else str(value)


# A figure that is so many times the one before, or so small a part of it, is rarely meant.
JUMP = 2


def _check_jumps(entries: tuple[Entry, ...]) -> Iterator[Problem]:
    """A number that leaps against the entry before it, counted in the same way."""
    for before, after in pairwise(entries):
        old, new = before.value, after.value
        is_same = (before.per, before.base and before.base.of) == (
            *(after.per, after.base and after.base.of),
        )
        if is_same and isinstance(old, Decimal) and isinstance(new, Decimal) and old and new:
            times = max(old / new, new / old)
            if times > JUMP:
                yield Problem(
                    after.at,
                    f"{new} 和前一条的 {old} 差到 {times:.1f} 倍",
                    "对一遍出处，看看是不是多写了一位",
                    warning=True,
                )


def _redundant(rules: Rules, slug: str, id: str, entries: tuple[Entry, ...]) -> Iterator[Problem]:
    """An own value that says just what the parent says from the same day and source."""
    for parent in rules.ancestry(slug)[1:]:
        for theirs in rules.entries[parent.slug].get(id, ()):
            for own in entries:
                # With a source of its own it is evidence that the place says the same.
                same = (own.value, own.per, own.start, own.source) == (
                    *(theirs.value, theirs.per, theirs.start, theirs.source),
                )
                is_plain = own.status == "in_force" and isinstance(own.value, Decimal)
                if same and is_plain and own.base == theirs.base:
                    yield Problem(
                        own.at,
                        f"{id} 和上级{parent.name}的一样",
                        "删掉就会自动用上级的",
                        warning=True,
                    )


def _check_net(rules: Rules, slug: str) -> Iterator[Problem]:
    """A printed net amount must be the amount less the deductions of its day."""
    for entry in rules.entries[slug].get("account.retiree.amount", ()):
        taken = Decimal(0)
        for id in DEDUCTIONS:
            deduction = in_force(rules.entries[slug].get(id, ()), entry.start.day)
            if deduction and deduction.per == entry.per and isinstance(deduction.value, Decimal):
                taken += deduction.value
        items = entry.value if isinstance(entry.value, tuple) else (entry,)
        for item in items:
            gross = item.value if isinstance(item, Row | Entry) else None
            if taken and item.net is not None and isinstance(gross, Decimal):
                expected = gross - taken
                if item.net != expected:
                    yield Problem(
                        item.at, f"net 写成 {item.net}", f"{gross} 减去扣款 {taken} 应为 {expected}"
                    )


_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>|([^<]+)")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_MONEY = re.compile(r"[0-9](?:元|%|％)")
_VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
# A figure belongs to the nearest of these; a source mark inside of it is its source.
_BLOCKS = {"p", "li", "dd", "tr", "caption", "h2", "h3", "summary"}


@dataclass(frozen=True)
class Scan:
    """What matters of a finished page: its ids, its links, and what is wrong inside of it."""

    url: str
    ids: frozenset[str]
    links: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass
class _Block:
    """An open element; ``text`` is its own, without that of blocks inside of it."""

    tag: str
    is_block: bool
    # The list of sources itself quotes figures in titles; data is read by no one.
    is_exempt: bool = False
    text: str = ""
    figure: str = ""
    has_source: bool = False


def scan_page(url: str, html: str) -> Scan:
    """Read one page of ours: every figure of money or percent in ``main`` needs a source."""
    place = Place(f"site/{file_of(url)}")
    ids: list[str] = []
    links: list[str] = []
    problems: list[Problem] = []
    # The bottom is what stands in main outside of any block.
    stack = [_Block("", True)]
    in_main = False

    def close(block: _Block, outer: list[_Block]) -> None:
        """Settle the figures of a block that ends: sourced, or handed to the block around."""
        if found := _MONEY.search(block.text):
            start = max(0, found.start() - 12)
            block.figure = block.figure or block.text[start : found.end()].strip()
        if not block.figure or block.has_source or block.is_exempt:
            return
        around = next((o for o in reversed(outer[1:]) if o.is_block), None)
        if around:
            around.figure = around.figure or block.figure
        else:
            problems.append(Problem(place, f"“{block.figure}”没有出处", "在同一段里加上出处记号"))

    for match in _TOKEN.finditer(html, html.find("<body")):
        closing, tag, attributes, text = match.groups()
        if text is not None:
            if in_main and not any(opened.is_exempt for opened in stack):
                next(o for o in reversed(stack) if o.is_block).text += text
        elif closing:
            while len(stack) > 1:
                done = stack.pop()
                if done.is_block:
                    close(done, stack)
                if done.tag == tag:
                    break
            if tag == "main":
                close(stack[0], [])
                in_main = False
        else:
            found = dict(_ATTRIBUTE.findall(attributes))
            ids += [found["id"]] if "id" in found else []
            links += [found["href"]] if "href" in found else []
            if tag == "a" and found.get("class") == "src":
                for opened in stack[1:] or stack:
                    opened.has_source = opened.has_source or opened.is_block
                if not any(opened.is_block for opened in stack[1:]):
                    stack[0].has_source = True
            in_main = in_main or tag == "main"
            if tag not in _VOID:
                is_block = tag in _BLOCKS or "data-fact" in found
                is_exempt = tag == "script" or found.get("class") == "sources"
                stack.append(_Block(tag, is_block, is_exempt))
    for id in {id for id in ids if ids.count(id) > 1}:
        problems.append(Problem(place, f"id “{id}”出现了两次", "每个 id 只用一次"))
    return Scan(url, frozenset(ids), tuple(dict.fromkeys(links)), tuple(problems))


def check_links(scans: Iterable[Scan], files: Iterable[str] = ()) -> list[Problem]:
    """Every problem of the scanned pages, and every internal link or fragment that leads nowhere.

    ``files`` are the URLs that exist beside the pages.
    """
    pages = {scan.url: scan for scan in scans}
    others = set(files)
    problems: list[Problem] = []
    for scan in pages.values():
        problems += scan.problems
        place = Place(f"site/{file_of(scan.url)}")
        for link in scan.links:
            if link.startswith(("http://", "https://", "tel:", "mailto:", "data:")):
                continue
            path, _, fragment = link.partition("#")
            path = path.partition("?")[0]
            target = pages.get(path or scan.url)
            if target is None and path not in others:
                problems.append(Problem(place, f"链接 {link} 没有这一页", "改成有的网址"))
            elif target and fragment and fragment not in target.ids:
                problems.append(
                    Problem(place, f"链接 {link} 没有 #{fragment} 这一处", "改成有的 id")
                )
    return sorted(set(problems))


def check_orphans(scans: Iterable[Scan], entrances: Iterable[str]) -> list[Problem]:
    """Pages that nobody comes to who clicks from the first page on.

    ``entrances`` are those that are meant for typed addresses.
    """
    links = {scan.url: scan.links for scan in scans}
    reached = {"/"}
    new = ["/"]
    while new:
        found = {re.split("[#?]", link)[0] for link in links[new.pop()]}
        found = found.intersection(links) - reached
        reached |= found
        new += found
    return [
        Problem(Place(f"site/{file_of(url)}"), "从首页点链接走不到这一页", "在一页上放一个链接")
        for url in sorted(set(links) - reached - set(entrances))
    ]
