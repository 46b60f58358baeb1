"""What the scripts of the tutorials share: where the tables are, and how a page is put together."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from parecon import Plan, plots

ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```(?P<printed>\n\n```text\n.*?```)?", re.DOTALL)


def data_folder() -> Path:
    """The folder of published tables: `data` in PARECON_SHARED, or in `shared` beside the checkout.

    Pages of tables that are not there cannot be made again.
    """
    named = os.environ.get("PARECON_SHARED")
    folder = (Path(named) if named else ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        sys.exit(f"no folder of published tables {folder}; name its parent in PARECON_SHARED")
    return folder


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, names: int = 1) -> str:
    """Markdown; the first columns hold names, the others numbers."""
    rule = ["---" if k < names else "---:" for k in range(len(titles))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def source(*objects: Any) -> str:
    """Code as it stands in the script that made the page."""
    return "```python\n" + "\n\n".join(map(inspect.getsource, objects)) + "```"


def printed(what: object) -> str:
    """What Python prints."""
    return f"```text\n{what}\n```"


def percent(value: float, digits: int = 1) -> str:
    """Of a relative change."""
    return f"{round(100 * value, digits) + 0.0:+.{digits}f} %"  # + 0.0: no minus before zero


def price_of(plan: Plan, good: str) -> float:
    """Money per unit."""
    return float(plan.price[plan.economy.goods.index(good)])


def block(name: str) -> re.Pattern[str]:
    """The part of a page that belongs to a table, markers included."""
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)


def executed(page: Path, names: dict[str, Any]) -> str:
    """The page, its examples run in one namespace, with what they print as of now."""

    def run(found: re.Match[str]) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(found["code"], page.name, "exec"), names)
        head = f"```python\n{found['code']}```"
        return head if found["printed"] is None else f"{head}\n\n```text\n{out.getvalue()}```"

    return _EXAMPLE.sub(run, page.read_text(encoding="utf-8"))


def finish(
    page: Path,
    parts: Mapping[str, Callable[[], str]],
    pictures: Mapping[str, Callable[[], Any]],
) -> None:
    """Print the parts, or with `--write` put them and the pictures in place."""
    words = page.read_text(encoding="utf-8")
    for name, make in parts.items():
        text = make()
        print(f"{name}\n{text}\n")
        if not block(name).search(words):
            sys.exit(f"{page.name}: expected the marker <!-- {name} -->")
        words = block(name).sub(lambda _, n=name, t=text: f"<!-- {n} -->\n{t}\n<!-- end -->", words)
    if "--write" in sys.argv[1:]:
        page.write_text(words, encoding="utf-8")
        for name, draw in pictures.items():
            plots.write(draw(), page.with_name(name))
