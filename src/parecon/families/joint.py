"""Worker councils with several outputs: trees of inputs on one side, trees of outputs on the other.

The outputs' tree is that of inputs turned round: it says how well a council can make more of one
good by making less of another (constant elasticity of transformation, CET).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import ArrayLike

from parecon._columns import (
    POSITIVE,
    POSITIVE_OR_INF,
    FloatArray,
    IndexArray,
    MatrixLike,
    csr_matrix,
    row_sums,
)
from parecon.errors import EconomyError
from parecon.families import capabilities as can
from parecon.families._column import Column
from parecon.families.nests import Nest, NestedCES, checked_nests
from parecon.families.workers import Workers

__all__ = ["JointWorkers"]

OUTPUTS = "outputs"


@dataclass(frozen=True, init=False, repr=False, eq=False)
class JointWorkers(Workers):
    """Workers with constant returns who make several goods from nested CES inputs.

    A council works at a level y >= 0. Inputs allow ``y <= min(Z_root, min_i xf_i / fixed_i)`` with
    ``Z_root`` of the tree of inputs (:class:`NestedCES`). Outputs q_i need ``y >= T_root``: with
    ``Q_leaf = q_i / q0_i`` and the elasticity of transformation t of each node

        T_k = [ sum share T^((1+t)/t) ]^(t/(1+t))   (t = 0: max T, a fixed mix)

    over its children, ``q0`` the leaf's benchmark quantity per unit of level. (The tree of DESIGN,
    section 3, with elasticity -t.) Less than that can be made, so that what nobody wants is no
    burden. Per unit of level a council pays c(p) and, at best, earns

        r(p) = scale * I_root ,   I_k = [ sum share I^(1+t) ]^(1/(1+t)) ,   I_leaf = p / p0 ;

    its zero-profit slack is ``c - r >= 0``, up to the rent of a capacity.

    Parameters
    ----------
    nests : NestedCES
        One tree of inputs per council; ``scale`` is the cost of a unit of level at reference
        prices.
    outputs : NestedCES, or (m, n) array_like or sparse
        One tree of outputs per council: its elasticities are those of transformation, at least 0,
        its ``scale`` is what a unit of level earns at reference prices. A matrix is a fixed mix:
        physical units per unit of level, > 0.
    fixed : (m, n) array_like or sparse, optional
        Physical units of each fixed input per unit of level, > 0.
    capacity : float or (m,) array_like, optional
        Greatest level, > 0; inf: no limit.
    names : sequence of str, optional
        Names of the councils.
    label : str, optional
        Name of the family, unique in an economy.

    Raises
    ------
    EconomyError
        If a dtype or shape is wrong; if the content is wrong, when an Economy validates it.
    """

    nests: NestedCES
    outputs: NestedCES
    fixed: Any
    capacity: FloatArray | None

    columns: ClassVar[tuple[Column, ...]] = (
        Column(name="nests", kind="nests", meaning="trees of shares and elasticities of inputs"),
        Column(
            name=OUTPUTS,
            kind="nests",
            meaning="trees of shares of outputs and elasticities of transformation",
        ),
        Column(
            name="fixed",
            kind="matrix",
            meaning="inputs in fixed proportion to the level",
            unit="physical units per unit of level",
            range=POSITIVE,
            optional=True,
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
    entries: ClassVar[str] = "nests"
    capabilities: ClassVar[Mapping[str, Any]] = {
        "smooth": can.unable("levels of joint technologies"),
        "linear": can.unable("trees of inputs and outputs (fixed recipes are Activities)"),
        "cone": can.joint_near_limits,
    }

    def __init__(
        self,
        nests: NestedCES,
        outputs: NestedCES | MatrixLike,
        *,
        fixed: MatrixLike | None = None,
        capacity: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        label: str | None = None,
    ) -> None:
        values = {"nests": nests, "outputs": outputs, "fixed": fixed, "capacity": capacity}
        self._build(values, names=names, label=label)

    def pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(leaf_start (m+1,), leaf_good (L,))`` of the inputs' trees."""
        return self.nests.leaf_start, self.nests.leaf_good

    def made_pattern(self) -> tuple[IndexArray, IndexArray]:
        """Return ``(leaf_start (m+1,), leaf_good (K,))`` of the outputs' trees."""
        return self.outputs.leaf_start, self.outputs.leaf_good

    def used_goods(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield the patterns of the nests and of the fixed inputs."""
        yield self.pattern()
        if self.fixed is not None:
            yield self.fixed.indptr, self.fixed.indices

    def made_goods(self) -> IndexArray:
        """Return the goods made, once per council that makes them, (K,)."""
        return self.outputs.leaf_good

    def _converted_part(
        self, column: Column, value: Any, shape: tuple[int | None, int | None]
    ) -> NestedCES:
        where = f"{self.title}.{column.name}"
        if column.name == OUTPUTS and not isinstance(value, NestedCES):
            mix = csr_matrix(value, where, shape=shape, row_name=self._row_name)
            structure, scale = Nest(0.0, range(mix.shape[1])), row_sums(mix.indptr, mix.data)
            try:
                return NestedCES.from_values(mix, structure, scale=scale)
            except EconomyError as error:
                raise EconomyError(f"{where}: {error}") from None
        return checked_nests(value, where, shape)
