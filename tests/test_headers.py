"""The headers of every kind of file: one table, told to Netlify, to nginx and to our own server."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from browser import HeaderRules, SiteServer
from conftest import AS_OF
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.headers import header_table, headers_text, nginx_text
from sitegen.pipeline import nginx_of, prepare

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000",
}
# Open data may be read by pages of other sites, and nothing else.
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
FRESH = "public, max-age=0, must-revalidate"
KEPT = "public, max-age=31536000, immutable"

# The status, how long it is kept and whether WebAssembly may run, for each kind of URL. ASSETS
# and SEARCH stand for the folders whose names are hashes.
KINDS: dict[str, tuple[int, str, bool]] = {
    "/": (200, FRESH, False),
    "/jia/": (200, FRESH, False),
    "/jia/huaru/": (200, FRESH, False),
    "/jia/huaru/?size=3": (200, FRESH, False),
    "/404.html": (200, FRESH, False),
    "/nirgends/": (404, FRESH, False),
    "/nirgends.js": (404, FRESH, False),
    "ASSETS/site.js": (200, KEPT, False),
    "ASSETS/share.png": (200, KEPT, False),
    "/sw.js": (200, "no-cache", False),
    "/manifest.webmanifest": (200, FRESH, False),
    "/sousuo/": (200, FRESH, True),
    "/sousuo/?q=yue": (200, FRESH, True),
    "SEARCH": (200, FRESH, False),
    "/data/v1/huaru.csv": (200, FRESH, False),
    "/data/v1/huaru.json": (200, FRESH, False),
    "/data/v1/city/jia.json": (200, FRESH, False),
    "/data/v1/datapackage.json": (200, FRESH, False),
    "/data/v1/schema/city.json": (200, FRESH, False),
    "/jia/huaru/data.json": (200, FRESH, False),
    "/bijiao/compare.json": (200, FRESH, False),
    "/sitemap.xml": (200, FRESH, False),
    "/robots.txt": (200, FRESH, False),
    "/version.json": (200, "no-cache", False),
    "/_headers": (404, FRESH, False),
    "/_redirects": (404, FRESH, False),
    "/alt/": (301, FRESH, False),
    "/alt": (301, FRESH, False),
    "/jia": (301, FRESH, False),
}
TYPES = {
    "/": "text/html; charset=utf-8",
    "ASSETS/site.js": r"(text|application)/javascript; charset=utf-8",
    "ASSETS/share.png": "image/png",
    "/manifest.webmanifest": "application/manifest\\+json.*",
    "/data/v1/huaru.csv": "text/csv; charset=utf-8",
    "/data/v1/city/jia.json": "application/json.*",
    "/jia/huaru/data.json": "application/json.*",
    "/bijiao/compare.json": "application/json.*",
    "/robots.txt": "text/plain; charset=utf-8",
    "/sitemap.xml": "(text|application)/xml; charset=utf-8",
}


@pytest.fixture(scope="module")
def project(
    copy_mini: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A project with a URL that moved, and its site with an address, a sitemap and a search."""
    folder = tmp_path_factory.mktemp("headers")
    root = copy_mini(folder / "mini")
    text = "- {from: /alt/, to: /jia/, why: 并到一页了}\n"
    (root / "content/redirects.yaml").write_text(text, encoding="utf-8")
    build(
        root, folder / "site", Edition(AS_OF, "https://a.example", True), lambda done, total: None
    )
    return root, folder / "site"


def path_of(kind: str, site: Path) -> str:
    if kind == "SEARCH":
        return "/" + next((site / "pagefind").glob("*.js")).relative_to(site).as_posix()
    return kind.replace("ASSETS", f"/assets/{next((site / 'assets').iterdir()).name}")


def ask(origin: str, path: str) -> tuple[int, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def differences(origin: str, site: Path, policy: dict[bool, str]) -> list[str]:
    """What answers otherwise than the table of kinds says."""
    found = []
    for kind, (status, kept, has_wasm) in KINDS.items():
        got, headers = ask(origin, path_of(kind, site))
        if got != status:
            found.append(f"{kind}: {got}, not {status}")
        wanted = SAFETY | {"Cache-Control": kept, "Content-Security-Policy": policy[has_wasm]}
        wanted |= OPEN if kind.startswith("/data/") else {}
        for name, value in wanted.items():
            if headers.get_all(name) != [value]:
                found.append(f"{kind}: {name} {headers.get_all(name)}, not {value}")
        if "Access-Control-Allow-Origin" in headers and not kind.startswith("/data/"):
            found.append(f"{kind}: open to other sites")
        if not re.fullmatch(TYPES.get(kind, ".*"), headers["Content-Type"] or ""):
            found.append(f"{kind}: {headers['Content-Type']}")
        if status == 301 and headers["Location"] != "/jia/":
            found.append(f"{kind}: {headers['Location']}")
    return found


def policies(root: Path) -> dict[bool, str]:
    """Without WebAssembly and with it."""
    _, _, assets, _ = prepare(root, Edition(AS_OF))
    table = header_table(assets.style_hashes, assets.script_hash, True)
    plain = table["/*"]["Content-Security-Policy"]
    assert "default-src 'none'" in plain
    assert "wasm" not in plain
    with_wasm = plain.replace("; style-src", " 'wasm-unsafe-eval'; style-src")
    return {False: plain, True: with_wasm}


@pytest.mark.promise("C3")
def test_every_kind_of_url_has_exactly_its_headers_by_the_rules_of_netlify(project, figure):
    root, site = project
    with SiteServer(site) as server:
        assert differences(server.url, site, policies(root)) == []
    figure(f"{len(KINDS)} kinds of URL × {len(SAFETY) + 2} headers: 0 differ from the table")


@contextmanager
def nginx(config: str, site: Path, folder: Path) -> Iterator[str]:
    """A real nginx with our configuration on a free port of this machine."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    here = config.replace("listen 80;", f"listen 127.0.0.1:{port};")
    here = here.replace("root /srv/site;", f"root {site};")
    (folder / "site.conf").write_text(here, encoding="utf-8")
    # What a package of nginx says around conf.d/, for a process without rights of its own.
    kinds = ("body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n".replace("body_temp", "client_body_temp")
        for kind in kinds
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;\n"
        f"events {{}}\nhttp {{ include /etc/nginx/mime.types; access_log off;\n{temporary}"
        f"include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", f"{folder}/errors"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        pytest.fail(f"no nginx: {process.communicate(timeout=5)}")
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.skipif(NGINX is None, reason="no nginx here; Debian's nginx-light would do")
def test_real_nginx_sends_the_same_with_the_printed_configuration(project, tmp_path):
    root, site = project
    config = nginx_of(root, Edition(AS_OF, "https://a.example", True))
    assert "server_name a.example;" in config
    with nginx(config, site, tmp_path) as origin:
        assert differences(origin, site, policies(root)) == []


@pytest.mark.skipif(NGINX is None, reason="no nginx here; Debian's nginx-light would do")
def test_reader_who_has_a_page_gets_it_again_only_when_it_changed(project, tmp_path):
    root, site = project
    config = nginx_of(root, Edition(AS_OF, "https://a.example", True))
    page = tmp_path / "copy/jia/huaru/index.html"
    shutil.copytree(site, tmp_path / "copy")
    with nginx(config, tmp_path / "copy", tmp_path) as origin:

        def ask(**headers: str) -> tuple[int, str | None, int]:
            request = Request(f"{origin}/jia/huaru/", headers=headers)
            try:
                with urlopen(request, timeout=10) as answer:
                    return answer.status, answer.headers["ETag"], len(answer.read())
            except HTTPError as answer:
                return answer.code, answer.headers["ETag"], len(answer.read())

        status, tag, size = ask()
        assert (status, size) == (200, page.stat().st_size)
        assert tag
        assert ask(**{"If-None-Match": tag}) == (304, tag, 0)
        page.write_bytes(page.read_bytes() + b"\n")
        assert ask(**{"If-None-Match": tag})[::2] == (200, page.stat().st_size)


@pytest.mark.promise("C3")
def test_configuration_of_nginx_says_every_cell_of_the_table(project, figure):
    root, site = project
    config = nginx_of(root, Edition(AS_OF, "https://a.example", True))
    rules = HeaderRules((site / "_headers").read_text(encoding="utf-8"))
    wrong = [
        (kind, name)
        for kind in KINDS
        for name, value in rules.for_path(path_of(kind, site).partition("?")[0]).items()
        if told_by(config, name, path_of(kind, site).partition("?")[0]) != value
    ]
    assert wrong == []
    assert len(re.findall("add_header", config)) == len(SAFETY | OPEN) + 2
    # A location that adds a header of its own would lose all others.
    assert config.rindex("add_header") < config.index("    location ")
    figure(f"nginx: {len(KINDS)} kinds of URL × {len(SAFETY) + 2} headers, 0 differ")


def told_by(config: str, name: str, path: str) -> str:
    """The value of a header that a configuration of ours adds for a path, as nginx reads it."""
    (value,) = re.findall(rf"add_header {name} (.*) always;", config)
    if value.startswith("$"):
        (body,) = re.findall(rf"map \$uri {re.escape(value)} {{\n(.*?)\n}}", config, re.S)
        lines = re.findall(r'^ +(?:~(\S+)|default) "(.*)";$', body, re.M)
        return next(told for pattern, told in lines if not pattern or re.search(pattern, path))
    return str(value.strip('"'))


def test_table_with_a_rule_that_is_lost_would_be_seen(project):
    root, site = project
    _, _, assets, _ = prepare(root, Edition(AS_OF))
    table = dict(header_table(assets.style_hashes, assets.script_hash, True))
    del table["/sw.js"]
    poor = nginx_text(table, (), "")
    assert told_by(poor, "Cache-Control", "/sw.js") == FRESH
    assert told_by(poor, "Access-Control-Allow-Origin", "/jia/") == ""
    with SiteServer(site) as server:
        text = headers_text(header_table(assets.style_hashes, assets.script_hash))
        server.headers = HeaderRules(text)
        found = differences(server.url, site, policies(root))
    assert [line.partition(":")[0] for line in found] == ["/sousuo/", "/sousuo/?q=yue"]


def test_pages_of_other_sites_may_read_the_open_data_and_nothing_else(browser, project, tmp_path):
    _, site = project
    (tmp_path / "index.html").write_text("<!doctype html><title>other</title>", encoding="utf-8")
    read = """async (url) => {
        try { return (await (await fetch(url)).text()).length; } catch (refused) { return 0; }
    }"""
    with SiteServer(site) as ours, SiteServer(tmp_path) as other:
        page = browser.new_page()
        page.goto(f"{other.url}/")
        sizes = {
            path: page.evaluate(read, ours.url + path)
            for path in ("/data/v1/huaru.json", "/data/v1/huaru.csv", "/data/v1/city/jia.json")
        }
        refused = {
            path: page.evaluate(read, ours.url + path)
            for path in ("/jia/huaru/data.json", "/jia/", "/bijiao/compare.json")
        }
        page.close()
    assert all(sizes.values())
    assert not any(refused.values())
