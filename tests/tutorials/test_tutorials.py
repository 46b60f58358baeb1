"""The tutorials: a small run of each script makes every part of its page, with the same figures."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pages

FOLDER = Path(__file__).parents[2] / "docs" / "tutorials"


def loaded(name: str):
    """The script of a page as a module."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))  # for what the scripts share
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def on_page(page: str, name: str) -> list[str]:
    """Lines of a part of the page."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    assert found is not None, name
    return found[1].splitlines()


def check_parts(script, results, *, partly: dict[str, int], slow: tuple[str, ...] = ()) -> None:
    """Every part is made anew and stands on the page, whole or, of `partly`, that many rows.

    slow : parts that are only made by a full run.
    """
    page = script.PAGE.read_text(encoding="utf-8")
    parts = results.parts()
    assert set(re.findall(r"<!-- (?!end)(\w+) -->", page)) == set(parts)
    for name, make in parts.items():
        there = on_page(page, name)
        if name in slow:
            assert there
            continue
        anew = make().splitlines()
        if name in partly:
            assert anew[:2] == there[:2], name
            assert len(anew) == 2 + partly[name], name
            assert set(anew) <= set(there), name
        else:
            assert anew == there, name


def check_pictures(script, results) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    for name, draw in results.pictures().items():
        assert f"]({name})" in page
        assert script.PAGE.with_name(name).read_text(encoding="utf-8").startswith("<?xml")
        assert draw().axes


def test_from_table_to_plan() -> None:
    script = loaded("from_table_to_plan")
    chosen = pages.examples("tutorials/from-table-to-plan.md")
    lines = [line for code, _ in chosen for line in code.splitlines() if line.strip()]
    assert len(lines) <= 20
    names = {"folder": script.FOLDER}
    pages.run("from-table-to-plan.md", chosen, names)
    assert names["plan"].certificate.holds()
    page = script.PAGE.read_text(encoding="utf-8")
    assert f"]({script.PICTURE})" in page
    assert script.picture(names).axes


def test_make_docs_runs_every_script_of_the_documentation() -> None:
    """`make docs` finds them by their place; what they share begins with an underscore."""
    makefile = (FOLDER.parents[1] / "Makefile").read_text(encoding="utf-8")
    assert "$(wildcard docs/*/[a-z]*.py)" in makefile
    for script in FOLDER.parent.glob("*/[a-z]*.py"):
        words = script.read_text(encoding="utf-8")
        assert '"--write" in sys.argv' in words or "finish(PAGE" in words, script


def test_halving_us_emissions(shared_data) -> None:
    script = loaded("halving_us_emissions")
    results = script.Results(shared_data, cuts=(0, 50))
    rows = {"curve": 2, "incomes": 2, "beside": 2}
    check_parts(script, results, partly=rows)
    check_pictures(script, results)


def test_needs_first(shared_data) -> None:
    script = loaded("needs_first")
    results = script.Results(shared_data, levels=(0.8, 1.0))
    check_parts(script, results, partly={"further": 2}, slow=("missing",))
    check_pictures(script, results)
    for plan, _, delivered in results.guaranteed.values():
        has = results.bought(plan) + delivered
        assert (has > results.promised - 0.2).all()  # million GBP
