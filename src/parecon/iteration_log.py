"""The iteration log as text: pure functions from what is known to lines.

Nothing here prints or reads a clock. A solver hands its `log` the lines of `opening`, then for each
iteration a `row`, with the `header` before every `HEADER_EVERY`-th, and at last those of `footer`.

The gap is signed: a negative one says that shortages still stand, not that the plan is better than
possible. `--` stands for what does not exist (no step before the first row); `*` after a step marks
one that was reset by a recovery.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parecon._version import __version__

if TYPE_CHECKING:
    from parecon.economy import Economy
    from parecon.plan import Info, Plan
    from parecon.settings import Settings

# The one place where the table is laid out: a column is as wide as its heading, blanks included.
_HEADER = (
    " iter          dual       gap  shortage   surplus    profit   barrier     step  lin   time_s"
)
HEADER_EVERY = 40
_ABSENT = "--"

_ROLES = {
    "workers": "worker councils",
    "consumers": "consumer councils",
    "suppliers": "suppliers",
}


def header() -> str:
    """The column headings."""
    return _HEADER


def row(info: Info) -> str:
    """One iteration in the columns of `header()`."""
    mark = "*" if info.recovered else ""
    cells = (
        f"{info.iteration:d}",
        _number(info.dual, "+.5e"),
        _number(info.gap, "+.1e"),
        _number(info.shortage, ".1e"),
        _number(info.surplus, ".1e"),
        _number(info.zero_profit, ".1e"),
        _number(info.barrier, ".1e"),
        _number(info.step, ".1e") + mark,
        _ABSENT if math.isnan(info.step) else f"{info.linear_iterations:d}",
        f"{info.time_s:.2f}",
    )
    return "".join(cell.rjust(width) for cell, width in zip(cells, _widths(), strict=True))


def opening(
    economy: Economy, *, settings: Settings | None = None, n_threads: int | None = None
) -> list[str]:
    """What is about to be solved: version, economy, and the settings that are not the defaults."""
    head = f"parecon {__version__} · participatory planning"
    if n_threads is not None:
        head += f" · {n_threads} thread{'' if n_threads == 1 else 's'}"
    counts: dict[str, int] = {}
    for family in economy.families:
        role = _ROLES.get(family.role, family.role)
        counts[role] = counts.get(role, 0) + family.n_councils
    sizes = [f"goods {economy.n_goods:,}"]
    sizes += [f"{role} {count:,}" for role, count in counts.items()]
    sizes.append(f"entries {economy.n_entries:,}")
    lines = [head, "economy   " + "   ".join(sizes)]
    if settings is not None:
        changed = {k: v for k, v in settings.changed().items() if not callable(v)}
        text = "   ".join(f"{name} {_setting(value)}" for name, value in changed.items())
        lines.append(f"settings  {text or 'all at their defaults'}")
    return [*lines, ""]


def footer(plan: Plan) -> list[str]:
    """How it ended, where the time went, and what the certificate says."""
    plural = "" if plan.n_iterations == 1 else "s"
    # The phases add up to the whole solve; the history ends with the last test.
    total_s = sum(plan.phase_s.values()) or plan.time_s
    line = (
        f"{plan.status.value}   {plan.n_iterations} iteration{plural}, {_number(total_s, '.2f')} s"
    )
    shares = phase_shares(plan.phase_s)
    lines = ["", line + (f"   ({shares})" if shares else "")]
    if plan.message:
        lines.append(plan.message)
    certificate = plan.certificate
    if certificate is not None:
        lines.append(
            f"certified on original data: shortage {_worst(certificate, 'shortage')}, "
            f"surplus {_worst(certificate, 'surplus')}, gap {_number(certificate.gap, '+.1e')}"
        )
    return lines


def phase_shares(phase_s: Mapping[str, float]) -> str:
    """`responses 41 %, direction 46 %, other 13 %`: phases of 1 % or more, largest first."""
    total = sum(phase_s.values())
    if not total > 0.0:
        return ""
    large = sorted(phase_s.items(), key=lambda item: -item[1])
    parts = [f"{name} {100 * s / total:.0f} %" for name, s in large if s >= 0.01 * total]
    return ", ".join(parts)


def _widths() -> list[int]:
    """Column widths read off the header: each column ends where its heading ends."""
    ends = [
        i + 1
        for i, letter in enumerate(_HEADER)
        if letter != " " and (i + 1 == len(_HEADER) or _HEADER[i + 1] == " ")
    ]
    return [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _number(value: float, spec: str) -> str:
    return _ABSENT if math.isnan(value) else format(value, spec)


def _setting(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _worst(certificate: Any, measure: str) -> str:
    """`4.2e-12 (worst: steel)`, without the name where the measure is zero."""
    value, good = getattr(certificate, measure), getattr(certificate, f"{measure}_good", None)
    text = _number(value, ".1e")
    return f"{text} (worst: {good})" if good is not None and value > 0.0 else text
