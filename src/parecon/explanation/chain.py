"""The supply chains of a plan in money: what every good's price is paid for, directly.

Of the value of a good, ``p_i S_i`` (S its supply), a part w_ij = q_ij / S_i goes to each council j
that makes it, e_i / S_i to what was endowed, s_ik / S_i to suppliers. A council with the revenue
R_j = sum p q pays c_jk = p_k x_jk / R_j for each input k, and keeps the rest: disutility of effort,
rent of a capacity, surplus of decreasing returns, or (constant returns) the residual of zero
profit. Joint outputs share a council's payments by value. So with M = W C

    a_i = v_i + sum_k M_ik a_k ,      v_i . 1 + sum_k M_ik = 1 ,

a_i being the primary content of a unit of money of good i: the price system p = v + p A at the
plan's own inputs per unit, in shares of value, in which it does not depend on units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon._columns import FloatArray, weighted_count
from parecon.explanation.factors import foreign_exchange
from parecon.families import Activities, CESWorkers, CobbDouglasWorkers, Family, NestedCESWorkers
from parecon.proposals import net_flows

if TYPE_CHECKING:
    from parecon.plan import Plan

Array = NDArray[np.float64]

_ROUNDS = 200
_SETTLED = 1e-15  # of the price: what may be left unassigned


@dataclass(frozen=True, eq=False)
class Makers:
    """One family of worker councils in a plan.

    share : (m, n) CSR, w_ij: quantity made over supply of the good.
    payment : (m, n) CSR, c_jk: payment for each input over revenue.
    made, used : (m, n) CSR, physical units per plan year.
    revenue, effort, rent, surplus, residual : (m,) money per plan year.
    """

    family: Family
    share: sp.csr_array
    payment: sp.csr_array
    made: sp.csr_array
    used: sp.csr_array
    revenue: FloatArray
    effort: FloatArray
    rent: FloatArray
    surplus: FloatArray
    residual: FloatArray


@dataclass(frozen=True, eq=False)
class Embodied:
    """Where the money of one good ends, per unit of money of it.

    good : (n,) value of each good in the chain. maker : per worker family (m,) value that each
    council makes in the chain. left : what no round has assigned.
    """

    good: Array
    maker: tuple[Array, ...]
    left: float


class Chain:
    """The supply chains of one plan.

    Attributes
    ----------
    price, supply : (n,) of the plan; supply summed anew from the proposals.
    supplied : (n,) by suppliers. endowment : (n,).
    makers : tuple of Makers.
    ends : (n,) bool, goods at which the chain ends although they are made: foreign exchange, unless
        it is `through` the making of that very good that the chain is to be followed.
    """

    def __init__(self, plan: Plan, *, through: int | None = None) -> None:
        economy = plan.economy
        n = economy.n_goods
        self.plan = plan
        self.price: Array = np.asarray(plan.price)
        self.endowment: Array = np.asarray(economy.endowment)
        self.ends = foreign_exchange(economy.goods)
        if through is not None:
            self.ends[through] = False
        self.supplied = np.zeros(n)
        flows = []
        for family, proposal in zip(economy.families, plan.proposals, strict=True):
            if family.role == "suppliers":
                self.supplied += weighted_count(family.pattern()[1], proposal.quantity, n)
            elif family.role == "workers":
                flows.append((family, proposal, *_sides(family, net_flows(family, proposal), n)))
        self.supply = self.endowment + self.supplied
        self.made = np.zeros(n, dtype=bool)
        for family, _, made, _ in flows:
            self.supply += weighted_count(made.indices, made.data, n)
            self.made[family.made_goods()] = True
        self.makers = tuple(
            self._maker(family, proposal, made, used) for family, proposal, made, used in flows
        )

    def _maker(
        self, family: Family, proposal: object, made: sp.csr_array, used: sp.csr_array
    ) -> Makers:
        revenue = made @ self.price
        paid = used @ self.price
        effort = _effort(family, proposal)
        rent, surplus, residual = _what_is_left(family, revenue, paid, effort)
        share = made.copy()
        share.data = _over(made.data, self.supply[made.indices])
        payment = used.copy()
        per_entry = np.repeat(revenue, np.diff(used.indptr))
        payment.data = _over(used.data * self.price[used.indices], per_entry)
        return Makers(family, share, payment, made, used, revenue, effort, rent, surplus, residual)

    def embodied(self, good: int) -> Embodied:
        """Follow the money of a good to where it ends.

        x = (I - M')^-1 e_g by the fixed point x = e_g + M' x, round by round up the chain; what
        goes round in circles for too long is solved at once by a sparse factorisation.
        """
        step = np.zeros(self.price.size)
        step[good] = 1.0
        total = np.zeros(self.price.size)
        for _ in range(_ROUNDS):
            total += step
            step = self._upstream(step)
            if np.abs(step).sum() <= _SETTLED:
                break
        else:
            total, step = self._solved(total, step)
        at_makers = self._at_makers(total)
        return Embodied(total, tuple(at_makers), float(step.sum()))

    def _at_makers(self, value: Array) -> list[Array]:
        passed = np.where(self.ends, 0.0, value)
        return [maker.share @ passed for maker in self.makers]

    def _upstream(self, value: Array) -> Array:
        """What the makers of goods worth `value` (n,) pay for their inputs, (n,)."""
        paid = np.zeros(value.size)
        for maker, at in zip(self.makers, self._at_makers(value), strict=True):
            paid += maker.payment.T @ at
        return paid

    def _solved(self, total: Array, step: Array) -> tuple[Array, Array]:
        """Add what is still on its way; what cannot be solved for stays on its way."""
        from scipy.sparse.linalg import splu

        try:
            rest = splu(self._matrix).solve(step)
        except RuntimeError:  # exactly singular: a circle that no factor enters
            return total, step
        if not np.isfinite(rest).all():
            return total, step
        return total + rest, step + self._upstream(rest) - rest

    @cached_property
    def _matrix(self) -> sp.csc_array:
        """I - M', (n, n)."""
        n = self.price.size
        passes = sp.diags_array(np.where(self.ends, 0.0, 1.0))
        matrix = sp.eye_array(n, format="csc")
        for maker in self.makers:
            matrix = matrix - maker.payment.T @ (maker.share @ passes)
        return sp.csc_array(matrix)


def _sides(
    family: Family, flows: tuple[NDArray[np.int32], NDArray[np.int32], Array], n_goods: int
) -> tuple[sp.csr_array, sp.csr_array]:
    """(made, used), councils by goods, physical units >= 0."""
    council, good, quantity = flows
    shape = (family.n_councils, n_goods)
    sides = []
    for sign in (1.0, -1.0):
        some = sign * quantity > 0.0
        entries = (sign * quantity[some], (council[some], good[some]))
        sides.append(sp.coo_array(entries, shape=shape).tocsr())
    return sides[0], sides[1]


def _effort(family: Family, proposal: object) -> Array:
    """Disutility of effort, (m,) money."""
    effort = getattr(proposal, "effort", None)
    if not isinstance(family, CobbDouglasWorkers) or family.effort is None or effort is None:
        return np.zeros(family.n_councils)
    cost: Array = family.effort.scale * effort**family.effort.power
    return cost


def _what_is_left(
    family: Family, revenue: Array, paid: Array, effort: Array
) -> tuple[Array, Array, Array]:
    """(rent of the capacity, surplus of decreasing returns, residual), (m,) money each.

    With returns r below 1 the marginal cost of the output is cost / r: what a price above it
    brings is the rent of the capacity, and cost (1/r - 1) the surplus. With constant returns only
    a capacity can leave anything.
    """
    left = revenue - paid - effort
    none = np.zeros(left.size)
    if isinstance(family, CobbDouglasWorkers):
        return none, left, none
    capacity = getattr(family, "capacity", None)
    capped = none > 0.0 if capacity is None else np.isfinite(capacity)
    if isinstance(family, Activities):
        returns = np.ones(left.size)
    elif isinstance(family, CESWorkers | NestedCESWorkers):
        returns = family.returns
    else:
        returns = np.ones(left.size)
    falling = returns < 1.0
    rent = np.where(capped, np.maximum(revenue - (paid + effort) / returns, 0.0), 0.0)
    surplus = np.where(falling, left - rent, 0.0)
    return rent, surplus, left - rent - surplus


def _over(part: Array, whole: Array) -> Array:
    """part / whole, 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0.0)
