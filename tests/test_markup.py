"""Markdown with Jinja in it: what each leaves alone of the other."""

from __future__ import annotations

import re

import pytest

from sitegen.markup import Compiled, compile_text, to_jinja
from sitegen.model import Place, Problem, Text


def text_of(body: str, title: str = "标题", body_line: int = 6) -> Text:
    at = Place("content/guides/huaru/pool.md")
    return Text("pool", title, "一句话。", "叫法", body, at, body_line)


def compile_body(body: str) -> tuple[Compiled | None, list[str]]:
    problems: list[Problem] = []
    compiled = compile_text(text_of(body), problems.append)
    return compiled, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '甲<b onclick="x()">乙</b>',
        "<!-- 注 -->",
        "<div>\n\n段\n\n</div>",
        "<javascript:alert(1)>",
        '<img src="x" onerror="x()">',
    ],
)
def test_raw_html_stays_text(html):
    made = to_jinja(html)
    assert set(re.findall(r"</?([a-z]+)", made)) == {"p"}
    assert "&lt;" in made


@pytest.mark.parametrize(
    "jinja",
    [
        "{{ a_b_c }}",
        "{{ a * b * c }}",
        "{{ 'x' ~ \"y\" }}",
        "{{ f('<b>') }}",
        "{% if a_b and c_d %}{% endif %}",
        "{{ x[0](1) }}",
        "{# 注 *释* #}",
    ],
)
def test_markdown_leaves_jinja_as_it_is_written(jinja):
    assert to_jinja(f"前{jinja}后 *重* {jinja}") == f"<p>前{jinja}后 <em>重</em> {jinja}</p>"


def test_pipe_inside_jinja_does_not_end_a_table_cell():
    made = to_jinja('| 做什么 | 数 |\n|---|---|\n| 余额 | {{ value("a_b") | join("|") }} |')
    assert '<td>{{ value("a_b") | join("|") }}</td>' in made
    assert made.count("<td>") == 2


def test_jinja_may_stand_in_the_address_of_a_link():
    assert (
        to_jinja('[微信]({{ link("weixin") }})') == '<p><a href="{{ link("weixin") }}">微信</a></p>'
    )


def test_words_that_look_like_our_own_marks_stay_words():
    assert to_jinja("编号JJ0JJ和{{ x }}") == "<p>编号JJ0JJ和{{ x }}</p>"


def test_call_alone_on_its_line_stands_outside_of_paragraphs():
    made = to_jinja('前\n{% call warning("当心") %}\n\n内\n\n{% endcall %}\n后\n{{ x }}')
    assert (
        made
        == '<p>前</p>\n{% call warning("当心") %}\n<p>内</p>\n{% endcall %}\n<p>后</p>\n{{ x }}'
    )


def test_expression_within_a_sentence_stays_in_its_paragraph():
    assert to_jinja("在{{ city }}查。") == "<p>在{{ city }}查。</p>"


def test_lines_between_han_characters_are_joined_without_a_space():
    assert to_jinja("打开微信，\n点“我”\n（右下角）") == "<p>打开微信，点“我”（右下角）</p>"


def test_lines_between_latin_words_keep_their_space():
    assert to_jinja("App\nStore") == "<p>App\nStore</p>"


@pytest.mark.parametrize("rule", ["|---|---|", "|---:|:---|", "|:---:|---|"])
def test_head_of_every_table_column_has_a_scope(rule):
    made = to_jinja(f"| 做什么 | 点哪里 |\n{rule}\n| 余额 | 我的 |")
    assert re.findall(r"<th[ >]", made) == ["<th ", "<th "]
    assert made.count('scope="col"') == 2


def test_table_columns_need_no_style_attribute():
    # The Content-Security-Policy allows the one style sheet and nothing else.
    assert "style=" not in to_jinja("| 数 |\n|---:|\n| 1 |")


@pytest.mark.parametrize(
    "body",
    [
        "[点我](javascript:alert(1))",
        "[点我](JavaScript:alert(1))",
        "[点我](&#106;avascript:alert(1))",
        "[点我](java\nscript:alert(1))",
        "[点我][x]\n\n[x]: javascript:alert(1)",
        "[点我](data:text/html,x)",
        "[点我](vbscript:x)",
        "![图](javascript:alert(1))",
    ],
)
def test_address_that_runs_a_script_becomes_no_live_link(body):
    problems: list[Problem] = []
    compiled = compile_text(text_of(body), problems.append)
    made = compiled.html if compiled else ""
    assert re.findall(r'(?:href|src)="(?!https?://|tel:|mailto:|[/#{])[^"]*"', made) == []


def test_names_of_calls_are_known_in_the_order_of_the_text():
    compiled, problems = compile_body(
        '{{ value("b") }}{{ value("a").short }}{{ src("s1") }}{{ src("s2", "s1") }}\n\n'
        '{% call card("huaru") %}\n\n{{ table(value("c"), city ~ "划入") }}\n\n{% endcall %}'
    )
    assert problems == []
    assert compiled.names("value") == ("b", "a", "c")
    assert compiled.names("src") == ("s1", "s2")
    assert compiled.names("card") == ("huaru",)
    assert compiled.names("link") == ()


def test_names_in_title_and_description_count_too():
    compiled = compile_text(text_of("空", title='{{ value("x").short }}'), lambda problem: None)
    assert compiled.names("value") == ("x",)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("一\n\n二{{ value( }}\n", 8),
        ("{{ x }}\n{{ 'y }}\n", 7),
    ],
)
def test_broken_jinja_is_reported_with_file_and_line(body, line):
    compiled, problems = compile_body(body)
    assert compiled is None
    assert len(problems) == 1
    assert problems[0].startswith(f"content/guides/huaru/pool.md:{line}:1: Jinja 写错了")


def test_block_that_is_never_closed_is_reported_with_its_file():
    compiled, problems = compile_body("一\n\n{% if city %}\n\n二\n")
    assert compiled is None
    assert problems[0].startswith("content/guides/huaru/pool.md:")


def test_heading_breaks_after_a_clause_before_it_breaks_inside_of_one():
    html = to_jinja("## 大城市返得多，小地方只有几十块\n\n## 出处")
    assert '<span class="nb">大城市返得多，</span><span class="nb">小地方' in html
    assert "<h2>出处</h2>" in html


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('{{ "<b>" | safe }}', "safe"),
        ('{% set x = ("<b>" | safe) %}{{ x }}', "safe"),
        ("{% filter safe %}x{% endfilter %}", "filter"),
        ('{% autoescape false %}{{ "<b>" }}{% endautoescape %}', "autoescape"),
        ("{% raw %}{{ <script>x()</script> }}{% endraw %}", "raw"),
        ("{%- raw -%}{% <script>x()</script> %}{%- endraw -%}", "raw"),
        ('{% import "base.html" as b %}', "import"),
        ('{% include "base.html" %}', "include"),
        ('{{ "".__class__ }}', "__class__"),
        ('{{ city["__class__"] }}', "__class__"),
        ("{{ city[area] }}", "["),
        ('{{ "{0.x}".format(city) }}', "format"),
        ("{{ self._blocks }}", "_blocks"),
    ],
)
def test_jinja_of_a_text_can_neither_switch_escaping_off_nor_reach_the_program(body, word):
    compiled, problems = compile_body(f"好\n\n{body}\n")
    assert compiled is None
    (problem,) = problems
    assert problem.startswith("content/guides/huaru/pool.md:8:")
    assert f"这里不能用“{word}”；只能取值" in problem


def test_link_to_nowhere_is_refused():
    compiled, problems = compile_body("好\n\n[甲]()")
    assert compiled is None
    assert problems == ["content/guides/huaru/pool.md:8:3: 链接“”不是网址；以 https:// 或 / 开头"]


@pytest.mark.parametrize(
    "address",
    ['{{ "javascript:x()" }}', '{{ "" }}javascript:x()', "{{ city }}", "{{ link(city) }}"],
)
def test_address_that_jinja_makes_is_that_of_a_guide(address):
    compiled, problems = compile_body(f"好[甲]({address})")
    assert compiled is None
    (problem,) = problems
    assert "不是网址；以 https:// 或 / 开头" in problem
    assert problem.startswith("content/guides/huaru/pool.md:6:")
