"""A browser and a stand-in for the CDN, for the tests and ``shots.py``. Not a test.

Run as a program it prints the Debian packages that a test misses on this machine;
``./run test`` asks it before anything is installed, so only the standard library is imported
at the top.
"""

from __future__ import annotations

import ctypes
import gzip
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What every context needs to be a reader in China: browser.new_context(**CHINA, …).
CHINA: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The first is Chromium without windows: what it shows is the same, and a page starts in half the
# time.
BROWSERS = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PLAYWRIGHT_FOLDERS = (
    os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
    "~/.cache/ms-playwright",
    "~/Library/Caches/ms-playwright",
)
PLAYWRIGHT_PROGRAMS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")

TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".ics": "text/calendar; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".xml": "application/xml; charset=utf-8",
}

# Read by the CDN, never served by it.
CDN_FILES = ("_headers", "_redirects")


def find_browser() -> Path | None:
    """Return the browser for the tests: ``$CHROMIUM``, an installed one, Playwright's own.

    Raises FileNotFoundError where ``$CHROMIUM`` names no program: a wish that cannot be met
    is not replaced by another browser.
    """
    if wish := os.environ.get("CHROMIUM"):
        if found := shutil.which(wish):
            return Path(found)
        raise FileNotFoundError(f"CHROMIUM={wish} is no program; name another or unset it")
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    if MAC_CHROME.exists():
        return MAC_CHROME
    for folder in filter(None, PLAYWRIGHT_FOLDERS):
        for pattern in PLAYWRIGHT_PROGRAMS:
            if programs := sorted(Path(folder).expanduser().glob(pattern)):
                return programs[-1]
    return None


def missing_packages() -> list[str]:
    """Return what the tests miss here, by the names of Debian's packages."""
    missing = [] if find_browser() else ["chromium-headless-shell"]
    if sys.platform == "linux":
        if not _font_installed():
            missing.append("fonts-noto-cjk")
        try:
            ctypes.CDLL("libatomic.so.1")  # without it Playwright's driver does not start
        except OSError:
            missing.append("libatomic1")
        if not shutil.which("strace"):
            missing.append("strace")  # to stop a build at any call (test_unbreakable.py)
    return missing


def _font_installed() -> bool:
    if fc_list := shutil.which("fc-list"):
        fonts = subprocess.run([fc_list, ":lang=zh"], capture_output=True, check=False)
        return bool(fonts.stdout.strip())
    return any(
        any(Path(folder).expanduser().rglob(name))
        for folder in FONT_FOLDERS
        for name in ("*CJK*", "wqy*")
    )


@contextmanager
def launch() -> Iterator[Browser]:
    """Start a headless Chromium; it ends with the context.

    While it is open the thread has a running event loop: ``asyncio.run`` fails there.
    """
    from playwright.sync_api import sync_playwright  # ./run test reads this file without it

    program = find_browser()
    if program is None:
        raise FileNotFoundError("no Chromium found; install one or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def has_chinese_font(page: Page) -> bool:
    """Return whether 社 and 保 look different: without a font both are the same empty box.

    Everything else about a page holds without a font too, so the tests would see nothing.
    """
    different: bool = page.evaluate(
        """() => {
            const pixels = (character) => {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 64;
                const pen = canvas.getContext("2d");
                pen.font = "48px sans-serif";
                pen.fillText(character, 8, 52);
                return pen.getImageData(0, 0, 64, 64).data.join();
            };
            return pixels("社") !== pixels("保");
        }"""
    )
    return different


class HeaderRules:
    """The rules of a ``_headers`` file, matched as Netlify's own parser matches them.

    ``/assets/*`` also means ``/assets`` and, as there, ``/assetsfoo``; case is ignored. A name
    given twice in a rule is joined by a comma; of several matching rules the last wins.
    """

    def __init__(self, text: str, source: str = "_headers") -> None:
        self._rules: list[tuple[re.Pattern[str], dict[str, str]]] = []
        for number, line in enumerate(text.splitlines(), start=1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("/"):
                self._rules.append((_path_pattern(line), {}))
                continue
            name, _, value = (part.strip() for part in line.partition(":"))
            if not (name and value and self._rules):
                raise ValueError(f"{source}:{number}: expected a path or, below one, name: value")
            values = self._rules[-1][1]
            values[name] = f"{values[name]}, {value}" if name in values else value

    def for_path(self, path: str) -> dict[str, str]:
        """Return the headers for a request path, without its query."""
        headers: dict[str, str] = {}
        for pattern, values in self._rules:
            if pattern.fullmatch(path):
                headers |= values
        return headers


def _path_pattern(rule: str) -> re.Pattern[str]:
    parts = [part.rstrip() for part in rule.split("/")]
    return re.compile("/" + "/".join(_part_pattern(p) for p in parts if p) + "/?", re.IGNORECASE)


def _part_pattern(part: str) -> str:
    if part.startswith(":"):
        return "([^/]+)"
    if part == "*":
        return "?(.*)"
    return "(.*)".join(re.escape(text) for text in part.split("*"))


def read_redirects(file: Path) -> dict[str, tuple[str, int]]:
    """The target and the status of each path of a ``_redirects`` file without placeholders."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    return {old: (new, int(status)) for old, new, status in reversed(rules)}


class SiteServer(ThreadingTCPServer):
    """Serves a built folder on a free port of 127.0.0.1 as the CDN does, until the context ends.

    ``/x/`` is ``x/index.html``, ``/x`` leads there by 301, what is not there is ``404.html``
    with status 404 unless ``_redirects`` knows better, and every answer carries the headers of
    ``headers_file`` (default: the folder's own ``_headers``). Text is compressed for who asks
    for it. Nothing outside the folder is served, by no spelling of a path and through no link.
    """

    request_queue_size = 256  # a browser or link checker opens dozens of connections at once
    daemon_threads = True  # a kept connection must not keep the tests alive

    def __init__(self, folder: Path, headers_file: Path | None = None) -> None:
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            raise NotADirectoryError(f"{folder} is no folder; build the site first")
        if headers_file is None and (self.folder / "_headers").exists():
            headers_file = self.folder / "_headers"
        text = headers_file.read_text(encoding="utf-8") if headers_file else ""
        self.headers = HeaderRules(text, str(headers_file))
        self.redirects = read_redirects(self.folder / "_redirects")
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The origin, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> SiteServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about a browser that hung up; say everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def find(self, path: str) -> Path | None:
        """Return the file or folder that a decoded path names, None where there is none."""
        parts = path.split("/")
        if {".", ".."} & set(parts) or "\0" in path or "\\" in path:
            return None
        try:
            found = self.folder.joinpath(*parts[1:]).resolve(strict=True)
        except OSError:  # missing, a loop of links, a name too long
            return None
        if not found.is_relative_to(self.folder) or (path.endswith("/") and found.is_file()):
            return None
        return None if found in (self.folder / name for name in CDN_FILES) else found


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        path, question, query = self.path.partition("?")
        found = self.server.find(unquote(path)) if path.startswith("/") else None
        if found and found.is_dir():
            if not path.endswith("/"):
                self._reply(HTTPStatus.MOVED_PERMANENTLY, path, to=f"{path}/{question}{query}")
                return
            found /= "index.html"
        if found and found.is_file():
            self._reply(HTTPStatus.OK, path, found)
        elif path in self.server.redirects:
            to, status = self.server.redirects[path]
            self._reply(HTTPStatus(status), path, to=to + question + query)
        else:
            self._reply(HTTPStatus.NOT_FOUND, path, self.server.folder / "404.html")

    do_HEAD = do_GET

    def _reply(
        self, status: HTTPStatus, path: str, file: Path | None = None, to: str | None = None
    ) -> None:
        body = file.read_bytes() if file and file.is_file() else f"{status}\n".encode()
        kind = TYPES.get(file.suffix if file else ".txt", "application/octet-stream")
        headers = {"Content-Type": kind}
        if kind.startswith(("text/", "application/")):
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, mtime=0)
        headers["Content-Length"] = str(len(body))
        if to:
            headers["Location"] = to
        self.send_response(status)
        for name, value in (headers | self.server.headers.for_path(path)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test speaks through its assertions."""


if __name__ == "__main__":
    try:
        print(*missing_packages())
    except FileNotFoundError as error:
        sys.exit(f"run: {error}")
