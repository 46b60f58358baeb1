"""Runs the examples of `from-table-to-plan.md`; `--write` puts what they print into the page.

The tests run the page itself and compare.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from _shared import ROOT, executed

from parecon import plots

PAGE = Path(__file__).with_name("from-table-to-plan.md")
FOLDER = ROOT / "src" / "parecon" / "economies" / "data" / "us_2012"
PICTURE = "from-table-to-plan.svg"


def picture(names: dict[str, Any]) -> Any:
    """Of what the examples made."""
    return plots.price_changes(names["plan"], names["year"])


def main() -> None:
    """Run the page, print it, and with `--write` put it in place."""
    names: dict[str, Any] = {"folder": FOLDER}
    page = executed(PAGE, names)
    print(page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        plots.write(picture(names), PAGE.with_name(PICTURE))


if __name__ == "__main__":
    main()
