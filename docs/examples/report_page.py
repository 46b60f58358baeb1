"""Makes the picture and the table of sizes of `report.md`; prints the table, writes with `--write`.

The picture is taken by the browser of the tests; without a browser it stays as it is.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import parecon as pe

DOCS = Path(__file__).resolve().parent.parent
PAGE, PICTURE = DOCS / "report.md", DOCS / "report.png"
WIDTH, HEIGHT = 960, 1080


def us() -> pe.Report:
    """The report of the command in the page."""
    plan = pe.solve(pe.load("us-2012"))
    benchmark = pe.economies.benchmark("us-2012")
    return pe.report(plan, benchmark, title="us-2012, my-plan", money="million USD")


def many() -> pe.Report:
    """Of as many councils as in the published simulations, and as many goods again."""
    plan = pe.solve(pe.synthetic.ces(30_000, 30_000, 1_000, seed=2, linear_activities=300))
    return pe.report(plan, plan)


def row(name: str, report: pe.Report) -> str:
    """A line of the table; to 10 kB, because the seconds of a solve are words of the page."""
    return f"| {name} | {10 * round(report.size / 1e4):,} kB |"


def sizes() -> str:
    """The table."""
    head = ["| plan | page |", "| --- | ---: |"]
    us_row = row("us-2012: 72 goods, 73 councils", us())
    return "\n".join([*head, us_row, row("1,000 goods, 60,000 councils", many())])


def write(table: str) -> None:
    """Put the table into the page, and the picture beside it."""
    text = PAGE.read_text(encoding="utf-8")
    marked = re.sub(
        r"(<!-- sizes -->\n).*?(\n<!-- end -->)", rf"\g<1>{table}\g<2>", text, flags=re.DOTALL
    )
    PAGE.write_text(marked, encoding="utf-8")
    sys.path.insert(0, str(DOCS.parent / "tests"))
    from report.browser import Browser, find  # where the tests have it

    program = find()
    if program is None:
        return
    with tempfile.TemporaryDirectory() as folder, Browser(program) as browser:
        page = Path(folder) / "report.html"
        us().save(page)
        browser.open(page, width=WIDTH, height=HEIGHT, prefers_color_scheme="light")
        browser.screenshot(PICTURE, whole=False)


def main() -> None:
    """As the docstring of the module says."""
    table = sizes()
    print(table)
    if "--write" in sys.argv[1:]:
        write(table)


if __name__ == "__main__":
    main()
