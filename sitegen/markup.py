"""Markdown with Jinja in it, turned once into Jinja source.

Jinja expressions and tags are set aside, Markdown is rendered with raw HTML off, and they
are put back: values can never act as Markdown, and each text is parsed once for all areas.
A tag or a call alone on its line stands outside of any paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape

import jinja2
from jinja2 import nodes

from sitegen.model import Place, Problem, Text, clip

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
# What stands for a piece of Jinja while Markdown works: private characters, which no text
# of ours may hold.
_ALONE = re.compile("^[ \t]*(\ue000[0-9]+\ue001)[ \t]*$", re.M)
_TOKEN = re.compile("<p>(\ue000[0-9]+\ue001)</p>|(\ue000[0-9]+\ue001)")
_ALIGNED = re.compile(r'<(th|td) style="text-align: (\w+);">')
_ADDRESS = re.compile(r' (href|src)="([^"]*)"')
_SAFE = re.compile(r"https?://|mailto:|tel:|[/#]", re.I)
_HEADING = re.compile(r"(<h[23]>)([^<]*[，：；？！][^<]+)(</h[23]>)")
_LINE = re.compile(r"(?<![0-9-])(12393|12345|96110)(?![0-9-])")
_HAN = "\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”‘’…—"
_HAN_BREAK = re.compile(rf"(?<=[{_HAN}])\n(?=[{_HAN}])")


# What the Jinja of a text may do: ask for values and choose. Whatever could switch escaping off,
# or reach the program behind a value, is left out; who writes a text need not be trusted.
_NODES = frozenset(
    (
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Call),
        *(nodes.Keyword, nodes.CallBlock, nodes.If, nodes.Assign, nodes.Filter, nodes.CondExpr),
        *(nodes.Getattr, nodes.Getitem, nodes.Compare, nodes.Operand, nodes.And, nodes.Or),
        *(nodes.Not, nodes.Add, nodes.Concat, nodes.List, nodes.Tuple),
    )
)
_FILTERS = ("brief", "named", "list", "length", "sum", "selectattr", "rejectattr")
_LINK = re.compile(r"""\{\{ *(?:link|national)\((?:"[a-z-]+"|'[a-z-]+')\) *\}\}""")


@dataclass(frozen=True)
class Compiled:
    """A text ready for Jinja: its HTML with the Jinja back in it, and what it asks for.

    ``calls`` gives for each function of the text the constants that it is called with, in
    the order of the text: ``value`` the parameters, ``src`` the source ids, and so on.
    """

    text: Text
    html: str
    calls: Mapping[str, tuple[str, ...]]

    def names(self, function: str) -> tuple[str, ...]:
        """What ``function`` is called with."""
        return self.calls.get(function, ())


def compile_text(text: Text, report: Callable[[Problem], None]) -> Compiled | None:
    """Compile one Markdown file, or ``None`` after reporting what is wrong with its line."""
    try:
        html, pieces = _convert(text.body)
        jinja = _put_back(html, pieces)
        tree = jinja2.Environment().parse("\n".join((text.title, text.description, jinja)))
        calls = _calls(tree)
    except jinja2.TemplateSyntaxError as error:
        place = Place(text.at.path, text.body_line + _line_of_error(text.body, error))
        report(Problem(place, f"Jinja 写错了（{error.message}）", "看看括号和引号"))
        return None
    except RecursionError:
        place = Place(text.at.path, text.body_line)
        report(Problem(place, "列表或括号套得太深", "少套几层"))
        return None
    if word := _forbidden(tree):
        expected = "只能取值（value、src、link 等），用 if、set、call"
        report(Problem(line_of(text, word), f"这里不能用“{clip(word)}”", expected))
        return None
    for match in _ADDRESS.finditer(html):
        if not _is_safe(match.group(2), pieces):
            address = _put_back(match.group(2), pieces)
            what = f"链接“{clip(unescape(address))}”不是网址"
            report(Problem(line_of(text, address or "]("), what, "以 https:// 或 / 开头"))
            return None
    return Compiled(text, jinja, calls)


def to_jinja(body: str) -> str:
    """Markdown with Jinja → HTML with Jinja; an address that is none of the web is dropped."""
    html, pieces = _convert(body)
    safe = _ADDRESS.sub(
        lambda match: match.group() if _is_safe(match.group(2), pieces) else "", html
    )
    return _put_back(safe, pieces)


def _convert(body: str) -> tuple[str, list[str]]:
    """The HTML of a text with its Jinja set aside, and the pieces of Jinja."""
    import markdown  # not needed where every text was read before

    pieces: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        pieces.append(match.group())
        return f"\ue000{len(pieces) - 1}\ue001"

    aside = _ALONE.sub(r"\n\1\n", _JINJA.sub(put_aside, body))
    reader = markdown.Markdown(extensions=["tables"], output_format="html")
    reader.preprocessors.deregister("html_block")
    reader.inlinePatterns.deregister("html")
    html = _HAN_BREAK.sub("", reader.convert(aside))
    html = html.replace("<th>", '<th scope="col">').replace("<table>", '<table class="table">')
    html = _HEADING.sub(_keep_clauses, html)
    return _link_lines(_ALIGNED.sub(_align, html)), pieces


def _keep_clauses(match: re.Match[str]) -> str:
    """A heading that breaks its line after a clause before it breaks inside of one."""
    clauses = re.findall("[^，：；？！]+[，：；？！”]*", match.group(2))
    spans = "".join(f'<span class="nb">{clause}</span>' for clause in clauses)
    return f"{match.group(1)}{spans}{match.group(3)}"


def _link_lines(html: str) -> str:
    """The public lines as links that dial: authors write 12393, a thumb touches it.

    Not inside of links and headings, where a link would be none or in the way.
    """
    inside = 0
    parts = re.split(r"(<[^>]+>)", html)
    for number, part in enumerate(parts):
        if part.startswith("<"):
            tag = re.match(r"</?(a|h[1-6])\b", part)
            inside += 0 if not tag else -1 if part.startswith("</") else 1
        elif not inside:
            parts[number] = _LINE.sub(r'<a href="tel:\1">\1</a>', part)
    return "".join(parts)


def _put_back(html: str, pieces: list[str]) -> str:
    return _TOKEN.sub(lambda m: pieces[int((m.group(1) or m.group(2))[1:-1])], html)


def _is_safe(address: str, pieces: list[str]) -> bool:
    """Whether an attribute holds an address of the web, of this site, or Jinja that makes one."""
    plain = re.sub(r"[\x00-\x20]", "", unescape(address))
    piece = re.match("\ue000([0-9]+)\ue001", plain)
    is_link = piece and _LINK.fullmatch(pieces[int(piece.group(1))])
    return bool(is_link or _SAFE.match(plain))


def _align(match: re.Match[str]) -> str:
    """A cell of a table with its alignment as a class: the policy allows no style attribute."""
    tag, side = match.groups()
    scope = ' scope="col"' if tag == "th" else ""
    return f'<{tag}{scope} class="num">' if side == "right" else f"<{tag}{scope}>"


def _forbidden(tree: nodes.Node) -> str:
    """The first word of a text's Jinja that a text may not use; empty where there is none."""
    word = ""
    if type(tree) not in _NODES:
        name = type(tree).__name__.lower()
        word = {"scope": "autoescape", "filterblock": "filter"}.get(name, name)
    elif isinstance(tree, nodes.TemplateData) and re.search("{[{%#]", tree.data):
        word = "raw"  # between its tags Jinja would be printed as it was set aside, unescaped
    elif isinstance(tree, nodes.Filter) and tree.name not in _FILTERS:
        word = tree.name
    elif isinstance(tree, nodes.Call) and not isinstance(tree.node, nodes.Name):
        word = str(getattr(tree.node, "attr", "call"))
    elif isinstance(tree, nodes.Getattr) and tree.attr.startswith("_"):
        word = tree.attr
    elif isinstance(tree, nodes.Getitem) and not isinstance(tree.arg, nodes.Const):
        word = "["
    elif isinstance(tree, nodes.Getitem) and str(tree.arg.as_const()).startswith("_"):
        word = str(tree.arg.as_const())
    return word or next(filter(None, map(_forbidden, tree.iter_child_nodes())), "")


def _calls(tree: nodes.Template) -> dict[str, tuple[str, ...]]:
    calls: dict[str, list[str]] = {}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            constants = [str(arg.value) for arg in call.args if isinstance(arg, nodes.Const)]
            calls.setdefault(call.node.name, []).extend(constants)
    return {name: tuple(dict.fromkeys(found)) for name, found in calls.items()}


def line_of(text: Text, word: str) -> Place:
    """Where ``word`` first stands in the body of a text, with either kind of quotes."""
    for written in (word, word.replace('"', "'")):
        before, found, _ = text.body.partition(written)
        if found:
            line = before.count("\n")
            return Place(text.at.path, text.body_line + line, len(before) - before.rfind("\n"))
    return text.at


def _line_of_error(body: str, error: jinja2.TemplateSyntaxError) -> int:
    """The line of the Markdown body (from 0) with the piece of Jinja that does not parse.

    A piece that is wrong by itself; else, for tags that do not fit each other, the last tag.
    """
    incomplete = ("unknown tag", "end of template", "Unexpected end", "end of print statement")
    tags = [0]
    for match in re.finditer(r"\{\{[^\n]*|\{%[^\n]*", body):
        line = body.count("\n", 0, match.start())
        whole = _JINJA.match(body, match.start())
        try:
            jinja2.Environment().parse(whole.group() if whole else match.group())
        except jinja2.TemplateSyntaxError as own:
            if not any(words in str(own.message) for words in incomplete) or not whole:
                return line
        except RecursionError:
            return line
        if match.group().startswith("{%"):
            tags.append(line)
    return tags[-1]
