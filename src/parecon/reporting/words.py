"""Numbers for people: four digits, signs that are minus signs, and what is not known as a dash."""

from __future__ import annotations

import math

__all__ = ["amount", "change", "count", "measure", "money", "number", "share", "tolerance"]

UNKNOWN = "–"  # an en dash
_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float) -> str:
    """Four digits, and all that stand before the point."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return _signed("-∞" if value < 0.0 else "∞")
    size = abs(value)
    if size >= 1e15 or 0.0 < size < 1e-4:
        return _signed(f"{value:.3e}")
    if size >= 1e3:
        return _signed(f"{value:,.0f}" if size >= 1e4 else f"{value:,.1f}")
    return "0" if value == 0.0 else _signed(f"{value:#.4g}".removesuffix("."))


def change(relative: float) -> str:
    """A relative change in per cent, with its sign; inf is from nothing to something."""
    if relative == math.inf:
        return "from 0"
    if not math.isfinite(relative):
        return UNKNOWN
    percent = 100.0 * relative
    digits = 0 if abs(percent) >= 1e3 else 1 if abs(percent) >= 10.0 else 2
    text = f"{percent:+,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = f"{0.0:.{digits}f}"
    return _signed(text) + _NO_BREAK + "%"


def share(part: float) -> str:
    """A share in per cent, without a sign."""
    return UNKNOWN if not math.isfinite(part) else f"{100.0 * part:.3g}{_NO_BREAK}%"


def measure(value: float) -> str:
    """A relative measure that ought to be next to nothing; in per cent where it is not."""
    if math.isnan(value):
        return UNKNOWN
    if value == 0.0 or math.isinf(value):
        return "0" if value == 0.0 else number(value)
    return _signed(share(value) if abs(value) >= 1e-3 else f"{value:.1e}")


def tolerance(value: float) -> str:
    """A bound on a measure."""
    return _signed(f"{value:g}")


def count(n: int, one: str, several: str | None = None) -> str:
    """`1 good`, `2 goods`."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"


def amount(value: float) -> str:
    """A number in a sentence: large ones in billions."""
    if math.isfinite(value) and 1e10 <= abs(value) < 1e15:
        return f"{number(value / 1e9)}{_NO_BREAK}billion"
    return number(value)


def money(value: float, word: str) -> str:
    """An amount and its unit."""
    return f"{amount(value)}{_NO_BREAK}{word}"


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
