"""The files of a site that are made for machines: headers for the host, the sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# The first line of a file that every build writes: the sign that a folder is ours.
MARKER_FILE = "_headers"
MARKER = "# 由 build.py 生成，请不要手改。\n"


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
