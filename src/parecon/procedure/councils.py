"""The councils of an economy as a board meets them: they answer announcements, in sums."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from parecon.curvature import Curvature
from parecon.draft import Draft, drafts
from parecon.economy import Economy
from parecon.errors import EconomyError
from parecon.families import Family, FirstOrderWorkers, refuse_first_order
from parecon.problem import Problem
from parecon.rules import CURVATURE, SENSITIVITY, Sums

Array = NDArray[np.float64]


class Councils:
    """All councils of an economy, answering together.

    Parameters
    ----------
    economy : Economy
        Its families must answer prices with one proposal each: constant returns and linear
        utilities do not, and raise EconomyError by name.
    n_threads : int
    first_order : bool
        Accept councils with increasing returns, which raise EconomyError otherwise.

    Attributes
    ----------
    has_first_order : bool
        Whether there are councils with increasing returns (`FirstOrderWorkers`).
    dual : float
        Phi at the prices last announced, money; nan with increasing returns, where there is none.
    numbers_sent : int
        Quantities and sensitivities that councils sent in answer to the last announcement, without
        inquiries.
    inquiries : int
        Inquiries answered since the last announcement.
    """

    def __init__(self, economy: Economy, n_threads: int, *, first_order: bool = False) -> None:
        self.economy = economy
        self.has_first_order = any(
            isinstance(family, FirstOrderWorkers) and family.n_councils
            for family in economy.families
        )
        if self.has_first_order and not first_order:
            refuse_first_order(economy.families, "a procedure that leads to a plan")
        self.problem = Problem(economy, n_threads, outright=True)
        labels = self.problem.inner_labels()
        if labels:
            raise EconomyError(
                "a procedure of rounds needs councils with one best proposal at any prices; "
                f"not so {', '.join(repr(label) for label in labels)}: constant returns and linear "
                "utilities leave the quantity open. Use parecon.solve."
            )
        self.quantities = sum(_quantities(family) for family in economy.families)
        self.dual = np.nan
        self.numbers_sent = self.inquiries = 0

    def answer(self, price: Array, sees: AbstractSet[str] = frozenset()) -> Sums:
        """Announce prices (n,) > 0, money per unit; returns the sums a rule that `sees` gets."""
        problem = self.problem
        problem.market.wants_sensitivity = SENSITIVITY in sees
        market = problem.respond(price)
        self.dual = np.nan if self.has_first_order else market.dual
        self.inquiries = 0
        sensitivity, inquire = None, None
        if SENSITIVITY in sees:
            sensitivity = np.zeros(problem.n_goods)
            for answer in problem.answers:
                answer.add_sensitivity(market, sensitivity)
            sensitivity /= price
        if CURVATURE in sees:
            inquire = _Inquiry(self, problem.curvature())
        self.numbers_sent = self.quantities * (2 if SENSITIVITY in sees else 1)
        return Sums(
            price=price,
            supply=market.supply / price,
            demand=market.demand / price,
            budget=self.problem.total_budget,
            sensitivity=sensitivity,
            inquire=inquire,
        )

    def drafts(self) -> list[Draft]:
        """What each family's councils proposed last, physical quantities."""
        return drafts(self.problem)


class _Inquiry:
    """Councils' answers to: what if prices changed by so much?"""

    def __init__(self, councils: Councils, curvature: Curvature) -> None:
        self.councils, self.curvature = councils, curvature

    def __call__(self, change: Array) -> Array:
        self.councils.inquiries += 1
        return self.curvature.product(change)


def _quantities(family: Family) -> int:
    """Numbers in the proposals of a family: one per council and good it uses or makes."""
    fixed = getattr(family, "fixed", None)
    outputs = family.n_councils if hasattr(family, "output_good") else 0
    return family.n_entries + outputs + (0 if fixed is None else fixed.nnz)
