"""Programs that use the public interface are checked by strict type checkers."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

CONSUMER = Path(__file__).with_name("typed_consumer.py")


def test_a_strictly_typed_program_passes(site, tmp_path):
    """Against the installed wheel, whose `py.typed` says that its annotations count."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("checking types needs mypy")
    found = strict(CONSUMER, environment_with(site, tmp_path), tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    # a slip is found: the annotations are there, and are not Any
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        CONSUMER.read_text(encoding="utf-8")
        + "\n\nplanned.price.upper()\nplanned.statsu\npe.solve(economy, tolerance=1.0)\n"
        "pe.solve(economy, callback=lambda info: info.gpa)\n"
        "round_.answer([1.0]).dual.lower()\n",
        encoding="utf-8",
    )
    slips = strict(wrong, tmp_path / "env", tmp_path).stdout.count(": error: ")
    assert slips == 5


def environment_with(site, place):
    """An environment in which what the wheel installs is installed, beside what this one has."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True, timeout=100
    )
    libraries = Path(sysconfig.get_path("purelib", vars={"base": str(place / "env")}))
    shutil.copytree(site, libraries, dirs_exist_ok=True)
    (libraries / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place / "env"


def strict(program, environment, place):
    return subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary",
            "--cache-dir", place / "cache", "--python-executable", environment / "bin" / "python",
            program,
        ],
        cwd=place, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
