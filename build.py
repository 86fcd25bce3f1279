#!/usr/bin/env python3
"""Build, check and serve the site. The work is done in sitegen/; this is its command line."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sitegen.errors import ProjectError
from sitegen.manifest import has_full_text, nothing_to_do

ROOT = Path(__file__).resolve().parent


# The fields of what `new` makes, in the order of the file: what each is called, and what it is
# where nobody says (``None``: somebody must).
NEW: dict[str, dict[str, tuple[str, str | None]]] = {
    "city": {
        "area": ("全名", None),
        "short": ("叫法", None),
        "pinyin": ("拼音", None),
        "code": ("六位代码", ""),
        "kind": ("建制", "地级市"),
    },
    "source": {
        "title": ("标题", None),
        "kind": ("类别", None),
        "published": ("日期", None),
        "number": ("文号", ""),
        "issuer": ("发文单位", ""),
        "url": ("网址", ""),
    },
}


# What a change can be, as in content/changes.yaml (a test holds both against each other).
KINDS = ("新规定", "更正", "补上", "撤下")


def day_of(text: str) -> date:
    """A day of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应为 2026-11-21 这样") from None


def days_of(text: str) -> int:
    """A number of days of the command line."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}”不是天数，应为 180 这样的整数")


def port_of(text: str) -> int:
    """A port that a person may listen on."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}”不是端口，应为 1 到 65535")


def sentence_of(text: str) -> str:
    """A sentence of the command line that readers will see."""
    if 2 <= len(text.strip()) <= 400 and "\n" not in text:
        return text.strip()
    raise argparse.ArgumentTypeError("要一句话，2到400字，不换行")


def today() -> date:
    # The day starts in Shanghai: at 16:00 UTC tomorrow's entry is already in force there.
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def progress_bar(what: str) -> Callable[[int, int], None]:
    """A bar on a terminal, nothing elsewhere: logs get the summary."""
    if not sys.stderr.isatty():
        return lambda done, total: None

    def show(done: int, total: int) -> None:
        if done % 50 == 0 or done == total:
            filled = 30 * done // total
            bar = "█" * filled + "░" * (30 - filled)
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{what} {bar} {done}/{total}{end}")
            sys.stderr.flush()

    return show


def run_build(args: argparse.Namespace) -> int:
    gc.disable()  # a command ends before there is anything to collect
    if args.when_told:
        # What really builds takes longer to load than to do a small thing.
        import_module("sitegen.builder")
        if sys.stdin.readline() == "":
            return 0
    started = time.perf_counter()
    day = args.as_of or today()
    with_index = has_full_text() and not args.without_index
    options = (day.isoformat(), args.address, str(with_index))
    if lines := nothing_to_do(args.root, args.out, options):
        seconds = time.perf_counter() - started
        print(f"没有变化，不用生成：{lines[0]}，{seconds:.2f} 秒，按 {day} 有效的规则")
    else:
        from sitegen.builder import build, told

        built = build(args.root, args.out, day, progress_bar("生成"), args.address, with_index)
        lines = told(built)
        new = f"（新的 {built.rendered} 页）" if built.rendered < built.pages else ""
        print(f"生成 {lines[0]}{new}，{built.seconds:.1f} 秒，按 {day} 有效的规则")
    for line in lines[1:]:
        print(line)
    return 0


def run_check(args: argparse.Namespace) -> int:
    from sitegen.ledger import LEDGER, write_ledger
    from sitegen.pipeline import check

    checked = check(args.root, args.as_of or today(), progress_bar("检查"))
    for problem in checked.problems:
        print(problem)
    errors = sum(not problem.warning for problem in checked.problems)
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

    print(*coverage(load_rules(args.root), args.as_of or today()), sep="\n")
    return 0


def run_find(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.pipeline import parameters_of
    from sitegen.questions import find

    rules, day = load_rules(args.root), args.as_of or today()
    ids = args.parameter or parameters_of(args.root, args.guide)
    lines = find(rules, ids, args.state, args.only, day)
    print(*lines, f"{len(lines)} 处", sep="\n")
    return 0


def run_stale(args: argparse.Namespace) -> int:
    from sitegen.load import load_rules
    from sitegen.questions import stale

    lines = stale(load_rules(args.root), args.days, args.as_of or today())
    print(*lines, f"{len(lines)} 条超过 {args.days} 天没有核对", sep="\n")
    return 1 if lines else 0


def run_explain(args: argparse.Namespace) -> int:
    from sitegen.pipeline import prepare
    from sitegen.questions import explain

    day = args.as_of or today()
    rules, plan, _, _ = prepare(args.root, day)
    print(*explain(rules, plan, args.url, day), sep="\n")
    return 0


def run_diff(args: argparse.Namespace) -> int:
    from sitegen.difference import differences, unpack
    from sitegen.notes import preview

    with TemporaryDirectory() as name:
        unpack(args.root, args.ref, Path(name))
        for line in differences(Path(name), args.root, args.as_of or today()):
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

    day = args.as_of or today()
    if args.start:
        count = start_log(args.root, load_rules(args.root), day)
        print(f"{BASE_LINE} 记下了 {count} 条，从 {day} 起，每一条变化都要有说明")
        return 0
    if args.reword:
        lines = reword(args.root)
        print(*lines, f"{len(lines)} 条换了说法" if lines else "没有要换说法的", sep="\n")
        return 0
    lines = write_notes(args.root, day, args.why, args.kind, args.source, args.only)
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

    with_index = has_full_text() and not args.without_index
    print(nginx_of(args.root, args.as_of or today(), args.address, with_index), end="")
    return 0


def run_serve(args: argparse.Namespace) -> int:
    # livereload and tornado are needed here only; a production build does without them.
    from sitegen.serve import serve

    command = [sys.executable, __file__, "build", "--root", str(args.root), "--out", str(args.out)]
    command += ["--when-told", "--without-index"]
    if args.as_of:
        command += ["--as-of", args.as_of.isoformat()]
    folders = [args.root / name for name in ("rules", "content", "templates")]
    return serve(command, args.out, folders, args.port)


def parser() -> argparse.ArgumentParser:
    commands = argparse.ArgumentParser(
        prog="build.py",
        description="按规则生成每个城市的医保指南。不写命令就是 build。",
        epilog="例：python build.py check    python build.py --as-of 2027-01-01 --out /tmp/site",
    )
    common = argparse.ArgumentParser(add_help=False)
    for target in (commands, common):
        target.add_argument(
            "--address",
            default=argparse.SUPPRESS if target is common else os.environ.get("URL", ""),
            metavar="网址",
            help="网站的网址，有了才生成 sitemap.xml（默认取环境变量 URL）",
        )
        default = argparse.SUPPRESS if target is common else None
        target.add_argument(
            "--as-of", type=day_of, default=default, metavar="日期", help="按哪天的规则（默认今天）"
        )
        target.add_argument(
            "--out", type=Path, default=default or ROOT / "site", metavar="文件夹", help="输出位置"
        )
        target.add_argument(
            "--root",
            type=Path,
            default=default or ROOT,
            metavar="文件夹",
            help="规则、内容和模板所在",
        )
    parts = commands.add_subparsers(dest="command", metavar="命令")
    building = argparse.ArgumentParser(add_help=False)
    for target in (commands, building):
        suppressed = argparse.SUPPRESS if target is building else False
        target.add_argument(
            "--without-index",
            action="store_true",
            default=suppressed,
            help="不做全文索引，快几秒；那样没有“搜索全文”的按钮",
        )
        # Of serve: load the program, then wait for a line.
        target.add_argument(
            "--when-told", action="store_true", default=suppressed, help=argparse.SUPPRESS
        )
    parts.add_parser("build", parents=[common, building], help="生成整个网站（默认）")
    checking = parts.add_parser("check", parents=[common], help="检查规则和全部页面，不写文件")
    checking.add_argument("--write-urls", action="store_true", help="把新网址添到 urls.txt 里")
    parts.add_parser("nginx", parents=[common, building], help="印出 nginx 的配置，不写文件")
    parts.add_parser("coverage", parents=[common], help="每个参数有多少统筹区查到了")
    finding = parts.add_parser(
        "find",
        parents=[common],
        help="列出没查到的（或别的状态的）地方",
        epilog="例：python build.py find --guide huaru --state unknown",
    )
    chosen = finding.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--guide", default="", metavar="指南", help="这个指南用到的全部参数")
    chosen.add_argument("--parameter", action="append", metavar="参数", help="可以写几次")
    finding.add_argument("--state", default="unknown", metavar="状态", help="默认 unknown")
    finding.add_argument(
        "--only", action="append", default=[], metavar="地区", help="只看它，可以写几次"
    )
    aging = parts.add_parser(
        "stale",
        parents=[common],
        help="列出多久没有核对的数；有就返回1",
        epilog="例：python build.py stale --days 180",
    )
    aging.add_argument("--days", type=days_of, default=180, metavar="天数", help="默认 180")
    explaining = parts.add_parser(
        "explain",
        parents=[common],
        help="一页由什么做成：每个数字在哪个文件哪一行，依据哪个出处",
        epilog="例：python build.py explain /beijing/huaru/",
    )
    explaining.add_argument("url", metavar="网址", help="例如 /beijing/huaru/")
    comparing = parts.add_parser(
        "diff",
        parents=[common],
        help="和 git 里的一个版本比：哪些页变了，哪一句变成哪一句",
        epilog="例：python build.py diff HEAD~1",
    )
    comparing.add_argument("ref", nargs="?", default="HEAD", metavar="版本", help="默认 HEAD")
    noting = parts.add_parser(
        "note",
        parents=[common],
        help="给改了的数写变更说明，添到 content/changes.yaml 里",
        epilog='例：python build.py note --why "抄错了，文件原文是110元" --only tianjin',
    )
    action = noting.add_mutually_exclusive_group(required=True)
    action.add_argument("--why", type=sentence_of, metavar="为什么", help="一句话，读者会看到")
    action.add_argument("--start", action="store_true", help="开始记：写 facts.txt，只做一次")
    action.add_argument(
        "--reword", action="store_true", help="规定没有变，只是程序换了说法：旧账换成新的说法"
    )
    noting.add_argument(
        "--kind", choices=KINDS, default="", metavar="哪种", help=f"{'、'.join(KINDS)}；默认看着定"
    )
    noting.add_argument(
        "--source", default="", metavar="出处", help="地区/代号；默认是那一条的出处，撤下的必须写"
    )
    noting.add_argument(
        "--only", action="append", default=[], metavar="地区", help="只记它的，可以写几次"
    )
    making = parts.add_parser("new", help="新建一个城市的文件，或加一个出处")
    kinds = making.add_subparsers(dest="what", required=True, metavar="什么")
    city = kinds.add_parser(
        "city",
        parents=[common],
        help="新建一个城市的文件",
        epilog='例：python build.py new city sichuan/xin --area 新市 --short 新 --pinyin "xin"',
    )
    city.add_argument("place", metavar="省/市", help="拼音，例如 sichuan/mianyang")
    source = kinds.add_parser(
        "source",
        parents=[common],
        help="在一个地方的文件里加一个出处",
        epilog="例：python build.py new source tianjin yb-2026-01 --title 通知 "
        "--kind official_text --published 2026-01-05",
    )
    source.add_argument("place", metavar="地区", help="拼音短名，例如 tianjin")
    source.add_argument("id", metavar="代号", help="例如 yb-2026-01")
    for target, fields in ((city, NEW["city"]), (source, NEW["source"])):
        for name, (words, usual) in fields.items():
            is_needed = usual is None
            tip = f"默认 {usual}" if usual else "必须写" if is_needed else "可以不写"
            target.add_argument(
                f"--{name}", required=is_needed, default=usual, metavar=words, help=tip
            )
    parts.add_parser("schema", parents=[common], help="打印 rules/schema.json，编辑器用")
    serving = parts.add_parser("serve", parents=[common], help="本机预览，改了就重新生成")
    serving.add_argument("--port", type=port_of, default=8000, metavar="端口", help="默认 8000")
    return commands


def terminated(number: int, frame: object) -> None:
    """TERM ends a command as Ctrl-C does: what it began is cleared away."""
    raise KeyboardInterrupt(number)


def number_of(folder: Path) -> int:
    """What tells a folder from every other one; a site that is replaced has another number."""
    with suppress(OSError):
        return folder.stat().st_ino
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """0 all good, 1 problems (nothing published), 2 the command line is wrong.

    Stopped by a signal: 128 and its number, as of a shell.
    """
    signal.signal(signal.SIGTERM, terminated)
    args = parser().parse_args(argv)
    before = number_of(args.out)
    runs: dict[str, Callable[[argparse.Namespace], int]] = {
        "build": run_build,
        "check": run_check,
        "coverage": run_coverage,
        "find": run_find,
        "stale": run_stale,
        "explain": run_explain,
        "diff": run_diff,
        "note": run_note,
        "new": run_new,
        "schema": run_schema,
        "nginx": run_nginx,
        "serve": run_serve,
    }
    try:
        code = runs[args.command or "build"](args)
        sys.stdout.flush()
        return code
    except ProjectError as error:
        for line in error.lines:
            print(line, file=sys.stderr)
    except BrokenPipeError:  # who reads our lines has read enough
        return 1
    except OSError as error:
        print(f"打不开 {error.filename}（{error.strerror}）", file=sys.stderr)
    except KeyboardInterrupt as stopped:
        is_new = number_of(args.out) != before
        site = "新的网站已经换上" if is_new else "原来的网站没有动"
        print(f"停下了，{site}", file=sys.stderr)
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    return 1


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()  # stdout is flushed already, where anybody reads it
    os._exit(code)  # to tidy up the memory of ten thousand pages takes longer than to drop it
