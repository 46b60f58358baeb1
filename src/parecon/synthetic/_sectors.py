"""Goods in sectors, and which goods the councils of a sector use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.synthetic._draw import Ints, check_count, check_number, uniform_subsets

SECTORS_USED = 3
"""Sectors whose goods a sector uses mostly: its own and others drawn at random."""
LOCAL = 0.9
"""Part of a worker council's draws that come from those sectors; the rest from anywhere."""


@dataclass(frozen=True)
class Sectors:
    """Goods in sectors: consecutive numbers, the more popular the lower within a sector.

    Attributes
    ----------
    start : (S + 1,) int
        First good of each sector.
    used : (S, U) int
        Sectors whose goods each sector uses mostly; the first is itself.
    power : float
        A good's place in its sector is size * U(0, 1)^power: density falls as place^(1/power - 1).
    """

    start: Ints
    used: Ints
    power: float

    def of_good(self, goods: Ints) -> Ints:
        """Sector of each good."""
        return np.searchsorted(self.start, goods, side="right") - 1

    def draw_local(self, rng: np.random.Generator, user: Ints) -> NDArray[np.int32]:
        """One good for each using sector, mostly from the sectors it uses."""
        column = (rng.random(user.shape) * self.used.shape[1]).astype(np.intp)
        anywhere = self._any_sector(rng, user.shape)
        sector = np.where(rng.random(user.shape) < LOCAL, self.used[user, column], anywhere)
        return self._draw_in(rng, sector)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int32]:
        """Goods from all sectors alike."""
        return self._draw_in(rng, self._any_sector(rng, shape))

    def _any_sector(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Ints:
        return (rng.random(shape) * (self.start.size - 1)).astype(np.intp)

    def _draw_in(self, rng: np.random.Generator, sector: Ints) -> NDArray[np.int32]:
        size = self.start[sector + 1] - self.start[sector]
        place = (size * rng.random(sector.shape) ** self.power).astype(np.int64)
        return (self.start[sector] + place).astype(np.int32)


def draw_sectors(
    rng: np.random.Generator, n_goods: int, width: int, n_sectors: int | None, skew: float
) -> Sectors:
    """Cut the goods into sectors and draw which sectors use which.

    By default as many as the square root of the goods, but with room for the `width` goods of a
    council in each, twice.
    """
    check_number("skew", skew, 0.0, 0.9)
    if n_sectors is None:
        n_sectors = max(1, min(int(n_goods**0.5), n_goods // (2 * width)))
    check_count("sectors", n_sectors, 1, n_goods)
    start = np.arange(n_sectors + 1, dtype=np.int64) * n_goods // n_sectors
    n_others = min(SECTORS_USED, n_sectors) - 1
    itself = np.arange(n_sectors)[:, None]
    used = itself
    if n_others:
        others = 1 + uniform_subsets(rng, n_others, n_sectors - 1, n_sectors, n_others)
        used = np.concatenate([itself, (itself + others) % n_sectors], axis=1)
    return Sectors(start, used, 1.0 / (1.0 - skew))
