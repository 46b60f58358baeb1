"""Unit costs and shares of nested CES trees in calibrated share form, one tree per council.

    I_leaf = p/p0,   I_k = [ sum over children of share * I^(1-s_k) ]^(1/(1-s_k)),   cost = scale * I_root      (Rutherford 1995)

Bottom-up for the indices, top-down for the shares of cost: share_child = share_parent * theta (I_child / I_parent)^(1-s).
Nodes are stored parents before children, so one loop backwards and one forwards serve any tree.
"""

from cython.parallel cimport prange
from libc.math cimport exp, expm1, fabs, log, log1p
from libc.stdint cimport int64_t


def response(
    const int64_t[::1] node_start,   # IN  (m + 1,)
    const int64_t[::1] node_parent,  # IN  (N,) -1 at roots
    const double[::1] node_power,    # IN  (N,) 1 - elasticity
    const double[::1] node_theta,    # IN  (N,) benchmark share within the parent
    const int64_t[::1] leaf_start,   # IN  (m + 1,)
    const int64_t[::1] leaf_node,    # IN  (L,)
    const double[::1] leaf_theta,    # IN  (L,) benchmark share within the node
    const double[::1] leaf_index,    # IN  (L,) log(p/p0)
    double[::1] node_index,          # OUT (N,) log index of each node
    double[::1] node_share,          # OUT (N,) share of each node in the council's cost (root: 1)
    double[::1] leaf_share,          # OUT (L,) share of each leaf in the council's cost
    int n_threads,
):
    """Log indices and cost shares of every node and leaf. The log unit cost is log scale + node_index at the root."""
    cdef Py_ssize_t j, m = node_start.shape[0] - 1
    if m <= 0 or leaf_theta.shape[0] == 0:
        return
    for j in prange(m, nogil=True, num_threads=n_threads, schedule="dynamic", chunksize=16):
        answer_tree(
            node_start[j], node_start[j + 1], leaf_start[j], leaf_start[j + 1], &node_parent[0], &node_power[0],
            &node_theta[0], &leaf_node[0], &leaf_theta[0], &leaf_index[0], &node_index[0], &node_share[0], &leaf_share[0],
        )


cdef void answer_tree(
    Py_ssize_t node_first, Py_ssize_t node_last, Py_ssize_t leaf_first, Py_ssize_t leaf_last,
    const int64_t *parent, const double *power, const double *theta,
    const int64_t *leaf_node, const double *leaf_theta, const double *leaf_index,
    double *index, double *share, double *leaf_share,
) noexcept nogil:
    """Each node sums its children relative to one of them (kept in `share` on the way up): nothing overflows."""
    cdef Py_ssize_t k, e
    for k in range(node_first, node_last):
        index[k] = 0.0       # on the way up: the sum over children seen so far
        share[k] = 0.0       # on the way up: the child that the sum is relative to
    # `leaf_share` marks nothing yet; the first child of a node sets its reference
    for e in range(leaf_first, leaf_last):
        add_child(leaf_node[e], leaf_theta[e], leaf_index[e], power, index, share)
    for k in range(node_last - 1, node_first - 1, -1):
        index[k] = share[k] + finish(index[k], power[k])
        if parent[k] >= 0:
            add_child(parent[k], theta[k], index[k], power, index, share)
    for k in range(node_first, node_last):
        if parent[k] < 0:
            share[k] = 1.0
        else:
            share[k] = share[parent[k]] * theta[k] * exp(power[parent[k]] * (index[k] - index[parent[k]]))
    for e in range(leaf_first, leaf_last):
        k = leaf_node[e]
        leaf_share[e] = share[k] * leaf_theta[e] * exp(power[k] * (leaf_index[e] - index[k]))


cdef inline double weight(double r, double power) noexcept nogil:
    """Near elasticity one: expm1(power r)/power, which is r at power 0. Elsewhere exp(power r)."""
    if power == 0.0:
        return r
    if fabs(power) < 0.05:
        return expm1(power * r) / power
    return exp(power * r)


cdef inline double finish(double total, double power) noexcept nogil:
    """Log index relative to the reference child, from the sum of weights."""
    if power == 0.0:
        return total
    if fabs(power) < 0.05:
        return log1p(power * total) / power
    return log(total) / power


cdef inline void add_child(
    Py_ssize_t k, double theta, double r, const double *power, double *total, double *reference
) noexcept nogil:
    """Add a child of log index r to node k's sum, moving the reference when the child would dwarf it."""
    cdef double shift
    if theta <= 0.0:
        return
    if fabs(power[k]) < 0.05:
        total[k] += theta * weight(r, power[k])
        return
    # the reference is the child with the largest term so far; an empty sum has none
    if total[k] == 0.0:
        reference[k] = r
        total[k] = theta
        return
    shift = power[k] * (r - reference[k])
    if shift > 0.0:
        total[k] = total[k] * exp(-shift) + theta
        reference[k] = r
    else:
        total[k] += theta * exp(shift)
