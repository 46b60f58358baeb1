"""Plans without a solver: what a certificate reads of one, filled by hand or by the dice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

import parecon as pe
from reference.trees import of_consumers, of_outputs, of_workers


@dataclass(frozen=True)
class Drafted:
    """Prices and proposals, all that the certificate reads."""

    price: np.ndarray
    proposals: tuple

    def with_proposal(self, at: int, **columns) -> Drafted:
        """The plan with some columns of one family's proposal changed."""
        changed = list(self.proposals)
        columns = {name: np.asarray(value, float) for name, value in columns.items()}
        changed[at] = replace(changed[at], **columns)
        return Drafted(self.price, tuple(changed))

    def at_prices(self, price) -> Drafted:
        return Drafted(np.asarray(price, float), self.proposals)


# -- proposals in which values are left open: the certificate must not read them -----------------


def consumption(quantity, n_councils: int):
    """Purchases; spending and utility are stated wrong on purpose."""
    wrong = np.full(n_councils, np.nan)
    return pe.ConsumerProposals(np.asarray(quantity, float), wrong, wrong)


def work(inputs, output, *, effort=None, fixed_input=None):
    """Inputs and outputs; values are stated wrong on purpose."""
    output = np.asarray(output, float)
    wrong = np.full(output.size, np.nan)
    return pe.WorkerProposals(
        np.asarray(inputs, float), output, None, effort, fixed_input, wrong, wrong
    )


def activity(level):
    level = np.asarray(level, float)
    return pe.ActivityProposals(level, np.full(level.size, np.nan), np.full(level.size, np.nan))


def supply(quantity):
    quantity = np.asarray(quantity, float)
    return pe.SupplierProposals(
        quantity, np.full(quantity.size, np.nan), np.full(quantity.size, np.nan)
    )


def joint_work(inputs, outputs, n_councils: int, *, fixed_input=None):
    """Inputs and several outputs; levels and values are stated wrong on purpose."""
    wrong = np.full(n_councils, np.nan)
    return pe.JointProposals(
        np.asarray(inputs, float), np.asarray(outputs, float), wrong, fixed_input, wrong, wrong
    )


# -- plans by the dice ----------------------------------------------------------------------------


def tree_levels(trees, quantity) -> np.ndarray:
    """Z_root of every tree at leaf quantities, node by node in plain Python.

    Of a tree of outputs, whose elasticities are below zero (-0.0 too): the level that they need.
    """
    z = [math.nan] * len(trees.node_parent)
    for k in reversed(range(len(z))):
        below = [(trees.node_share[c], z[c]) for c in np.flatnonzero(trees.node_parent == k)]
        below += [
            (trees.leaf_share[leaf], quantity[leaf] / trees.leaf_unit[leaf])
            for leaf in np.flatnonzero(trees.leaf_node == k)
        ]
        z[k] = _ces(below, float(trees.node_elasticity[k]))
    return np.array([z[k] for k in trees.root])


def _ces(below, s: float) -> float:
    if s == 0.0:
        least_or_most = max if math.copysign(1.0, s) < 0.0 else min
        return least_or_most(z for _, z in below)
    if s == 1.0:
        return math.exp(math.fsum(a * math.log(z) for a, z in below))
    return math.fsum(a * z ** ((s - 1) / s) for a, z in below) ** (s / (s - 1))


def random_plan(rng, economy):
    """A feasible plan of arbitrary proposals, and the economy endowed so that it is one.

    Inputs are drawn, outputs are a fraction of what they make, endowments what is then missing.
    """
    proposals = tuple(_proposal(rng, family) for family in economy.families)
    supplied, used = np.zeros(economy.n_goods), np.zeros(economy.n_goods)
    for family, proposal in zip(economy.families, proposals, strict=True):
        for _, good, quantity in zip(*pe.net_flows(family, proposal), strict=True):
            side = supplied if quantity > 0 else used
            side[good] += abs(quantity)
    left_over = rng.uniform(1e-9, 0.1, economy.n_goods) * (1.0 + used)
    endowed = economy.replace(endowment=np.maximum(used - supplied, 0.0) + left_over)
    price = np.exp(rng.normal(0.0, 1.0, economy.n_goods))
    return endowed, Drafted(price, proposals)


def _proposal(rng, family):
    m, fraction = family.n_councils, rng.uniform(0.3, 1.0, family.n_councils)
    match family.role, type(family).__name__:
        case "consumers", _:
            return consumption(rng.lognormal(0.0, 1.0, family.n_entries), m)
        case "suppliers", _:
            most = np.minimum(2.0 * family.quantity, family.maximum)
            return supply(rng.uniform(0.0, most))
        case _, "Activities":
            limit = np.full(m, 3.0) if family.capacity is None else np.minimum(family.capacity, 3.0)
            return activity(rng.uniform(0.0, limit))
        case _, "CobbDouglasWorkers":
            return _cobb_douglas(rng, family, fraction)
        case _, "JointWorkers":
            return _joint(rng, family, fraction)
    inputs, held, level = _inputs(rng, family)
    output = fraction * family.productivity * level**family.returns
    if family.capacity is not None:
        output = np.minimum(output, family.capacity)
    return work(inputs, output, fixed_input=held)


def _inputs(rng, family):
    """Inputs of the tree, fixed inputs or None, and the level that both allow."""
    m, inputs = family.n_councils, rng.lognormal(0.0, 1.0, family.n_entries)
    level, held = tree_levels(of_workers(family), inputs), None
    fixed = getattr(family, "fixed", None)
    if fixed is not None:
        # Enough for any fraction of the level, so that either may bind.
        held = fixed.data * np.repeat(level * rng.uniform(0.5, 1.5, m), np.diff(fixed.indptr))
        allowed = [
            min(held[fixed.indptr[j] : fixed.indptr[j + 1]] / fixed.data[fixed.indptr[j] :][:1])
            for j in range(m)
        ]
        level = np.minimum(level, allowed)
    return inputs, held, level


def _joint(rng, family, fraction):
    """Outputs in any proportion, brought down to a fraction of the level; some of them nothing."""
    inputs, held, level = _inputs(rng, family)
    if family.capacity is not None:
        level = np.minimum(level, family.capacity)
    start, good = family.made_pattern()
    mix = rng.lognormal(0.0, 1.0, len(good)) * (rng.random(len(good)) < 0.9)
    needed = tree_levels(of_outputs(family), mix)
    share = np.divide(fraction * level, needed, out=np.zeros(len(level)), where=needed > 0.0)
    return joint_work(inputs, mix * np.repeat(share, np.diff(start)), len(level), fixed_input=held)


def _cobb_douglas(rng, family, fraction):
    inputs = rng.lognormal(0.0, 1.0, family.n_entries)
    effort = None if family.effort is None else rng.lognormal(0.0, 1.0, family.n_councils)
    output = fraction * family.productivity
    for j in range(family.n_councils):
        entries = slice(family.exponents.indptr[j], family.exponents.indptr[j + 1])
        output[j] *= np.prod(inputs[entries] ** family.exponents.data[entries])
        if effort is not None:
            output[j] *= effort[j] ** family.effort.exponent[j]
    return work(inputs, output, effort=effort)


def primal_welfare(economy, plan) -> float:
    """Welfare of a plan by the formulas of DESIGN (P), council by council."""
    total = 0.0
    for family, proposal in zip(economy.families, plan.proposals, strict=True):
        if family.role == "consumers":
            if type(family).__name__ == "LinearConsumers":
                utility = family.value @ np.ones(family.n_goods) * 0.0
                for h in range(family.n_councils):
                    row = slice(family.value.indptr[h], family.value.indptr[h + 1])
                    utility[h] = family.value.data[row] @ proposal.quantity[row]
            else:
                utility = tree_levels(of_consumers(family), proposal.quantity)
            total += math.fsum(family.budget * np.log(utility))
        elif family.role == "suppliers":
            total -= math.fsum(
                _marginal_cost_integral(family, k, s) for k, s in enumerate(proposal.quantity)
            )
        elif getattr(family, "effort", None) is not None:
            total -= math.fsum(family.effort.scale * proposal.effort**family.effort.power)
    return total


def _marginal_cost_integral(family, k: int, s: float) -> float:
    from scipy.integrate import quad

    q0, p0, eta = family.quantity[k], family.price[k], family.elasticity[k]
    if family.form == "isoelastic":
        return quad(lambda t: p0 * (t / q0) ** (1 / eta), 0.0, s, epsabs=1e-11, limit=200)[0]
    return quad(lambda t: p0 * (1 + (t / q0 - 1) / eta), 0.0, s)[0]
