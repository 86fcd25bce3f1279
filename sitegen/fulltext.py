"""The index for searching all words of the pages, where Pagefind is installed.

Pagefind is a program that reads HTML files and writes files that its script searches in the
browser; https://pagefind.app. Without it a site is the same but for the one button.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from sitegen.model import Page
from sitegen.write import WriteError, file_of

FOLDER = "pagefind"

# Pages that are searched though search engines need not list them.
ALWAYS = ("/zhinan/", "/wujie/", "/wo-shi/", "/banshi/")

# Of what Pagefind writes: its script, the index and the excerpts; not its ready-made boxes.
NEEDED = ("pagefind.js", "pagefind-entry.json", "wasm.*.pagefind", "*.pf_*")

# Menus and sources would be found for every word.
LEFT_OUT = "nav, .sources, .find, .crumbs, .src"


def is_searched(page: Page) -> bool:
    """Whether the words of a page belong in the index."""
    return page.is_indexed or page.url.startswith(ALWAYS)


def index_files(pages: Iterable[tuple[str, str]]) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The files of the index of ``pages`` (URL, HTML), by their path in the site.

    The same pages give the same bytes. Raises ``WriteError`` where Pagefind fails.
    """
    # Slow to import, and most builds make no index.
    import subprocess
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        source, target = Path(name, "site"), Path(name, "index")
        for url, html in pages:
            path = source / file_of(url)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf-8")
        command = [sys.executable, "-m", "pagefind", "--site", str(source)]
        command += ["--output-path", str(target), "--root-selector", "main"]
        command += ["--exclude-selectors", LEFT_OUT, "--force-language", "zh"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = " ".join(done.stderr.split())[-200:]
            raise WriteError(
                f"全文索引没有做出来（pagefind：{why}）；照 requirements-search.txt 重装，"
                "或卸掉 pagefind，那样只是没有“搜索全文”的按钮"
            )
        for path in sorted(path for pattern in NEEDED for path in target.rglob(pattern)):
            yield PurePosixPath(FOLDER, path.relative_to(target).as_posix()), path.read_bytes()
