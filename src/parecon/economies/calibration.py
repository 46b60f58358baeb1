"""From a table of money flows to families of councils whose benchmark is that table.

Money flows become quantities by counting every good in benchmark money: one unit is what cost one
unit of money in the benchmark year, so that every benchmark price is 1. What a table does not say
(how the users answer to other prices) comes in as elasticities of substitution.

The steps that make a published table exact are functions of their own, so that an economy can name
each of them and say how much money it moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray, IndexArray
from parecon.errors import EconomyError, list_some
from parecon.families import Nest, NestedCES, NestedCESWorkers

__all__ = [
    "Inputs",
    "balance_columns",
    "balance_rows",
    "nested_technology",
    "nested_workers",
    "split_stocks",
]


def balance_columns(
    output: FloatArray, intermediate: FloatArray, labour: FloatArray, *, names: tuple[str, ...]
) -> FloatArray:
    """Return what is left of each sector's output when inputs and labour are paid: capital.

    Whatever a published column lacks of its total thereby goes to the return on capital, together
    with taxes on production less subsidies.

    Parameters
    ----------
    output, labour : (m,) ndarray
        Value of output and compensation of employees, money per year.
    intermediate : (n, m) ndarray
        Use of n inputs by m sectors, money per year, >= 0.
    names : tuple of str
        Of the m sectors, for error messages.

    Raises
    ------
    EconomyError
        If nothing is left in some sector: its column needs another treatment first.
    """
    capital = output - intermediate.sum(axis=0) - labour
    bad = np.flatnonzero(capital <= 0.0)
    if bad.size:
        culprits = list_some((f"{names[j]} ({capital[j]:g})" for j in bad), bad.size)
        raise EconomyError(
            f"table: expected inputs and labour below the value of output, left are {culprits}"
        )
    return capital


def balance_rows(
    supply: FloatArray, intermediate: FloatArray, final_use: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Close each row by its largest final use.

    Parameters
    ----------
    supply : (n,) ndarray
        What there is to use at home (output - exports + imports), money per year.
    intermediate : (n, m) ndarray
        Use by sectors, money per year.
    final_use : (n, k) ndarray
        Use by k final users, money per year, any sign.

    Returns
    -------
    final_use : (n, k) ndarray
        With rows that sum to supply - intermediate use.
    moved : (n,) ndarray
        What was added to the largest cell of each row.
    """
    moved = supply - intermediate.sum(axis=1) - final_use.sum(axis=1)
    closed = final_use.copy()
    closed[np.arange(len(closed)), final_use.argmax(axis=1)] += moved
    return closed, moved


def split_stocks(final_use: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Separate use from what final users give up: stocks drawn down, scrap and used goods sold.

    Parameters
    ----------
    final_use : (n, k) ndarray
        Money per year, any sign.

    Returns
    -------
    use : (n, k) ndarray
        The positive cells.
    stocks : (n,) ndarray
        The negative cells of each row, summed and with their sign changed: an endowment.
    """
    return np.maximum(final_use, 0.0), np.maximum(-final_use, 0.0).sum(axis=1)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Which goods stand where in the nested technology of a group of sectors, and how they mix.

    ::

        output = min(CES(materials..., value added and energy), permits)
                     value added and energy = CES(value added, energy)
                         value added = CES(labour, capital)
                         energy      = CES(power..., fuels)
                             fuels   = CES(fuel...)

    Attributes
    ----------
    materials, power, fuels, value_added : tuple of int
        Good indices. A good stands in one place only; fuels and power may be empty.
    elasticity : mapping of str to float or (m,) ndarray
        Of ``materials_and_value_added``, ``value_added_energy``, ``labour_capital``,
        ``utilities_fuels`` and ``fuels``; one for all councils or one each. With ``materials``
        these are a nest of their own; without, they stand beside the bundle of value added.
    """

    materials: tuple[int, ...]
    power: tuple[int, ...]
    fuels: tuple[int, ...]
    value_added: tuple[int, ...]
    elasticity: Mapping[str, float | FloatArray]

    def nest(self) -> Nest:
        """Return the tree as :meth:`parecon.NestedCES.from_values` takes it."""
        of = self.elasticity
        energy: list[Nest | int] = list(self.power)
        if self.fuels:
            energy.append(Nest(of["fuels"], self.fuels))
        bundle: list[Nest | int] = [Nest(of["labour_capital"], self.value_added)]
        if energy:
            bundle.append(Nest(of["utilities_fuels"], energy))
        materials: list[Nest | int] = list(self.materials)
        if materials and "materials" in of:
            materials = [Nest(of["materials"], materials)]
        return Nest(
            of["materials_and_value_added"], [Nest(of["value_added_energy"], bundle), *materials]
        )


def nested_workers(
    values: FloatArray,
    inputs: Inputs,
    *,
    output_good: IndexArray,
    output: FloatArray,
    emissions: FloatArray,
    permit_good: int | Sequence[int],
    names: tuple[str, ...],
    label: str,
) -> NestedCESWorkers:
    """Return worker councils with constant returns whose inputs at prices 1 are ``values``.

    Parameters
    ----------
    values : (m, n) ndarray
        Benchmark use of goods by each council, money per year, >= 0; rows sum to ``output``.
    inputs : Inputs
        Places and elasticities.
    output_good : (m,) ndarray of int
        What each council makes.
    output : (m,) ndarray
        Benchmark output, money per year.
    emissions : (m,) or (m, e) ndarray
        Benchmark emissions, in units of the permit goods; in fixed proportion to output.
    permit_good : int or sequence of int
        Index of the permit good, or of e of them.
    names : tuple of str
        Of the councils.
    label : str
        Of the family.
    """
    nests, fixed = nested_technology(
        values, inputs, output=output, emissions=emissions, permit_good=permit_good
    )
    return NestedCESWorkers(output_good, nests, fixed=fixed, names=names, label=label)


def nested_technology(
    values: FloatArray,
    inputs: Inputs,
    *,
    output: FloatArray,
    emissions: FloatArray,
    permit_good: int | Sequence[int],
) -> tuple[NestedCES, sp.csr_array | None]:
    """Return the trees of inputs, and the permits per unit of level or None where there are none.

    Parameters are those of :func:`nested_workers`.
    """
    m, n = values.shape
    permits = np.atleast_1d(np.asarray(permit_good, dtype=np.int32))
    emitted = emissions.reshape(m, permits.size)
    council, which = np.nonzero(emitted > 0.0)
    intensity = sp.csr_array(
        (emitted[council, which] / output[council], (council, permits[which])), shape=(m, n)
    )
    nests = NestedCES.from_values(sp.csr_array(values), inputs.nest())
    return nests, intensity if intensity.nnz else None
