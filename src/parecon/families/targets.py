"""Targets of a central plan: what quantities of goods are worth, not to whom but to the plan.

With x the quantity delivered, T its target and w its weight in money, the value of a plan is

    harmony   sum w H(x/T - 1),   H(t) = t - t^2/2 for t < 0, log(1 + t) for t >= 0
    ray       W log min x/T                                                     W = sum w
    log       sum w log(x/T)
    linear    W log( sum w x/T / W )

each 0 where every target is met exactly. `harmony` is Cockshott's: falling short by a part costs
more than the same part beyond is worth. `ray` is Kantorovich's: the most complete bundles in the
proportions of the targets, as many as there can be, whatever the logarithm. `linear` is the most of
a weighted basket, `log` the weighted product. What is maximised inside a logarithm of its own has
the same best plan as without it, and its prices add up to the weights (docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import POSITIVE, FloatArray, IndexArray
from parecon.errors import EconomyError, list_some
from parecon.families import capabilities as can
from parecon.families._column import Column
from parecon.families.consumers import Consumers
from parecon.goods import Goods

FORMS = ("harmony", "ray", "log", "linear")
Form = Literal["harmony", "ray", "log", "linear"]


_ROUGH = {
    "harmony": "targets that are given up where their goods cost too much",
    "linear": "indifference between goods of a weighted basket",
}


def _rough(family: Any) -> str:
    """Targets: the forms ray and log; others bend sharply, or leave open what is bought."""
    return _ROUGH.get(family.form, "")


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Targets(Consumers):
    """Targets for quantities of goods, one row per target, and what reaching them is worth.

    Welfare is ``sum w H(x/T - 1)`` (harmony), ``W log min x/T`` (ray), ``sum w log(x/T)`` (log) or
    ``W log(sum w x/T / W)`` (linear), with W the sum of the weights. At prices p and z = p T / w
    the family takes ``x = w / p`` where the target is met (z <= 1, and always with log),
    ``x = T (2 - z)`` short of it (harmony, 1 < z <= 2), nothing beyond; a ray takes
    ``x = T W / (T.p)``, a basket only goods at which w / (p T) is greatest.

    Parameters
    ----------
    good : (k,) array_like of int
        Index of the good that each target is for, each good once.
    target : float or (k,) array_like
        T > 0, physical units per plan year.
    weight : float or (k,) array_like
        w > 0, money: at its target a good's price is w / T (harmony, log). Of a ray only the sum
        counts: what the whole bundle is worth.
    form : {"harmony", "ray", "log", "linear"}
        One for the family.
    names : sequence of str, optional
        Names of the targets.
    label : str, optional
        Name of the family, unique in an economy.

    Attributes
    ----------
    budget : (k,) float64
        The weights: the money that the plan's prices are scaled by, as consumers' budgets do.
    needs : None
        What must be delivered in any case is for consumers' needs.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    good: IndexArray
    target: FloatArray
    weight: FloatArray
    form: Form

    columns: ClassVar[tuple[Column, ...]] = (
        Column(name="good", kind="index", meaning="the good of the target", unit="good index"),
        Column(
            name="target",
            kind="vector",
            meaning="quantity aimed at",
            unit="physical units per plan year",
            range=POSITIVE,
            broadcast=True,
        ),
        Column(
            name="weight",
            kind="vector",
            meaning="what the target weighs",
            unit="money per plan year",
            range=POSITIVE,
            broadcast=True,
        ),
        Column(
            name="form",
            kind="choice",
            meaning="how quantities are valued against targets",
            choices=FORMS,
        ),
    )
    entries: ClassVar[str] = "good"
    money: ClassVar[str] = "weight"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": _rough,
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        good: ArrayLike,
        target: ArrayLike,
        weight: ArrayLike = 1.0,
        form: Form = "harmony",
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {"good": good, "target": target, "weight": weight, "form": form}
        self._build(values, names=names, label=label)

    @property
    def budget(self) -> FloatArray:
        """The weights, (k,) money per plan year."""
        return self.weight

    @property
    def needs(self) -> sp.csr_array | None:
        """None."""
        return None

    @property
    def n_goods(self) -> int | None:
        """None: targets fit any number of goods that includes their own."""
        return None

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(0, 1, ..., k)`` and the good of each target."""
        return np.arange(self.n_councils + 1, dtype=np.int32), self.good

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        if "good" not in changed:
            return
        found, count = np.unique(self.good, return_counts=True)
        twice = found[count > 1]
        if twice.size:
            some = list_some((repr(goods.name(int(i))) for i in twice), twice.size)
            raise EconomyError(f"{self.title}.good: expected one target a good, got more of {some}")
