"""Worker councils with increasing returns, as the book's simulations have them.

They are no part of the convex programme (DESIGN, section 2): their technologies are not convex, and
no price makes what they propose their best. `refuse_first_order` keeps them out of plans.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from parecon._columns import SUM_TOLERANCE
from parecon.errors import EconomyError, list_some
from parecon.families import capabilities as can
from parecon.families._base import Family
from parecon.families._checks import require
from parecon.families.workers import CobbDouglasWorkers
from parecon.goods import Goods


@dataclass(frozen=True, init=False, repr=False, eq=False)
class FirstOrderWorkers(CobbDouglasWorkers):
    """Cobb-Douglas workers of increasing returns who propose their first-order point.

    ``q = A prod x_i^b_i e^c`` as in :class:`CobbDouglasWorkers`, but with returns
    ``sum b + c/k`` above 1. Setting the derivatives of surplus to zero then still has one solution,

        log V = [ log A + sum b log b + (c/k) log(c/(k k_s)) + log p_o - sum b log p ] / D ,
        V = p_o q ,   D = 1 - sum b - c/k < 0 ,

    and that is what these councils propose. **It is not a maximum.** Along the ray through it
    surplus is least there, D V < 0: social cost exceeds social benefit by the factor 1 - D, the
    council would do better idle, and better without bound by growing. Output falls when its price
    rises. The family is here because the published simulations have it (Hahnel 2021, ch. 9), to
    see whether a price procedure gets through; `parecon.simulate(..., first_order=True)` may use
    it, `parecon.solve` and `parecon.certify` refuse it.

    Parameters
    ----------
    output_good, exponents, productivity, effort, names, label
        As for :class:`CobbDouglasWorkers`.

    Raises
    ------
    EconomyError
        As there; returns of at most 1 (within 1e-9) are refused, naming the councils: they belong
        to :class:`CobbDouglasWorkers`.
    """

    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.able,
        "linear": can.unable("increasing returns"),
        "cone": can.unable("increasing returns, which are not convex"),
    }

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        if not {"exponents", "effort"} & set(changed):
            return
        returns = self.returns()
        require(
            self,
            returns >= 1.0 + SUM_TOLERANCE,
            lambda j: f"{self.council_name(j)} ({returns[j]:.12g})",
            "exponents: expected increasing returns, sum of exponents + effort exponent / power "
            "above 1 (by 1e-9; CobbDouglasWorkers are for those below), got",
        )


def refuse_first_order(families: Sequence[Family], purpose: str) -> None:
    """Raise EconomyError where one of the families proposes a point that is not its best.

    purpose : what cannot be done, for the message, e.g. ``"a plan"``.
    """
    for family in families:
        if isinstance(family, FirstOrderWorkers) and family.n_councils:
            some = list_some(map(family.council_name, range(family.n_councils)), family.n_councils)
            raise EconomyError(
                f"{family.title}: {purpose} needs councils whose proposals are their best; the "
                f"returns of FirstOrderWorkers increase, and what they propose is not: {some}. "
                "Only parecon.simulate(..., first_order=True) may use them"
            )
