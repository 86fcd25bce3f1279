"""How the pages read: empty words, ambiguous ages, wrong line, twin pages."""

from __future__ import annotations

import pytest

from sitegen.lint import alike_pages, lint_page, main_text, near_duplicates


def page(main: str, title: str = "标题") -> str:
    return f"<html><head><title>{title}</title></head><body><main>{main}</main></body></html>"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("找到余额查询或类似的选项。", "说得不清"),
        ("以上内容仅供参考。", "推卸的话"),
        ("标准因地区而异。", "空话"),
        ("具体以当地规定为准。", "没有电话"),
        ("70岁以上每月110元。", "年龄含不含不清楚"),
        ("12333是医保热线。", "12333"),
        ("医保热线12333。", "12333"),
        ("每月 100元。", "空格"),
        ("每月100 元。", "空格"),
        ("每月,都划。", "半角标点"),
        ("划入(俗称返款)金额。", "半角标点"),
    ],
)
def test_way_of_writing_that_helps_nobody_is_found(text, what):
    (problem,) = lint_page("/jia/", page(f"<p>{text}</p>"))
    assert what in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        "满70岁每月110元，不满70岁每月100元。",
        "以当地规定为准，打12393问。",
        "原文写70岁以上，没有说明含不含70岁。",
        "社保卡打12333，医保打12393。",
        "外地拨0816-12393。",
        '每月<b>100</b>元<a class="src" href="#s1">[1]</a> <span>二手资料</span> 2023年',
    ],
)
def test_plain_sentence_is_let_through(text):
    assert lint_page("/jia/", page(f"<p>{text}</p>")) == []


def test_wrong_claim_may_be_quoted_where_it_is_corrected():
    main = "<h2>“12333是医保热线”</h2><p>不对。</p>"
    assert lint_page("/wujie/", page(main)) == []
    assert len(lint_page("/jia/", page(main))) == 1


@pytest.mark.parametrize(
    ("title", "problems"), [("天津返款多少", 1), ("个人账户划入（俗称返款）", 0)]
)
def test_phrase_of_the_swindlers_does_not_stand_alone_in_a_title(title, problems):
    assert len(lint_page("/jia/", page("", title))) == problems


def test_titles_of_sources_and_menus_are_not_our_words():
    main = '<p>一</p><ol class="sources"><li>70岁以上返多少</li></ol><nav>仅供参考</nav>'
    main += '<div class="tools screen"><button>二</button></div>'
    main += '<script type="application/json">{"says":"仅供参考"}</script>'
    assert lint_page("/jia/", page(main)) == []
    assert main_text(page(main)).split() == ["一"]


def test_pages_that_differ_in_a_name_only_are_twins():
    text = "这里的医保余额可以打电话问，也可以去窗口，还可以用手机看。" * 3
    (problem,) = near_duplicates({"/jia/yue/": f"甲{text}", "/yi/yue/": f"乙{text}"})
    assert "/jia/yue/" in str(problem) or "/yi/yue/" in str(problem)


def test_pages_that_share_less_than_four_fifths_are_no_twins():
    # 20 shingles each, 16 shared: 16 of 24 in all.
    assert (
        near_duplicates(
            {"/a/": "一二三四五六七八九十甲乙丙丁", "/b/": "一二三四五六七八九十子丑寅卯"}
        )
        == []
    )


def test_limit_of_likeness_counts_itself():
    pages = {"/a/": "abcdefghi", "/b/": "abcdefghi"}
    assert len(near_duplicates(pages, limit=1.0)) == 1
    assert near_duplicates({"/a/": "abcdefghi", "/b/": "abcdefghj"}, limit=1.0) == []


def test_pages_of_different_guides_are_not_compared():
    text = "同样的一段话，写在两个指南里。"
    assert alike_pages([("yue", "/a/", text), ("jilu", "/b/", text)]) == []
    assert len(alike_pages([("yue", "/a/", text), ("yue", "/b/", text)])) == 1
