"""Markup by construction."""

from __future__ import annotations

import pytest

from parecon._html import Markup, escape, join, printable, tag
from parecon.reporting import words


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b> & \"'", tag("br")) == "<p>&lt;b&gt; &amp; &quot;&#x27;<br></p>"
    assert tag("p", [tag("i", "x"), None, ["y", 3]]) == "<p><i>x</i>y3</p>"
    assert join(None) == ""
    assert escape(escape("<")) == "&lt;"


def test_attributes_are_quoted_and_left_out() -> None:
    made = tag("td", "1", class_="n", data_v=1.5, hidden=None, title='"><script>', open=True)
    assert made == '<td class="n" data-v="1.5" title="&quot;&gt;&lt;script&gt;" open>1</td>'
    # markup in an attribute is text there
    assert tag("a", href=Markup("<b>")) == '<a href="&lt;b&gt;"></a>'


def test_what_no_document_may_contain_is_replaced() -> None:
    assert printable("a\x00\x1b\ud800\ufffe\x85\u202e\u2066b\n\t") == "a" + 7 * "\ufffd" + "b\n\t"
    escape("\ud800").encode("utf-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1.0, "1.000"), (0.92024, "0.9202"), (-12.3456, "−12.35"), (999.96, "1000."),
        (1234.56, "1,234.6"), (12345.6, "12,346"), (8575370.4, "8,575,370"), (1e15, "1.000e+15"),
        (-3e-7, "−3.000e−07"), (float("inf"), "∞"), (float("-inf"), "−∞"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_numbers(value, text) -> None:
    assert words.number(value) == text.removesuffix(".")


@pytest.mark.parametrize(
    ("relative", "text"),
    [
        (0.0123, "+1.23 %"), (-0.2999, "−30.0 %"), (1.98, "+198.0 %"), (-1e-9, "0.00 %"),
        (123.4, "+12,340 %"), (float("nan"), "–"), (float("inf"), "from 0"),
    ],
)  # fmt: skip
def test_changes(relative, text) -> None:
    assert words.change(relative).replace("\N{NO-BREAK SPACE}", " ") == text


def test_measures_that_are_not_small_are_shares() -> None:
    assert words.measure(3.2e-9) == "3.2e−09"
    assert words.measure(0.57).replace("\N{NO-BREAK SPACE}", " ") == "57 %"
    billion = words.amount(4_919_354_958_759.0).replace("\N{NO-BREAK SPACE}", " ")
    assert billion == "4,919.4 billion"
    assert words.count(1, "good") == "1 good"
    assert words.count(2_000, "good") == "2,000 goods"
