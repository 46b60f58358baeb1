"""CES economies with clustered sectors: households, decreasing-returns councils, activities.

Data are calibrated: value shares g and gross output are drawn at reference prices p, and the
parameters follow from them (DESIGN section 3), for elasticity s and returns r:

    a_i = g_i p_i^(s-1) / K ,  K = sum_i g_i p_i^(s-1) ,  unit cost c = K^(1/(s-1))
    (s = 1: a = g, log c = sum g_i log p_i)
    revenue R at price p_o :  A = (R / p_o) (c / (r R))^r ,  since z = r R / c and q = A z^r
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon.economy import Economy
from parecon.errors import EconomyError
from parecon.families import Activities, CESConsumers, CESWorkers, Family
from parecon.synthetic._activities import Pools, Techniques, draw_techniques
from parecon.synthetic._draw import (
    Floats,
    Ints,
    Seed,
    check_count,
    check_number,
    check_range,
    covering_goods,
    full_rows,
    generator,
    make_distinct,
    n_covering,
    normalise_rows,
    row_blocks,
    spread,
)
from parecon.synthetic._planted import Planted, gross_output
from parecon.synthetic._sectors import Sectors, draw_sectors

ELASTICITIES = (0.3, 0.5, 0.8, 1.25, 2.0, 3.0, 5.0)
"""Classes of elasticity of substitution unless others are given."""
GOODS_PER_COUNCIL = 20
"""Goods of a council unless another number is given (all where there are fewer)."""
SHARE = (0.2, 1.0)
"""Range of value shares before they are normalised."""
ENTRIES = (10, 20)
"""Range of entries of a linear activity, output included."""
CAPACITIES = 0.3
"""Part of the linear activities with a capacity (see `activities`)."""
SHOCK = 0.3
"""Standard deviation of log endowments, and of log revenues through productivity, off the plan."""


@dataclass(frozen=True)
class _Sizes:
    """What was asked for, checked."""

    n_consumers: int
    n_workers: int
    n_goods: int
    n_activities: int
    width: int
    elasticity: Floats
    returns: tuple[float, float]
    n_made: int


@dataclass
class _Users:
    """Councils of one family: value shares g first, CES shares a in the same array later."""

    shares: sp.csr_array
    elasticity: Floats
    width: int

    def calibrate(self, price: Floats) -> Floats:
        """Turn g into a, in place and by blocks; return the unit costs c at `price`."""
        goods = self.shares.indices.reshape(-1, self.width)
        shares = self.shares.data.reshape(goods.shape)
        cost = np.empty(self.elasticity.size)
        log_price = np.log(price)
        for rows in row_blocks(*goods.shape):
            block, logs = shares[rows], log_price[goods[rows]]
            power = self.elasticity[rows] - 1.0
            one = power == 0.0
            log_cost = np.einsum("ij,ij->i", block, logs)
            # K - 1, which keeps its digits where the elasticity is near one.
            excess = np.einsum("ij,ij->i", block, np.expm1(power[:, None] * logs))
            log_cost[~one] = np.log1p(excess[~one]) / power[~one]
            block *= np.exp(power[:, None] * logs)
            normalise_rows(block)
            cost[rows] = np.exp(log_cost)
        return cost


def ces(
    n_consumers: int,
    n_workers: int,
    n_goods: int,
    *,
    seed: Seed,
    goods_per_council: int | None = None,
    elasticity: Sequence[float] = ELASTICITIES,
    returns: tuple[float, float] = (0.6, 0.95),
    linear_activities: int = 0,
    endowed: float = 0.1,
    sectors: int | None = None,
    skew: float = 0.5,
) -> Economy:
    """Draw a CES economy: every good is either endowed or made.

    Productivity and endowments are off the reference point by lognormal factors, so that prices
    have to move.

    Parameters
    ----------
    n_consumers, n_workers, n_goods : int
        Sizes. Workers may be none: then activities make the goods, or all goods are endowed.
        Where there are too few makers, goods that nobody makes are endowed.
    goods_per_council : int, optional
        Goods that a household or worker council uses; default 20, or all where there are fewer.
        Households together want all goods.
    elasticity : sequence of float
        Classes of elasticity, each as likely, in [0, 100].
    returns : (low, high)
        Range of worker councils' returns to scale, within (0, 1).
    linear_activities : int
        Constant-returns activities that make the same goods (see `activities`); the first for each
        good breaks even at the reference prices, so that both kinds of councils are at work.
    endowed : float
        Part of the goods that are endowed, in (0, .5]; at least one is.
    sectors : int, optional
        Sectors; worker councils use mostly goods of three of them. Default: about the square root
        of the number of goods, with twice a council's goods in each at least.
    skew : float
        Popularity of goods within a sector falls as place^-skew; in [0, .9].

    Raises
    ------
    EconomyError
        A parameter is out of its range, or so few households cannot want all goods.
    """
    sizes = _sizes(
        n_consumers, n_workers, n_goods, goods_per_council, elasticity, returns,
        linear_activities, endowed,
    )  # fmt: skip
    rng = generator(seed)
    return _ces(
        rng, sizes, draw_sectors(rng, sizes.n_goods, sizes.width, sectors, skew), exact=False
    ).economy


def planted_ces(
    n_consumers: int,
    n_workers: int,
    n_goods: int,
    *,
    seed: Seed,
    goods_per_council: int | None = None,
    elasticity: Sequence[float] = ELASTICITIES,
    returns: tuple[float, float] = (0.6, 0.95),
    linear_activities: int = 0,
    endowed: float = 0.1,
    sectors: int | None = None,
    skew: float = 0.5,
) -> Planted:
    """Draw a CES economy together with its plan (parameters as `ces`).

    Every good clears exactly, and every worker council is at work.
    """
    sizes = _sizes(
        n_consumers, n_workers, n_goods, goods_per_council, elasticity, returns,
        linear_activities, endowed,
    )  # fmt: skip
    rng = generator(seed)
    return _ces(
        rng, sizes, draw_sectors(rng, sizes.n_goods, sizes.width, sectors, skew), exact=True
    )


def _sizes(
    n_consumers: int,
    n_workers: int,
    n_goods: int,
    goods_per_council: int | None,
    elasticity: Sequence[float],
    returns: tuple[float, float],
    linear_activities: int,
    endowed: float,
) -> _Sizes:
    """Check the sizes and fill in the defaults."""
    check_count("n_consumers", n_consumers)
    check_count("n_workers", n_workers, 0)
    check_count("n_goods", n_goods, 2)
    check_count("linear_activities", linear_activities, 0)
    check_number("endowed", endowed, 0.0, 0.5, open_below=True)
    if goods_per_council is None:
        goods_per_council = min(GOODS_PER_COUNCIL, n_goods)
    width = check_count("goods_per_council", goods_per_council, 1, n_goods)
    classes = np.array([check_number("elasticity", value, 0.0, 100.0) for value in elasticity])
    if not classes.size:
        raise EconomyError("elasticity: expected at least one class, got none")
    # Each kind of makers is spread over all goods made: the larger of the two covers them.
    n_made = min(n_goods - max(1, int(endowed * n_goods)), max(n_workers, linear_activities))
    return _Sizes(
        n_consumers, n_workers, n_goods, linear_activities, width, classes,
        check_range("returns", returns, 0.0, 1.0), n_made,
    )  # fmt: skip


def _ces(rng: np.random.Generator, sizes: _Sizes, sectors: Sectors, *, exact: bool) -> Planted:
    """Draw the councils at the reference prices, close the accounts, calibrate the parameters."""
    price = spread(rng, 0.5, sizes.n_goods)
    made = np.sort(rng.permutation(sizes.n_goods)[: sizes.n_made])
    consumers = _Users(
        _wanted(rng, sizes, sectors),
        rng.choice(sizes.elasticity, sizes.n_consumers),
        sizes.width,
    )
    budget = spread(rng, 0.5, sizes.n_consumers)
    position = np.arange(sizes.n_workers, dtype=np.int64) * sizes.n_made // max(1, sizes.n_workers)
    output = made[position]
    workers = _Users(
        _used(rng, sizes, sectors, sectors.of_good(output)),
        rng.choice(sizes.elasticity, sizes.n_workers),
        sizes.width,
    )
    returns = rng.uniform(*sizes.returns, sizes.n_workers)
    drawn = _techniques(rng, sizes, made, price)
    worker_part, activity_part = _parts(rng, sizes, position, drawn)

    use = drawn.input_use(sizes.n_goods) if drawn else None
    final = consumers.shares.T @ budget

    def uses(value: Floats) -> Floats:
        """Value of inputs that go into goods of these values (n,)."""
        used = workers.shares.T @ (returns * worker_part * value[output])
        if drawn is not None and use is not None:
            units = activity_part * value[made] / price[made]
            used += price * (use.T @ units[drawn.position])
        return used

    value = gross_output(final, uses, tol=1e-15 if exact else 1e-2)
    revenue = worker_part * value[output]
    endowment = value / price
    endowment[made] = 0.0
    level = None
    if drawn is not None:
        good = made[drawn.position]
        level = drawn.part * activity_part[drawn.position] * value[good] / price[good]
    found = _Books(price, budget, output, revenue, returns, level)
    return _finish(rng, consumers, workers, drawn, found, endowment, exact=exact)


@dataclass(frozen=True)
class _Books:
    """The accounts at the reference prices: what each council takes in."""

    price: Floats
    budget: Floats
    output: Ints
    revenue: Floats
    returns: Floats
    level: Floats | None


def _finish(
    rng: np.random.Generator,
    consumers: _Users,
    workers: _Users,
    drawn: Techniques | None,
    found: _Books,
    endowment: Floats,
    *,
    exact: bool,
) -> Planted:
    """Calibrate the parameters to the accounts; keep the plan if it is wanted."""
    price, cost = found.price, found.returns * found.revenue
    optimum: dict[str, dict[str, Floats]] = {"consumers": {}}
    if exact:
        optimum["consumers"]["quantity"] = _bought(consumers.shares, found.budget, price)
        inputs = _bought(workers.shares, cost, price)
    unit_utility = consumers.calibrate(price)
    unit_cost = workers.calibrate(price)
    utility = found.budget / unit_utility
    optimum["consumers"] |= {"spending": found.budget, "utility": utility}

    level = cost / unit_cost
    output = found.revenue / price[found.output]
    productivity = output / level**found.returns
    if not exact:
        # Revenue goes as productivity^(1/(1-r)): the same shock to revenue at any returns.
        shock = rng.standard_normal(productivity.size)
        productivity *= np.exp(SHOCK * (1.0 - found.returns) * shock)
        endowment *= spread(rng, SHOCK, price.size)
    families: list[Family] = [
        CESConsumers(found.budget, consumers.shares, consumers.elasticity, label="consumers")
    ]
    if found.output.size:
        families.append(
            CESWorkers(
                found.output.astype(np.int32), workers.shares, workers.elasticity, found.returns,
                productivity, label="workers",
            )
        )  # fmt: skip
        optimum["workers"] = {"output": output, "level": level}
        if exact:
            optimum["workers"]["input"] = inputs
    if drawn is not None and found.level is not None:
        capacity = drawn.capacity(rng, found.level)
        families.append(Activities(drawn.net_output, capacity, label="activities"))
        optimum["activities"] = {"level": found.level}
    economy = Economy(price.size, endowment, tuple(families))
    return Planted(economy, price, optimum, float(found.budget @ np.log(utility)))


def _bought(shares: sp.csr_array, spending: Floats, price: Floats) -> Floats:
    """Quantities (nnz,) of councils that spend these sums in these value shares."""
    return np.repeat(spending, np.diff(shares.indptr)) * shares.data / price[shares.indices]


def _wanted(rng: np.random.Generator, sizes: _Sizes, sectors: Sectors) -> sp.csr_array:
    """Households' value shares (H, n): popular goods of any sector, and all goods covered."""
    n_rows, n_goods, width = sizes.n_consumers, sizes.n_goods, sizes.width
    each = n_covering("households", n_rows, n_goods, width)
    goods = np.empty((n_rows, width), dtype=np.int32)
    for rows in row_blocks(n_rows, width):
        block = sectors.draw(rng, goods[rows].shape)
        block[:, :each] = covering_goods(rows, each, n_goods)
        goods[rows] = make_distinct(
            rng, block, lambda row: sectors.draw(rng, row.shape), n_goods, each
        )
    return full_rows(goods, _value_shares(rng, goods.shape), n_goods)


def _used(rng: np.random.Generator, sizes: _Sizes, sectors: Sectors, user: Ints) -> sp.csr_array:
    """Worker councils' value shares (m, n), for the sectors (m,) they are of."""
    goods = np.empty((user.size, sizes.width), dtype=np.int32)
    for rows in row_blocks(user.size, sizes.width):
        sector = user[rows]
        block = sectors.draw_local(rng, np.repeat(sector[:, None], sizes.width, axis=1))

        def redraw(row: Ints, sector: Ints = sector) -> Ints:
            return sectors.draw_local(rng, sector[row])

        goods[rows] = make_distinct(rng, block, redraw, sizes.n_goods)
    return full_rows(goods, _value_shares(rng, goods.shape), sizes.n_goods)


def _value_shares(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Rows of value shares: U(.2, 1), normalised."""
    values = np.empty(shape)
    for rows in row_blocks(*shape):
        values[rows] = normalise_rows(rng.uniform(*SHARE, values[rows].shape))
    return values


def _techniques(
    rng: np.random.Generator, sizes: _Sizes, made: Ints, price: Floats
) -> Techniques | None:
    """Linear activities, spread evenly over the goods that are made."""
    if not sizes.n_activities:
        return None
    resource = np.setdiff1d(np.arange(sizes.n_goods), made)
    return draw_techniques(
        rng, sizes.n_activities, Pools(made, resource, resource[:0], price), ENTRIES, CAPACITIES
    )


def _parts(
    rng: np.random.Generator, sizes: _Sizes, position: Ints, drawn: Techniques | None
) -> tuple[Floats, Floats]:
    """Part of a good's output that each worker council (m,) and all its activities (made,) make."""
    weight = spread(rng, 0.5, position.size)
    total = np.bincount(position, weights=weight, minlength=sizes.n_made)
    activity = np.zeros(sizes.n_made)
    if drawn is not None:
        active = np.bincount(drawn.position, minlength=sizes.n_made) > 0
        # As much as its worker councils make, give or take; all of it where there are none.
        activity = np.where(
            active, np.where(total > 0, rng.uniform(0.3, 0.7, total.size), 1.0), 0.0
        )
    return weight * (1.0 - activity[position]) / total[position], activity
