"""How others grade our headers, by the rules that they publish.

The tables of MDN's HTTP Observatory (``src/grader/charts.js`` and ``src/analyzer/tests/`` of
mdn/mdn-http-observatory), as far as headers decide; what a host decides (its TLS, the redirect
to it) is taken as good, cookies and CORS as what we send: none.
"""

from __future__ import annotations

import pytest

from sitegen.headers import header_table

BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15768000
ENOUGH_FOR_EXTRA = 90


def directives(policy: str) -> dict[str, set[str]]:
    parts = (part.split() for part in policy.split(";"))
    return {name: set(sources) for name, *sources in parts}


def of_policy(policy: str) -> int:
    """The modifier of a Content-Security-Policy."""
    said = directives(policy)
    default = said.get("default-src", {"*"})
    scripts, styles = said.get("script-src", default), said.get("style-src", default)
    if scripts & {*BROAD, "'unsafe-inline'", "data:"} or said.get("object-src", default) & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for each in said.values() for source in each):
        return -20
    if "'unsafe-eval'" in scripts | styles:
        return -10
    if styles & {*BROAD, "'unsafe-inline'", "data:"}:
        return 0
    return 10 if said.get("default-src") == {"'none'"} else 5


def score(headers: dict[str, str]) -> int:
    """The score of a site whose pages are sent with these headers."""
    policy = headers.get("Content-Security-Policy", "")
    ages = [part for part in headers.get("Strict-Transport-Security", "").split(";") if "=" in part]
    age = int(ages[0].partition("=")[2]) if ages else 0
    ancestors = directives(policy).get("frame-ancestors", {"*"}) if policy else {"*"}
    referrer = headers.get("Referrer-Policy")
    owner = headers.get("Cross-Origin-Resource-Policy")
    modifiers = [
        of_policy(policy) if policy else -25,
        5 if not ancestors & BROAD else -20,
        (5 if referrer in PRIVATE else -5) if referrer else 0,
        0 if age >= SIX_MONTHS else -10 if age else -20,
        0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        10 if owner in ("same-origin", "same-site") else 0,
    ]
    base = 100 + sum(each for each in modifiers if each < 0)
    extra = sum(each for each in modifiers if each > 0)
    return max(0, base + (extra if base >= ENOUGH_FOR_EXTRA else 0))


def ours(path: str) -> dict[str, str]:
    table = header_table(["sha256-a", "sha256-b"], "sha256-c", True)
    return {**table["/*"], **table.get(path, {})}


@pytest.mark.promise("C4")
def test_observatory_gives_its_best_grade_by_its_published_rules(figure):
    scores = {path: score(ours(path)) for path in ("/*", "/sousuo/*")}
    assert scores == {"/*": 130, "/sousuo/*": 130}
    figure("MDN Observatory by its published table: 130, A+ (from 100)")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Content-Security-Policy", "", 55),
        ("Content-Security-Policy", "default-src 'self' 'unsafe-inline'", 60),
        ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'", 125),
        ("Strict-Transport-Security", "max-age=100", 120),
        ("Strict-Transport-Security", "", 80),
        ("X-Content-Type-Options", "", 125),
        ("Referrer-Policy", "unsafe-url", 120),
        ("Cross-Origin-Resource-Policy", "", 120),
    ],
)
def test_header_that_is_lost_or_weak_costs_what_the_table_says(name, value, expected):
    assert score({**ours("/*"), name: value}) == expected


@pytest.mark.parametrize("path", ["/*", "/sousuo/*"])
def test_policy_has_nothing_that_the_evaluator_of_google_rates_high_or_medium(path):
    # Its checks of severity high and medium (checks/security_checks.ts of google/csp-evaluator).
    said = directives(ours(path)["Content-Security-Policy"])
    sources = {source for each in said.values() for source in each}
    assert not sources & {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}
    assert "data:" not in said["script-src"]
    assert said["base-uri"] == {"'none'"}
    assert said["default-src"] == {"'none'"}, "so that there is no object-src to miss"
    assert "report-uri" not in said
