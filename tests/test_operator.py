"""What a person who publishes asks of a build: previews stay among us, one can tell what is up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import AS_OF, ROOT
from sitegen.builder import build
from sitegen.commandline import parser
from sitegen.edition import Edition
from sitegen.load import load_rules
from sitegen.pipeline import prepare, version_text

ADDRESS = "https://yibao.example"


def quiet(done: int, total: int) -> None:
    pass


def made(mini: Path, out: Path, **edition: object) -> Path:
    build(mini, out, Edition(AS_OF, ADDRESS, **edition), quiet)
    return out


def pages(site: Path) -> dict[str, str]:
    return {str(path.relative_to(site)): path.read_text("utf-8") for path in site.rglob("*.html")}


# ── A preview ──


def test_no_page_of_a_preview_may_be_listed_and_every_one_may_be_read(mini, tmp_path):
    site = made(mini, tmp_path / "site", is_preview=True)
    all_of_them = pages(site)
    assert len(all_of_them) > 50
    for path, html in all_of_them.items():
        assert '<meta name="robots" content="noindex,follow">' in html, path
    assert "  X-Robots-Tag: noindex\n" in (site / "_headers").read_text("utf-8")
    assert not (site / "sitemap.xml").exists()
    robots = (site / "robots.txt").read_text("utf-8")
    assert "Disallow" not in robots, "what may not be read cannot say that it is not to be listed"
    assert "Sitemap" not in robots


def test_published_site_differs_from_its_preview_in_nothing_but_that(mini, tmp_path):
    published = made(mini, tmp_path / "published")
    preview = made(mini, tmp_path / "preview", is_preview=True)
    line = '<meta name="robots" content="noindex,follow">\n'
    told = re.compile(r'<script type="application/ld\+json">.*?</script>\n')  # for search engines
    one, other = pages(published), pages(preview)
    assert one.keys() == other.keys()
    for path, html in one.items():
        assert told.sub("", html.replace(line, "")) == other[path].replace(line, ""), path
    assert any(line not in html for html in one.values())
    assert "X-Robots-Tag" not in (published / "_headers").read_text("utf-8")
    robots = (published / "robots.txt").read_text("utf-8")
    assert f"\nSitemap: {ADDRESS}/sitemap.xml\n" in robots


def test_preview_that_is_published_is_built_again(mini, tmp_path):
    made(mini, tmp_path / "site", is_preview=True)
    again = pages(made(mini, tmp_path / "site"))
    assert again == pages(made(mini, tmp_path / "anew"))


def test_host_builds_the_published_site_for_everybody_and_all_else_as_a_preview():
    told = tomllib.loads((ROOT / "netlify.toml").read_text("utf-8"))
    asked = {}
    for context, settings in told["context"].items():
        (words,) = re.findall(r"python build\.py(.*)$", settings["command"])
        asked[context] = parser().parse_args(words.split()).preview
    assert asked == {"production": False, "deploy-preview": True, "branch-deploy": True}
    assert told["build"]["publish"] == "site"
    assert "command" not in told["build"], "a context that is not named here would publish"


# ── What is up ──


def test_version_says_which_site_this_is(mini, tmp_path):
    site = made(mini, tmp_path / "site", commit="0123abc")
    rules = load_rules(mini)
    days = [e.checked for values in rules.entries.values() for es in values.values() for e in es]
    html = pages(site)
    assert json.loads((site / "version.json").read_text("utf-8")) == {
        "commit": "0123abc",
        "as_of": AS_OF.isoformat(),
        "checked": max(days).isoformat(),
        "pages": len(html),
        "indexed": sum('name="robots"' not in text for text in html.values()),
        "preview": False,
    }


def test_project_without_any_figure_has_a_version_too(mini):
    rules, plan, _, _ = prepare(mini, Edition(AS_OF))
    told = json.loads(version_text(Edition(AS_OF), replace(rules, entries={}), plan))
    assert told["checked"] == ""


def test_other_commit_of_the_same_site_writes_one_file(mini, tmp_path):
    made(mini, tmp_path / "site", commit="one")
    report = build(mini, tmp_path / "site", Edition(AS_OF, ADDRESS, commit="two"), quiet)
    assert report.rendered == 0
    assert json.loads((tmp_path / "site/version.json").read_text("utf-8"))["commit"] == "two"


# ── The number of the state ──


def test_number_of_the_state_stands_at_the_foot_of_every_page_and_leads_to_the_register(
    mini, tmp_path
):
    with (mini / "content/site.yaml").open("a", encoding="utf-8") as file:
        file.write("icp: 京ICP备12345678号-1\n")
    site = made(mini, tmp_path / "site")
    line = '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>'
    for path, html in pages(site).items():
        if '<footer class="foot">' in html:  # what is made for paper has none
            assert line in html.partition('<footer class="foot">')[2], path
    assert line in pages(site)["index.html"]


def test_site_without_a_number_names_none(mini, tmp_path):
    assert "beian" not in pages(made(mini, tmp_path / "site"))["index.html"]


def test_number_that_is_none_is_refused_with_an_example(mini):
    path = mini / "content/site.yaml"
    path.write_text(path.read_text("utf-8") + "icp: 12345678\n", encoding="utf-8")
    line = len(path.read_text("utf-8").splitlines())
    assert checked(mini).stderr.splitlines()[0] == (
        f"content/site.yaml:{line}:6: 这里是“12345678”；"
        "应为备案号，例如 京ICP备12345678号-1，没有就写 none"
    )


# ── Problems for people and for machines ──


def checked(mini: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "build.py", "check", "--root", mini, "--as-of", str(AS_OF)]
    return subprocess.run([*command, *args], capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def wrong(mini: Path) -> Path:
    """A project with a link that leads nowhere, on the page of one place."""
    text = mini / "content/guides/huaru/pool.md"
    text.write_text(text.read_text("utf-8") + "\n[这里](/nirgends/)\n", encoding="utf-8")
    return mini


def test_problems_as_json_name_file_line_and_what_was_expected(wrong):
    done = checked(wrong, "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["pages"] > 50
    (first, *_) = [found for found in told["problems"] if found["level"] == "error"]
    assert first["what"] == "链接 /nirgends/ 没有这一页"
    assert (first["line"], first["column"], first["expected"]) == (1, 1, "改成有的网址")
    assert first["file"].startswith("site/")


@pytest.mark.parametrize("form", ["json", "github"])
def test_rules_that_cannot_be_read_are_told_in_the_same_form(mini, form):
    path = mini / "rules/shili/jia.yaml"
    path.write_text(path.read_text("utf-8") + "colour: 50% 红\n", encoding="utf-8")
    done = checked(mini, "--format", form)
    assert done.returncode == 1
    assert done.stderr == ""
    line = len(path.read_text("utf-8").splitlines())
    if form == "github":
        start = f"::error file=rules/shili/jia.yaml,line={line},col=1::"
        assert any(told.startswith(start) for told in done.stdout.splitlines()), done.stdout
    else:
        (found,) = json.loads(done.stdout)["problems"]
        assert (found["file"], found["line"]) == ("rules/shili/jia.yaml", line)


def test_percent_and_line_breaks_of_a_message_do_not_end_a_command_of_github():
    from sitegen.model import Place, Problem
    from sitegen.reports import lines_of

    problem = Problem(Place("rules/a,b:c.yaml", 3, 5), "写了 50%", "写\n0.5", warning=True)
    (line,) = lines_of([problem], "github")
    assert line == "::warning file=rules/a%2Cb%3Ac.yaml,line=3,col=5::写了 50%25；写 0.5"


def test_check_of_one_place_finds_what_is_wrong_there_alone(wrong):
    whole = checked(wrong).stdout.splitlines()
    part = checked(wrong, "--only", "jia").stdout.splitlines()
    wrong_pages = [line for line in whole if "/nirgends/" in line]
    assert len(wrong_pages) > 1
    assert [line for line in part if "/nirgends/" in line] == [
        line for line in wrong_pages if line.startswith("site/jia/")
    ]
    assert not any(line.startswith("site/yi/") for line in part)


def test_check_of_a_place_that_does_not_exist_says_what_is_near(mini):
    done = checked(mini, "--only", "jai")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("没有“jai”这个地区；是不是想写“jia”？")


def test_check_of_one_place_asks_for_a_note_of_what_changed_there_alone(mini):
    (mini / "content/changes.yaml").unlink()
    start = [sys.executable, ROOT / "build.py", "note", "--start", "--root", mini]
    subprocess.run(start, check=True, capture_output=True)
    path = mini / "rules/shili/jia.yaml"
    path.write_text(path.read_text("utf-8").replace("value: 1610", "value: 1620"), "utf-8")
    told = {place: checked(mini, "--only", place) for place in ("jia", "bing")}
    assert told["jia"].returncode == 1
    assert "没有说明；运行 python build.py note" in told["jia"].stdout
    assert told["bing"].returncode == 0


def test_name_that_two_places_have_asks_which(mini):
    path = mini / "rules/yangban/bing.yaml"
    path.write_text(path.read_text("utf-8").replace("short: 丙县", "short: 甲"), "utf-8")
    done = checked(mini, "--only", "甲")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "叫“甲”的不止一个：bing、jia；写其中一个\n"


def test_new_urls_are_not_collected_from_one_place(mini):
    assert checked(mini, "--only", "jia", "--write-urls").returncode == 2
