"""The published optima of Williams' "Economic planning", as the greatest baskets of dated goods.

What is used in one year makes output in the next, and capacity two years on; stocks are kept from
year to year; what each objective counts is a joint product (H. P. Williams, Model Building in
Mathematical Programming, "Economic Planning").
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import parecon as pe
from parecon.dated import Capital, DatedEconomy, Later, Storage

YEARS = range(6)


def planning(data: dict, *, manpower: float, until: int = 3) -> DatedEconomy:
    """The problem in years 0 to 5.

    Industries make goods of the next year and need plant in the year in which they work; "output"
    and "manpower" count what is made and who works. until: last year in which plant is begun.
    """
    industries, inputs = data["goods"], np.array(data["input_coefficients"])
    made = [f"{industry} made" for industry in industries]
    goods = [*industries, *made, "labour", "output", "manpower"]
    net = np.zeros((3, len(goods)))
    net[:, :3], net[:, 3:6] = -inputs.T, np.eye(3)
    work = np.array(data["manpower_per_unit"])
    net[:, 6], net[:, 7], net[:, 8] = -work, 1.0, work
    stock = np.zeros(len(goods))
    stock[:3], stock[6] = data["initial_stock"], manpower
    base = pe.Economy(
        goods,
        stock,
        [
            pe.Targets([7, 8], 1.0, label="nobody's"),  # an economy must want something
            pe.Activities(net, names=industries, label="industries"),
        ],
    )
    takes = data["capacity_investment_inputs"]
    hands = data["manpower_per_capacity_unit"]
    plant = Capital(
        name="plant",
        use={"industries": 1.0},
        build={
            industry: {name: takes[i][j] for i, name in enumerate(industries)}
            | {"labour": hands[j], "manpower": -hands[j]}
            for j, industry in enumerate(industries)
        },
        initial=data["initial_capacity"],
        years=[str(year) for year in YEARS if year <= until],
    )
    return pe.dated(
        base,
        YEARS,
        capital=plant,
        storage=[Storage(good=industry) for industry in industries],
        later=[Later(good=m, of=i) for m, i in zip(made, industries, strict=True)],
        endowment={
            i: [s, *[0.0] * 5] for i, s in zip(industries, data["initial_stock"], strict=True)
        },
    )


@pytest.fixture(scope="module")
def data(shared_data) -> dict:
    """Table of the published problem."""
    path = shared_data / "equilibria" / "williams_economic_planning.json"
    return json.loads(path.read_text())


def deliveries(data: dict, demand) -> dict[str, float]:
    """Exogenous demand of five years, and in the sixth the output that goes on with it for ever."""
    inputs = np.array(data["input_coefficients"])
    static = np.linalg.solve(np.eye(3) - inputs, data["exogenous_demand"])
    owed = {f"{i} @end": float(x) for i, x in zip(data["goods"], static, strict=True)}
    for year in YEARS[1:]:
        owed |= {f"{i} @{year}": float(x) for i, x in zip(data["goods"], demand, strict=True)}
    return owed


@pytest.mark.parametrize("method", ["auto", "highs"])
@pytest.mark.parametrize("counts", ["capacity", "output", "manpower"])
def test_published_optimum(data, counts, method):
    published = data["optimal_values"]
    basket, expected = {
        "capacity": (
            {f"plant of {industry} @end": 1.0 for industry in data["goods"]},
            published["obj1_total_capacity_end_year5"],
        ),
        "output": (
            {"output @3": 1.0, "output @4": 1.0},  # made in these years, there in the next
            published["obj2_total_output_years_4_5_no_exogenous_demand"],
        ),
        "manpower": (
            {f"manpower @{year}": 1.0 for year in YEARS[1:]},
            published["obj3_total_manpower_years1to5_no_manpower_limit"],
        ),
    }[counts]
    demand = np.zeros(3) if counts == "output" else data["exogenous_demand"]
    dated = planning(data, manpower=1e5 if counts == "manpower" else data["manpower_limit"])
    found = pe.maximise(
        dated.economy, basket, deliveries=deliveries(data, demand), tol=1e-8, method=method
    )
    assert found.plan.status is pe.Status.SOLVED, found.plan.message
    assert found.value == pytest.approx(expected, rel=1e-7)
    assert found.value <= found.bound * (1 + 1e-12)
    assert found.bound == pytest.approx(expected, rel=1e-7)
