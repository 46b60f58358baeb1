"""The wheel, built from this checkout and laid out as an installation lays it out."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment(site: Path) -> dict[str, str]:
    """Of a process that finds the package in `site`, before anything that is installed."""
    return {**os.environ, "PYTHONPATH": str(site)}


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder that holds what the wheel installs.

    Objects that `make build` has compiled are compiled again only if they changed; a wheel built
    from scratch is for `.ci/run`.
    """
    for tool in ("setuptools", "Cython"):
        if importlib.util.find_spec(tool) is None:
            pytest.skip(f"building a wheel needs {tool}")
    if shutil.which(os.environ.get("CC", "cc")) is None:
        pytest.skip("building a wheel needs a C compiler")
    place = tmp_path_factory.mktemp("wheel")
    built = ROOT / "build" / f"inplace-{sys.implementation.cache_tag}"
    if built.is_dir():
        # with the times of the files: they say what is up to date
        shutil.copytree(built / "temp", place / "temp", copy_function=shutil.copy2)
        shutil.copytree(
            built / "lib", place / "lib", ignore=shutil.ignore_patterns("*.py"),
            copy_function=shutil.copy2,
        )  # fmt: skip
    command = [
        sys.executable, "setup.py", "-q", "egg_info", "--egg-base", place,
        "build", "--build-lib", place / "lib", "--build-temp", place / "temp",
        "bdist_wheel", "--dist-dir", place, "--bdist-dir", place / "bdist",
    ]  # fmt: skip
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, capture_output=True, timeout=560)
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"
