"""QR codes for paper."""

from __future__ import annotations

from markupsafe import Markup

# Quiet border in modules, as the standard asks for.
BORDER = 4


def qr_svg(address: str, label: str) -> Markup:
    """An inline SVG of the QR code of ``address`` (level M), named ``label`` for who cannot see it.

    It has no size of its own: the style sheet gives it one. The mask is fixed, since to try all
    eight for each of thousands of sheets costs four times as much; readers read every mask.
    """
    import segno  # only a site that knows its address has any

    code = segno.make(address, error="m", micro=False, mask=4, boost_error=False)
    size = code.symbol_size(border=BORDER)[0]
    rows = []
    for y, row in enumerate(code.matrix, BORDER):
        # A run of dark modules is one line; the bytes of a row are 0 and 1.
        start = 0
        for run in row.split(b"\0"):
            if run:
                rows.append(f"M{start + BORDER} {y}h{len(run)}v1h-{len(run)}z")
            start += len(run) + 1
    head = Markup('<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}">')
    return Markup('{}<path d="{}"/></svg>').format(head.format(size, label), "".join(rows))
