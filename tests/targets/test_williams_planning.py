"""The published optima of Williams' "Economic planning", as the greatest baskets of an economy.

Every good of every year is a good, every way to make it in a year an activity: what is used in one
year makes output in the next, and capacity two years on; stocks are kept from year to year; what
each objective counts is a joint product (H. P. Williams, Model Building in Mathematical
Programming, "Economic Planning").
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import parecon as pe

YEARS = range(1, 6)
LAST = 6


class Dated:
    """Goods by name, one column each, and activities as they are told."""

    def __init__(self, data: dict) -> None:
        self.industries, self.data = data["goods"], data
        self.names: list[str] = []
        self.rows: list[dict[str, float]] = []

    def activity(self, **flows: float) -> None:
        """One technique: + made, - used."""
        self.rows.append({name: amount for name, amount in flows.items() if amount})
        self.names += [name for name in flows if name not in self.names]

    def economy(self, endowment: dict[str, float]) -> pe.Economy:
        """With a target for whatever is counted, only because an economy must want something."""
        self.names += [name for name in endowment if name not in self.names]
        place = {name: i for i, name in enumerate(self.names)}
        net = np.zeros((len(self.rows), len(self.names)))
        for row, flows in zip(net, self.rows, strict=True):
            for name, amount in flows.items():
                row[place[name]] = amount
        stock = np.array([endowment.get(name, 0.0) for name in self.names])
        wanted = pe.Targets([place["counted"]], 1.0)
        return pe.Economy(self.names, stock, [wanted, pe.Activities(net)])


def of_year(name: str, year: int) -> str:
    return f"{name} {year}"


def planning(data: dict, *, manpower: float, counts: str) -> pe.Economy:
    """`counts`: new capacity by year 5, output of years 4 and 5, or manpower of years 1 to 5."""
    model = Dated(data)
    inputs, building = np.array(data["input_coefficients"]), data["capacity_investment_inputs"]
    endowment = {of_year("labour", year): manpower for year in range(LAST)}
    for j, industry in enumerate(data["goods"]):
        endowment[of_year(industry, 0)] = data["initial_stock"][j]
        for year in range(LAST):
            model.activity(**{of_year(industry, year): -1.0, of_year(industry, year + 1): 1.0})
        for year in range(1, LAST + 1):
            endowment[of_year(f"{industry} plant", year)] = data["initial_capacity"][j]
            work = data["manpower_per_unit"][j]
            flows = {of_year(name, year - 1): -inputs[i, j] for i, name in enumerate(data["goods"])}
            flows[of_year("labour", year - 1)] = -work
            flows[of_year(f"{industry} plant", year)] = -1.0
            flows[of_year(industry, year)] = 1.0
            counted = {"output": float(year in (4, 5)), "manpower": work * (year - 1 >= 1)}
            flows["counted"] = counted.get(counts, 0.0)
            model.activity(**flows)
        for year in range(2, LAST):  # no capacity after year 5
            work = data["manpower_per_capacity_unit"][j]
            flows = {
                of_year(name, year - 2): -building[i][j] for i, name in enumerate(data["goods"])
            }
            flows[of_year("labour", year - 2)] = -work
            for later in range(year, LAST + 1):
                flows[of_year(f"{industry} plant", later)] = 1.0
            flows["counted"] = {"capacity": 1.0, "manpower": work * (year - 2 >= 1)}.get(
                counts, 0.0
            )
            model.activity(**flows)
    return model.economy(endowment)


@pytest.fixture(scope="module")
def data(shared_data) -> dict:
    """Table of the published problem."""
    path = shared_data / "equilibria" / "williams_economic_planning.json"
    return json.loads(path.read_text())


def deliveries(data: dict, demand) -> dict[str, float]:
    """Exogenous demand of five years, and in the sixth the output that goes on with it for ever."""
    inputs = np.array(data["input_coefficients"])
    static = np.linalg.solve(np.eye(3) - inputs, data["exogenous_demand"])
    owed = {of_year(i, LAST): float(x) for i, x in zip(data["goods"], static, strict=True)}
    for year in YEARS:
        owed |= {of_year(i, year): float(x) for i, x in zip(data["goods"], demand, strict=True)}
    return owed


@pytest.mark.parametrize("method", ["auto", "highs"])
@pytest.mark.parametrize("counts", ["capacity", "output", "manpower"])
def test_published_optimum(data, counts, method):
    published = data["optimal_values"]
    expected = {
        "capacity": published["obj1_total_capacity_end_year5"] - sum(data["initial_capacity"]),
        "output": published["obj2_total_output_years_4_5_no_exogenous_demand"],
        "manpower": published["obj3_total_manpower_years1to5_no_manpower_limit"],
    }[counts]
    demand = np.zeros(3) if counts == "output" else data["exogenous_demand"]
    limit = 1e5 if counts == "manpower" else data["manpower_limit"]
    economy = planning(data, manpower=limit, counts=counts)
    owed = deliveries(data, demand)
    found = pe.maximise(economy, "counted", deliveries=owed, tol=1e-8, method=method)
    assert found.plan.status is pe.Status.SOLVED, found.plan.message
    assert found.value == pytest.approx(expected, rel=1e-7)
    assert found.value <= found.bound * (1 + 1e-12)
    assert found.bound == pytest.approx(expected, rel=1e-7)
