"""What each command does: each loads the modules that it needs, so that none waits for another's.

A command takes what was asked (commandline.py), prints lines for a person and returns 0 where
all is good, 1 where something is found that has to be done.
"""

from __future__ import annotations

import argparse
import gc
import os
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sitegen.commandline import NEW, ROOT
from sitegen.edition import Edition
from sitegen.manifest import Last, has_full_text, hash_code, nothing_to_do

if TYPE_CHECKING:
    from sitegen.rehearsal import Rehearsed


def edition_of(args: argparse.Namespace) -> Edition:
    """The edition that the command line asks for."""
    has_index = has_full_text() and not args.without_index
    return Edition(args.day, args.address, has_index, args.preview, args.commit)


def progress_bar(what: str) -> Callable[[int, int], None]:
    """A bar on a terminal, nothing elsewhere: logs get the summary."""
    if not sys.stderr.isatty():
        return lambda done, total: None

    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // total
        if percent > shown:
            shown = percent
            filled = 30 * done // total
            bar = "█" * filled + "░" * (30 - filled)
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{what} {bar} {percent}%{end}")
            sys.stderr.flush()

    return show


def run_build(args: argparse.Namespace) -> int:
    gc.disable()  # a command ends before there is anything to collect
    last, rehearsed = Last(args.root, args.out), None
    if args.when_told:
        if (rehearsed := _until_told(args)) is None:
            return 0
        last = rehearsed.last
    started = time.perf_counter()
    edition, day = edition_of(args), args.day
    if lines := nothing_to_do(args.root, args.out, edition, last):
        seconds = time.perf_counter() - started
        print(f"没有变化，不用生成：{lines[0]}，{seconds:.2f} 秒，按 {day} 有效的规则")
    else:
        from sitegen.builder import build, told
        from sitegen.rehearsal import Rehearsed

        ready = rehearsed or Rehearsed(last)
        built = build(args.root, args.out, edition, progress_bar("生成"), ready)
        lines = told(built)
        new = f"（新的 {built.rendered} 页）" if built.rendered < built.pages else ""
        print(f"生成 {lines[0]}{new}，{built.seconds:.1f} 秒，按 {day} 有效的规则")
    for line in lines[1:]:
        print(line)
    return 0


def _until_told(args: argparse.Namespace) -> Rehearsed | None:
    """Do what can be done before a line is read; ``None`` where none comes.

    Where the program has changed in the meantime, it is started again.
    """
    program = hash_code()
    import_module("sitegen.builder")  # takes longer to load than a small thing to do
    rehearsal = import_module("sitegen.rehearsal")

    def is_told() -> bool:
        with suppress(OSError):  # where only sockets can be asked, it is not
            return bool(select.select([sys.stdin], [], [], 0)[0])
        return False

    found: Rehearsed = rehearsal.rehearse(args.root, args.out, edition_of(args), is_told)
    if sys.stdin.readline() == "":
        return None
    args.day = args.as_of or args.clock()  # many days may have passed
    if hash_code() != program:
        line = [word for word in sys.orig_argv if word != "--when-told"]
        os.execv(sys.executable, [sys.executable, *line[1:]])
    return found


def run_check(args: argparse.Namespace) -> int:
    from sitegen.checking import check
    from sitegen.ledger import LEDGER, write_ledger
    from sitegen.load import LoadError
    from sitegen.reports import as_json, lines_of

    try:
        checked = check(args.root, Edition(args.day, args.address), progress_bar("检查"), args.only)
    except LoadError as error:
        if args.format == "text":
            raise
        lines = lines_of(error.problems, args.format)
        print(as_json(error.problems) if args.format == "json" else "\n".join(lines))
        return 1
    errors = sum(not problem.warning for problem in checked.problems)
    if args.format == "json":
        age = {"values": checked.age.values, "stale": checked.age.stale}
        print(as_json(checked.problems, areas=checked.areas, pages=checked.pages, **age))
        return 1 if errors else 0
    for line in lines_of(checked.problems, args.format):
        print(line)
    print(f"最大的{len(checked.heaviest)}页，压缩后的字节（最多）：")
    for weight in checked.heaviest:
        print(f"{weight.bytes:8,}（{weight.limit:,}）{weight.url}")
    print(
        f"{errors} 个错误，{len(checked.problems) - errors} 个提醒；"
        f"{checked.areas} 个统筹区，{checked.pages} 页，{checked.seconds:.1f} 秒；"
        f"{checked.age.values} 个现行值，其中 {checked.age.stale} 个的资料已过复核期"
    )
    if args.write_urls and errors:
        print(f"有错误，{LEDGER} 没有动")
    elif args.write_urls:
        print(f"{LEDGER} 添了 {write_ledger(args.root, checked.urls)} 个网址")
    return 1 if errors else 0


def run_coverage(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.questions import coverage

    print(*coverage(load_rules(args.root), args.day), sep="\n")
    return 0


def run_find(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.pipeline import parameters_of
    from sitegen.questions import find

    rules, day = load_rules(args.root), args.day
    ids = args.parameter or parameters_of(args.root, args.guide)
    lines = find(rules, ids, args.state, args.only, day)
    print(*lines, f"{len(lines)} 处", sep="\n")
    return 0


def run_stale(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.questions import stale

    lines = stale(load_rules(args.root), args.days, args.day)
    print(*lines, f"{len(lines)} 条超过 {args.days} 天没有核对", sep="\n")
    return 1 if lines else 0


def run_explain(args: argparse.Namespace) -> int:
    from sitegen.builder import why_made
    from sitegen.manifest import hash_code
    from sitegen.pipeline import prepare, stores_of
    from sitegen.questions import explain, page_of

    store = stores_of(args.root, hash_code()).read
    rules, plan, assets, _ = prepare(args.root, edition_of(args), store)
    page = page_of(plan, args.url)
    print(*explain(rules, plan, page, args.day), sep="\n")
    print(why_made(args.root, args.out, page, plan, assets))
    return 0


def run_diff(args: argparse.Namespace) -> int:
    from sitegen.difference import differences, unpack
    from sitegen.notes import preview

    with TemporaryDirectory() as name:
        unpack(args.root, args.ref, Path(name))
        for line in differences(Path(name), args.root, Edition(args.day)):
            print(line)
    if lines := preview(args.root):
        print(
            f"还没有变更说明的 {len(lines)} 条，用 python build.py note --why 写：",
            *lines,
            sep="\n",
        )
    return 0


def run_note(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.notes import BASE_LINE, reword, start_log, write_notes

    if args.start:
        count = start_log(args.root, load_rules(args.root), args.day)
        print(f"{BASE_LINE} 记下了 {count} 条，从 {args.day} 起，每一条变化都要有说明")
        return 0
    if args.reword:
        lines = reword(args.root)
        print(*lines, f"{len(lines)} 条换了说法" if lines else "没有要换说法的", sep="\n")
        return 0
    lines = write_notes(args.root, args.day, args.why, args.kind, args.source, args.only)
    print(*lines, f"写了 {len(lines)} 条说明" if lines else "没有要写说明的变化", sep="\n")
    return 0


def run_new(args: argparse.Namespace) -> int:
    from sitegen.newrules import new_city, new_source

    fields = {name: getattr(args, name) for name in NEW[args.what]}
    if args.what == "city":
        path = new_city(args.root, args.place, fields)
    else:
        path = new_source(args.root, args.place, args.id, fields)
    print(f"写好了 {path.relative_to(args.root)}；用 python build.py check 看一遍")
    return 0


def run_schema(args: argparse.Namespace) -> int:
    from sitegen.jsonschema import area_schema_text
    from sitegen.load import load_rules

    print(area_schema_text(load_rules(args.root).vocabulary), end="")
    return 0


def run_nginx(args: argparse.Namespace) -> int:
    from sitegen.pipeline import nginx_of

    print(nginx_of(args.root, edition_of(args)), end="")
    return 0


def run_export(args: argparse.Namespace) -> int:
    from sitegen.exchange import exported
    from sitegen.pipeline import parameters_of

    ids = parameters_of(args.root, args.guide) if args.guide else args.parameter or ()
    data = exported(args.root, args.only, ids)
    args.file.write_bytes(data)
    print(f"写好了 {args.file}；用表格软件改“从”到“核对日期”这几列，另存为 CSV，再 import")
    return 0


def run_import(args: argparse.Namespace) -> int:
    from sitegen.exchange import imported

    news = imported(args.root, args.file)
    for path, (text, lines) in news.items():
        print(path.relative_to(args.root), *lines, sep="\n  ")
        if not args.check:
            path.write_text(text, encoding="utf-8", newline="\n")
    count = sum(len(lines) for _, lines in news.values())
    done = "没有写，只是看看" if args.check else "写进去了；用 python build.py check 看一遍"
    print(f"{len(news)} 个文件，{count} 处：{done}" if news else "表里没有改动")
    return 0


def run_fmt(args: argparse.Namespace) -> int:
    from sitegen.formatting import files_of, laid_out

    paths = files_of(args.root, args.only)
    # All are read before one is written.
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    news = [(path, text, laid_out(text, str(path.relative_to(args.root)))) for path, text in texts]
    changed = [(path, new) for path, text, new in news if new != text]
    for path, new in changed:
        print(path.relative_to(args.root))
        if not args.check:
            path.write_text(new, encoding="utf-8", newline="\n")
    print(f"{len(paths)} 个文件，{'没排好的' if args.check else '排了'} {len(changed)} 个")
    return 1 if args.check and changed else 0


def run_pack(args: argparse.Namespace) -> int:
    from sitegen.pack import pack

    path = args.out or Path(f"yibao-{args.city}.zip")
    data = pack(args.root, args.city, edition_of(args), progress_bar("打包"))
    path.write_bytes(data)
    print(f"写好了 {path}，{len(data) / 1e6:.1f} MB；解开，打开里面的 index.html")
    return 0


def run_serve(args: argparse.Namespace) -> int:
    # livereload and tornado are needed here only; a production build does without them.
    from sitegen.serve import serve

    command = [
        sys.executable,
        str(ROOT / "build.py"),
        "build",
        "--root",
        str(args.root),
        "--out",
        str(args.out),
    ]
    command += ["--when-told", "--without-index"]
    if args.as_of:
        command += ["--as-of", args.as_of.isoformat()]
    folders = [args.root / name for name in ("rules", "content", "templates")]
    return serve(command, args.out, folders, args.port)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "build": run_build,
    "check": run_check,
    "coverage": run_coverage,
    "find": run_find,
    "stale": run_stale,
    "explain": run_explain,
    "diff": run_diff,
    "note": run_note,
    "new": run_new,
    "export": run_export,
    "import": run_import,
    "fmt": run_fmt,
    "schema": run_schema,
    "nginx": run_nginx,
    "pack": run_pack,
    "serve": run_serve,
}
