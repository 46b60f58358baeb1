"""Makes what stands between markers in `../scenarios.md`; with `--write` puts it into the page.

The page's own Python blocks are run, in order and in one namespace; every block between markers is
the output of the block before it, or a table from here. The tests compare.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import parecon as pe

HERE = Path(__file__).parent
PAGE = HERE.parent / "scenarios.md"
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"<!-- ([a-z ]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def curve() -> str:
    """The permit price by cut, and what it costs."""
    economy = pe.load("us-2012-benchmark")
    sweep = pe.sweep(economy, pe.load_scenarios(HERE / "cuts.toml"), tol=1e-8, certify=False)
    welfare = sweep.values("welfare")
    loss = np.expm1((welfare - welfare[0]) / economy.total_budget)
    rows = ["| cut | permit price | welfare | electricity and gas | food |", "| ---: " * 5 + "|"]
    columns = (
        [outcome.scenario.parameters["cut"] for outcome in sweep],
        sweep.values("permit price", "ghg_permit"),
        loss,
        _change(sweep.values("supply", "utilities")),
        _change(sweep.values("supply", "food")),
    )
    for cut, price, lost, utilities, food in zip(*columns, strict=True):
        change = " | ".join(f"{100 * value:+.1f} %" for value in (lost, utilities, food))
        rows.append(f"| {cut:.0f} % | {price:,.0f} | {change} |".replace("-0.0", "0.0"))
    return "\n".join(rows).replace("+0.0", "0.0") + "\n"


def _change(values: np.ndarray) -> np.ndarray:
    return values / values[0] - 1.0


def blocks() -> Iterator[tuple[str, str]]:
    """(name, text) of everything that stands between markers, in the order of the page."""
    page = PAGE.read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "page"}
    printed = ""
    parts = sorted(
        [(match.start(), "run", match[1]) for match in _PYTHON.finditer(page)]
        + [(match.start(), "show", match[1]) for match in _MARKED.finditer(page)]
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("cuts.toml").symlink_to(HERE / "cuts.toml")
        for _, kind, text in parts:
            if kind == "run":
                stream = io.StringIO()
                with contextlib.redirect_stdout(stream):
                    exec(compile(text, str(PAGE), "exec"), namespace)
                printed = stream.getvalue()
            elif text == "curve":
                yield text, curve()
            else:
                yield text, f"```\n{printed}```\n"


def main() -> None:
    """Print the blocks; with --write put them into the page."""
    page = PAGE.read_text(encoding="utf-8")
    for name, text in blocks():
        print(f"{name}\n{text}")
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda match, text=text: match[1] + text + match[2],
            page,
            flags=re.DOTALL,
        )
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
