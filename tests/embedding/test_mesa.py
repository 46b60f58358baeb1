"""The village in Mesa: plans that follow the agents, as good as fresh ones, and nothing kept."""

from __future__ import annotations

import gc
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import parecon as pe

mesa = pytest.importorskip("mesa", reason="needs Mesa: pip install mesa")
EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/embedding/mesa_village.py"
TOL = 1e-8


@pytest.fixture(scope="module")
def village_of():
    spec = importlib.util.spec_from_file_location("mesa_village", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Village


def test_updated_and_solved_is_solved_anew(village_of):
    village = village_of(tol=TOL, seed=3)
    for _ in range(6):
        village.step()
        economy = village.solver.economy
        fresh = pe.solve(village.economy(), tol=TOL)
        assert pe.certify(economy, village.plan).holds(TOL)
        # both are within the tolerance of the best there is
        assert abs(village.plan.welfare - fresh.welfare) <= TOL * economy.total_budget
        np.testing.assert_allclose(village.plan.price, fresh.price, rtol=1e-5)
    warm = village.datacollector.get_model_vars_dataframe()["iterations"].iloc[1:]
    assert warm.max() < fresh.n_iterations


def test_what_the_plan_asks_comes_back_to_the_agents(village_of):
    village = village_of(seed=3)
    village.step()
    made, enjoyed = village.plan.proposals
    assert [shop.made for shop in village.workshops] == made.output.tolist()
    assert [home.utility for home in village.households] == enjoyed.utility.tolist()
    before = [shop.skill for shop in village.workshops]
    village.step()
    assert before != [shop.skill for shop in village.workshops]
    assert village.solver.economy.families[0].productivity.tolist() == [
        shop.skill for shop in village.workshops
    ]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_two_hundred_years_keep_no_memory(village_of):
    village = village_of(workshops=400, households=600, tol=1e-6)
    size = village.solver.economy.nbytes
    used = []
    for year in range(201):
        village.step()
        if year in (50, 200):
            gc.collect()
            used.append(resident())
    # 150 economies, problems or plans that stay behind would be far more
    assert used[1] - used[0] < 50 * size, (used, size)


def resident():
    """Bytes of memory that the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
