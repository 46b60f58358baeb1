"""What one more and one less of a good is worth, by planning again.

The best welfare W(e) is concave in what exists. With steps d

    [W(e + d) - W(e)] / d  <=  p  <=  [W(e) - W(e - d)] / d

for every price p that supports the plan. Where the plan has a kink (a technique that would come in,
a capacity that just binds) the two sides stay apart however small d is, prices are any between, and
only the sides are marginal values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parecon._columns import FloatArray, IndexArray
from parecon.economy import Economy
from parecon.objectives.worth import Worth
from parecon.plan import Plan
from parecon.solve import solve
from parecon.status import Status

TIGHT = 1e-9  # tolerance of the solves whose welfare is compared


@dataclass(frozen=True, eq=False)
class Directional:
    """Per good asked for, (k,), nan where it could not be found.

    up, down : what one more unit adds to the objective, and what one unit less takes from it.
    uncertain : how far both may be off, from the tolerance of the solves.
    """

    good: IndexArray
    up: FloatArray
    down: FloatArray
    uncertain: FloatArray


def directional(
    plan: Plan, worth: Worth, good: IndexArray, step: float, options: Mapping[str, Any]
) -> Directional:
    """Plan again with a little more and a little less of each of the goods in hand.

    step : change relative to the supply of the good.
    """
    economy = plan.economy
    base = _welfare(economy, plan, options) if len(good) else np.nan
    up, down, uncertain = (np.full(len(good), np.nan) for _ in range(3))
    for k, i in enumerate(good.tolist()):
        change = step * float(max(plan.supply[i], plan.demand[i]))
        if change <= 0.0:
            continue
        there = float(economy.endowment[i])
        name = economy.goods.name(i)
        more = _welfare(economy.replace(endowment={name: there + change}), plan, options)
        up[k] = worth.gain(more - base) / change
        if there >= change:
            less = _welfare(economy.replace(endowment={name: there - change}), plan, options)
            down[k] = -worth.gain(less - base) / change
        uncertain[k] = 2.0 * TIGHT * economy.total_budget * worth.per_money / change
    return Directional(good, up, down, uncertain)


def _welfare(economy: Economy, start: Plan, options: Mapping[str, Any]) -> float:
    """The best welfare, money; nan where no plan was found."""
    plan = solve(economy, **{"tol": TIGHT, "warm_start": start, **options})
    return plan.welfare if plan.status is Status.SOLVED else np.nan
