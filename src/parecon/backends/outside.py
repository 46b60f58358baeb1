"""Plans that somebody else found: their prices and quantities, made to exist and judged.

Whatever solved it and under whatever constraints of its own: quantities are brought into their
range, outputs are worked out anew from inputs, delivery cuts what a solver's tolerance overdrew,
and the certificate says how good it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon.backends.quantities import found_of, idle_values
from parecon.control import Control
from parecon.economy import Economy
from parecon.errors import PlanError, nearest
from parecon.families import CobbDouglasWorkers
from parecon.finish import finish
from parecon.plan import Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.status import Status

Array = NDArray[np.float64]


def judged(
    economy: Economy, price: Array, values: list[dict[str, Array]], tol: float, method: str
) -> Plan:
    """The plan; price (n,) >= 0, values of each family in physical units, checked before."""
    settings = Settings(tol=tol)
    with Control(settings) as control:
        problem = Problem(economy, control.n_threads)
        found = found_of(economy, price, values, tol)
        return finish(problem, settings, control, Status.SOLVED, method, found)


def plan_from(
    economy: Economy,
    price: ArrayLike | Mapping[str, float],
    quantities: Mapping[str, Mapping[str, ArrayLike]],
    *,
    tol: float = 1e-6,
) -> Plan:
    """The plan that prices and quantities from anywhere amount to, with its certificate.

    A plan of another program, of a model of one's own, or by hand. What is overdrawn is cut so that
    the plan exists; what is not the best is not solved: `plan.status` is INACCURATE, `plan.gap`
    what could still be gained at most.

    Parameters
    ----------
    economy : what is planned.
    price : (n,) >= 0, money per physical unit, or by name of the good.
    quantities : by label of the family, then by name as in `parecon.proposals`, physical units per
        plan year: "quantity" of consumers, targets and suppliers, "level" of activities, "input"
        and where there are such "fixed_input", "outputs" and "effort_power" (effort to its power)
        of workers; one number per entry of the family's data, or per council.
    tol : float, what the certificate is asked for.

    Raises
    ------
    PlanError
        If a family or a quantity is missing or unknown, has another shape or is not finite.
    """
    values = [_checked(economy, k, idle, quantities) for k, idle in enumerate(idle_values(economy))]
    labels = [family.title for family in economy.families]
    for label in quantities:
        if label not in labels:
            raise PlanError(f"quantities: no family {label!r}{nearest(str(label), labels)}")
    return judged(economy, _price(economy, price), values, tol, "from outside")


def _price(economy: Economy, price: ArrayLike | Mapping[str, float]) -> Array:
    if isinstance(price, Mapping):
        given = np.full(economy.n_goods, np.nan)
        given[economy.goods.index(list(price))] = list(price.values())
    else:
        given = np.array(price, dtype=np.float64)
    if given.shape != (economy.n_goods,):
        raise PlanError(
            f"price: expected one for each of {economy.n_goods:,} goods, got shape {given.shape}"
        )
    wrong = np.flatnonzero(~(np.isfinite(given) & (given >= 0.0)))
    if wrong.size:
        good = economy.goods.name(int(wrong[0]))
        raise PlanError(
            f"price of {good!r}: expected a number of at least 0, got {given[wrong[0]]:g}"
        )
    return given


def _checked(
    economy: Economy,
    position: int,
    idle: Mapping[str, Array],
    quantities: Mapping[str, Mapping[str, ArrayLike]],
) -> dict[str, Array]:
    """The quantities of one family; `idle` has their names and shapes."""
    family = economy.families[position]
    label = family.title
    given: dict[str, Any] = dict(quantities.get(label, {}))
    names = set(idle)
    if not (isinstance(family, CobbDouglasWorkers) and family.effort is not None):
        names.discard("effort_power")
    found = dict(idle)
    for name in sorted(names):
        where = f"quantities of {label!r}"
        if name not in given:
            raise PlanError(f"{where}: expected {name!r}, got {', '.join(given) or 'none'}")
        value = np.asarray(given[name], dtype=np.float64)
        if value.shape != idle[name].shape:
            expected = idle[name].shape
            raise PlanError(f"{where}: {name!r} expected in shape {expected}, got {value.shape}")
        if not np.all(np.isfinite(value)):
            raise PlanError(f"{where}: {name!r} is not finite")
        found[name] = value
    return found
