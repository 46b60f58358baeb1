"""Numbers for people."""

from __future__ import annotations

import math


def number(value: float | None, unit: str) -> str:
    """Three digits and the unit; ratios below 1 as one over something; "-" for no number."""
    if value is None or not math.isfinite(value):
        return "-"
    if unit == "ratio":
        return f"1/{1.0 / value:.3g}" if 0.0 < value <= 0.5 else f"{value:.3g}"
    if unit == "s" and value < 1.0:
        return f"{value * 1e3:.3g} ms"
    if not unit:
        return f"{value:.0e}"
    return f"{value:.3g} {unit}"


def size_of(n_bytes: float) -> str:
    """Bytes in MB or GB."""
    return f"{n_bytes / 1e9:.3g} GB" if n_bytes >= 1e9 else f"{max(n_bytes, 0) / 1e6:.0f} MB"
