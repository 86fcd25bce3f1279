"""What a page tells search engines about itself: schema.org as JSON-LD, in a block of data.

Everything in it stands on the page: a phone number, an address or the name of a bureau that the
finished page does not show is not told. We are never the provider of a service. What needs the
address of the site is left out where that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sitegen.atlas import Link
from sitegen.figures import ChannelView
from sitegen.opendata import LICENCE, Topic
from sitegen.records import dumped

# The national line, which every bureau answers.
LINE = "12393"
_LINE = re.compile(f"(?<![0-9-]){LINE}")

# What could end the block, begin another one or a line of a script. In JSON they stand in texts
# only, where an escape means the same.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def linked_data(context: Mapping[str, object], html: str) -> str:
    """The block of a page that may be listed, empty for any other.

    ``context`` is what the page was made of, ``html`` the page as it is without the block.
    """
    if not context["is_indexed"]:
        return ""
    # What stands in the head is for machines too; only what a reader sees counts.
    main = html[html.find("<main") :]
    parts = (_page, _crumbs, _service, _dataset)
    graph = [found for part in parts for found in part(context, main)]
    text = dumped({"@context": "https://schema.org", "@graph": graph}).translate(_ESCAPES)
    return f'<script type="application/ld+json">{text}</script>\n'


def _name(context: Mapping[str, object]) -> str:
    return str(context["h1"]).replace("|", "")


def _page(context: Mapping[str, object], main: str) -> Iterator[dict[str, Any]]:
    address = context["address"]
    yield _without_empty(
        {
            "@type": "WebPage",
            "name": _name(context),
            "url": f"{address}{context['url']}" if address else "",
            "inLanguage": "zh-CN",
            "lastReviewed": context["reviewed"],
        }
    )


def _crumbs(context: Mapping[str, object], main: str) -> Iterator[dict[str, Any]]:
    """The way to the page; each step but the last needs an address."""
    crumbs, address = context["crumbs"], context["address"]
    assert isinstance(crumbs, tuple)
    if not crumbs or not address:
        return
    steps = []
    for number, crumb in enumerate(crumbs, 1):
        assert isinstance(crumb, Link)
        step = {"@type": "ListItem", "position": number, "name": crumb.title}
        is_last = number == len(crumbs)
        steps.append(step if is_last else step | {"item": f"{address}{crumb.url}"})
    yield {"@type": "BreadcrumbList", "itemListElement": steps}


def _service(context: Mapping[str, object], main: str) -> Iterator[dict[str, Any]]:
    """The service of a pool that a page is about, and the ways to it that the page shows."""
    if "area" not in context or "bureau" not in context:
        return
    bureau = str(context["bureau"])
    phones = [LINE] if _LINE.search(main) else []
    outside = str(context["phone"])
    phones += [outside] if outside and outside in main else []
    channels = [_channel("", phone, "") for phone in phones]
    groups = context.get("channels", {})
    assert isinstance(groups, dict)
    for view in dict.fromkeys(view for group in groups.values() for view in group):
        assert isinstance(view, ChannelView)
        url = view.url if f'href="{view.url}"' in main else ""
        number = view.number if view.number and view.number in main else ""
        if url or (number and number not in phones):
            channels.append(_channel(view.name, number, url))
    yield _without_empty(
        {
            "@type": "GovernmentService",
            "name": _name(context),
            "serviceType": "基本医疗保险",
            "provider": {"@type": "GovernmentOrganization", "name": bureau}
            if bureau and bureau in main
            else "",
            "areaServed": {"@type": "AdministrativeArea", "name": context["area"]},
            "availableChannel": channels,
        }
    )


def _channel(name: str, phone: object, url: str) -> dict[str, Any]:
    line = {"@type": "ContactPoint", "telephone": phone} if phone else ""
    return _without_empty(
        {"@type": "ServiceChannel", "name": name, "servicePhone": line, "serviceUrl": url}
    )


def _dataset(context: Mapping[str, object], main: str) -> Iterator[dict[str, Any]]:
    """The data that a page lets download, where the site has an address."""
    address, topics = context["address"], context.get("datasets", ())
    assert isinstance(topics, tuple)
    if not topics or not address:
        return
    files: list[tuple[str, str]] = []
    for topic in topics:
        assert isinstance(topic, Topic)
        files += [(topic.csv, "text/csv"), (topic.json, "application/json")]
    yield _without_empty(
        {
            "@type": "Dataset",
            "name": _name(context),
            "description": context["description"],
            "url": f"{address}{context['url']}",
            "license": LICENCE,
            "inLanguage": "zh-CN",
            "isAccessibleForFree": True,
            "creator": {"@type": "Organization", "name": context["site_name"]},
            "dateModified": context["reviewed"],
            "distribution": [
                {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{address}{url}"}
                for url, kind in files
            ],
        }
    )


def _without_empty(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if not _is_empty(value)}


def _is_empty(value: object) -> bool:
    # A stand-in (pieces.py) is never empty, and may not be compared.
    return isinstance(value, str | list) and not value
