"""The size of a page: one initial TCP window, a table of all places a little more."""

from __future__ import annotations

import gzip
import random

import pytest

from sitegen.weight import Weight, heaviest, too_heavy, weigh


def noise(length: int) -> str:
    """Text that hardly gets smaller, the same every time."""
    return random.Random(1).randbytes(length // 2).hex()


def test_weight_is_what_gzip_makes_of_the_whole_html():
    html = "<!doctype html><p>医保</p>" + noise(500)
    assert weigh("/jia/", html).bytes == len(gzip.compress(html.encode(), 9))


@pytest.mark.parametrize(
    ("url", "limit"),
    [
        *(("/", 14_600), ("/jia/huaru/", 14_600), ("/404.html", 14_600), ("/laiyuan/", 14_600)),
        *(("/biao/huaru/", 40_000), ("/biaozhun/", 14_600)),
    ],
)
def test_page_may_reach_its_limit_and_not_pass_it(url, limit):
    assert too_heavy([Weight(url, limit)]) == []
    assert len(too_heavy([Weight(url, limit + 1)])) == 1


def test_heavy_page_is_an_error_that_names_size_limit_and_remedy():
    (problem,) = too_heavy([Weight("/jia/", 100), weigh("/jia/huaru/", noise(60_000))])
    assert not problem.warning
    words = ("site/jia/huaru/index.html", "字节，最多14,600字节", "拆成几页")
    assert all(word in str(problem) for word in words)


def test_heaviest_pages_come_first():
    weights = [Weight("/b/", 2), Weight("/c/", 3), Weight("/a/", 2), Weight("/d/", 1)]
    assert [weight.url for weight in heaviest(weights, 3)] == ["/c/", "/a/", "/b/"]
