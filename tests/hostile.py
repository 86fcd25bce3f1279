"""Strings that want to run as a program, and a project full of them. Not a test.

Every string calls ``h(number)``; a page on which that happens has taken text for code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from sitegen.model import Problem

# What stands in for the number of a string.
N = "@"

STRINGS = (
    # as text
    "<script>h(@)</script>",
    "</script><script>h(@)</script>",
    "</title><script>h(@)</script>",
    "</textarea><script>h(@)</script>",
    "</style><script>h(@)</script>",
    "</noscript><script>h(@)</script>",
    "--><script>h(@)</script>",
    "]]><script>h(@)</script>",
    "<ScRiPt>h(@)</sCrIpT>",
    "<script/x>h(@)</script >",
    "<script\n>h(@)</script\n>",
    "<<script>h(@)//<</script>",
    "<scr<script>ipt>h(@)</scr</script>ipt>",
    "<img src onerror=h(@)>",
    '<img src="x" onerror="h(@)">',
    "<img/src/onerror=h(@)>",
    "<img src=x onerror=h&#40;@&#41;>",
    "<image src onerror=h(@)>",
    "<svg onload=h(@)>",
    "<svg/onload=h(@)>",
    "<svg><script>h(@)</script></svg>",
    "<svg><script>h&#40;@)</script></svg>",
    "<svg><animate onbegin=h(@) attributeName=x dur=1s>",
    '<svg><a href="javascript:h(@)"><text y="9">x</text></a></svg>',
    "<math><mtext><img src onerror=h(@)></math>",
    "<body onload=h(@)>",
    "<video><source onerror=h(@)></video>",
    "<audio src onerror=h(@)></audio>",
    "<input autofocus onfocus=h(@)>",
    "<select autofocus onfocus=h(@)></select>",
    "<details open ontoggle=h(@)>x</details>",
    "<b onclick=h(@)>x</b>",
    "<b tabindex=0 onfocus=h(@)>x</b>",
    "<b onmouseover=h(@)>x</b>",
    "<button onclick=h(@)>x</button>",
    "<form><button formaction=javascript:h(@)>x</button></form>",
    '<form action="javascript:h(@)"><input type=submit></form>',
    '<a href="javascript:h(@)">x</a>',
    '<a href="java&#10;script:h(@)">x</a>',
    "<iframe src=javascript:parent.h(@)></iframe>",
    '<iframe srcdoc="<script>parent.h(@)</script>"></iframe>',
    '<object data="javascript:h(@)"></object>',
    "<embed src=javascript:h(@)>",
    "<template><script>h(@)</script></template><script>h(@)</script>",
    "<noscript><p title='</noscript><img src onerror=h(@)>'>",
    "<table><td><script>h(@)</script>",
    "<xmp></xmp><script>h(@)</script>",
    # as a value
    '"><script>h(@)</script>',
    "'><script>h(@)</script>",
    '" onmouseover="h(@)" x="',
    "' onmouseover='h(@)' x='",
    '" autofocus onfocus="h(@)" x="',
    "x onmouseover=h(@) x=",
    '" onclick="h(@)',
    # as an address
    "javascript:h(@)",
    "JaVaScRiPt:h(@)",
    "java\tscript:h(@)",
    " javascript:h(@)",
    "javascript://a.gov.cn/%0ah(@)",
    "vbscript:h(@)",
    "data:text/html,<script>parent.h(@)</script>",
    "https://a.gov.cn/\"onmouseover='h(@)'",
    'https://a.gov.cn/"><script>h(@)</script>',
    '/jia/"><img/src/onerror=h(@)>',
    # as a program of ours: strings of scripts, data in a page, templates, entities, Markdown
    '";h(@);"',
    "';h(@);'",
    "${h(@)}",
    "\\u003cscript>h(@)</script>",
    "&lt;script&gt;h(@)&lt;/script&gt;",
    "&#60;script&#62;h(@)&#60;/script&#62;",
    '{"a":"</script><script>h(@)</script>"}',
    "<!--<script>h(@)</script>",
    "<![CDATA[<script>h(@)</script>]]>",
    "<?xml version='1.0'?><script>h(@)</script>",
    "[x](javascript:h(@))",
    "[x](<javascript:h(@)>)",
    '![x](x"onerror="h(@))',
    "<javascript:h(@)>",
    '{{ "<script>h(@)</script>" | safe }}',
    "{% raw %}{{ <script>h(@)</script> }}{% endraw %}",
    '{% autoescape false %}{{ "<script>h(@)</script>" }}{% endautoescape %}',
    '[x]({{ "javascript:h(@)" }})',
)


def armed(number: int) -> str:
    """A string with its number in it."""
    return STRINGS[number].replace(N, str(number))


# ── Fields of YAML ──


class Spot(NamedTuple):
    """A value of a YAML file: how one comes to it, and where it stands (from 0)."""

    name: str
    start: int
    end: int
    line: int
    column: int


def spots(text: str) -> list[Spot]:
    """All values of a YAML file that are no maps or lists, in their order."""

    def walk(node: yaml.Node, name: str) -> Iterator[Spot]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield from walk(value, f"{name}.{key.value}".strip("."))
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                yield from walk(value, name)
        else:
            a, b = node.start_mark, node.end_mark
            yield Spot(name, a.index, b.index, a.line, a.column)

    return list(walk(yaml.compose(text, Loader=yaml.SafeLoader), ""))


def poisoned(text: str, chosen: dict[int, str]) -> str:
    """A YAML file with other words in the spots of these numbers."""
    for number, spot in reversed(list(enumerate(spots(text)))):
        if number in chosen:
            quoted = json.dumps(chosen[number], ensure_ascii=False)
            text = text[: spot.start] + quoted + text[spot.end :]
    return text


class Poison:
    """Files of a project with a hostile string in every value that the loader lets one have.

    ``strings`` gives what the field of a number is to hold. After ``settle`` the files hold what
    was let in: ``taken`` are the names of the fields with the numbers of their strings,
    ``refused`` counts those that the loader would not have.
    """

    def __init__(
        self, root: Path, files: list[Path], strings: Callable[[int, str], tuple[int, str]]
    ) -> None:
        self._root = root
        self._texts = {path: path.read_text(encoding="utf-8") for path in files}
        self._chosen: dict[Path, dict[int, str]] = {}
        self._numbers: dict[tuple[Path, int], tuple[str, int]] = {}
        self.refused = 0
        at = 0
        for path, text in self._texts.items():
            self._chosen[path] = {}
            for index, spot in enumerate(spots(text)):
                number, words = strings(at, spot.name)
                self._chosen[path][index] = words
                self._numbers[path, index] = (spot.name, number)
                at += 1
        self._write()

    def _write(self) -> None:
        for path, text in self._texts.items():
            path.write_text(poisoned(text, self._chosen[path]), encoding="utf-8")

    @property
    def taken(self) -> list[tuple[str, int]]:
        return [self._numbers[p, i] for p, chosen in self._chosen.items() for i in chosen]

    def settle(self, problems: Callable[[], list[Problem]]) -> None:
        """Take back what is refused until nothing is."""
        while found := problems():
            before = self.refused
            for path, chosen in self._chosen.items():
                name = path.relative_to(self._root).as_posix()
                here = [problem.place for problem in found if problem.place.path == name]
                places = {(place.line - 1, place.col - 1) for place in here}
                lines = {line for line, _ in places}
                now = spots(path.read_text(encoding="utf-8"))
                exact = [i for i in chosen if (now[i].line, now[i].column) in places]
                settled = {now[i].line for i in exact}
                # A problem at the start of a record is one of a value in that line.
                near = [i for i in chosen if now[i].line in lines - settled]
                for index in {*exact, *near}:
                    del chosen[index]
                    self.refused += 1
            if self.refused == before:
                raise AssertionError([str(problem) for problem in found])
            self._write()


# ── Contexts of Markdown ──

MARKDOWN = (
    "{}",
    "前{}后",
    "# {}",
    "## {}",
    "- {}",
    "1. {}",
    "> {}",
    "    {}",
    "`{}`",
    "```\n{}\n```",
    "**{}**",
    "| 甲 | {} |\n|---|---|\n| 乙 | {} |",
    "[{}](/jia/)",
    "[甲]({})",
    "[甲](<{}>)",
    '[甲](/jia/ "{}")',
    "![{}](/a.png)",
    "![甲]({})",
    "[甲][a]\n\n[a]: {}",
    '[甲][a]\n\n[a]: /jia/ "{}"',
    "<{}>",
    "{{{{ '{}' }}}}",
    '{{{{ "{}" }}}}',
    '{{% call warning("{}") %}}\n\n甲\n\n{{% endcall %}}',
)
