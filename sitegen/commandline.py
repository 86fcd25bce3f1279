"""The words of the command line: which commands there are, what each may be told, in Chinese."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from sitegen.kinds import CHANGE_KINDS

ROOT = Path(__file__).resolve().parent.parent

# What holds where the command line says nothing.
USUAL: dict[str, object] = {
    "address": os.environ.get("URL", ""),
    "as_of": None,
    "root": ROOT,
    "out": ROOT / "site",
    "without_index": False,
    "preview": False,
    "commit": os.environ.get("COMMIT_REF", ""),
    "when_told": False,
}

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
    """All commands and options, each with its words for ``--help``."""
    top = _Parser(prog="build.py", description="按规则生成每个城市的医保指南。不写命令就是 build。")
    top.epilog = _examples("check", "--as-of 2027-01-01 --out /tmp/site")
    # What may stand before the command may stand after it too, where nothing written says nothing.
    top.set_defaults(**USUAL)
    part = partial(argparse.ArgumentParser, add_help=False, argument_default=argparse.SUPPRESS)
    project, place, edition = part(), part(), part()
    for target in (top, project):
        _add_project(target)
    for target in (top, place):
        target.add_argument("--out", type=Path, metavar="文件夹", help="输出位置")
    for target in (top, edition):
        _add_edition(target)
    commands = top.add_subparsers(dest="command", metavar="命令", parser_class=_Parser)
    _add_makers(_Adder(commands, [project, place, edition]))
    _add_pack(_Adder(commands, [project, edition]))
    usual = _Adder(commands, [project, place])
    _add_check(usual)
    _add_questions(usual)
    _add_editors(usual)
    kinds = usual("new", "新建一个城市的文件，或加一个出处", parents=[]).add_subparsers(
        dest="what", required=True, metavar="种类", parser_class=_Parser
    )
    _add_new(_Adder(kinds, [project, place], "new "))
    return top


class _Parser(argparse.ArgumentParser):
    """A parser that speaks Chinese where it explains itself and where it is told nonsense."""

    def __init__(self, **options: Any) -> None:
        # Each example stands on a line of its own.
        super().__init__(**options, formatter_class=argparse.RawDescriptionHelpFormatter)

    def format_help(self) -> str:
        """What ``--help`` prints."""
        words = super().format_help()
        for english, chinese in _CHINESE.items():
            words = words.replace(english, chinese)
        return words

    def error(self, message: str) -> NoReturn:
        """One sentence: what is wrong, what is near, where the rest stands. Exit code 2."""
        for pattern, sentence in _MISTAKES:
            if found := re.fullmatch(pattern, message, re.S):
                message = sentence(*found.groups())
                break
        self.exit(2, f"{message}；怎么写见 python {self.prog} --help\n")


_CHINESE = {
    "usage: ": "用法：",
    "positional arguments:": "要写的：",
    "options:": "可以写的：",
    "show this help message and exit": "显示这些话",
}


def _no_such_word(name: str, word: str, words: str) -> str:
    from difflib import get_close_matches  # slow to import, and mostly nobody mistypes

    word, known = word.strip("'\""), re.findall(r"[\w-]+", words)
    near = get_close_matches(word, known, n=1)
    what = f"没有“{word}”这个命令" if name == "命令" else f"“{name}”没有“{word}”"
    return f"{what}，是不是 {near[0]}" if near else f"{what}，可以写 {'、'.join(known)}"


def _too_short(option: str, names: str) -> str:
    return f"“{option}”太短，可以是 {names.replace(', ', '、')}"


def _missing(names: str) -> str:
    return f"还缺 {names.replace(', ', '、')}"


# What argparse says of a command line that it cannot read, and how we say it.
_MISTAKES: tuple[tuple[str, Callable[..., str]], ...] = (
    ("unrecognized arguments: (.*)", "不认识 {}".format),
    ("argument (.*): invalid choice: (.*) \\(choose from (.*)\\)", _no_such_word),
    ("argument (.*): expected (?:one|at least one) argument", "{} 后面要写一个值".format),
    ("argument (.*): ignored explicit argument '(.*)'", "{} 后面不写值，写了“{}”".format),
    ("argument (.*): not allowed with argument (.*)", "{} 和 {} 只能写一个".format),
    ("ambiguous option: (.*) could match (.*)", _too_short),
    ("the following arguments are required: (.*)", _missing),
    ("one of the arguments (.*) is required", "还缺一个，写其中之一：{}".format),
    ("argument ([^:]*): (.*)", "{}：{}".format),
)


def _examples(*words: str) -> str:
    lines = [f"python build.py {example}".rstrip() for example in words]
    return "例：" + "\n    ".join(lines)


class _Adder:
    """Adds commands that have some options in common."""

    def __init__(self, commands: Any, parents: list[Any], before: str = "") -> None:
        self._commands = commands
        self._parents = parents
        self._before = before

    def __call__(
        self, name: str, says: str, *examples: str, parents: list[Any] | None = None
    ) -> argparse.ArgumentParser:
        """The parser of a command; ``examples`` are what stands behind its name."""
        words = [f"{self._before}{name} {example}" for example in examples]
        added: argparse.ArgumentParser = self._commands.add_parser(
            name,
            help=says,
            description=says,
            epilog=_examples(*words) if words else None,
            parents=self._parents if parents is None else parents,
        )
        return added


def _add_only(command: Any, what: str) -> None:
    tip = f"{what}，可以写几次"
    command.add_argument("--only", action="append", default=[], metavar="地区", help=tip)


def _add_makers(add: _Adder) -> None:
    add("build", "生成整个网站（默认）", "", "--preview --out /tmp/site")
    add("nginx", "印出 nginx 的配置，不写文件", "--address https://example.org")
    serve = add("serve", "本机预览，改了就重新生成", "--port 8001")
    serve.add_argument("--port", type=port_of, default=8000, metavar="端口", help="默认 8000")
    says = "一页由什么做成：每个数字在哪个文件哪一行，依据哪个出处；下次生成要不要重做"
    explain = add("explain", says, "/beijing/huaru/")
    explain.add_argument("url", metavar="网址", help="例如 /beijing/huaru/")


def _add_pack(add: _Adder) -> None:
    says = "一个城市的离线版：解开就能看，不用网，也不用服务器"
    pack = add("pack", says, "--city tianjin --out 天津医保.zip")
    pack.add_argument("--city", required=True, metavar="统筹区", help="拼音短名，例如 tianjin")
    tip = "默认 yibao-<拼音>.zip"
    pack.add_argument("--out", type=Path, default=None, metavar="文件", help=tip)


def _add_check(add: _Adder) -> None:
    says = "检查规则和全部页面，不写文件；有错误就返回 1"
    check = add("check", says, "--only tianjin", "--format github")
    part = check.add_mutually_exclusive_group()
    _add_only(part, "只查它的文件和页，快")
    part.add_argument("--write-urls", action="store_true", help="把新网址添到 urls.txt 里")
    tip = "给人看、给程序看、给 GitHub 的检查看；默认 text"
    check.add_argument("--format", choices=("text", "json", "github"), default="text", help=tip)


def _add_questions(add: _Adder) -> None:
    add("coverage", "每个参数有多少统筹区查到了", "")
    find = add("find", "列出没查到的（或别的状态的）地方", "--guide huaru --state unknown")
    chosen = find.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--guide", default="", metavar="指南", help="这个指南用到的全部参数")
    chosen.add_argument("--parameter", action="append", metavar="参数", help="可以写几次")
    find.add_argument("--state", default="unknown", metavar="状态", help="默认 unknown")
    _add_only(find, "只看它")
    stale = add("stale", "列出多久没有核对的数；有就返回 1", "--days 180")
    stale.add_argument("--days", type=days_of, default=180, metavar="天数", help="默认 180")
    diff = add("diff", "和 git 里的一个版本比：哪些页变了，哪一句变成哪一句", "", "HEAD~1")
    diff.add_argument("ref", nargs="?", default="HEAD", metavar="版本", help="默认 HEAD")


def _add_editors(add: _Adder) -> None:
    says = "给改了的数写变更说明，添到 content/changes.yaml 里"
    note = add("note", says, '--why "抄错了，文件原文是110元" --only tianjin')
    action = note.add_mutually_exclusive_group(required=True)
    action.add_argument("--why", type=sentence_of, metavar="为什么", help="一句话，读者会看到")
    action.add_argument("--start", action="store_true", help="开始记：写 entries.txt，只做一次")
    tip = "规定没有变，只是程序换了说法：旧账换成新的说法"
    action.add_argument("--reword", action="store_true", help=tip)
    tip = f"{'、'.join(CHANGE_KINDS)}；默认看着定"
    note.add_argument("--kind", choices=CHANGE_KINDS, default="", metavar="哪种", help=tip)
    tip = "地区/代号；默认是那一条的出处，撤下的必须写"
    note.add_argument("--source", default="", metavar="出处", help=tip)
    _add_only(note, "只记它的")
    says = "把规则文件排成一个样子：字段的顺序、缩进、空格；注释和内容不动"
    fmt = add("fmt", says, "", "--check --only tianjin")
    fmt.add_argument("--check", action="store_true", help="只说哪些没排好，不写；有就返回 1")
    _add_only(fmt, "只排它")
    says = "把数值写成表格（CSV），给不写 YAML 的人改"
    export = add("export", says, "huaru.csv --guide huaru --only tianjin")
    export.add_argument("file", type=Path, metavar="表格", help="例如 huaru.csv")
    chosen = export.add_mutually_exclusive_group()
    chosen.add_argument("--guide", default="", metavar="指南", help="只要这个指南用到的参数")
    chosen.add_argument("--parameter", action="append", metavar="参数", help="只要它，可以写几次")
    _add_only(export, "只要它")
    says = "把改过的表格写回规则文件；没改的一个字也不动"
    bring = add("import", says, "huaru.csv --check", "huaru.csv")
    bring.add_argument("file", type=Path, metavar="表格", help="export 得到、改过的那个")
    bring.add_argument("--check", action="store_true", help="只说会改什么，不写")
    add("schema", "打印 rules/schema.json，编辑器用", "> rules/schema.json")


def _add_new(add: _Adder) -> None:
    example = 'sichuan/xin --area 新市 --short 新 --pinyin "xin"'
    city = add("city", "新建一个城市的文件", example)
    city.add_argument("place", metavar="省/市", help="拼音，例如 sichuan/mianyang")
    example = "tianjin yb-2026-01 --title 通知 --kind official_text --published 2026-01-05"
    source = add("source", "在一个地方的文件里加一个出处", example)
    source.add_argument("place", metavar="地区", help="拼音短名，例如 tianjin")
    source.add_argument("id", metavar="代号", help="例如 yb-2026-01")
    for target, fields in ((city, NEW["city"]), (source, NEW["source"])):
        for name, (words, usual) in fields.items():
            is_needed = usual is None
            tip = f"默认 {usual}" if usual else "必须写" if is_needed else "可以不写"
            target.add_argument(
                f"--{name}", required=is_needed, default=usual, metavar=words, help=tip
            )


def _add_project(target: argparse.ArgumentParser) -> None:
    """Which project, of which day."""
    tip = "网站的网址，有了才生成 sitemap.xml（默认取环境变量 URL）"
    target.add_argument("--address", metavar="网址", help=tip)
    tip = "按哪天的规则（默认今天）"
    target.add_argument("--as-of", type=day_of, metavar="日期", help=tip)
    target.add_argument("--root", type=Path, metavar="文件夹", help="规则、内容和模板所在")


def _add_edition(target: argparse.ArgumentParser) -> None:
    """What is built of it."""
    tip = "不做全文索引，快几秒；那样没有“搜索全文”的按钮"
    target.add_argument("--without-index", action="store_true", help=tip)
    tip = "发布前给自己人看的：搜索引擎一页也不收录"
    target.add_argument("--preview", action="store_true", help=tip)
    tip = "写进 version.json，说明发布的是哪一版（默认取环境变量 COMMIT_REF）"
    target.add_argument("--commit", metavar="提交", help=tip)
    # Of serve: load the program, then wait for a line.
    target.add_argument("--when-told", action="store_true", help=argparse.SUPPRESS)
