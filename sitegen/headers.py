"""What is made for the host of a site and for who crawls it: headers, redirects, robots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:  # a build with nothing to do loads this module, but no model
    from sitegen.model import Redirect

# Read by the host, not served.
REDIRECTS_FILE = "_redirects"

# Which site this is, for the person who publishes it.
VERSION_FILE = "version.json"

# The first line of a file that every build writes: the sign that a folder is ours.
MARKER_FILE = "_headers"
MARKER = "# 由 build.py 生成，请不要手改。\n"


# For each pattern of an address the values of its headers, by name. A pattern is an address, or
# the start of addresses with a star behind it; of several that match, the last one holds.
Table = Mapping[str, Mapping[str, str]]


def header_table(
    style_hashes: Sequence[str],
    script_hash: str,
    has_full_text: bool = False,
    is_preview: bool = False,
) -> Table:
    """What a host has to send along: one strict policy for every page, long life for the assets.

    With a full-text index the search page may run WebAssembly. No search engine may list
    anything of a preview.
    """
    quoted = f"'{script_hash}'"
    table = {
        "/*": {
            "Content-Security-Policy": _policy(style_hashes, quoted),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Strict-Transport-Security": "max-age=31536000",
            "Cache-Control": "public, max-age=0, must-revalidate",
        },
        # The name of the folder is the hash of what is in it.
        "/assets/*": {"Cache-Control": "public, max-age=31536000, immutable"},
        "/sw.js": {"Cache-Control": "no-cache"},
        f"/{VERSION_FILE}": {"Cache-Control": "no-cache"},
        # Open data is for programs of other sites too; there is nothing of a reader in it.
        "/data/*": {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    }
    if is_preview:
        table["/*"]["X-Robots-Tag"] = "noindex"
    if has_full_text:
        policy = _policy(style_hashes, f"{quoted} 'wasm-unsafe-eval'")
        table["/sousuo/*"] = {"Content-Security-Policy": policy}
    return table


def headers_text(table: Table) -> str:
    """The table as the ``_headers`` file, which Netlify reads, and our own servers."""
    return MARKER + "".join(
        f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in values.items())
        for path, values in table.items()
    )


def redirects_text(redirects: Iterable[Redirect]) -> str:
    """The ``_redirects`` file of Netlify and Cloudflare: each old URL straight to the new one."""
    return MARKER + "".join(
        f"{old} {redirect.new} 301\n" for redirect in redirects for old in _spellings(redirect)
    )


def nginx_text(table: Table, redirects: Iterable[Redirect], address: str) -> str:
    """The same table and redirects for nginx, as a file for its ``conf.d``.

    The server block names no headers of its own in any location, so that all inherit all.
    """
    names = dict.fromkeys(name for values in table.values() for name in values)
    host = urlsplit(address).hostname or "_"
    maps, adds = [], []
    for name in names:
        values = {path: found[name] for path, found in table.items() if name in found}
        # A header without a value is not sent.
        value = f'"{values.pop("/*", "")}"'
        if values:
            variable = "$site_" + name.lower().replace("-", "_")
            # Of several patterns nginx takes the first that matches, our table means the last.
            lines = (f'    {_regex(path)} "{values[path]}";\n' for path in reversed(values))
            maps.append(f"map $uri {variable} {{\n{''.join(lines)}    default {value};\n}}\n")
            value = variable
        adds.append(f"    add_header {name} {value} always;\n")
    moved = (
        f"    location = {old} {{ return 301 {redirect.new}; }}\n"
        for redirect in redirects
        for old in _spellings(redirect)
    )
    parts = {"MAPS": "".join(maps), "ADDS": "".join(adds), "MOVED": "".join(moved), "HOST": host}
    return re.sub("@([A-Z]+)\n?", lambda found: parts[found[1]], _NGINX)


# Above the line is what the owner of a server changes, below it what the build knows.
_NGINX = """\
# 由 python build.py nginx 生成。样式一改，Content-Security-Policy 里的哈希就变：
# 每次发布网站，这个文件也要重新生成，再 nginx -s reload。
@MAPS
server {
    # 这几行按自己的服务器改；有了证书，改成 listen 443 ssl，写上 ssl_certificate。
    listen 80;
    server_name @HOST;
    root /srv/site;

    # ── 以下不要手改 ──
    server_tokens off;
    absolute_redirect off;
    charset utf-8;
    charset_types text/css text/csv text/plain text/xml application/javascript application/json;
    gzip on;
    gzip_vary on;
    gzip_types text/css text/csv text/plain text/xml application/javascript application/json
        application/manifest+json image/svg+xml;
    index index.html;
    error_page 403 404 =404 /404.html;
@ADDS
    location = /_headers { return 404; }
    location = /_redirects { return 404; }
    location = /manifest.webmanifest {
        types { }
        default_type application/manifest+json;
    }
    location ~ \\.csv$ {
        types { }
        default_type text/csv;
    }
@MOVED
}
"""


def _regex(pattern: str) -> str:
    """A pattern of the table as nginx matches it against a path."""
    is_start = pattern.endswith("*")
    return f"~^{re.escape(pattern.removesuffix('*'))}{'' if is_start else '$'}"


def _spellings(redirect: Redirect) -> tuple[str, ...]:
    """An old URL, and without its last slash too: else that one would take two steps."""
    old = redirect.old
    return (old, old.rstrip("/")) if old.endswith("/") else (old,)


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


def robots_text(address: str) -> str:
    """Everybody may read everything: what is not to be listed says so on the page itself, which
    a machine that may not read it would never learn."""
    sitemap = f"\nSitemap: {address.rstrip('/')}/sitemap.xml\n" if address else ""
    return f"User-agent: *\nAllow: /\n{sitemap}"
