"""The preview on this machine: builds again when something is saved, reloads the browser.

The only module that knows livereload. A build runs as a child process, so that pages are
served meanwhile; a failed build prints its problems, the old pages stay and show them too. The
pages are served with the headers of production, to this machine only.
"""

from __future__ import annotations

import logging
import mimetypes
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import IO, Any

from livereload import Server
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.watcher import Watcher
from tornado import ioloop, web

from sitegen.headers import MARKER_FILE, REDIRECTS_FILE

HOST = "127.0.0.1"


class Builder:
    """Runs ``command`` in the background, once more if something was saved meanwhile.

    The command waits for a line before it begins (``build --when-told``): the next one is
    started beforehand, so that its program is loaded when it is needed. ``reload`` is called
    when a build has ended and no other is due; ``problems`` are what the last one printed as
    wrong, empty where it ended well.
    """

    def __init__(self, command: Sequence[str], reload: Callable[[], None] = lambda: None) -> None:
        self.problems = ""
        self._command = command
        self._reload = reload
        self._is_due = False
        self._is_building = False
        self._next = self._started()

    def _started(self) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        told = tempfile.TemporaryFile()  # noqa: SIM115 – open as long as the process
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stderr=told), told

    def start(self) -> None:
        """Build now, or after the build that is running."""
        if self._is_building:
            self._is_due = True
            return
        self._is_building = True
        process, told = self._next
        if process.poll() is not None:  # it ended while it waited; a new one says why, if it must
            told.close()
            if process.stdin:
                process.stdin.close()
            self._next = self._started()
            process, _ = self._next
        assert process.stdin
        with suppress(BrokenPipeError):  # it has ended already, and says why
            process.stdin.write(b"\n")
            process.stdin.close()

    def poll(self) -> None:
        """See whether the build has ended, and how."""
        process, told = self._next
        if not self._is_building or (code := process.poll()) is None:
            return
        told.seek(0)
        words = told.read().decode()
        told.close()
        self._is_building = False
        self._next = self._started()
        if self._is_due:
            self._is_due = False
            self.start()
            return
        print(words, end="", file=sys.stderr)
        self.problems = (words or f"生成中途停了（{code}）\n") if code else ""
        if code:
            print("没有生成，浏览器里还是原来的页面；改好后会自动再生成", file=sys.stderr)
        self._reload()

    def stop(self) -> None:
        """End a build that is running or waiting; a site is whole whatever becomes of it."""
        process, told = self._next
        process.terminate()
        process.wait(timeout=10)
        if process.stdin and not process.stdin.closed:
            process.stdin.close()
        told.close()


class _Local(web.RequestHandler):
    """Answers this machine only: a name that somebody points at 127.0.0.1 is no name of ours."""

    def prepare(self) -> None:
        names = [f"{name}{port}" for name in ("127.0.0.1", "localhost") for port in self._ports()]
        if self.request.host not in names:
            self.set_status(421)
            self.finish("只接受来自本机的访问\n")

    def _ports(self) -> tuple[str, ...]:
        # A client that leaves the port out means the usual one; it got here all the same.
        return f":{self.settings['port']}", ""


class _Pages(_Local):
    """The built pages, with the headers that production sends."""

    def initialize(self, out: Path, problems: Callable[[], str]) -> None:
        self._out = out
        self._problems = problems

    def get(self, path: str) -> None:
        for name, value in _headers(self._out, f"/{path}"):
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        target = self._file_of(path)
        if target and target.is_dir() and path and not path.endswith("/"):
            self.redirect(f"/{path}/", permanent=False)
            return
        if target and target.is_dir():
            target /= "index.html"
        if (target is None or not target.is_file()) and (moved := _moved(self._out, f"/{path}")):
            self.redirect(moved, permanent=True)
            return
        if target is None or not target.is_file():
            self.set_status(404)
            target = self._out / "404.html"
        kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        self.set_header("Content-Type", kind + ("; charset=utf-8" if "text" in kind else ""))
        content = target.read_bytes() if target.is_file() else b"404"
        self.write(self._watched(content) if kind == "text/html" else content)

    head = get

    def _watched(self, html: bytes) -> bytes:
        """The page with the reload script, and above all what stopped the last build."""
        # A file, not inline code: the policy of production allows no other.
        script = f'<script src="/livereload.js?port={self.settings["port"]}" defer></script>'
        html = html.replace(b"</head>", script.encode() + b"</head>", 1)
        lines = self._problems().splitlines()
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        heading = "<h2>没有生成，这是原来的页面</h2>"
        told = f'<section class="warn" role="alert">{heading}<ul>{items}</ul></section>'
        return html.replace(b"<main", told.encode() + b"<main", 1) if lines else html

    def _file_of(self, path: str) -> Path | None:
        """The file or folder of a path of the site; nothing that could lie outside of it."""
        is_plain = re.fullmatch(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?", path) is not None
        if path and (not is_plain or ".." in path or len(path) > 200):
            return None
        target = (self._out / path).resolve()
        return target if target.is_relative_to(self._out.resolve()) else None


def _headers(out: Path, path: str) -> list[tuple[str, str]]:
    """The headers of ``_headers`` for a path, without the one that forces https on localhost."""
    file = out / MARKER_FILE
    pairs: dict[str, str] = {}
    is_meant = False
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        if line.startswith("/"):
            is_meant = path.startswith(line.removesuffix("*"))
        elif is_meant and line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            pairs[name] = value
    pairs.pop("Strict-Transport-Security", None)
    return list(pairs.items())


def _moved(out: Path, path: str) -> str:
    """Where ``_redirects`` sends a path, empty where it does not."""
    file = out / REDIRECTS_FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return next((line.split()[1] for line in lines if line.startswith(f"{path} ")), "")


class _Script(_Local, LiveReloadJSHandler):
    """The program of livereload, which listens to ``_Socket``."""


class _Socket(_Local, LiveReloadHandler):
    """The reload signal, for pages of this server only."""

    def prepare(self) -> None:
        super().prepare()
        # Not left to tornado: it lets in any origin that is like the host.
        origin = self.request.headers.get("Origin", "")
        if not self._finished and origin not in self._origins():
            self.set_status(403)
            self.finish("只接受本站页面的连接\n")

    def _origins(self) -> tuple[str, ...]:
        port = self.settings["port"]
        return f"http://127.0.0.1:{port}", f"http://localhost:{port}"


class _Watcher(Watcher):
    """Looks for saved files ten times a second; stock livereload nearly waits a second."""

    def start(self, callback: Callable[[], None]) -> bool:
        ioloop.PeriodicCallback(callback, 100).start()
        return True


class _Preview(Server):
    def __init__(self, out: Path, problems: Callable[[], str]) -> None:
        super().__init__(watcher=_Watcher())  # type: ignore[no-untyped-call]
        self._pages = {"out": out, "problems": problems}

    def application(self, port: int, host: str, *args: Any, **kwargs: Any) -> None:
        LiveReloadHandler.watcher = self.watcher
        # Stock livereload drops a second save within three seconds.
        LiveReloadHandler.DEFAULT_RELOAD_TIME = 0
        LiveReloadHandler.live_css = False  # type: ignore[assignment]
        application = web.Application(
            [
                (r"/livereload", _Socket),
                (r"/livereload.js", _Script),
                (r"/(.*)", _Pages, self._pages),
            ],
            port=port,
        )
        application.listen(port, address=host)
        print(f"预览 http://{HOST}:{port}/  改了规则、内容或模板会自动重新生成，Ctrl-C 结束")
        sys.stdout.flush()

    def _setup_logging(self) -> None:
        for name in ("livereload", "tornado.access", "tornado.general"):
            logging.getLogger(name).setLevel(logging.ERROR)


def serve(command: Sequence[str], out: Path, watch: Sequence[Path], port: int) -> int:
    """Serve ``out`` on 127.0.0.1:``port`` until Ctrl-C; returns the exit code.

    ``command`` builds the site once it reads a line; it runs first of all and whenever something
    in the folders of ``watch`` is saved. A failed build ends nothing.
    """
    builder = Builder(command, lambda: LiveReloadHandler.reload_waiters("*"))
    preview = _Preview(out, lambda: builder.problems)
    for folder in watch:
        preview.watch(str(folder), builder.start, delay="forever")  # type: ignore[no-untyped-call]
    try:
        ioloop.PeriodicCallback(builder.poll, 20).start()
        builder.start()
        preview.serve(port=port, host=HOST)  # type: ignore[no-untyped-call]
    except OSError as error:
        print(f"端口 {port} 用不了（{error.strerror}）；用 --port 换一个", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        builder.stop()
    return 0
