"""JSON lines: one object per line, in strict JSON, of bounded length.

What Python's reader would let pass is refused here, because whoever wrote it meant something else:
the words NaN and Infinity, a key that stands twice in an object, text that is no Unicode.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO, NoReturn

from parecon.errors import ProtocolError
from parecon.storage.numbers import to_json

MAX_LINE_BYTES = 64 * 2**20  # a line is read into memory, where its numbers take ten times that
_CHUNK = 2**16
_SHOWN = 40


def read_line(stream: BinaryIO, max_bytes: int = MAX_LINE_BYTES) -> bytes | None:
    """Return the next line, or None at the end of the stream.

    Raises ProtocolError for a longer line, which is skipped: the next call reads the line after it.
    """
    line = stream.readline(max_bytes + 1)
    if not line:
        return None
    if len(line) <= max_bytes or line.endswith(b"\n"):
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)
    raise ProtocolError(f"line: expected at most {max_bytes:,} bytes, got more; it was skipped")


def decode(line: bytes) -> Any:
    """Return the value that a line holds. Raises ProtocolError that says what is wrong where."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(
            f"line: expected UTF-8, got byte 0x{line[error.start]:02x} at position {error.start}"
        ) from error
    if not text.strip():
        raise ProtocolError("line: expected a JSON object, got an empty line")
    try:
        value = _READER.decode(text)
        _check_text(text, value)
    except json.JSONDecodeError as error:
        raise ProtocolError(_what_is_wrong(line, error)) from error
    except RecursionError as error:
        raise ProtocolError("line: expected JSON, got one nested too deeply") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise ProtocolError(f"line: expected JSON numbers, got: {error}") from error
    return value


def encode(answer: Any) -> bytes:
    """Return the line for an answer, with its end; a number that is not finite is null.

    Numbers are written with all digits that are needed to read back the same double. Text is
    escaped to ASCII, so that no locale can spoil it.
    """
    plain = to_json(answer, not_finite=lambda _: None)
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _no_number(word: str) -> NoReturn:
    raise ProtocolError(f"line: {word} is no JSON number; leave out what is not known")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose keys are expected to be distinct."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ProtocolError(f"line: the key {key!r} stands twice in one object")
            seen.add(key)
    return found


def _what_is_wrong(line: bytes, error: json.JSONDecodeError) -> str:
    if not line.endswith(b"\n"):
        return "line: the input ended in the middle of it"
    near = error.doc[error.pos : error.pos + _SHOWN].rstrip()
    return f"line: expected JSON: {error.msg} at character {error.pos}, near {near!r}"


def _check_text(text: str, value: Any) -> None:
    """Refuse halves of surrogate pairs, which JSON can write and no file can hold."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ProtocolError("line: expected Unicode text, got half a surrogate pair") from error


_READER = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_object)
