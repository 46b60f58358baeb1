"""An economy as a CVXPY problem that one can change: `parecon.to_cvxpy`.

    maximise    sum_h b_h log u_h(x_h)  -  disutility of effort  -  sum_k C_k(s_k)
    subject to  endowment + outputs + supplies - needs - inputs - consumption  >=  0   (clearance)
                and every technology, in cones

Variables are measured by worth at guessed prices, so that the problem is of order one whatever the
units of the data; the expressions handed out are in physical units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.backends._base import check_able
from parecon.backends.cone_parts import Part, part_of
from parecon.backends.outside import judged
from parecon.backends.quantities import NEEDS_MARGIN
from parecon.backends.units import Units, units_of
from parecon.economy import Economy
from parecon.errors import PlanError
from parecon.plan import Plan
from parecon.problem import Problem, total_needs

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ConeModel:
    """What `parecon.to_cvxpy` hands out.

    economy : the economy.
    problem : `cvxpy.Problem`, maximise welfare over `unit_of_value`.
    unit_of_value : money, the budgets per good that consumers may buy: with it multipliers, too,
        are of order one.
    variables : by family label, then by name as in `parecon.proposals` ("quantity", "input",
        "output", "level", ...): CVXPY expressions in physical units per plan year, to be used in
        constraints or objectives of one's own.
    net_supply : (n,) expression, endowment + outputs + supplies - needs - inputs - consumption,
        physical units; clearance asks that it be at least 0.
    clearance : (n,) constraint, good by good. Its multipliers are prices in units of the model: use
        `price`.
    endowment : (n,) parameter, physical units. budgets : by label of each family of consumers, (H,)
        parameter, money. Set their `value` and solve again: nothing is compiled anew.
    margin : (n,) parameter >= 0, what clearance leaves over, physical units: a billionth of needs,
        for what rounding takes from those who meet them.
    """

    economy: Economy
    problem: Any
    unit_of_value: float
    variables: Mapping[str, Mapping[str, Any]]
    net_supply: Any
    clearance: Any
    endowment: Any
    budgets: Mapping[str, Any]
    margin: Any
    parts: tuple[Part, ...] = field(repr=False)
    units: Units = field(repr=False)

    @property
    def price(self) -> Array:
        """(n,) >= 0 money per physical unit: the multipliers of clearance.

        Raises PlanError unless the problem has been solved, and where a multiplier is below zero by
        more than rounding.
        """
        return signed_price(self.raw_price, self)

    @property
    def raw_price(self) -> Array:
        """(n,) the same as the solver left it, money per physical unit.

        Raises PlanError unless the problem has been solved.
        """
        dual = self.clearance.dual_value
        if dual is None or not np.all(np.isfinite(dual)):
            raise PlanError("model: no multipliers of clearance; solve `problem` first")
        found: Array = np.atleast_1d(dual) * self.unit_of_value / self.units.good
        return found

    def multipliers(self, price: Array) -> Array:
        """(n,) what `clearance` has for multipliers at prices (n,)."""
        scaled: Array = price * self.units.good / self.unit_of_value
        return scaled

    def with_constraints(self, constraints: list[Any]) -> Any:
        """A `cvxpy.Problem`: this one under constraints of one's own, to be solved like any."""
        import cvxpy as cp

        return cp.Problem(self.problem.objective, [*self.problem.constraints, *constraints])

    def plan(self, *, tol: float = 1e-6) -> Plan:
        """The plan that the variables' values and the multipliers of clearance amount to.

        Whoever solved the problem, under whatever constraints of their own: the quantities are made
        to exist (delivery cuts what a solver's tolerance overdrew) and are certified as a plan of
        the economy as it stands in the parameters. A plan under constraints that cost welfare is
        feasible but not the best: its status is INACCURATE, its gap what the constraints cost at
        most.

        Raises PlanError where there are no values.
        """
        return judged(self.current_economy(), self.price, self.values(), tol, "cvxpy")

    def values(self) -> list[dict[str, Array]]:
        """For each family its quantities, physical units; PlanError where there are none."""
        result = []
        for family, part in zip(self.economy.families, self.parts, strict=True):
            found = {}
            for name, expression in part.quantities.items():
                if expression.value is None or not np.all(np.isfinite(expression.value)):
                    raise PlanError(
                        f"model: {family.title!r} has no values of {name!r}; solve a problem of "
                        "these variables first"
                    )
                found[name] = np.atleast_1d(np.asarray(expression.value, dtype=np.float64))
            result.append(found)
        return result

    def current_economy(self) -> Economy:
        """The economy with endowments and budgets as the parameters have them."""
        economy = self.economy
        endowment = None
        if not np.array_equal(self.endowment.value, economy.endowment):
            endowment = self.endowment.value
        families = {}
        for label, parameter in self.budgets.items():
            family: Any = economy.family(label)
            if not np.array_equal(parameter.value, family.budget):
                families[label] = {"budget": parameter.value}
        if endowment is None and not families:
            return economy
        return economy.replace(endowment=endowment, families=families)

    def __repr__(self) -> str:
        named = "; ".join(
            f"{label}: {'/'.join(quantities)}" for label, quantities in self.variables.items()
        )
        return f"ConeModel({self.economy.n_goods:,} goods; {named})"


def cone_model(economy: Economy) -> ConeModel:
    """See `parecon.to_cvxpy`."""
    check_able(economy, "cone", "to_cvxpy", "parecon.solve with method='auto'")
    return model_of(Problem(economy, 1))


def model_of(problem: Problem, price: Array | None = None) -> ConeModel:
    """The model; `price` (n,) > 0 sets its units, guessed prices unless given."""
    import cvxpy as cp

    economy = problem.economy
    units = units_of(problem, price)
    parts = tuple(part_of(family, units) for family in economy.families)
    endowment = cp.Parameter(economy.n_goods, nonneg=True, name="endowment")
    endowment.value = np.array(economy.endowment, dtype=np.float64)
    needs = total_needs(economy)
    net_supply = sum((part.flow for part in parts), endowment - needs)
    margin = cp.Parameter(economy.n_goods, nonneg=True, name="margin")
    margin.value = NEEDS_MARGIN * needs
    clearance = cp.multiply(1.0 / units.good, net_supply - margin) >= 0
    welfare = sum(part.value for part in parts)
    constraints = [clearance] + [c for part in parts for c in part.constraints]
    entries = sum(f.n_entries for f in economy.families if f.role == "consumers")
    unit_of_value = units.money / max(entries, 1)
    labelled = dict(zip((f.title for f in economy.families), parts, strict=True))
    return ConeModel(
        economy=economy,
        problem=cp.Problem(cp.Maximize(welfare / unit_of_value), constraints),
        unit_of_value=unit_of_value,
        variables=MappingProxyType(
            {label: MappingProxyType(part.quantities) for label, part in labelled.items()}
        ),
        net_supply=net_supply,
        clearance=clearance,
        endowment=endowment,
        budgets=MappingProxyType(
            {label: part.budget for label, part in labelled.items() if part.budget is not None}
        ),
        margin=margin,
        parts=parts,
        units=units,
    )


def signed_price(price: Array, model: ConeModel) -> Array:
    """Prices with rounding below zero cut off; PlanError where it is more than that."""
    good = int(np.argmin(price * model.units.good))
    if price[good] * model.units.good[good] < -SIGN_ROUNDING * model.units.money:
        raise PlanError(
            f"model: the multiplier of {model.economy.goods.name(good)!r} is {price[good]:g}, "
            "below zero: not the price of a plan"
        )
    return np.maximum(price, 0.0)


# Multipliers may be this far below zero: share of the total budget that all there is of a good is
# worth. Interior points leave about their tolerance.
SIGN_ROUNDING = 1e-6
