"""Runs the examples of `../accounts.md`; `--write` puts what they print into the page.

Needs the published tables. The tests run the page itself and compare.
"""

from __future__ import annotations

import sys

from _shared import ROOT, data_folder, executed

PAGE = ROOT / "docs" / "accounts.md"


def main() -> None:
    """Run the page, print it, and with `--write` put it in place."""
    page = executed(PAGE, {"data": data_folder()})
    print(page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
