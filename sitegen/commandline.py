"""The words of the command line: which commands there are, what each may be told, in Chinese."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

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


def parser() -> argparse.ArgumentParser:
    commands = argparse.ArgumentParser(
        prog="build.py",
        description="按规则生成每个城市的医保指南。不写命令就是 build。",
        epilog="例：python build.py check    python build.py --as-of 2027-01-01 --out /tmp/site",
    )
    # What may stand before the command may stand after it too.
    common, placed, building = (argparse.ArgumentParser(add_help=False) for _ in range(3))
    for target, is_part in ((commands, False), (common, True)):
        _add_project(target, is_part)
    for target, is_part in ((commands, False), (placed, True)):
        _add_out(target, is_part)
    for target, is_part in ((commands, False), (building, True)):
        _add_edition(target, is_part)
    parts = commands.add_subparsers(dest="command", metavar="命令")
    parts.add_parser("build", parents=[common, placed, building], help="生成整个网站（默认）")
    checking = parts.add_parser(
        "check",
        parents=[common, placed],
        help="检查规则和全部页面，不写文件；有错误就返回 1",
        epilog="例：python build.py check --only tianjin    python build.py check --format github",
    )
    part = checking.add_mutually_exclusive_group()
    part.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="地区",
        help="只查它的文件和页，快；可以写几次",
    )
    checking.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="给人看、给程序看、给 GitHub 的检查看；默认 text",
    )
    part.add_argument("--write-urls", action="store_true", help="把新网址添到 urls.txt 里")
    parts.add_parser(
        "nginx", parents=[common, placed, building], help="印出 nginx 的配置，不写文件"
    )
    packing = parts.add_parser(
        "pack",
        parents=[common, building],
        help="一个城市的离线版：解开就能看，不用网，也不用服务器",
        epilog="例：python build.py pack --city tianjin --out 天津医保.zip",
    )
    packing.add_argument("--city", required=True, metavar="统筹区", help="拼音短名，例如 tianjin")
    packing.add_argument(
        "--out", type=Path, default=None, metavar="文件", help="默认 yibao-<拼音>.zip"
    )
    parts.add_parser("coverage", parents=[common, placed], help="每个参数有多少统筹区查到了")
    finding = parts.add_parser(
        "find",
        parents=[common, placed],
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
        parents=[common, placed],
        help="列出多久没有核对的数；有就返回1",
        epilog="例：python build.py stale --days 180",
    )
    aging.add_argument("--days", type=days_of, default=180, metavar="天数", help="默认 180")
    explaining = parts.add_parser(
        "explain",
        parents=[common, placed, building],
        help="一页由什么做成：每个数字在哪个文件哪一行，依据哪个出处；下次生成要不要重做",
        epilog="例：python build.py explain /beijing/huaru/",
    )
    explaining.add_argument("url", metavar="网址", help="例如 /beijing/huaru/")
    comparing = parts.add_parser(
        "diff",
        parents=[common, placed],
        help="和 git 里的一个版本比：哪些页变了，哪一句变成哪一句",
        epilog="例：python build.py diff HEAD~1",
    )
    comparing.add_argument("ref", nargs="?", default="HEAD", metavar="版本", help="默认 HEAD")
    noting = parts.add_parser(
        "note",
        parents=[common, placed],
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
    tidying = parts.add_parser(
        "fmt",
        parents=[common, placed],
        help="把规则文件排成一个样子：字段的顺序、缩进、空格；注释和内容不动",
        epilog="例：python build.py fmt    python build.py fmt --check --only tianjin",
    )
    tidying.add_argument("--check", action="store_true", help="只说哪些没排好，不写；有就返回 1")
    tidying.add_argument(
        "--only", action="append", default=[], metavar="地区", help="只排它，可以写几次"
    )
    giving = parts.add_parser(
        "export",
        parents=[common, placed],
        help="把数值写成表格（CSV），给不写 YAML 的人改",
        epilog="例：python build.py export huaru.csv --guide huaru --only tianjin",
    )
    giving.add_argument("file", type=Path, metavar="表格", help="例如 huaru.csv")
    taken = giving.add_mutually_exclusive_group()
    taken.add_argument("--guide", default="", metavar="指南", help="只要这个指南用到的参数")
    taken.add_argument("--parameter", action="append", metavar="参数", help="只要它，可以写几次")
    giving.add_argument(
        "--only", action="append", default=[], metavar="地区", help="只要它，可以写几次"
    )
    getting = parts.add_parser(
        "import",
        parents=[common, placed],
        help="把改过的表格写回规则文件；没改的一个字也不动",
        epilog="例：python build.py import huaru.csv --check",
    )
    getting.add_argument("file", type=Path, metavar="表格", help="export 得到、改过的那个")
    getting.add_argument("--check", action="store_true", help="只说会改什么，不写")
    making = parts.add_parser("new", help="新建一个城市的文件，或加一个出处")
    kinds = making.add_subparsers(dest="what", required=True, metavar="什么")
    city = kinds.add_parser(
        "city",
        parents=[common, placed],
        help="新建一个城市的文件",
        epilog='例：python build.py new city sichuan/xin --area 新市 --short 新 --pinyin "xin"',
    )
    city.add_argument("place", metavar="省/市", help="拼音，例如 sichuan/mianyang")
    source = kinds.add_parser(
        "source",
        parents=[common, placed],
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
    parts.add_parser("schema", parents=[common, placed], help="打印 rules/schema.json，编辑器用")
    serving = parts.add_parser("serve", parents=[common, placed], help="本机预览，改了就重新生成")
    serving.add_argument("--port", type=port_of, default=8000, metavar="端口", help="默认 8000")
    return commands


def _add_project(target: argparse.ArgumentParser, is_part: bool) -> None:
    """Which project, of which day; a part leaves alone what stands before it on the line."""

    def usual(value: object) -> object:
        return argparse.SUPPRESS if is_part else value

    target.add_argument(
        "--address",
        default=usual(os.environ.get("URL", "")),
        metavar="网址",
        help="网站的网址，有了才生成 sitemap.xml（默认取环境变量 URL）",
    )
    target.add_argument(
        "--as-of",
        type=day_of,
        default=usual(None),
        metavar="日期",
        help="按哪天的规则（默认今天）",
    )
    target.add_argument(
        "--root", type=Path, default=usual(ROOT), metavar="文件夹", help="规则、内容和模板所在"
    )


def _add_out(target: argparse.ArgumentParser, is_part: bool) -> None:
    target.add_argument(
        "--out",
        type=Path,
        default=argparse.SUPPRESS if is_part else ROOT / "site",
        metavar="文件夹",
        help="输出位置",
    )


def _add_edition(target: argparse.ArgumentParser, is_part: bool) -> None:
    """What is built, as ``_add_project``."""

    def usual(value: object) -> object:
        return argparse.SUPPRESS if is_part else value

    target.add_argument(
        "--without-index",
        action="store_true",
        default=usual(False),
        help="不做全文索引，快几秒；那样没有“搜索全文”的按钮",
    )
    target.add_argument(
        "--preview",
        action="store_true",
        default=usual(False),
        help="发布前给自己人看的：搜索引擎一页也不收录",
    )
    target.add_argument(
        "--commit",
        default=usual(os.environ.get("COMMIT_REF", "")),
        metavar="提交",
        help="写进 version.json，说明发布的是哪一版（默认取环境变量 COMMIT_REF）",
    )
    # Of serve: load the program, then wait for a line.
    target.add_argument(
        "--when-told", action="store_true", default=usual(False), help=argparse.SUPPRESS
    )
