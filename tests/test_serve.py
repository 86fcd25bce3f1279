"""The preview: build.py serve as a program on a loopback port, asked as a browser would."""

from __future__ import annotations

import base64
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from browser import HeaderRules
from sitegen.serve import Builder

BUILD = Path(__file__).resolve().parent.parent / "build.py"

# How long anything may take on a slow machine; on a fast one it is tenths of a second.
PATIENCE = 30


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    text: str


def serve_command(root: Path, out: Path, port: int) -> list[str]:
    options = {"--as-of": "2026-11-21", "--root": root, "--out": out, "--port": port}
    return [
        sys.executable,
        str(BUILD),
        "serve",
        *(str(x) for pair in options.items() for x in pair),
    ]


class Preview:
    """A running ``build.py serve`` on the project ``root``; its site and log are in ``folder``."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.out = folder / "site"
        self.port = free_port()
        self._log = folder / "log"
        command = serve_command(root, self.out, self.port)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send a request with exactly this path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        # http.client refuses paths that no browser would send; this server has to answer them.
        connection._validate_path = lambda url: None  # type: ignore[attr-defined]
        connection._encode_request = lambda text: text.encode("latin-1")  # type: ignore[attr-defined]
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            body = b"" if answer.status == 101 else answer.read()
            return Answer(answer.status, dict(answer.getheaders()), body.decode())
        finally:
            connection.close()

    def socket(self, origin: str) -> int:
        """The status with which a page of ``origin`` is let at the reload signal."""
        key = base64.b64encode(b"0123456789abcdef").decode()
        return self.ask(
            "/livereload",
            Connection="Upgrade",
            Upgrade="websocket",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key=key,
            Origin=origin,
        ).status

    def wait_for(self, fact: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not fact():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def shows(self, path: str, words: str) -> bool:
        try:
            answer = self.ask(path)
        except ConnectionError:
            return False
        return answer.status == 200 and words in answer.text

    def end(self) -> int:
        """End it as Ctrl-C does; kill it where that does not work."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def preview(
    copy_mini: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Preview]:
    folder = tmp_path_factory.mktemp("preview")
    # A program starts with Ctrl-C ignored where its parent ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = Preview(copy_mini(folder / "mini"), folder)
    signal.signal(signal.SIGINT, before)
    try:
        running.wait_for(lambda: running.shows("/jia/huaru/", "1,500.50"))
        yield running
    finally:
        code = running.end()
    assert code == 0, running.log


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_address_is_printed(preview):
    assert f"预览 http://127.0.0.1:{preview.port}/" in preview.log


def test_page_is_the_built_one_with_the_reload_script(preview):
    built = text_of(preview.out / "jia/huaru/index.html")
    answer = preview.ask("/jia/huaru/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    script = f'<script src="/livereload.js?port={preview.port}" defer></script>'
    assert answer.text.replace(script, "") == built
    assert answer.text.count(script) == 1


def test_reload_script_is_there(preview):
    assert preview.ask(f"/livereload.js?port={preview.port}").status == 200


@pytest.mark.parametrize("path", ["/", "/jia/huaru/", "/nirgends/"])
def test_headers_are_those_of_production(preview, path):
    rules = HeaderRules(text_of(preview.out / "_headers"))
    expected = rules.for_path(path)
    # Forced https would lock the browser out of every other server on this machine.
    assert expected.pop("Strict-Transport-Security")
    assert expected.pop("Cache-Control")
    answer = preview.ask(path)
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_head_has_the_headers_and_no_body(preview):
    answer = preview.ask("/jia/", "HEAD")
    assert (answer.status, answer.text) == (200, "")
    assert "Content-Security-Policy" in answer.headers


def test_page_that_does_not_exist_is_our_404(preview):
    answer = preview.ask("/nirgends/")
    assert answer.status == 404
    assert "没有找到这一页" in answer.text


def test_folder_without_its_slash_leads_to_the_folder(preview):
    answer = preview.ask("/jia")
    assert (answer.status, answer.headers["Location"]) == (302, "/jia/")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_foreign_host_is_turned_away(preview, host):
    answer = preview.ask("/jia/", Host=host)
    assert answer.status == 421
    assert "甲" not in answer.text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_own_host_is_let_in(preview, name):
    assert preview.ask("/jia/", Host=f"{name}:{preview.port}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"]
)
def test_page_of_another_origin_may_not_listen(preview, origin):
    assert preview.socket(origin) == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_own_page_may_listen(preview, name):
    assert preview.socket(f"http://{name}:{preview.port}") == 101


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/jia/%00/",
        "/../mini/rules/nation.yaml",
        "/%2e%2e/mini/rules/nation.yaml",
        "/..%2fmini/rules/nation.yaml",
        "/jia/../../mini/rules/nation.yaml",
        "/jia/%2e%2e%2f%2e%2e%2fmini/rules/nation.yaml",
        "/..%5cmini/rules/nation.yaml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/..",
        "/%2e%2e",
        "/../mini",
        "//etc",
        "/" + "a" * 300,
        "/" + "a/" * 3000,
    ],
)
def test_nothing_outside_of_the_site_is_there(preview, path):
    answer = preview.ask(path)
    assert answer.status == 404
    for outside in ("全国改革通知", "root:", "Traceback"):
        assert outside not in answer.text


def test_link_in_the_site_leads_nowhere(preview):
    link = preview.out / "hinaus"
    link.symlink_to(preview.root / "rules")
    try:
        assert preview.ask("/hinaus/nation.yaml").status == 404
    finally:
        link.unlink()


def test_redirect_stays_on_this_server(preview):
    # “//evil.example/” would be another host.
    answer = preview.ask("//evil.example/..")
    assert not answer.headers.get("Location", "").startswith("//")


def test_saved_text_is_shown_and_two_saves_are_both_shown(preview):
    text = preview.root / "content/pages/gangaotai.md"
    for words in ("第一次改。", "第二次改。"):
        text.write_text(re.sub("(?m)^.*(制度|改)。$", words, text_of(text)), encoding="utf-8")
        preview.wait_for(lambda words=words: preview.shows("/gangaotai/", words))


def test_broken_rule_keeps_the_old_page_prints_its_line_and_heals(preview):
    rules = preview.root / "rules/shili/jia.yaml"
    good = text_of(rules)
    rules.write_text(good.replace("value: 1500.50}", "value: 15OO.50}"), encoding="utf-8")
    line = good[: good.index("1500.50}")].count("\n") + 1
    problem = f"rules/shili/jia.yaml:{line}:"
    preview.wait_for(lambda: problem in preview.log and "还是原来的页面" in preview.log)
    assert preview.shows("/jia/huaru/", "1,500.50")
    rules.write_text(good.replace("value: 1500.50}", "value: 1501.50}"), encoding="utf-8")
    preview.wait_for(lambda: preview.shows("/jia/huaru/", "1,501.50"))


def test_save_during_a_build_leads_to_one_build_more(tmp_path):
    log = tmp_path / "log"
    code = f"import time; time.sleep(0.2); open({str(log)!r}, 'a').write('gebaut '); exit(1)"
    builder = Builder([sys.executable, "-c", code])
    for _ in range(3):
        builder.start()
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        builder.poll()
        time.sleep(0.02)
    builder.stop()
    assert text_of(log) == "gebaut gebaut "


def test_port_in_use_is_one_line(preview, tmp_path):
    command = serve_command(preview.root, tmp_path / "site", preview.port)
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert re.fullmatch(rf"端口 {preview.port} 用不了（.+）；用 --port 换一个\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize("port", [70000, -1])
def test_port_that_cannot_exist_is_refused(mini, tmp_path, port):
    try:
        done = subprocess.run(
            serve_command(mini, tmp_path / "site", port),
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"serves on some other port than {port}")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
