"""A site is replaced whole or not at all, and nothing foreign is ever replaced."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from sitegen import write
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.headers import MARKER, MARKER_FILE, header_table, headers_text
from sitegen.render import RenderError
from sitegen.write import WriteError, file_of, link, put, put_anew, staged

AS_OF = date(2026, 11, 21)

Files = list[tuple[PurePosixPath, bytes]]


def write_site(content: Iterable[tuple[PurePosixPath, bytes]], out: Path) -> tuple[int, int]:
    """Puts a site in place as a build does; how many files and bytes it has."""
    with staged(out) as folder:
        sizes = [put(folder, str(path), data)[0] for path, data in content]
    return len(sizes), sum(sizes)


def files(**pages: str) -> Files:
    """What a build hands over: some pages, then the file that carries the marker."""
    made = [(PurePosixPath(name, "index.html"), text.encode()) for name, text in pages.items()]
    return [*made, (PurePosixPath(MARKER_FILE), MARKER.encode())]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A published site of one page, alone in its folder."""
    out = tmp_path / "public" / "site"
    write_site(files(jia="旧"), out)
    return out


@pytest.fixture(params=["site", "folder", "missing"])
def anything(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An output that is a site of ours, an empty folder, or not there yet."""
    out = tmp_path / "public" / "site"
    out.parent.mkdir()
    if request.param == "site":
        write_site(files(jia="旧"), out)
    elif request.param == "folder":
        out.mkdir()
    return out


def build_mini(root: Path, out: Path) -> None:
    build(root, out, Edition(AS_OF), lambda done, total: None)


# ── What is written ──


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("/", "index.html"),
        ("/jia/", "jia/index.html"),
        ("/jia/huaru/", "jia/huaru/index.html"),
        ("/404.html", "404.html"),
    ],
)
def test_url_of_a_folder_is_its_index(url, file):
    assert str(file_of(url)) == file


def test_site_holds_exactly_what_was_handed_over(anything):
    report = write_site(files(yi="新", bing="页"), anything)
    assert tree(anything) == {
        "_headers": MARKER.encode(),
        "bing/index.html": "页".encode(),
        "yi/index.html": "新".encode(),
    }
    assert report == (3, len(MARKER.encode()) + 6)


def test_page_that_is_no_longer_made_is_gone(out):
    write_site(files(yi="新"), out)
    assert not (out / "jia").exists()


def test_folders_above_the_output_are_made(tmp_path):
    out = tmp_path / "a" / "b" / "site"
    write_site(files(jia="新"), out)
    assert beside(out) == ["site"]


def test_nothing_is_left_beside_a_finished_site(anything):
    write_site(files(yi="新"), anything)
    assert beside(anything) == ["site"]


def test_what_a_killed_build_left_behind_is_cleared_away(out):
    for name in (".site-new", ".site-old"):
        (out.parent / name).mkdir()
        (out.parent / name / "halb.html").write_text("halb", encoding="utf-8")
    write_site(files(yi="新"), out)
    assert beside(out) == ["site"]
    assert set(tree(out)) == {"_headers", "yi/index.html"}


@pytest.mark.parametrize("there", ["a/b.html", "a", "a/b.html/c.html", "other"])
def test_file_takes_the_place_of_whatever_is_in_its_way(tmp_path, there):
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("old", encoding="utf-8")
    stamp = put_anew(tmp_path, "a/b.html", b"new")
    assert (tmp_path / "a/b.html").read_bytes() == b"new"
    assert stamp[0] == 3


def test_old_site_stays_while_the_new_one_is_made(out):
    def slowly() -> Iterator[tuple[PurePosixPath, bytes]]:
        for item in files(yi="新"):
            assert (out / "jia/index.html").read_text(encoding="utf-8") == "旧"
            yield item

    write_site(slowly(), out)
    assert (out / "yi/index.html").is_file()


def test_file_that_carries_the_marker_starts_with_it():
    assert headers_text(header_table(["sha256-x"], "sha256-y")).startswith(MARKER)


# ── What is refused ──


def test_folder_of_somebody_else_is_refused_and_untouched(tmp_path):
    out = tmp_path / "Documents"
    out.mkdir()
    (out / "brief.txt").write_text("wichtig", encoding="utf-8")
    with pytest.raises(WriteError, match="不是本程序生成的"):
        write_site(files(jia="新"), out)
    assert tree(out) == {"brief.txt": b"wichtig"}
    assert beside(out) == ["Documents"]


@pytest.mark.parametrize("content", [b"", b"/*\n  X: y\n", b"# \xff\xfe"])
def test_headers_file_without_our_marker_is_no_permission(tmp_path, content):
    out = tmp_path / "site"
    out.mkdir()
    (out / MARKER_FILE).write_bytes(content)
    with pytest.raises(WriteError):
        write_site(files(jia="新"), out)
    assert tree(out) == {MARKER_FILE: content}


def test_output_that_is_a_file_is_refused(tmp_path):
    out = tmp_path / "site"
    out.write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match="不是文件夹"):
        write_site(files(jia="新"), out)
    assert out.read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_output_that_is_a_link_is_refused(tmp_path, target):
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "site"
    out.symlink_to(tmp_path / target)
    with pytest.raises(WriteError, match="不是文件夹"):
        write_site(files(jia="新"), out)
    assert out.is_symlink()


def test_output_below_a_file_is_refused_with_its_path(tmp_path):
    (tmp_path / "a").write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match=r"写不进 .*/a"):
        write_site(files(jia="新"), tmp_path / "a" / "site")


def test_the_folder_that_we_stand_in_is_no_crash(tmp_path, monkeypatch):
    # “.” has no name that a staging folder could be called after.
    inside = tmp_path / "site"
    inside.mkdir()
    monkeypatch.chdir(inside)
    try:
        write_site(files(jia="新"), Path())
    except WriteError:
        assert tree(inside) == {}
    else:
        assert (inside / "jia/index.html").is_file()


def test_folder_that_cannot_be_written_is_named_in_the_message(out, monkeypatch):
    # Root may write anywhere, so the refusal of the system is put in its place.
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(WriteError, match=r"写不进 .*\.site-new（Permission denied）"):
        write_site(files(yi="新"), out)
    assert set(tree(out)) == {"_headers", "jia/index.html"}


# ── What goes wrong ──


@pytest.mark.parametrize("when", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_old_site_outlives_an_error_at_any_file(out, when, error, monkeypatch):
    written = iter(range(99))
    write = os.write

    def fail(file: int, data: bytes) -> int:
        if next(written) == when:
            raise error
        return write(file, data)

    before = tree(out)
    monkeypatch.setattr(os, "write", fail)
    with pytest.raises((WriteError, KeyboardInterrupt)):
        write_site(files(yi="新", bing="页"), out)
    assert tree(out) == before
    assert beside(out) == ["site"]


@pytest.mark.parametrize("when", [0, 1])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyboardInterrupt()])
def test_old_site_outlives_an_error_while_the_two_change_places(out, when, error, monkeypatch):
    renamed = iter(range(99))
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if next(renamed) == when:
            raise error
        return rename(self, target)

    before = tree(out)
    # As on a system that cannot exchange two names in one step.
    monkeypatch.setattr(write, "_swap", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises((WriteError, KeyboardInterrupt)):
        write_site(files(yi="新"), out)
    assert out.is_dir()
    assert tree(out) == before
    assert beside(out) == ["site"]


def test_exchange_in_two_steps_puts_the_new_site_in_place_too(out, monkeypatch):
    monkeypatch.setattr(write, "_swap", lambda one, other: False)
    write_site(files(yi="新"), out)
    assert set(tree(out)) == {"_headers", "yi/index.html"}
    assert beside(out) == ["site"]


def test_old_site_is_back_after_a_kill_between_the_two_steps(out):
    before = tree(out)
    out.rename(out.with_name(".site-old"))
    write.recover(out)
    assert tree(out) == before
    assert beside(out) == ["site"]


def test_refused_exchange_leaves_the_old_site(out, monkeypatch):
    def refuse(one: Path, other: Path) -> bool:
        raise OSError(errno.EROFS, "Read-only file system", str(other))

    before = tree(out)
    monkeypatch.setattr(write, "_swap", refuse)
    with pytest.raises(WriteError, match=r"写不进 .*site（Read-only file system）"):
        write_site(files(yi="新"), out)
    assert tree(out) == before
    assert beside(out) == ["site"]


def test_spare_folder_holds_the_old_site_after_the_exchange(out, tmp_path):
    before = tree(out)
    spare = tmp_path / "cache" / "spare"
    with staged(out, spare) as folder:
        link(out, folder, "jia/index.html")
        put(folder, "yi/index.html", b"neu")
    assert tree(spare) == before
    assert tree(out) == {"jia/index.html": "旧".encode(), "yi/index.html": b"neu"}


def test_second_writer_is_refused_and_told_of_the_lock(out, tmp_path):
    lock = tmp_path / "cache" / "site.lock"
    held = r"另一个生成正在写 site/（锁是 .*site\.lock）"
    with write.locked(lock, out):
        with pytest.raises(WriteError, match=held), write.locked(lock, out):
            pass
        with write.locked(tmp_path / "other.lock", out.with_name("other")):
            pass
    with write.locked(lock, out):
        pass


def test_page_that_cannot_be_rendered_leaves_the_old_site_byte_for_byte(mini, out):
    build_mini(mini, out)
    before = tree(out)
    # The last page of all, when every other one is in the staging folder.
    (mini / "templates/404.html").write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(RenderError):
        build_mini(mini, out)
    assert tree(out) == before
    assert beside(out) == ["site"]


def test_failed_first_build_leaves_nothing_at_all(mini, tmp_path):
    out = tmp_path / "public" / "site"
    out.parent.mkdir()
    (mini / "templates/404.html").write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(RenderError):
        build_mini(mini, out)
    assert beside(out) == []


def test_build_after_a_failed_one_puts_the_site_in_place(mini, out):
    template = mini / "templates/404.html"
    good = template.read_text(encoding="utf-8")
    template.write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(RenderError):
        build_mini(mini, out)
    template.write_text(good, encoding="utf-8")
    build_mini(mini, out)
    assert (out / "jia/huaru/index.html").is_file()
    assert beside(out) == ["site"]
