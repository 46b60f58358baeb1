"""Activity economies: several linear techniques for each good, capacities and scarce resources.

    net output of an activity at level y: y * (e_o - a) ,  a >= 0 per unit of its good o
    (Koopmans 1951, "Analysis of production as an efficient combination of activities")

Goods that are made come first, resources after them. Techniques are drawn around reference prices
p: made inputs cost a U(.3, .6) part of a technique's cost, and its whole cost is `factor` * p_o.
In value terms a column of made inputs then sums to at most .6 * 1.3 < 1, whichever technique each
good takes: the economy is productive, with a spectral radius below .78.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.families import Activities, CobbDouglasConsumers
from parecon.synthetic._draw import (
    Floats,
    Ints,
    Seed,
    assemble,
    check_count,
    check_number,
    check_range,
    full_rows,
    generator,
    normalise_rows,
    row_blocks,
    spread,
    uniform_subsets,
)
from parecon.synthetic._planted import Planted, gross_output

MADE_PART = (0.3, 0.6)
"""Range of the part of cost that is made goods; the rest is resources."""
EFFICIENT = (0.8, 0.97)
"""Range of cost over price for techniques whose capacity binds: they earn a rent."""
INFERIOR = (1.03, 1.3)
"""Range of cost over price for techniques that are idle at the reference prices."""
ENDOWMENT_SPREAD = 0.3
"""Standard deviation of the logarithm of endowment over its use at the reference prices."""
MAX_RESOURCES = 3
"""Most priced resources in one technique; it uses at least one."""
MAX_FREE = 2
"""Most resources of price zero in one technique."""


@dataclass(frozen=True)
class Pools:
    """Which goods are what, by number, and what they are worth at the reference prices.

    Attributes
    ----------
    made, resource, free : (.,) int
        Goods that are made; resources that have a price; resources in surplus.
    price : (n,) float64
        Reference prices; zero for the free ones and only for them.
    reach : int, optional
        So many goods that are made, from a good's own place on, are inputs of its techniques;
        None: all others.
    """

    made: Ints
    resource: Ints
    free: Ints
    price: Floats
    reach: int | None = None

    @property
    def inputs(self) -> int:
        """Number of goods that are made from which a technique draws its inputs."""
        others = self.made.size - 1
        return others if self.reach is None else min(self.reach, others)


@dataclass(frozen=True)
class Techniques:
    """Drawn activities, ordered by the good they make; T of them.

    Attributes
    ----------
    net_output : (T, n) csr_array
        One unit of the good made, less inputs.
    position : (T,) int
        Place of the good made in `Pools.made`.
    part : (T,) float64
        Part of the good's activity output that it makes at the reference prices; 0 for idle ones.
    binding, capped : (T,) bool
        Whether its capacity binds there; whether it has a capacity at all.
    """

    net_output: sp.csr_array
    position: Ints
    part: Floats
    binding: NDArray[np.bool_]
    capped: NDArray[np.bool_]

    def input_use(self, n_goods: int) -> sp.csr_array:
        """Inputs (T, n), positive, times each technique's part: what one unit of the good uses."""
        inputs = self.net_output.copy()
        np.minimum(inputs.data, 0.0, out=inputs.data)
        inputs.data *= -np.repeat(self.part, np.diff(inputs.indptr))
        return sp.csr_array(inputs, shape=(self.part.size, n_goods))

    def capacity(self, rng: np.random.Generator, level: Floats) -> Floats:
        """Capacities (T,): the level where binding, 1.2-2 times a typical level where not."""
        typical = np.where(level > 0.0, level, level[level > 0.0].mean())
        loose = typical * rng.uniform(1.2, 2.0, level.size)
        return np.where(self.binding, level, np.where(self.capped, loose, np.inf))


def activities(
    n_goods: int,
    n_activities: int,
    *,
    seed: Seed,
    n_consumers: int = 10,
    resources: float = 0.1,
    entries: tuple[int, int] = (10, 20),
    capacities: float = 0.3,
    reach: float = 1.0,
) -> Economy:
    """Draw an activity economy whose consumers have Cobb-Douglas (log) utility over made goods.

    Endowments are what the economy would use at the reference prices, times a lognormal factor:
    some resources turn out scarcer, some may be in surplus (price zero).

    Parameters
    ----------
    n_goods, n_activities : int
        Sizes; at least one activity for each good that is made. Techniques are spread evenly.
    n_consumers : int
        Consumer councils, with lognormal budgets and shares over all made goods.
    resources : float
        Part of the goods that are resources, in (0, .5]; at least one is.
    entries : (low, high)
        Range of the number of entries of an activity, output included, as far as there are goods.
    capacities : float
        Part of the activities with a capacity, and of the goods with an efficient technique whose
        capacity binds at the reference prices. In [0, 1].
    reach : float
        Part of the goods that are made, from a good's own place on (around the circle), from which
        its techniques draw inputs. Small: clusters of goods that need each other; 1: from all.

    Raises
    ------
    EconomyError
        A parameter is out of its range.
    """
    return _activities(
        n_goods, n_activities, seed, n_consumers, resources, entries, capacities, 0, reach,
        exact=False,
    ).economy  # fmt: skip


def planted_activities(
    n_goods: int,
    n_activities: int,
    *,
    seed: Seed,
    n_consumers: int = 10,
    resources: float = 0.1,
    entries: tuple[int, int] = (10, 20),
    capacities: float = 0.3,
    free_resources: int = 0,
) -> Planted:
    """Draw an activity economy together with its plan (parameters as `activities`).

    Each good's first technique makes zero profit; its second, for some goods, earns a rent at full
    capacity; all others make a loss and are idle. Endowments are exactly what is used, except
    of `free_resources` resources: of these there is more, and their price is zero.
    """
    check_count("free_resources", free_resources, 0)
    return _activities(
        n_goods, n_activities, seed, n_consumers, resources, entries, capacities, free_resources,
        1.0, exact=True,
    )  # fmt: skip


def _activities(
    n_goods: int,
    n_activities: int,
    seed: Seed,
    n_consumers: int,
    resources: float,
    entries: tuple[int, int],
    capacities: float,
    n_free: int,
    reach: float,
    *,
    exact: bool,
) -> Planted:
    """Build prices, techniques, demand, levels and endowments, in this order."""
    check_count("n_goods", n_goods, 2)
    check_count("n_consumers", n_consumers)
    check_number("resources", resources, 0.0, 0.5, open_below=True)
    n_resources = max(1, int(resources * n_goods))
    n_made = n_goods - n_resources
    check_count("free_resources", n_free, 0, n_resources - 1)
    check_count("n_activities", n_activities, n_made)
    check_number("reach", reach, 0.0, 1.0, open_below=True)
    rng = generator(seed)

    price = spread(rng, 0.5, n_goods)
    price[n_goods - n_free :] = 0.0
    pools = Pools(
        np.arange(n_made), np.arange(n_made, n_goods - n_free),
        np.arange(n_goods - n_free, n_goods), price,
        None if reach == 1.0 else max(1, round(reach * n_made)),
    )  # fmt: skip
    drawn = draw_techniques(rng, n_activities, pools, entries, capacities)
    budget = spread(rng, 0.5, n_consumers)
    shares = _shares(rng, n_consumers, n_made, n_goods)
    quantity = np.repeat(budget, n_made) * shares.data / price[shares.indices]
    wanted = np.bincount(shares.indices, weights=quantity, minlength=n_goods)
    final = wanted.astype(np.float64, copy=False)

    use = drawn.input_use(n_goods)
    total = gross_output(final, lambda x: use.T @ x[drawn.position], tol=1e-15 if exact else 1e-3)
    level = drawn.part * total[drawn.position]
    endowment = np.where(np.arange(n_goods) < n_made, 0.0, total)
    if n_free:
        endowment[pools.free] = endowment[pools.free] * 1.5 + 1.0
    if not exact:
        endowment *= spread(rng, ENDOWMENT_SPREAD, n_goods)
    families = (
        CobbDouglasConsumers(budget, shares, label="consumers"),
        Activities(drawn.net_output, drawn.capacity(rng, level), label="activities"),
    )
    # Utility at a plan is budget over the cost of one unit, log c = sum_i a_i log p_i.
    log_cost = shares @ np.log(np.where(price > 0.0, price, 1.0))
    utility = budget * np.exp(-log_cost)
    optimum = {
        "consumers": {"quantity": quantity, "spending": budget, "utility": utility},
        "activities": {"level": level},
    }
    economy = Economy(n_goods, endowment, families)
    return Planted(economy, price, optimum, float(budget @ np.log(utility)))


def _shares(rng: np.random.Generator, n_consumers: int, n_made: int, n_goods: int) -> sp.csr_array:
    """Budget shares (H, n) over all made goods: U(.5, 1.5), normalised."""
    goods = np.tile(np.arange(n_made, dtype=np.int32), (n_consumers, 1))
    values = np.empty(goods.shape)
    for rows in row_blocks(n_consumers, n_made):
        values[rows] = normalise_rows(rng.uniform(0.5, 1.5, (rows.stop - rows.start, n_made)))
    return full_rows(goods, values, n_goods)


def draw_techniques(
    rng: np.random.Generator,
    n_activities: int,
    pools: Pools,
    entries: tuple[int, int],
    capacities: float,
) -> Techniques:
    """Draw techniques, the same number for each made good (give or take one)."""
    check_number("capacities", capacities, 0.0, 1.0)
    low, high = check_range("entries", entries, 1, 1e6)
    n_made = pools.made.size
    position = np.arange(n_activities, dtype=np.int64) * n_made // n_activities
    rank = np.arange(n_activities) - np.searchsorted(position, position)

    binding = (rank == 1) & (rng.random(n_activities) < capacities)
    factor = np.where(
        binding, rng.uniform(*EFFICIENT, n_activities), rng.uniform(*INFERIOR, n_activities)
    )
    factor[rank == 0] = 1.0
    part = np.where(binding, rng.uniform(0.2, 0.6, n_activities), 0.0)
    rest = 1.0 - np.bincount(position, weights=part, minlength=n_made)
    part[rank == 0] = rest[position[rank == 0]]
    counts = _input_counts(rng, n_activities, pools, (int(low), int(high)))
    return Techniques(
        net_output=_net_output(rng, pools, position, factor, counts),
        position=position,
        part=part,
        binding=binding,
        capped=binding | (rng.random(n_activities) < capacities),
    )


def _input_counts(
    rng: np.random.Generator, n_activities: int, pools: Pools, entries: tuple[int, int]
) -> dict[str, Ints]:
    """How many resources (1-3), free resources (0-2) and made goods each technique uses."""
    n_entries = rng.integers(entries[0], entries[1] + 1, n_activities)
    most = np.minimum(min(MAX_RESOURCES, pools.resource.size), n_entries - 1)
    resource = rng.integers(1, most + 1)
    free = rng.integers(0, min(MAX_FREE, pools.free.size) + 1, n_activities)
    made = np.clip(n_entries - 1 - resource, 0, pools.inputs)
    return {"made": made, "resource": resource, "free": free}


def _net_output(
    rng: np.random.Generator,
    pools: Pools,
    position: Ints,
    factor: Floats,
    counts: dict[str, Ints],
) -> sp.csr_array:
    """Net output (T, n) per unit of level; the cost at the reference prices is factor * p_o."""
    n_goods = pools.price.size
    n_entries = 1 + counts["made"] + counts["resource"] + counts["free"]
    start = np.concatenate([[0], np.cumsum(n_entries)])
    goods = np.empty(start[-1], dtype=np.int32)
    values = np.empty(start[-1])
    widest = int(n_entries.max(initial=1))
    for rows in row_blocks(position.size, widest):
        block = {name: count[rows] for name, count in counts.items()}
        found, amounts = _block(rng, pools, position[rows], factor[rows], block)
        order = np.argsort(found, axis=1)
        found = np.take_along_axis(found, order, axis=1)
        entries = slice(start[rows.start], start[rows.stop])
        goods[entries] = found[found < n_goods]
        values[entries] = np.take_along_axis(amounts, order, axis=1)[found < n_goods]
    return assemble(values, goods, start, n_goods)


def _block(
    rng: np.random.Generator, pools: Pools, position: Ints, factor: Floats, counts: dict[str, Ints]
) -> tuple[Ints, Floats]:
    """Goods (R, w) and net outputs (R, w) of a block; unused places have the good n."""
    price = pools.price
    cost = factor * price[pools.made[position]]
    made_part = np.where(counts["made"] > 0, rng.uniform(*MADE_PART, position.size), 0.0)
    # Counted around the circle from a good's own place, its own is 0 and left out of the inputs;
    # its main resource is 0 and always in, so that every resource is used.
    made = _around(
        rng, pools.made, position, counts["made"], 1, n_goods=price.size, among=pools.inputs
    )
    others = _around(rng, pools.resource, position, counts["resource"] - 1, 1, n_goods=price.size)
    main = pools.resource[position % pools.resource.size][:, None]
    resource = np.concatenate([main, others], axis=1)
    free = _around(rng, pools.free, position, counts["free"], 0, n_goods=price.size)
    own = pools.made[position][:, None]
    worth = np.append(price, np.inf)
    amounts = [
        np.ones(own.shape),
        -_weights(rng, made, price.size) * (made_part * cost)[:, None] / worth[made],
        -_weights(rng, resource, price.size) * ((1 - made_part) * cost)[:, None] / worth[resource],
        -_weights(rng, free, price.size) * cost[:, None],
    ]
    return np.concatenate([own, made, resource, free], axis=1), np.concatenate(amounts, axis=1)


def _around(
    rng: np.random.Generator,
    pool: Ints,
    position: Ints,
    count: Ints,
    first: int,
    *,
    n_goods: int,
    among: int | None = None,
) -> Ints:
    """Draw `count` goods of a pool, leaving out the `first` ones from the own place on.

    among : so many that follow those, instead of all.
    """
    width = int(count.max(initial=0))
    if not width:
        return np.empty((position.size, 0), dtype=np.int64)
    n_pool = pool.size - first if among is None else among
    places = uniform_subsets(rng, count, n_pool, position.size, width)
    goods = pool[(position[:, None] + first + places) % pool.size]
    return np.where(places < n_pool, goods, n_goods)


def _weights(rng: np.random.Generator, goods: Ints, n_goods: int) -> Floats:
    """Positive weights of the used places, summing to one in each row that uses any."""
    weights = np.where(goods < n_goods, rng.uniform(0.5, 1.5, goods.shape), 0.0)
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(float).tiny)
