"""What a program that embeds parecon writes; it is checked, not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import parecon as pe
from parecon import capi

economy = pe.Economy(
    goods=pe.Goods(["labour", "bread"], unit=["hours", "loaves"]),
    endowment=[100.0, 0.0],
    families=[
        pe.CobbDouglasWorkers([1], [[0.8, 0.0]], productivity=2.0, label="workers"),
        pe.CobbDouglasConsumers([100.0], np.array([[0.2, 0.8]]), label="people"),
    ],
)


def watch(info: pe.Info) -> bool:
    assert_type(info.gap, float)
    return info.time_s > 10.0 or info.shortage < 1e-9


lines: list[str] = []
settings = pe.Settings(tol=1e-8, log=lines.append, callback=watch, n_threads=1)
solver = pe.Solver(economy, settings)
planned = solver.solve()
assert_type(planned, pe.Plan)
assert_type(planned.status, pe.Status)
assert_type(planned.price, NDArray[np.float64])
assert_type(planned.excess_demand, NDArray[np.float64])
solver.update(endowment={"labour": 110.0}, families={"people": {"budget": [90.0]}})
solver.warm_start(planned)
again = pe.solve(solver.economy, warm_start=planned.price, callback=watch, log=print)


def worst(plans: Sequence[pe.Plan]) -> float:
    """The greatest gap."""
    return max(plan.gap for plan in plans if plan.status is pe.Status.SOLVED)


certificate = pe.certify(economy, planned, tol=1e-6)
assert_type(certificate, pe.Certificate)
assert_type(certificate.holds(1e-6), bool)
if planned.infeasible is not None:
    for name, needed, available in planned.infeasible.goods:
        print(name, needed - available)

rounds = pe.simulate(economy, rule=pe.rules.Proportional(0.1), callback=lambda entry: None)
assert_type(rounds, pe.Rounds)
assert_type(rounds.status, pe.ProcedureStatus)
pe.save("economy", economy)
loaded = pe.load("economy")
assert_type(loaded, pe.Economy)
planned.save("plan", file_format="csv")
assert_type(pe.load_plan("plan", loaded), pe.Plan)

scenario = pe.Scenario("less work", [pe.scenarios.Endowment(goods="labour", times=0.9)])
swept = pe.sweep(economy, [scenario])
assert_type(swept, pe.Sweep)

board = pe.Facilitator(
    ["labour", "bread"],
    start_price={"labour": 1.0, "bread": 2.0},
    councils=[pe.Council("we", "consumers", budget=10.0)],
)
assert_type(board.settled, bool)

try:
    planned.raise_if_not_solved()
except pe.PlanError as error:
    print(error)

round_ = capi.Round(economy, n_threads=2)
answer = round_.answer([1.0, 2.0])
assert_type(answer.dual, float)
assert_type(answer.supply, NDArray[np.float64])
assert_type(capi.ADDRESSES["parecon_answer"], int)
print(worst([planned, again]), capi.VERSION)
