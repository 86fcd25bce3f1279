"""The log of changes held against the rules: no figure is changed in silence.

``entries.txt`` at the root of the project is the base line: every entry as of the day on which the
log was begun, one a line, sorted, never written again. ``content/changes.yaml`` says what was
changed since. The base line with all changes applied in order is what the rules say, entry by
entry; a project without the file keeps no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sitegen.entrykeys import Key, entries_of, is_yearly, label_of, start_words, words_of
from sitegen.errors import ProjectError
from sitegen.kinds import CHANGE_KINDS
from sitegen.load import LoadError, load_rules
from sitegen.model import Change, Entry, Log, Place, Problem, Rules, clip
from sitegen.newrules import scalar
from sitegen.questions import must_be, slug_of
from sitegen.schema import nearest
from sitegen.texts import CHANGES, load_log

BASE_LINE = "entries.txt"

NEW_RULE, MISTAKE, FOUND, DROPPED = CHANGE_KINDS

_HEAD = """\
# 本站改了什么：规则文件里的数变了，这里要有一条说明，网站的“改了什么”和订阅由它做成。
# 不用手写：python build.py note --why "为什么改"。只往后添，不改旧的。
"""

# So many characters of an entry are quoted in a message.
_QUOTED = 60


@dataclass(frozen=True)
class Open:
    """An entry that differs from what the log says: its words before and now, empty for none.

    ``entry`` is what the rules have, ``None`` where it was taken out; ``said`` is where the log
    last spoke of it.
    """

    key: Key
    was: str
    now: str
    entry: Entry | None
    said: Place


def read_base_line(root: Path) -> dict[Key, tuple[str, int]] | None:
    """The words of each entry of the base line and their line, ``None`` where none is kept.

    Raises ``LoadError`` naming each line that is no entry.
    """
    path = root / BASE_LINE
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise LoadError([Problem(Place(BASE_LINE), "不是 UTF-8 编码", "从 git 里取回来")]) from None
    entries: dict[Key, tuple[str, int]] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        parts = line.split(" ", 3)
        key = Key(*parts[:3]) if len(parts) == 4 else None
        if key is None or key in entries:
            what = "看不懂" if key is None else f"第{entries[key][1]}行已经有"
            expected = "这个文件不手改，从 git 里取回来"
            problems.append(Problem(Place(BASE_LINE, number), f"{what}“{clip(line)}”", expected))
        else:
            entries[key] = parts[3], number
    if problems:
        raise LoadError(problems)
    return entries


def start_log(root: Path, rules: Rules, day: date) -> int:
    """Write the base line as of ``day`` and a log without changes; returns how many entries.

    Raises ``ProjectError`` where a log is kept already.
    """
    for name in (BASE_LINE, CHANGES):
        if (root / name).exists():
            raise ProjectError(f"已经有 {name} 了；底账只记一次，以后的变化用 note --why 记")
    lines = sorted(f"{key} {words_of(rules, key.parameter, e)}\n" for key, e in entries_of(rules))
    (root / BASE_LINE).write_text("".join(lines), encoding="utf-8")
    (root / CHANGES).write_text(f"{_HEAD}since: {day}\n", encoding="utf-8")
    return len(lines)


def log_problems(root: Path, rules: Rules, log: Log | None) -> Iterator[Problem]:
    """What the log does not tell, or tells otherwise than the rules; raises ``LoadError``."""
    changes = log.changes if log else ()
    for change in changes:
        if change.source not in rules.sources:
            what = f"没有“{change.source}”这个出处"
            near = nearest(change.source, [*rules.sources])
            yield Problem(change.at, what, "说明引过的出处要留着", near)
    base = read_base_line(root)
    if base is None:
        return
    yield from _broken_steps(base, changes)
    for found in open_entries(rules, base, changes):
        where = found.entry.at if found.entry else found.said
        what = f"{_name(rules, found.key)}：{_quoted(found.was)} → {_quoted(found.now)}，没有说明"
        if isinstance(found.said, Place) and found.said.path == CHANGES and found.entry:
            what += f"（{found.said.path}:{found.said.line} 写的是前一个）"
        remedy = f'运行 python build.py note --why "为什么改" --only {found.key.area}'
        yield Problem(where, what, remedy)


def _broken_steps(
    base: Mapping[Key, tuple[str, int]], changes: Iterable[Change]
) -> Iterator[Problem]:
    """Changes that start from other words than those that were there."""
    words = {key: text for key, (text, _) in base.items()}
    for change in changes:
        key = Key(change.area, change.parameter, change.start)
        before = words.get(key, "")
        if change.was != before:
            what = f"{key} 的 was 是{_quoted(change.was)}，在它以前是{_quoted(before)}"
            yield Problem(change.at, what, "旧的说明不改；改回去，或从 git 里取回来")
        words[key] = change.now


def open_entries(
    rules: Rules, base: Mapping[Key, tuple[str, int]], changes: Iterable[Change]
) -> Iterator[Open]:
    """Every entry that the rules have otherwise than base line and changes, area by area."""
    told = {key: (text, Place(BASE_LINE, line)) for key, (text, line) in base.items()}
    for change in changes:
        told[Key(change.area, change.parameter, change.start)] = change.now, change.at
    for key, entry in entries_of(rules):
        was, said = told.pop(key, ("", entry.at))
        now = words_of(rules, key.parameter, entry)
        if was != now:
            yield Open(key, was, now, entry, said)
    for key, (was, said) in told.items():
        if was:
            yield Open(key, was, "", None, said)


def write_notes(
    root: Path, day: date, why: str, kind: str = "", source: str = "", only: Sequence[str] = ()
) -> tuple[str, ...]:
    """Add a note for every entry that lacks one (of the areas in ``only``); returns what they say.

    ``kind`` and ``source`` are found out where they are empty; only for an entry that was taken
    out somebody must name the source. Raises ``ProjectError`` where nothing can be written.
    """
    rules, base, log = _project(root)
    areas = [slug_of(rules, name) for name in only]
    if source:
        must_be(source, rules.sources, "出处")
    found = [f for f in open_entries(rules, base, log.changes) if not areas or f.key.area in areas]
    if not found:
        return ()
    if log.changes and log.changes[-1].day > day:
        raise ProjectError(f"最后一条说明是 {log.changes[-1].day} 的，比 {day} 晚；没有写")
    for item in found:
        if item.entry is None and not source:
            name = _name(rules, item.key)
            raise ProjectError(f"{name} 撤下了，要写明依据：加 --source 地区/出处代号；没有写")
    blocks = [_block(rules, item, day, kind, why, source) for item in found]
    path = root / CHANGES
    text = path.read_text(encoding="utf-8")
    text += "" if text.endswith("\n") else "\n"
    head = "" if log.changes else "changes:\n"
    after = text + head + "".join(blocks)
    path.write_text(after, encoding="utf-8")
    problems: list[Problem] = []
    load_log(root, problems.append)
    if problems:
        path.write_text(text, encoding="utf-8")
        raise ProjectError(*problems, "没有写")
    return tuple(_told(rules, item) for item in found)


def preview(root: Path) -> tuple[str, ...]:
    """What ``write_notes`` would note, a line an entry; nothing for a project without a log."""
    if not (root / BASE_LINE).is_file():
        return ()
    rules, base, log = _project(root)
    return tuple(_told(rules, item) for item in open_entries(rules, base, log.changes))


def reword(root: Path) -> tuple[str, ...]:
    """Put today's words in place of those of the log; returns what changed, a line an entry.

    For a change of the program's wording, not of a rule: what was told last of each entry gets
    its words of today, in the base line or in the note. Entries that came or went need notes.
    """
    rules, base, log = _project(root)
    found = list(open_entries(rules, base, log.changes))
    for item in found:
        if not (item.was and item.now):
            raise ProjectError(
                f"{_name(rules, item.key)}：条目多了或少了，不是换说法；用 note --why"
            )
    lines = {BASE_LINE: _lines_of(root, BASE_LINE), CHANGES: _lines_of(root, CHANGES)}
    for item in found:
        at = item.said.line - 1
        if item.said.path == BASE_LINE:
            lines[BASE_LINE][at] = f"{item.key} {item.now}"
            continue
        while not lines[CHANGES][at].startswith("  now: "):
            at += 1
        lines[CHANGES][at] = f"  now: {scalar(item.now)}"
    for name, text in lines.items():
        (root / name).write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    return tuple(_told(rules, item) for item in found)


def _lines_of(root: Path, name: str) -> list[str]:
    return (root / name).read_text(encoding="utf-8").splitlines()


def _project(root: Path) -> tuple[Rules, dict[Key, tuple[str, int]], Log]:
    rules = load_rules(root)
    base = read_base_line(root)
    problems: list[Problem] = []
    log = load_log(root, problems.append)
    if problems:
        raise LoadError(problems)
    if base is None or log is None:
        lacks = BASE_LINE if base is None else CHANGES
        raise ProjectError(f"没有 {lacks}，还没有开始记；先运行 python build.py note --start")
    return rules, base, log


def _block(rules: Rules, item: Open, day: date, kind: str, why: str, source: str) -> str:
    """A note as it stands in the file."""
    cited = source or (item.entry.source if item.entry else "")
    fields = {
        "day": f"{day}",
        "area": item.key.area,
        "parameter": item.key.parameter,
        "from": item.key.start,
        "was": item.was,
        "now": item.now,
        "kind": kind or _kind(rules, item),
        "why": why,
        "source": cited,
    }
    lines = [f"{name}: {_field(name, text)}\n" for name, text in fields.items() if text]
    return "- " + "  ".join(lines)


def _field(name: str, text: str) -> str:
    return scalar(text) if name in ("was", "now", "why") else text


def _kind(rules: Rules, item: Open) -> str:
    """What the change is, as far as the files show it."""
    if item.entry is None:
        return DROPPED
    if item.was:
        return MISTAKE
    entries = rules.entries[item.key.area][item.key.parameter]
    is_latest = item.entry is entries[-1]
    return NEW_RULE if is_latest and len(entries) > 1 else FOUND


def _told(rules: Rules, item: Open) -> str:
    at = item.entry.at if item.entry else item.said
    return f"{at} {_name(rules, item.key)}：{item.was or '（没有）'} → {item.now or '（撤下）'}"


def _name(rules: Rules, key: Key) -> str:
    """甲 退休人员个人账户划入金额 2025年4月1日起."""
    area = rules.areas[key.area].short if key.area in rules.areas else key.area
    when = start_words(key.start, is_yearly(rules, key.parameter))
    return f"{area} {label_of(rules, key.parameter)} {when}"


def _quoted(words: str) -> str:
    return f"“{clip(words, _QUOTED)}”" if words else "（没有）"
