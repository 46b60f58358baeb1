"""Linear activities: any number of joint outputs and inputs, in fixed proportion to a level."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from parecon._columns import (
    NONZERO,
    POSITIVE_OR_INF,
    FloatArray,
    IndexArray,
    MatrixLike,
    row_sums,
)
from parecon.families import capabilities as can
from parecon.families._base import select_entries
from parecon.families._checks import check_no_empty_row, require
from parecon.families._column import Column
from parecon.families.workers import Workers
from parecon.goods import Goods


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Activities(Workers):
    """Worker councils with linear technologies: net output ``y * net_output[j]``, level y >= 0.

    At prices p an activity's slack is ``t = -net_output.p >= 0`` and ``y t = 0``, up to the rent of
    a capacity (DESIGN, section 3).

    Parameters
    ----------
    net_output : (m, n) array_like or sparse
        Physical units per unit of level, not 0: + is output, - is input. An activity without a
        capacity must have an input.
    capacity : float or (m,) array_like, optional
        Bound on the level, units of level per plan year, > 0; inf: no limit.
    names : sequence of str, optional
        Names of the councils.
    label : str, optional
        Name of the family, unique in an economy.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    net_output: sp.csr_array
    capacity: FloatArray | None

    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="net_output",
            kind="matrix",
            meaning="goods made (+) and used (-) by one unit of level",
            unit="physical units per unit of level",
            range=NONZERO,
        ),
        Column(
            name="capacity",
            kind="vector",
            meaning="greatest level; inf or None: no limit",
            unit="units of level per plan year",
            range=POSITIVE_OR_INF,
            broadcast=True,
            optional=True,
        ),
    )
    entries: ClassVar[str] = "net_output"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.unable("levels of activities"),
        "linear": can.able,
        "cone": can.able,
    }

    def __init__(
        self,
        net_output: MatrixLike,
        capacity: ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        self._build({"net_output": net_output, "capacity": capacity}, names=names, label=label)

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield the pattern of the inputs."""
        yield select_entries(self.net_output, self.net_output.data < 0.0)

    def made_goods(self) -> IndexArray:
        """Return the goods made, once per council that makes them."""
        made: IndexArray = self.net_output.indices[self.net_output.data > 0.0]
        return made

    def _validate_together(self, changed: Collection[str], goods: Goods) -> None:
        check_no_empty_row(self, "net_output")
        limited = np.zeros(self.n_councils, dtype=bool)
        if self.capacity is not None:
            limited = self.capacity < np.inf
        if limited.all():
            return
        inputs = row_sums(self.net_output.indptr, (self.net_output.data < 0.0).astype(np.float64))
        require(
            self,
            limited | (inputs > 0.0),
            self.council_name,
            "net_output: expected an input or a capacity, got output from nothing without limit by",
        )
