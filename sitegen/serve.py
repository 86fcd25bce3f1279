"""The preview on this machine: builds again when something is saved, reloads the browser.

The only module that knows livereload. A build runs as a child process, so that pages are
served meanwhile; a failed build prints its problems and the old pages stay. The pages are
served with the headers of production, to this machine only.
"""

from __future__ import annotations

import logging
import mimetypes
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from livereload import Server
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.server import LiveScriptInjector
from tornado import ioloop, web

from sitegen.headers import MARKER_FILE

HOST = "127.0.0.1"


class Builder:
    """Runs ``command`` in the background, once more if something was saved meanwhile.

    ``reload`` is called when a build has ended well and no other is due.
    """

    def __init__(self, command: Sequence[str], reload: Callable[[], None] = lambda: None) -> None:
        self._command = command
        self._reload = reload
        self._process: subprocess.Popen[bytes] | None = None
        self._is_due = False

    def start(self) -> None:
        """Build now, or after the build that is running."""
        if self._process is not None:
            self._is_due = True
            return
        self._process = subprocess.Popen(self._command)

    def poll(self) -> None:
        """See whether the build has ended, and how."""
        if self._process is None or (code := self._process.poll()) is None:
            return
        self._process = None
        if self._is_due:
            self._is_due = False
            self.start()
        elif code == 0:
            self._reload()
        else:
            print("没有生成，浏览器里还是原来的页面；改好后会自动再生成", file=sys.stderr)

    def stop(self) -> None:
        """End a build that is still running; it leaves the old site in place."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)


class _Pages(web.RequestHandler):
    """The built pages, with the headers that production sends."""

    def initialize(self, out: Path) -> None:
        self._out = out

    def prepare(self) -> None:
        host = self.request.host.rpartition(":")[0] or self.request.host
        if host not in ("127.0.0.1", "localhost"):
            self.set_status(421)
            self.finish("只接受来自本机的访问\n")

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
        if target is None or not target.is_file():
            self.set_status(404)
            target = self._out / "404.html"
        kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        self.set_header("Content-Type", kind + ("; charset=utf-8" if "text" in kind else ""))
        self.write(target.read_bytes() if target.is_file() else b"404")

    head = get

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


class _Socket(LiveReloadHandler):
    """The reload signal, for pages of this server only."""

    def check_origin(self, origin: str) -> bool:
        return origin in (
            f"http://{name}:{self.settings['port']}" for name in ("127.0.0.1", "localhost")
        )


class _Preview(Server):
    def __init__(self, out: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._out = out

    def application(self, port: int, host: str, *args: Any, **kwargs: Any) -> None:
        LiveReloadHandler.watcher = self.watcher
        # Stock livereload drops a second save within three seconds.
        LiveReloadHandler.DEFAULT_RELOAD_TIME = 0
        LiveReloadHandler.live_css = False  # type: ignore[assignment]

        class Injector(LiveScriptInjector):
            # A file, not inline code: the policy of production allows no other.
            script = f'<script src="/livereload.js?port={port}" defer></script>'.encode()

        application = web.Application(
            [
                (r"/livereload", _Socket),
                (r"/livereload.js", LiveReloadJSHandler),
                (r"/(.*)", _Pages, {"out": self._out}),
            ],
            transforms=[Injector],
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

    ``command`` builds the site; it runs first of all and whenever something in the folders
    of ``watch`` is saved. A failed build ends nothing.
    """
    builder = Builder(command, lambda: LiveReloadHandler.reload_waiters("*"))
    preview = _Preview(out)
    for folder in watch:
        preview.watch(str(folder), builder.start, delay="forever")  # type: ignore[no-untyped-call]
    try:
        ioloop.PeriodicCallback(builder.poll, 100).start()
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
