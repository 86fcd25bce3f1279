"""Putting a whole site in place of the old one, or leaving the old one untouched.

Files go to a staging folder beside the output; only when all of them are there do the two
folders change places.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# The first line of a file that every build writes: the sign that a folder is ours.
MARKER_FILE = "_headers"
MARKER = "# 由 build.py 生成，请不要手改。\n"


class WriteError(Exception):
    """The site could not be put in place; the old one is as it was."""


@dataclass(frozen=True)
class WriteReport:
    """How many files were written and how many bytes they hold."""

    files: int
    bytes: int


def file_of(url: str) -> PurePosixPath:
    """The file of a URL: ``/tianjin/`` → ``tianjin/index.html``."""
    return PurePosixPath(url.lstrip("/") + "index.html" if url.endswith("/") else url.lstrip("/"))


def headers_text(style_hashes: Sequence[str], script_hash: str, has_full_text: bool = False) -> str:
    """The ``_headers`` file: one strict policy for every page, long life for the assets.

    With a full-text index the search page may run WebAssembly. Of two rules that match an
    address and name the same header, the later one holds.
    """
    quoted = f"'{script_hash}'"
    rules = {
        "/*": (
            f"Content-Security-Policy: {_policy(style_hashes, quoted)}",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Opener-Policy: same-origin",
            "Cross-Origin-Resource-Policy: same-origin",
            "Permissions-Policy: camera=(), geolocation=(), microphone=()",
            "Strict-Transport-Security: max-age=31536000",
            "Cache-Control: public, max-age=0, must-revalidate",
        ),
        # The name of the folder is the hash of what is in it.
        "/assets/*": ("Cache-Control: public, max-age=31536000, immutable",),
        "/sw.js": ("Cache-Control: no-cache",),
    }
    if has_full_text:
        policy = _policy(style_hashes, f"{quoted} 'wasm-unsafe-eval'")
        rules["/sousuo/*"] = (f"Content-Security-Policy: {policy}",)
    return MARKER + "".join(
        f"{path}\n" + "".join(f"  {line}\n" for line in lines) for path, lines in rules.items()
    )


def _policy(style_hashes: Sequence[str], scripts: str) -> str:
    """The policy with ``scripts`` (sources in quotes) beside our own files."""
    styles = " ".join(f"'{digest}'" for digest in style_hashes)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            f"style-src {styles}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            # Registering /sw.js is the one place that needs a policy (site.js).
            "trusted-types worker",
        )
    )


def sitemap_text(address: str, urls: Iterable[str]) -> str:
    """The sitemap of the pages that may be indexed, below the address of the site."""
    start = address.rstrip("/")
    lines = "".join(f"<url><loc>{start}{url}</loc></url>\n" for url in urls)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'


def write_site(files: Iterable[tuple[PurePosixPath, bytes]], out: Path) -> WriteReport:
    """Write all ``files`` (path in the site, content) and put them in place of ``out``.

    Raises ``WriteError`` with one sentence for a person; then ``out`` is as it was.
    """
    out = out.resolve() if not out.is_symlink() else out
    _refuse_foreign(out)
    staging = out.with_name(f".{out.name}-new")
    count = size = 0
    try:
        if staging.exists():
            shutil.rmtree(staging)
        folders: set[Path] = set()
        for path, content in files:
            target = staging / path
            if target.parent not in folders:
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.add(target.parent)
            target.write_bytes(content)
            count += 1
            size += len(content)
        _exchange(staging, out)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        where = error.filename or staging
        raise WriteError(
            f"写不进 {where}（{error.strerror}）；原来的 {out.name}/ 没有动"
        ) from error
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return WriteReport(count, size)


def _refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that no build of ours has made."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise WriteError(f"{out} 不是文件夹；请换一个输出位置")
    if not out.is_dir() or not any(out.iterdir()):
        return
    marker = out / MARKER_FILE
    if not marker.is_file() or not marker.read_bytes().startswith(MARKER.encode()):
        raise WriteError(f"{out} 里有别的东西，不是本程序生成的；请换一个空的输出位置")


def _exchange(staging: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}-old")
    if old.exists():
        shutil.rmtree(old)
    if out.exists():
        out.rename(old)
    try:
        staging.rename(out)
    except BaseException:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
