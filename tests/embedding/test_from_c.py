"""Programs in Cython and C compile against the installed wheel and run rounds without Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from embedding.conftest import environment

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "embedding"

# Away from the checkout: with what the wheel has installed, and nothing else.
BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

import parecon.capi

here = parecon.capi.get_include()
setup(
    name="consumers",
    ext_modules=[
        *cythonize([Extension("rounds_in_cython", ["rounds_in_cython.pyx"])]),
        Extension("rounds_in_c", ["rounds_in_c.c"], include_dirs=[here]),
    ],
)
"""

RUN = """
import json, sys

import numpy as np

import parecon as pe
from parecon import capi

economy = pe.synthetic.ces(60, 60, 12, returns=(0.4, 0.7), seed=2)
rule = pe.rules.Proportional(0.2)
by_simulation = pe.simulate(
    economy, rule=rule, start_price=1.0, threshold=0.01, gaps="none", plan=False
)
found = {"where": pe.__file__, "simulated": by_simulation.n_rounds}
for name in ("rounds_in_cython", "rounds_in_c"):
    module = __import__(name)
    round_ = capi.Round(economy)
    handle = round_ if name == "rounds_in_cython" else round_.handle
    price = np.ones(economy.n_goods)
    found[name] = module.settle(handle, price, 0.2, 0.01, 200)
    off = price / by_simulation.price[-1] - 1.0
    found[name + " off"] = float(np.abs(off).max())
    for wrong in ({}, None, object()):
        try:
            module.settle(wrong, price, 0.2, 0.01, 200)
        except (TypeError, ValueError):
            continue
        raise AssertionError(wrong)
    # what C hands back of a wrong price is "nothing written": the board stops at once
    assert module.settle(handle, np.zeros(economy.n_goods), 0.2, 0.01, 200) == 0
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def consumers(site, tmp_path_factory) -> Path:
    """A folder with both examples, compiled."""
    place = tmp_path_factory.mktemp("consumers")
    for name in ("rounds_in_cython.pyx", "rounds_in_c.c"):
        shutil.copy(EXAMPLES / name, place)
    (place / "setup.py").write_text(BUILD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=place, env=environment(site), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return place


def test_boards_in_cython_and_c_come_as_far_as_simulate(consumers, site):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUN)],
        cwd=consumers, env=environment(site), capture_output=True, text=True, check=False,
        timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert Path(found["where"]).is_relative_to(site)
    assert found["rounds_in_cython"] == found["rounds_in_c"] == found["simulated"] > 10
    assert found["rounds_in_cython off"] < 1e-10
    assert found["rounds_in_c off"] < 1e-10


def test_the_declarations_say_the_same_as_the_kernel(site):
    """Cython compares signatures when it imports a function; here every one is imported."""
    from parecon._kernels import rounds

    declared = (site / "parecon" / "capi" / "__init__.pxd").read_text(encoding="utf-8")
    header = (site / "parecon" / "capi" / "parecon_round.h").read_text(encoding="utf-8")
    assert set(rounds.ADDRESSES) == set(rounds.__pyx_capi__) - {"parecon_round_of"}
    for name in rounds.__pyx_capi__:
        assert f"{name}(" in declared
    for name in rounds.ADDRESSES:
        assert f"(*{name.removeprefix('parecon_')})(" in header
