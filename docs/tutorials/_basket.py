"""The basket of `needs-first.md`: products of the UK tables that meet needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BASKET = {
    "food and soft drinks": (
        *("01", "03", "10-1", "10-2-3", "10-4"),
        *("10-5", "10-6", "10-7", "10-8", "11-07"),
    ),
    "power, gas and fuels": ("02", "05", "35-1", "35-2-3"),
    "housing and water": ("36", "37", "38", "68-1-2", "68-2IMP"),
    "buses and trains": ("49-1-2", "49-3-5"),
    "post and telephone": ("53", "61"),
}
IN_SHOPS = ("food and soft drinks",)


@dataclass(frozen=True)
class Part:
    """One part of the basket: per unit of home products, what of which good.

    name : e.g. "food". goods : home products. median : (goods,) what the middle buys of them.
    with_it : imports and shops that come with a unit of home products.
    """

    name: str
    goods: tuple[str, ...]
    median: Any
    with_it: dict[str, float]

    @property
    def total(self) -> float:
        """What the middle buys of home products, million GBP per decile."""
        return float(self.median.sum())

    @property
    def worth(self) -> float:
        """Of a unit of home products with all that comes with it."""
        return 1.0 + sum(self.with_it.values())

    def filled(self, amount: float) -> dict[str, float]:
        """A delivery of `amount` home products, in the proportions of the middle's basket."""
        home = dict(zip(self.goods, (self.median / self.total * amount).tolist(), strict=True))
        return {
            **{good: value for good, value in home.items() if value > 0.0},
            **{good: rate * amount for good, rate in self.with_it.items() if rate > 0.0},
        }
