"""The preview: build.py serve as a program on a loopback port, asked as a browser would."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

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

    def socket(self, origin: str, host: str = "") -> int:
        """The status with which a page of ``origin`` is let at the reload signal."""
        key = base64.b64encode(b"0123456789abcdef").decode()
        return self.ask(
            "/livereload",
            Connection="Upgrade",
            Upgrade="websocket",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key=key,
            Origin=origin,
            Host=host or f"127.0.0.1:{self.port}",
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


@pytest.mark.promise("E8")
def test_headers_are_those_of_production(preview, figure):
    rules = HeaderRules(text_of(preview.out / "_headers"))
    kinds = ("/", "/jia/huaru/", "/nirgends/", "/sw.js", "/manifest.webmanifest", "/sousuo/")
    for path in kinds:
        expected = rules.for_path(path)
        # Forced https would lock the browser out of every other server on this machine.
        assert expected.pop("Strict-Transport-Security")
        assert expected.pop("Cache-Control")
        answer = preview.ask(path)
        assert {name: answer.headers.get(name) for name in expected} == expected
        assert "Strict-Transport-Security" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    figure(f"{len(kinds)} kinds of address, all headers equal")


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


@pytest.mark.promise("E3")
def test_foreign_host_is_turned_away(preview, figure):
    hosts = ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost@evil")
    for host in hosts:
        answer = preview.ask("/jia/", Host=host)
        # What is no name of a host at all is no request either.
        assert answer.status == (400 if "@" in host else 421), host
        assert "甲" not in answer.text
    figure(f"{len(hosts)} of {len(hosts)} hosts turned away")


def test_url_that_moved_leads_to_its_page(preview):
    moves = preview.out / "_redirects"
    moves.write_text("/alt/ /jia/ 301\n/alt /jia/ 301\n/jia/ /bing/ 301\n", encoding="utf-8")
    try:
        for path in ("/alt/", "/alt"):
            answer = preview.ask(path)
            assert (answer.status, answer.headers["Location"]) == (301, "/jia/")
        assert preview.ask("/jia/").status == 200
        assert preview.ask("/al").status == 404
    finally:
        moves.unlink()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_own_host_is_let_in(preview, name):
    assert preview.ask("/jia/", Host=f"{name}:{preview.port}").status == 200


@pytest.mark.promise("E4")
def test_page_of_another_origin_may_not_listen(preview, figure):
    port = preview.port
    origins = ("http://evil.example", "null", "http://127.0.0.1:1", "https://localhost", "")
    origins += (f"http://127.0.0.1.evil.example:{port}", f"https://127.0.0.1:{port}")
    for origin in origins:
        assert preview.socket(origin) == 403, origin
    # A foreign name that leads to this machine: origin and host are alike then.
    foreign = f"evil.example:{port}"
    assert preview.socket(f"http://{foreign}", host=foreign) == 421
    assert preview.ask(f"/livereload.js?port={port}", Host=foreign).status == 421
    figure(f"{len(origins) + 2} of {len(origins) + 2} refused")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_own_page_may_listen(preview, name):
    assert preview.socket(f"http://{name}:{preview.port}") == 101


# What ever led out of some server's folder, or made it fail.
OUTSIDE = (
    *("/%00", "/jia/%00/", "/jia/index.html%00.txt", "/..", "/%2e%2e", "/../mini", "//etc"),
    *(
        "/../mini/rules/nation.yaml",
        "/%2e%2e/mini/rules/nation.yaml",
        "/..%2fmini/rules/nation.yaml",
    ),
    *("/jia/../../mini/rules/nation.yaml", "/jia/%2e%2e%2f%2e%2e%2fmini/rules/nation.yaml"),
    *(
        "/..%5cmini/rules/nation.yaml",
        "/..%255cmini",
        "/%252e%252e/mini",
        "/.%2e/mini/",
        "/....//mini",
    ),
    *("//etc/passwd", "/%2fetc/passwd", "///etc/passwd", "/file:///etc/passwd", "/~root/"),
    *("/%c0%ae%c0%ae/mini", "/%ff%fe", "/jia/./x", "/" + "a" * 300, "/" + "a/" * 3000),
)


@pytest.mark.promise("E2")
def test_nothing_outside_of_the_site_is_there(preview, figure):
    for path in OUTSIDE:
        answer = preview.ask(path)
        assert answer.status in (400, 404), path
        for outside in ("全国改革通知", "root:", "Traceback"):
            assert outside not in answer.text
    figure(f"{len(OUTSIDE)} paths, 0 lead out, 0 fail")


@pytest.mark.promise("E1")
def test_only_this_machine_is_listened_to(preview, figure):
    hexadecimal = f"{preview.port:04X}"
    listening = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text("ascii").splitlines()[1:]
        if line.split()[1].endswith(f":{hexadecimal}") and line.split()[3] == "0A"
    ]
    assert listening == [f"0100007F:{hexadecimal}"]
    figure("127.0.0.1 and nothing else")


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


@pytest.mark.promise("E5")
def test_every_save_is_shown_and_reloads_the_page_also_two_within_three_seconds(preview, figure):
    text = preview.root / "content/pages/gangaotai.md"
    good = text_of(text)

    async def reloads() -> int:
        heard = 0
        url = f"ws://127.0.0.1:{preview.port}/livereload"
        own = {"Origin": f"http://127.0.0.1:{preview.port}"}
        browser = await websocket_connect(HTTPRequest(url, headers=own))
        hello = {"command": "hello", "protocols": ["http://livereload.com/protocols/official-7"]}
        await browser.write_message(json.dumps(hello))
        await browser.read_message()
        await browser.write_message(json.dumps({"command": "info", "url": "/gangaotai/"}))
        for words in ("第一次改。", "第二次改。"):
            text.write_text(f"{good}\n{words}\n", encoding="utf-8")
            # The reload of the build before may still be on its way.
            while not preview.shows("/gangaotai/", words):
                message = await asyncio.wait_for(browser.read_message(), PATIENCE)
                assert json.loads(message)["command"] == "reload"
            heard += 1
        browser.close()
        await browser.read_message()
        return heard

    # In a thread of its own: the browser of other tests has a loop in this one.
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: asyncio.run(reloads())).result() == 2
    figure("2 of 2 saves")
    text.write_text(good, encoding="utf-8")
    preview.wait_for(lambda: not preview.shows("/gangaotai/", "第二次改。"))


@pytest.mark.promise("E6")
def test_pages_are_served_while_a_build_runs(copy_mini, tmp_path, figure, interruptible):
    # A build that never ends by itself: it waits for a template that is a pipe.
    root = copy_mini(tmp_path / "mini")
    running = Preview(root, tmp_path)
    try:
        running.wait_for(lambda: running.shows("/jia/huaru/", "1,500.50"))
        running.wait_for(lambda: "有效的规则" in running.log)
        builds = running.log.count("生成")
        os.mkfifo(root / "content/pages/warten.md")
        pipe = os.open(root / "content/pages/warten.md", os.O_RDWR)
        (root / "content/site.yaml").touch()
        for _ in range(20):
            assert running.shows("/jia/huaru/", "1,500.50")
            time.sleep(0.05)
        assert running.log.count("生成") == builds
        os.close(pipe)
    finally:
        assert running.end() == 0, running.log
    figure("20 of 20 requests during a build")


@pytest.mark.promise("E7")
def test_broken_rule_keeps_the_old_page_prints_its_line_and_heals(preview):
    rules = preview.root / "rules/shili/jia.yaml"
    good = text_of(rules)
    rules.write_text(good.replace("value: 1500.50}", "value: 15OO.50}"), encoding="utf-8")
    line = good[: good.index("1500.50}")].count("\n") + 1
    problem = f"rules/shili/jia.yaml:{line}:"
    preview.wait_for(lambda: problem in preview.log and "还是原来的页面" in preview.log)
    assert preview.shows("/jia/huaru/", "1,500.50")
    preview.wait_for(lambda: preview.shows("/jia/huaru/", problem))
    page = preview.ask("/jia/huaru/").text
    assert page.index('role="alert"') < page.index(problem) < page.index("<main")
    rules.write_text(good.replace("value: 1500.50}", "value: 1501.50}"), encoding="utf-8")
    preview.wait_for(lambda: preview.shows("/jia/huaru/", "1,501.50"))
    preview.wait_for(lambda: not preview.shows("/jia/huaru/", 'role="alert"'))


def test_what_stopped_a_build_is_shown_as_text(preview):
    text = preview.root / "content/pages/gangaotai.md"
    good = text_of(text)
    text.write_text(good + "\n{{ <script>alert(1)</script> }}\n", encoding="utf-8")
    preview.wait_for(lambda: preview.shows("/gangaotai/", "content/pages/gangaotai.md:"))
    assert "<script>alert" not in preview.ask("/gangaotai/").text
    text.write_text(good, encoding="utf-8")
    preview.wait_for(lambda: not preview.shows("/gangaotai/", 'role="alert"'))


def test_save_during_a_build_leads_to_one_build_more(tmp_path):
    log = tmp_path / "log"
    code = f"input(); import time; time.sleep(0.2); open({str(log)!r}, 'a').write('gebaut ')"
    builder = Builder([sys.executable, "-c", code])
    for _ in range(3):
        builder.start()
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        builder.poll()
        time.sleep(0.02)
    builder.stop()
    assert text_of(log) == "gebaut gebaut "


def test_build_that_died_while_it_waited_is_started_again_by_the_next_save(tmp_path):
    log, flag = tmp_path / "log", tmp_path / "flag"
    flag.touch()
    code = (
        f"import os, sys; os.path.exists({str(flag)!r}) and sys.exit('kaputt'); input(); "
        f"open({str(log)!r}, 'a').write('gebaut ')"
    )
    builder = Builder([sys.executable, "-c", code])
    end = time.monotonic() + PATIENCE
    while builder._next[0].poll() is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    flag.unlink()
    builder.start()
    while not log.exists():
        assert time.monotonic() < end
        builder.poll()
        time.sleep(0.02)
    assert builder.problems == ""
    builder.stop()


@pytest.mark.promise("E9")
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
