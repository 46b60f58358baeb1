"""Lines of JSON: strict, bounded, and exact to the last bit."""

from __future__ import annotations

import io
import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parecon.errors import ProtocolError
from parecon.facilitator import lines


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"\n", "empty line"),
        (b"  \t\r\n", "empty line"),
        (b"{'do': 'ask'}\n", "character 1, near"),
        (b'{"do": "ask"} {}\n', "Extra data"),
        (b'{"do": "ask"\n', "expected JSON"),
        (b'{"do": "a', "ended in the middle"),
        (b'{"do": "tell", "supply": {"corn": NaN}}\n', "NaN is no JSON number"),
        (b'{"do": "tell", "budget": -Infinity}\n', "-Infinity is no JSON number"),
        (b'{"do": "ask", "do": "deliver"}\n', "the key 'do' stands twice"),
        (b'{"supply": {"corn": 1, "corn": 2}}\n', "the key 'corn' stands twice"),
        (b'{"do": "\xff"}\n', "byte 0xff at position 8"),
        (b"\xef\xbb\xbf{}\n", "near '\\ufeff{}'"),
        (b'{"council": "\\ud800"}\n', "surrogate"),
        (b'{"council": "\\uD83D"}\n', "surrogate"),
        (b"[" * 100_000 + b"\n", "nested too deeply"),
        (b"[" * 2_000 + b'"\\ud83d"' + b"]" * 2_000 + b"\n", "line: expected"),
        (b'{"round": ' + b"1" * 5_000 + b"}\n", "digits"),
    ],
)
def test_what_is_no_json_is_refused_in_one_sentence(line, message) -> None:
    with pytest.raises(ProtocolError) as refused:
        lines.decode(line)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_what_is_json_is_read() -> None:
    assert lines.decode(b' {"a": "\xc3\xa4", "b": "\\ud83d\\ude00", "c": null}\r\n') == {
        "a": "ä",
        "b": "\N{GRINNING FACE}",
        "c": None,
    }
    assert lines.decode(b'{"the last line": "without an end"}') == {
        "the last line": "without an end"
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_come_back_to_the_last_bit(number) -> None:
    back = lines.decode(lines.encode({"x": number, "v": np.array([number])}))
    assert struct.pack("d", back["x"]) == struct.pack("d", number)
    assert struct.pack("d", back["v"][0]) == struct.pack("d", number)


def test_what_is_not_finite_is_null_and_text_is_ascii() -> None:
    line = lines.encode({"x": math.nan, "v": np.array([1.0, -math.inf]), "käse": "ä\n"})
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"x": None, "v": [1.0, None], "käse": "ä\n"}


@pytest.mark.parametrize("length", [9, 10, 11, 200_000])
def test_a_line_that_is_too_long_is_skipped(length) -> None:
    stream = io.BytesIO(b"x" * length + b"\nnext\n" + b"y" * length)
    if length <= 10:
        assert lines.read_line(stream, 10) == b"x" * length + b"\n"
    else:
        with pytest.raises(ProtocolError, match="at most 10 bytes"):
            lines.read_line(stream, 10)
    assert lines.read_line(stream, 10) == b"next\n"
    if length <= 10:
        assert lines.read_line(stream, 10) == b"y" * length
    else:
        with pytest.raises(ProtocolError, match="at most 10 bytes"):
            lines.read_line(stream, 10)
    assert lines.read_line(stream, 10) is None
