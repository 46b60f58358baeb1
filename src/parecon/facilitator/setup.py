"""What a board is set up with, and keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from parecon.errors import BoardError, nearest
from parecon.facilitator.records import POLICIES, Array
from parecon.goods import Goods


@dataclass(frozen=True, eq=False)
class Setup:
    """What does not change while a board works.

    endowment : (n,) float64 >= 0, physical units.  policy : one of `POLICIES`.
    threshold : float > 0, imbalance below which proposals fit together.
    Raises BoardError.
    """

    goods: Goods
    endowment: Array
    policy: str
    threshold: float

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            known = ", ".join(map(repr, POLICIES))
            hint = nearest(str(self.policy), POLICIES)
            raise BoardError(f"policy: expected one of {known}, got {self.policy!r}{hint}")
        number = isinstance(self.threshold, int | float | np.integer | np.floating)
        if not number or not self.threshold > 0.0:
            raise BoardError(f"threshold: expected a number above 0, got {self.threshold!r}")
        object.__setattr__(self, "threshold", float(self.threshold))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Rows of the journal's table `board`; numbers read back to the last bit."""
        goods = self.goods
        yield "goods", json.dumps(len(goods) if goods.counted else goods.names)
        yield "kind", json.dumps(goods.kind)
        yield "unit", json.dumps(goods.unit)
        yield "endowment", json.dumps(self.endowment.tolist())
        yield "policy", json.dumps(self.policy)
        yield "threshold", json.dumps(self.threshold)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str]]) -> Setup:
        """The setup that was written. Raises KeyError, ValueError or a PareconError if none was."""
        value = {key: json.loads(text) for key, text in rows}
        endowment = np.array(value["endowment"], dtype=np.float64)
        endowment.flags.writeable = False
        return cls(
            goods=Goods(value["goods"], kind=value["kind"], unit=value["unit"]),
            endowment=endowment,
            policy=value["policy"],
            threshold=value["threshold"],
        )
