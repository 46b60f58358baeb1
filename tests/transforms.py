"""The same economy written differently: goods and councils renumbered, units and money changed,
councils split.

Each function returns a new economy built from scratch through the public constructors, so that
nothing is shared with the original but the meaning, and says in what its plan must differ.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

import parecon as pe

# Columns with one value per council, of any family.
PER_COUNCIL = (
    "budget",
    "output_good",
    "productivity",
    "returns",
    "capacity",
    "good",
    "quantity",
    "price",
    "maximum",
)
TREES = ("nests", "outputs")
MATRICES = ("shares", "bundle", "value", "exponents", "net_output", "needs", "fixed")


def columns(family) -> dict[str, object]:
    """Every data column of a family, one value per council where a scalar was given, None columns
    left out."""
    found: dict[str, object] = {}
    m, fields = family.n_councils, {column.name for column in family.columns}
    for name in fields.intersection((*PER_COUNCIL, "elasticity")):
        if getattr(family, name) is not None:
            found[name] = np.broadcast_to(np.asarray(getattr(family, name)), (m,))
    for name in MATRICES:
        if getattr(family, name, None) is not None:
            found[name] = sp.csr_array(getattr(family, name))
    if getattr(family, "effort", None) is not None:
        effort = family.effort
        found["effort"] = pe.Effort(
            *(np.broadcast_to(v, (m,)) for v in (effort.exponent, effort.power, effort.scale))
        )
    for name in TREES:
        if hasattr(family, name):
            found[name] = getattr(family, name)
    if hasattr(family, "form"):
        found["form"] = family.form
    return found


def rebuilt(family, changed: dict[str, object]):
    """A family of the same type from columns."""
    return type(family)(**changed, label=family.label)


def economy_of(original, families, endowment=None):
    """An economy of these families with the original's goods unless told."""
    endowment = original.endowment if endowment is None else endowment
    return pe.Economy(len(endowment), endowment, families)


def take(family, order):
    """The councils `order` of a family, repeats allowed."""
    order = np.asarray(order)
    changed = columns(family)
    for name, value in changed.items():
        if name == "effort":
            changed[name] = pe.Effort(value.exponent[order], value.power[order], value.scale[order])
        elif name in TREES:
            changed[name] = take_trees(value, order)
        elif name in MATRICES:
            changed[name] = value[order, :]
        elif name != "form":
            changed[name] = value[order]
    return rebuilt(family, changed)


def take_trees(nests, order):
    """The trees `order` of a NestedCES."""
    nodes = [np.arange(nests.node_start[j], nests.node_start[j + 1]) for j in order]
    leaves = [np.arange(nests.leaf_start[j], nests.leaf_start[j + 1]) for j in order]
    node_start = np.concatenate([[0], np.cumsum([len(k) for k in nodes])])
    leaf_start = np.concatenate([[0], np.cumsum([len(k) for k in leaves])])
    # Node numbers are global: tree j's move from its old start to its new one.
    shift = [node_start[i] - nests.node_start[j] for i, j in enumerate(order)]
    parent = [
        np.where(nests.node_parent[k] < 0, -1, nests.node_parent[k] + d)
        for k, d in zip(nodes, shift, strict=True)
    ]
    at_node = [nests.leaf_node[k] + d for k, d in zip(leaves, shift, strict=True)]
    node, leaf = np.concatenate(nodes), np.concatenate(leaves)
    return pe.NestedCES(
        node_start,
        np.concatenate(parent),
        nests.node_elasticity[node],
        nests.node_share[node],
        leaf_start,
        nests.leaf_good[leaf],
        np.concatenate(at_node),
        nests.leaf_share[leaf],
        reference_price=nests.reference_price,
        scale=nests.scale[order],
    )


def permute_councils(economy, rng):
    """Councils of every family in another order; returns the economy and the order per family."""
    orders = [rng.permutation(family.n_councils) for family in economy.families]
    families = [take(family, order) for family, order in zip(economy.families, orders, strict=True)]
    return economy_of(economy, families), orders


def permute_goods(economy, position):
    """Good i becomes good position[i]."""
    position = np.asarray(position)
    source = np.argsort(position)
    families = []
    for family in economy.families:
        changed = columns(family)
        for name in MATRICES:
            if name in changed:
                changed[name] = changed[name][:, source]
        for name in ("output_good", "good"):
            if name in changed:
                changed[name] = position[changed[name]]
        for name in TREES:
            if name in changed:
                leaf_good = position[changed[name].leaf_good]
                changed[name] = _nests_with(changed[name], leaf_good=leaf_good, price_order=source)
        families.append(rebuilt(family, changed))
    return economy_of(economy, families, np.asarray(economy.endowment)[source])


def _nests_with(nests, *, leaf_good=None, price_order=None, price_factor=1.0):
    reference = np.asarray(nests.reference_price)
    reference = reference[price_order] if price_order is not None else reference
    return pe.NestedCES(
        nests.node_start,
        nests.node_parent,
        nests.node_elasticity,
        nests.node_share,
        nests.leaf_start,
        nests.leaf_good if leaf_good is None else leaf_good,
        nests.leaf_node,
        nests.leaf_share,
        reference_price=reference * price_factor,
        scale=nests.scale,
    )


def scale_money(economy, factor: float):
    """Another currency: budgets, suppliers' prices and the cost of effort times `factor`."""
    families = []
    for family in economy.families:
        changed = columns(family)
        for name in ("budget", "price"):
            if name in changed:
                changed[name] = changed[name] * factor
        if "effort" in changed:
            effort = changed["effort"]
            changed["effort"] = pe.Effort(effort.exponent, effort.power, effort.scale * factor)
        families.append(rebuilt(family, changed))
    return economy_of(economy, families)


def change_units(economy, factor):
    """Good i counted in units `factor[i]` times smaller. Returns the economy and the welfare the
    new units add.

    A utility in calibrated or share form changes by a constant factor when units do, which log
    turns into a term.
    """
    factor = np.asarray(factor, float)
    families, added = [], 0.0
    for family in economy.families:
        changed = columns(family)
        added += _UNITS[type(family).__name__](changed, factor)
        for name in ("needs", "fixed", "net_output", "bundle"):
            if name in changed:
                changed[name] = sp.csr_array(changed[name] @ sp.diags_array(factor))
        if "capacity" in changed and "output_good" in changed:
            changed["capacity"] = changed["capacity"] * factor[changed["output_good"]]
        families.append(rebuilt(family, changed))
    return economy_of(economy, families, economy.endowment * factor), added


def _shares_in_units(shares, elasticity, factor):
    """Shares a' and kappa with u'(factor * x) = kappa u(x): a' = a f^(1-s) / K, K the sum, kappa =
    K^(1/(1-s))."""
    row = np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))
    s = elasticity[row]
    weight = shares.data * factor[shares.indices] ** (1 - s)
    total = np.bincount(row, weights=weight, minlength=shares.shape[0])
    kappa = np.exp(np.bincount(row, weights=shares.data * np.log(factor[shares.indices])))
    other = elasticity != 1
    kappa[other] = total[other] ** (1 / (1 - elasticity[other]))
    return sp.csr_array(
        (weight / total[row], shares.indices, shares.indptr), shape=shares.shape
    ), kappa


def _units_ces(changed, factor) -> float:
    elasticity = changed.get("elasticity", np.ones(len(changed["budget"])))
    changed["shares"], kappa = _shares_in_units(changed["shares"], elasticity, factor)
    return float(changed["budget"] @ np.log(kappa))


def _units_linear(changed, factor) -> float:
    changed["value"] = sp.csr_array(changed["value"] @ sp.diags_array(1 / factor))
    return 0.0


def _units_ces_workers(changed, factor) -> float:
    changed["shares"], kappa = _shares_in_units(changed["shares"], changed["elasticity"], factor)
    changed["productivity"] = (
        changed["productivity"] * factor[changed["output_good"]] * kappa ** -changed["returns"]
    )
    return 0.0


def _units_cobb_douglas_workers(changed, factor) -> float:
    lost = np.exp(-(changed["exponents"] @ np.log(factor)))
    changed["productivity"] = changed["productivity"] * factor[changed["output_good"]] * lost
    return 0.0


def _units_nests(changed, factor) -> float:
    changed["nests"] = _nests_with(changed["nests"], price_factor=1 / factor)
    if "output_good" in changed:
        changed["productivity"] = changed["productivity"] * factor[changed["output_good"]]
    return 0.0


def _units_joint_workers(changed, factor) -> float:
    for name in TREES:
        changed[name] = _nests_with(changed[name], price_factor=1 / factor)
    return 0.0


def _units_suppliers(changed, factor) -> float:
    unit = factor[changed["good"]]
    changed["quantity"], changed["price"] = changed["quantity"] * unit, changed["price"] / unit
    if "maximum" in changed:
        changed["maximum"] = changed["maximum"] * unit
    return 0.0


_UNITS = {
    "CobbDouglasConsumers": _units_ces,
    "CESConsumers": _units_ces,
    "LeontiefConsumers": lambda _changed, _factor: 0.0,
    "LinearConsumers": _units_linear,
    "NestedCESConsumers": _units_nests,
    "CobbDouglasWorkers": _units_cobb_douglas_workers,
    "CESWorkers": _units_ces_workers,
    "NestedCESWorkers": _units_nests,
    "JointWorkers": _units_joint_workers,
    "Activities": lambda _changed, _factor: 0.0,
    "Suppliers": _units_suppliers,
}


def split(economy, label: str, council: int):
    """One council as two halves, the last two of its family: together they can do, and get, what it
    could and got.

    Budget, needs, capacity, offered quantity are halved. Where returns r fall, a half-size plant
    has productivity A 2^(r-1): A' (z/2)^r = A z^r / 2. Returns the economy and the halved family's
    new order (old council numbers).
    """
    families = list(economy.families)
    at = next(i for i, f in enumerate(families) if f.label == label)
    family = families[at]
    order = [j for j in range(family.n_councils) if j != council] + [council, council]
    changed = columns(take(family, order))
    halves = np.ones(len(order))
    halves[-2:] = 0.5
    for name in ("budget", "capacity", "maximum", "quantity"):
        if name in changed:
            changed[name] = changed[name] * halves
    if "needs" in changed:
        changed["needs"] = sp.csr_array(sp.diags_array(halves) @ changed["needs"])
    if "productivity" in changed:
        changed["productivity"] = changed["productivity"] * halves ** (1 - _degree(changed))
    families[at] = rebuilt(family, changed)
    return economy_of(economy, families), order


def _degree(changed) -> np.ndarray:
    """Returns to scale, in all inputs and the money cost of effort."""
    if "exponents" not in changed:
        return np.asarray(changed["returns"], float)
    degree = np.asarray(changed["exponents"].sum(axis=1)).ravel()
    if "effort" in changed:
        degree = degree + changed["effort"].exponent / changed["effort"].power
    return degree
