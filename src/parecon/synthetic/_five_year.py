"""Plans over several years: industries that use and build capital of their own.

The economies that W. P. Cockshott plans by targets for every year. Of S industries over Y years,

    production   industry j, year y    1 of product j  <-  a_ij of products, l_j of labour,
                                                           k_ij of its own capital of kind i
    investment   cell (i, j), year y   (1 - d)^(t - y - 1) of capital in every year t > y
                                       <-  1 of product i

A cell is capital of one kind in one industry: it cannot move, and wears at its own rate d. Goods
are the products of every year, labour of every year, and the cells in every year; what is left of
the first year's stock is there in each year. Every product has a target in every year.

The plan is known (`planted_five_year`) because prices that fall at one rate, p_y = p_0 b^y, make
all industries and all investments break even at once:

    rent of a cell     r_y = p_{y-1} - (1 - d) p_y  = p_0 b^y (1/b - 1 + d),    in the last year
                       r = p_{y-1}, for then the cell has no later use
    price of product   p_y = A' p_y + l w_y + K' r_y

The first holds p_0 together in all years but the last, whose prices the second gives. Output grows
at one rate g below 1/b - 1, so that every investment is made: k_ij (g + d_ij) of what j makes.

In the first year labour and one kind of capital in each industry are scarce, the other kinds are
not. The wage is the highest that every industry can pay, and one of them, whose capital is all in
surplus, pays with its whole margin; what the others have left is the rent of their scarce kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.economy import Economy
from parecon.errors import EconomyError, nearest
from parecon.families import Activities, Family, Targets
from parecon.goods import Goods
from parecon.synthetic._draw import (
    Floats,
    Ints,
    Seed,
    check_count,
    check_range,
    generator,
    spread,
    uniform_subsets,
)
from parecon.synthetic._planted import Planted, gross_output
from parecon.synthetic._targets import Form, weights_for, welfare_of_targets

OBJECTIVES = ("harmony", "ray")
MATERIALS = (0.3, 0.6)
"""Range of the part of cost that is products used up."""
CAPITAL = (0.1, 0.25)
"""Range of the part of cost that is rent of capital; the rest is labour."""
WEAR = (0.05, 0.15)
"""Range of the part of a cell that a year wears out."""
CAPITAL_PRODUCTS = 5
"""One product in so many can be capital."""
INTEREST = 0.08
"""1/b - 1: prices fall by this rate from year to year."""
GROWTH = 0.03
"""Growth of output in the planted plan, a year."""
SURPLUS = 0.04
"""Part of a first stock in surplus above its use, less than growth and wear of a year."""
STOCK_SPREAD = 0.2
"""Standard deviation of the logarithm of a cell's first stock over its planted one."""


@dataclass(frozen=True)
class _Technology:
    """Coefficients per unit of output at the first year's prices; the same in every year.

    price : (S,) prices of the first year; labour : (S,) hours, paid 1 each in the first year.
    user, used, amount : (E,) industry, product and quantity of each material input.
    industry, kind, stock, wear : (C,) of each capital cell.
    """

    price: Floats
    labour: Floats
    user: Ints
    used: Ints
    amount: Floats
    industry: Ints
    kind: Ints
    stock: Floats
    wear: Floats

    @property
    def size(self) -> int:
        return len(self.price)

    def materials(self, output: Floats) -> Floats:
        """(S,) products used up in making `output`."""
        used = np.bincount(self.used, self.amount * output[self.user], self.size)
        return used.astype(np.float64, copy=False)

    def builds(self, output: Floats) -> Floats:
        """(S,) products invested so that `output` can grow at the planted rate."""
        built = np.bincount(self.kind, self.growing(output), self.size)
        return built.astype(np.float64, copy=False)

    def growing(self, output: Floats) -> Floats:
        """(C,) investment beside `output`."""
        return self.stock * (GROWTH + self.wear) * output[self.industry]

    def cost(self, price: Floats) -> Floats:
        """(S,) what the materials of one unit cost."""
        cost = np.bincount(self.user, self.amount * price[self.used], self.size)
        return cost.astype(np.float64, copy=False)

    def first_wage(self) -> tuple[float, NDArray[np.bool_], Floats]:
        """The wage of the first year, which cells are scarce in it, and their rents (C,)."""
        margin = self.price - self.cost(self.price)
        wage = float(np.min(margin / self.labour))
        pays = int(np.argmin(margin / self.labour))
        left = np.maximum(margin - wage * self.labour, 0.0)
        leads = np.ones(len(self.industry), dtype=bool)
        leads[1:] = self.industry[1:] != self.industry[:-1]
        scarce = leads & (self.industry != pays)
        return wage, scarce, np.where(scarce, left[self.industry] / self.stock, 0.0)


def five_year(
    industries: int,
    years: int = 5,
    *,
    objective: Form = "harmony",
    seed: Seed,
    inputs: tuple[int, int] = (4, 12),
    kinds: tuple[int, int] = (3, 12),
    reached: tuple[float, float] = (0.6, 1.3),
) -> Economy:
    """Draw an economy to be planned over several years by targets.

    Industries need products, labour and capital of their own, which investment builds from products
    and years wear out. The first stocks are out of proportion: some cells are short, others idle
    for years. 320 industries over five years have about 13,500 goods and 11,200 techniques.

    Parameters
    ----------
    industries, years : int
        S and Y, at least 1 each.
    objective : {"harmony", "ray"}
        Form of the targets (`parecon.Targets`).
    seed : int or numpy.random.Generator
    inputs : (low, high)
        Range of the number of products that an industry uses up, as far as there are others.
    kinds : (low, high)
        Range of the number of kinds of its capital, as far as there are; a fifth of the products
        can be capital.
    reached : (low, high)
        Range of what a balanced plan would deliver over the target, above 0.

    Returns
    -------
    Economy
        Goods of kinds "product" (S Y), "labour" (Y) and "capital" (cells times Y), named by year;
        families "targets" (S Y), "production" (S Y) and, for two years or more, "investment" (cells
        times Y - 1).

    Raises
    ------
    EconomyError
        A parameter is out of its range.
    """
    rng = generator(seed)
    planted = _five_year(industries, years, objective, rng, inputs, kinds, reached)
    economy = planted.economy
    cells = economy.goods.of_kind("capital").reshape(years, -1)
    stock = np.array(economy.endowment)
    stock[cells] *= spread(rng, STOCK_SPREAD, cells.shape[1])
    return economy.replace(endowment=stock)


def planted_five_year(
    industries: int,
    years: int = 5,
    *,
    objective: Form = "harmony",
    seed: Seed,
    inputs: tuple[int, int] = (4, 12),
    kinds: tuple[int, int] = (3, 12),
    reached: tuple[float, float] = (0.6, 1.3),
) -> Planted:
    """Draw such an economy together with its plan (parameters as `five_year`).

    Every industry works and every investment is made; labour is scarce in every year, capital in
    all but the first, in which one kind is in all industries but one. Quantities are unique, with
    the harmony objective prices too.
    """
    return _five_year(industries, years, objective, generator(seed), inputs, kinds, reached)


def _five_year(
    industries: int,
    years: int,
    objective: Form,
    rng: np.random.Generator,
    inputs: tuple[int, int],
    kinds: tuple[int, int],
    reached: tuple[float, float],
) -> Planted:
    check_count("industries", industries)
    check_count("years", years)
    if objective not in OBJECTIVES:
        hint = nearest(objective, OBJECTIVES)
        raise EconomyError(f"objective: expected one of {OBJECTIVES}, got {objective!r}{hint}")
    low, high = check_range("reached", reached, 0.0, 1e6)
    if low <= 0.0:
        raise EconomyError(f"reached: expected a range above 0, got {reached}")
    technology = _technology(rng, industries, inputs, kinds)
    output, built, first, final = _quantities(rng, technology, years)
    price, rent, wage = _prices(technology, years)

    part = rng.uniform(low, high, 1 if objective == "ray" else final.shape)
    target = (final / part).ravel()
    quantity, worth = final.ravel(), price.ravel()
    weight = weights_for(objective, worth, quantity, target)
    targets = Targets(np.arange(target.size), target, weight, objective, label="targets")
    families: list[Family] = [targets, _production(technology, years)]
    optimum = {
        "targets": {"quantity": quantity, "spending": worth * quantity},
        "production": {"level": output.ravel()},
    }
    if years > 1:
        families.append(_investment(technology, years))
        optimum["investment"] = {"level": built.ravel()}

    left = first * (1.0 - technology.wear) ** np.arange(years)[:, None]
    endowment = np.concatenate([np.zeros(target.size), output @ technology.labour, left.ravel()])
    economy = Economy(_goods(technology, years), endowment, families)
    whole = np.concatenate([worth, wage, rent.ravel()])
    welfare = welfare_of_targets(objective, weight, quantity / target)
    return Planted(economy, whole, optimum, welfare)


def _technology(
    rng: np.random.Generator, size: int, inputs: tuple[int, int], kinds: tuple[int, int]
) -> _Technology:
    """Parts of cost first, coefficients from them and the prices."""
    price = spread(rng, 0.5, size)
    place, n_others = np.arange(size)[:, None], size - 1
    others = _subsets(rng, "inputs", inputs, n_others, size)
    user, column = np.nonzero(others < n_others)
    # counted around the circle from an industry's own product, which is left out
    used = (place + 1 + others)[user, column] % size
    pool = max(1, size // CAPITAL_PRODUCTS)
    chosen = _subsets(rng, "kinds", kinds, pool, size)
    industry, column = np.nonzero(chosen < pool)
    # spread over the products; each industry's numbers are a subset of the same pool
    kind = chosen[industry, column].astype(np.int64) * size // pool

    materials = np.where(np.bincount(user, minlength=size) > 0, rng.uniform(*MATERIALS, size), 0.0)
    capital = rng.uniform(*CAPITAL, size)
    wear = rng.uniform(*WEAR, industry.size)
    rent = price[kind] * (INTEREST + wear)
    return _Technology(
        price=price,
        labour=price * (1.0 - materials - capital),
        user=user,
        used=used,
        amount=_parts(rng, user, size) * (materials * price)[user] / price[used],
        industry=industry,
        kind=kind,
        stock=_parts(rng, industry, size) * (capital * price)[industry] / rent,
        wear=wear,
    )


def _subsets(
    rng: np.random.Generator, name: str, bounds: tuple[int, int], n_pool: int, n_rows: int
) -> Ints:
    """(n_rows, width) subsets of the pool, of sizes drawn between the bounds; n_pool is no one."""
    low, high = (int(bound) for bound in check_range(name, bounds, 0, 1e6))
    count = np.minimum(rng.integers(low, high + 1, n_rows), n_pool)
    width = int(count.max(initial=0))
    if not width:
        return np.empty((n_rows, 0), dtype=np.int64)
    return uniform_subsets(rng, count, n_pool, n_rows, width).astype(np.int64)


def _parts(rng: np.random.Generator, row: Ints, n_rows: int) -> Floats:
    """Positive numbers that sum to one in every row."""
    value = rng.uniform(0.5, 1.5, row.size)
    parts: Floats = value / np.bincount(row, value, n_rows)[row]
    return parts


def _quantities(
    rng: np.random.Generator, technology: _Technology, years: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Output (Y, S), investment (Y - 1, C), first stocks (C,), and what is final (Y, S)."""
    wanted = spread(rng, 0.5, technology.size) / technology.price
    start = gross_output(wanted, lambda x: technology.materials(x) + technology.builds(x))
    output: Floats = start * (1.0 + GROWTH) ** np.arange(years)[:, None]
    built: Floats = np.array([technology.growing(year) for year in output])[:-1]
    used = technology.stock * start[technology.industry]
    surplus = np.where(technology.first_wage()[1], 0.0, SURPLUS * used)
    built[:1] -= surplus * (1.0 - technology.wear)
    final = np.array([year - technology.materials(year) for year in output])
    for year, amount in enumerate(built):
        final[year] -= np.bincount(technology.kind, amount, technology.size)
    return output, built, used + surplus, final


def _prices(technology: _Technology, years: int) -> tuple[Floats, Floats, Floats]:
    """Products (Y, S), capital (Y, C) and labour (Y,)."""
    wage = np.power(1.0 + INTEREST, -np.arange(float(years)))
    price: Floats = technology.price * wage[:, None]
    rent: Floats = (INTEREST + technology.wear) * wage[:, None]
    rent *= technology.price[technology.kind]
    wage[0], _, rent[0] = technology.first_wage()
    if years > 1:
        rent[-1] = price[-2][technology.kind]
        paid = np.bincount(technology.industry, technology.stock * rent[-1], technology.size)
        price[-1] = gross_output(technology.labour * wage[-1] + paid, technology.cost)
    return price, rent, wage


# Goods, in this order: products by year, labour by year, capital by year.


def _goods(technology: _Technology, years: int) -> Goods:
    size, span = technology.size, range(1, years + 1)
    names = [f"product {i}, year {y}" for y in span for i in range(size)]
    names += [f"labour, year {y}" for y in span]
    cells = list(zip(technology.kind, technology.industry, strict=True))
    names += [f"capital {i} of industry {j}, year {y}" for y in span for i, j in cells]
    kinds = ["product"] * (size * years) + ["labour"] * years + ["capital"] * (len(cells) * years)
    return Goods(names, kinds)


def _production(technology: _Technology, years: int) -> Activities:
    """One technique of every industry in every year, by year."""
    size, n_cells = technology.size, len(technology.kind)
    year = np.arange(years)[:, None]
    row = np.concatenate(
        [np.arange(size), np.arange(size), technology.user, technology.industry]
    ) + (size * year)
    good = np.concatenate(
        [
            np.arange(size) + size * year,
            np.broadcast_to(size * years + year, (years, size)),
            technology.used + size * year,
            (size + 1) * years + np.arange(n_cells) + n_cells * year,
        ],
        axis=1,
    )
    value = np.concatenate(
        [np.ones(size), -technology.labour, -technology.amount, -technology.stock]
    )
    names = [f"industry {j}, year {y}" for y in range(1, years + 1) for j in range(size)]
    shape = (size * years, (size + 1 + n_cells) * years)
    return _activities(row, good, np.tile(value, years), shape, names, "production")


def _investment(technology: _Technology, years: int) -> Activities:
    """One activity for every cell in every year but the last, by year."""
    size, n_cells = technology.size, len(technology.kind)
    made, later = np.triu_indices(years, 1)
    cell = np.arange(n_cells)
    spent = np.arange(years - 1)[:, None]
    row = [(cell + n_cells * spent).ravel(), (cell + n_cells * made[:, None]).ravel()]
    good = [
        (technology.kind + size * spent).ravel(),
        ((size + 1) * years + cell + n_cells * later[:, None]).ravel(),
    ]
    left = (1.0 - technology.wear) ** (later - made - 1)[:, None]
    value = np.concatenate([np.full(row[0].size, -1.0), left.ravel()])
    names = [
        f"capital {i} of industry {j}, year {y}"
        for y in range(1, years)
        for i, j in zip(technology.kind, technology.industry, strict=True)
    ]
    shape = (n_cells * (years - 1), (size + 1 + n_cells) * years)
    return _activities(np.concatenate(row), np.concatenate(good), value, shape, names, "investment")


def _activities(
    row: Ints, good: Ints, value: Floats, shape: tuple[int, int], names: list[str], label: str
) -> Activities:
    net = sp.csr_array((value, (row.ravel(), good.ravel())), shape=shape)
    net.sort_indices()
    return Activities(net, names=names, label=label)
