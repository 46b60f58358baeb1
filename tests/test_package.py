"""What the project says of itself is so: version, public names, the example of the README."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import parecon

ROOT = Path(__file__).resolve().parent.parent

# They take a tenth of a second to a second each, and most who import parecon need none of them.
SLOW = ("click", "cvxpy", "highspy", "matplotlib", "numpy", "pandas", "pyarrow", "rich", "scipy")


def test_the_version_is_the_same_everywhere() -> None:
    version = parecon.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert importlib.metadata.version("parecon") == version


def test_the_oldest_dependencies_tried_are_those_claimed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    claimed = [*project["dependencies"], *extras["pandas"], *extras["plot"], *extras["pymrio"]]
    oldest = (ROOT / "requirements" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    tried = [line for line in oldest if not line.startswith("#")]
    assert sorted(entry.replace(">=", "==") for entry in claimed) == sorted(tried)


@pytest.mark.parametrize("name", parecon.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(parecon, name) is not None


def test_importing_loads_nothing_slow() -> None:
    code = f"import sys, parecon; print(*(name for name in {SLOW!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_the_example_of_the_readme_says_what_the_readme_says() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    printed, names = [], {}
    for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, names)
        printed.append(out.getvalue())
    first_plan, procedure = printed
    lines = dict(line.split() for line in first_plan.splitlines()[:5])
    # By hand: wind and coal both break even, so 4 e = 2 w and 4 e = w + 2 t, hence t = e = w/2.
    # What there is, 100 w + 20 t, is worth the budgets, 1000. Free time takes 380, electricity 620.
    assert lines == {
        "labour": "9.091",
        "permits": "4.545",
        "electricity": "4.545",
        "coal": "10.00",
        "wind": "24.10",
    }
    for number in lines.values():
        assert number in text
    assert procedure == "6 announcements, prices 2.1% from the plan's\n"
    assert "Six announcements, and prices are 2.1 % from the plan's." in text
