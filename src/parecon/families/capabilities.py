"""What families can do for those who plan, and for each that cannot the reason why.

A capability is asked for by `Family.lacks`, which answers with what is in the way, in words that
fit into an error message, or with nothing:

smooth : proposals follow from prices alone, so that prices are all there is to find.
linear : goods come in fixed proportions, and what is nonlinear are concave functions of one
    quantity each (a logarithm of utility, a cost of supply): what linear programmes can follow.
cone : technology and utility are intersections of second-order, power and exponential cones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from parecon._columns import IndexArray, row_index

if TYPE_CHECKING:
    from parecon.families._base import Family

CAPABILITIES = ("smooth", "linear", "cone")

# Supply of a council with returns r moves by 1/(1-r) percent per percent of price: beyond 1/0.04
# its level is an unknown.
SMOOTH_RETURNS = 0.96

# Between these the exponent (s-1)/s of an elasticity s is so near 0 that power cones lose digits.
NEAR_ONE = 1e-3


def able(_family: Family) -> str:
    """Nothing is in the way, whatever the data."""
    return ""


def unable(reason: str) -> Any:
    """A check that always finds `reason`."""
    return lambda _family: reason


def curved_shares(family: Any) -> str:
    """Flat CES utility: fixed proportions (0), logarithms of single goods (1)."""
    curved = ~np.isin(family.elasticity, (0.0, 1.0)) & (np.diff(family.shares.indptr) > 1)
    return _first(family, curved, lambda j: f"elasticity of substitution {family.elasticity[j]:g}")


def curved_recipe(family: Any) -> str:
    """Flat CES technology: fixed proportions, constant returns."""
    curved = (family.elasticity != 0.0) & (np.diff(family.shares.indptr) > 1)
    return _first(
        family, curved, lambda j: f"elasticity of substitution {family.elasticity[j]:g}"
    ) or falling_returns(family)


def falling_returns(family: Any) -> str:
    """Returns below one bend the technology."""
    return _first(family, family.returns < 1.0, lambda j: f"returns of {family.returns[j]:g}")


def curved_nests(family: Any) -> str:
    """Nested utility: logarithms (1) above fixed proportions (0)."""
    nests = family.nests
    kind, several = nests.node_elasticity, children(nests) > 1
    below = np.zeros(nests.n_nodes, dtype=bool)  # below a fixed proportion
    for nodes in nests.levels[1:]:
        above = nests.node_parent[nodes]
        below[nodes] = below[above] | ((kind[above] == 0.0) & several[above])
    # there a product would be one of the things of which the least counts
    curved = several & (~np.isin(kind, (0.0, 1.0)) | ((kind == 1.0) & below))
    return _first_node(family, curved)


def curved_tree(family: Any) -> str:
    """Nested technology: fixed proportions throughout, constant returns."""
    nests = family.nests
    curved = (nests.node_elasticity != 0.0) & (children(nests) > 1)
    return _first_node(family, curved) or falling_returns(family)


def shares_near_one(family: Any) -> str:
    """Flat CES: no elasticity next to 1, which is beyond power cones."""
    near = _near_one(family.elasticity)
    return _first(family, near, lambda j: f"elasticity {family.elasticity[j]!r}, next to but not 1")


def nests_near_one(family: Any) -> str:
    """Nested CES: no elasticity next to 1, of any node."""
    return _first_node(family, _near_one(family.nests.node_elasticity))


def joint_near_limits(family: Any) -> str:
    """Joint technologies: no elasticity next to 1, none of transformation next to 0."""
    transformation = family.outputs.node_elasticity
    near = (transformation != 0.0) & (transformation < NEAR_ONE)
    return nests_near_one(family) or _first_node(family, near, "outputs", "transformation")


def rough_workers(family: Any) -> str:
    """Flat CES workers: returns of at most 0.96, and no capacity."""
    found = _first(
        family, family.returns > SMOOTH_RETURNS, lambda j: f"returns of {family.returns[j]:g}"
    )
    if found or family.capacity is None:
        return found
    limited = np.isfinite(family.capacity)
    return _first(family, limited, lambda j: f"a capacity of {family.capacity[j]:g}")


def rough_suppliers(family: Any) -> str:
    """Suppliers: iso-elastic supply without a maximum."""
    if family.form != "isoelastic":
        return "a linear supply curve, which may end at zero"
    if family.maximum is None:
        return ""
    limited = np.isfinite(family.maximum)
    return _first(family, limited, lambda j: f"a maximum of {family.maximum[j]:g}")


def children(nests: Any) -> IndexArray:
    """(N,) number of children, nodes and leaves, of each node."""
    inner = nests.node_parent[nests.node_parent >= 0]
    n = nests.n_nodes
    count = np.bincount(inner, minlength=n) + np.bincount(nests.leaf_node, minlength=n)
    return count.astype(np.int32)


def _near_one(elasticity: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (elasticity != 1.0) & (np.abs(elasticity - 1.0) < NEAR_ONE)


def _first(family: Any, found: NDArray[np.bool_], describe: Any) -> str:
    """`returns of 0.8 (mills[3] and 7 more)`, or nothing."""
    which = np.flatnonzero(found)
    if not which.size:
        return ""
    more = f" and {which.size - 1:,} more" if which.size > 1 else ""
    return f"{describe(which[0])} ({family.council_name(int(which[0]))}{more})"


def _first_node(
    family: Any, found: NDArray[np.bool_], column: str = "nests", what: str = "substitution"
) -> str:
    nests = getattr(family, column)
    council = row_index(nests.node_start)
    which = np.flatnonzero(found)
    if not which.size:
        return ""
    bad = np.zeros(family.n_councils, dtype=bool)
    bad[council[which]] = True
    elasticity = nests.node_elasticity[which[0]]
    return _first(family, bad, lambda _: f"elasticity of {what} {elasticity:g} in a nest")
