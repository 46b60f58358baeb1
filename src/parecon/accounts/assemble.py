"""From named blocks, in whatever order of rows and columns they come, to accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon.accounts import _arrays as arrays
from parecon.accounts._arrays import Matrix
from parecon.accounts.blocks import BLOCKS, VECTORS, Block
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import EXTENSION_KINDS, FACTOR_KINDS, FINAL_KINDS, Labels, NamesLike
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError, list_some, nearest

__all__ = ["assemble"]

_SYMMETRIC = {"goods": "sectors", "industries": "sectors"}
_RECTANGULAR = {"goods": "commodities", "industries": "industries"}
# What stands along the rows and the columns of each block.
_ALONG = {
    "Z": ("goods", "industries"),
    "V": ("industries", "goods"),
    "U": ("goods", "industries"),
    "Y": ("goods", "final_demand"),
    "W": ("factors", "industries"),
    "W_Y": ("factors", "final_demand"),
    "F": ("extensions", "industries"),
    "F_Y": ("extensions", "final_demand"),
}
_KINDS = {
    "final_demand": ("final demand", FINAL_KINDS),
    "factors": ("factor", FACTOR_KINDS),
    "extensions": ("extension", EXTENSION_KINDS),
}


def assemble(
    blocks: Mapping[str, Block],
    sides: Mapping[str, NamesLike | None],
    *,
    unit: str = "",
    title: str = "",
    sparse: bool = False,
) -> InputOutput | SupplyUse:
    """Return accounts made of blocks.

    Parameters
    ----------
    blocks : mapping from name to Block
        Z, or V and U; any of Y, W, W_Y, F, F_Y, x, q.
    sides : mapping from ``SIDES`` to Labels, names or mapping from name to kind
        Names in the order wanted, or kinds of some of them; what is missing is taken from the
        blocks.
    unit, title : str
    sparse : bool
        Whether Z, U and V are stored sparse.

    Raises
    ------
    AccountsError
        If blocks are missing or unknown, or names of blocks do not fit together.
    """
    for name in blocks:
        known = [*BLOCKS, *VECTORS]
        if name not in known:
            raise AccountsError(f"no table {name!r}{nearest(name, known)} ({', '.join(known)})")
    symmetric = "Z" in blocks
    if symmetric == bool({"V", "U"} & set(blocks)) or not (symmetric or {"V", "U"} <= set(blocks)):
        raise AccountsError(
            f"tables: expected either Z or V and U, got {', '.join(blocks) or 'none'}"
        )
    words = _SYMMETRIC if symmetric else _RECTANGULAR
    labels = {side: _side(side, words, blocks, sides) for side in (*words, *_KINDS)}
    parts: dict[str, Any] = {
        name: _aligned(name, blocks[name], *(labels[side] for side in _ALONG[name]), sparse=sparse)
        for name in BLOCKS
        if name in blocks
    }
    for name, side in (("x", "industries"), ("q", "goods")):
        if name in blocks:
            parts[name] = arrays.dense(
                _aligned(name, blocks[name], labels[side], Labels(["value"]), sparse=False)
            ).ravel()
    parts |= {side: labels[side] for side in _KINDS}
    _drop_unused(parts)
    if symmetric:
        return InputOutput(labels["goods"], parts.pop("Z"), unit=unit, title=title, **parts)
    return SupplyUse(
        labels["goods"],
        labels["industries"],
        parts.pop("V"),
        parts.pop("U"),
        unit=unit,
        title=title,
        **parts,
    )


def _side(
    side: str,
    words: Mapping[str, str],
    blocks: Mapping[str, Block],
    sides: Mapping[str, NamesLike | None],
) -> Labels:
    """Labels along one side: as given, else as the blocks have them."""
    name = words.get(side, side)
    what, kinds = _KINDS.get(
        side, ({"sectors": "sector", "commodities": "commodity"}.get(name, "industry"), ())
    )
    given = sides.get(name)
    if isinstance(given, Labels):
        return Labels(
            given.names,
            kind=given.kind,
            unit=given.unit,
            text=given.text,
            what=what,
            known_kinds=kinds,
        )
    found = _names_along({side, *(s for s, w in words.items() if w == name)}, blocks)
    if isinstance(given, Mapping):
        unknown = [entry for entry in given if entry not in found]
        if unknown:
            raise AccountsError(f"no {what} {unknown[0]!r}{nearest(unknown[0], list(found))}")
        kind = [given.get(entry, "") for entry in found]
        return Labels(list(found), kind=kind, what=what, known_kinds=kinds)
    return Labels(list(found if given is None else given), what=what)


def _names_along(sides: set[str], blocks: Mapping[str, Block]) -> Iterable[str]:
    """Every name that stands along a side, in order of first occurrence."""
    names: dict[str, None] = {}
    for block_name in BLOCKS:
        if block_name in blocks:
            block = blocks[block_name]
            for side, along in zip(_ALONG[block_name], (block.rows, block.columns), strict=True):
                if side in sides:
                    names |= dict.fromkeys(along)
    return names


def _aligned(name: str, block: Block, rows: Labels, columns: Labels, *, sparse: bool) -> Matrix:
    """The values in the order of the labels."""
    vector = name in VECTORS
    row_at = _positions(name, "row", block.rows, rows, complete=block.complete)
    column_at = (
        np.zeros(1, dtype=np.intp)
        if vector
        else _positions(name, "column", block.columns, columns, complete=block.complete)
    )
    shape = (len(rows), len(columns))
    keep_sparse = sparse and name in ("Z", "U", "V")
    if keep_sparse or sp.issparse(block.values):
        row, column, value = arrays.triplets(block.values)
        placed = sp.csr_array((value, (row_at[row], column_at[column])), shape=shape)
        return placed if keep_sparse else placed.toarray()
    wide = np.zeros(shape)
    wide[np.ix_(row_at, column_at)] = block.values
    return wide


def _positions(
    name: str, side: str, given: Sequence[str], labels: Labels, *, complete: bool
) -> np.ndarray:
    for entry in given:
        if entry not in labels:
            raise AccountsError(
                f"{name}: {side} {entry!r} is no {labels.what}{nearest(entry, labels.names)}"
            )
    if len(set(given)) < len(given):
        twice = [repr(entry) for entry in dict.fromkeys(given) if given.count(entry) > 1]
        raise AccountsError(f"{name}: {side}s given twice: {list_some(twice, len(twice))}")
    if complete and len(given) < len(labels):
        present = set(given)
        missing = [repr(entry) for entry in labels if entry not in present]
        raise AccountsError(
            f"{name}: expected a {side} for every {labels.what}, got none for "
            f"{list_some(missing, len(missing))}"
        )
    return labels.positions(given)


def _drop_unused(parts: dict[str, Any]) -> None:
    """Empty sides need no labels; a side with names needs a block that has it."""
    needed = {
        "final_demand": ("Y", "W_Y", "F_Y"),
        "factors": ("W", "W_Y"),
        "extensions": ("F", "F_Y"),
    }
    for side, blocks in needed.items():
        if not any(block in parts for block in blocks):
            if len(parts[side]):
                raise AccountsError(f"{side}: names without a table {' or '.join(blocks)}")
            del parts[side]
