"""Accounts from a pymrio ``IOSystem``: by the attributes it has, without importing pymrio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parecon.accounts.assemble import assemble
from parecon.accounts.blocks import Block
from parecon.accounts.from_frames import block_of_frame
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels, NamesLike
from parecon.errors import AccountsError, nearest

__all__ = ["from_pymrio"]

PRIMARY_INPUTS = ("factor_inputs", "value_added")


def from_pymrio(
    system: Any,
    *,
    factors: Sequence[str] = PRIMARY_INPUTS,
    factor_kinds: Mapping[str, str] | None = None,
    final_kinds: Mapping[str, str] | None = None,
    extension_kinds: Mapping[str, str] | None = None,
    title: str = "",
    sparse: bool = False,
) -> InputOutput:
    """Return the accounts of a pymrio ``IOSystem``.

    Parameters
    ----------
    system : pymrio.IOSystem
        With Z and Y (or A, x and Y); call its ``calc_all()`` first if it has only coefficients.
    factors : sequence of str
        Names of the extensions that hold primary inputs in money; those that are there become W,
        all others F. Rows are named ``"extension/row"`` where several extensions share a name.
    factor_kinds, final_kinds, extension_kinds : mapping from name to kind, optional
        Kinds of factors, categories of final demand and extensions, by their names here: levels of
        an index are joined by "/", e.g. ``"reg1/Households"``.
    title : str, optional
        What the table is; the name in the metadata of the system unless given.
    sparse : bool
        Whether to store Z sparse.

    Raises
    ------
    AccountsError
        If the system has no Z and Y, names do not fit, or a kind names nothing.
    """
    for name in ("Z", "Y", "x", "get_extensions"):
        if not hasattr(system, name):
            raise AccountsError(f"pymrio: expected an IOSystem, got no attribute {name!r}")
    flows = system.Z
    if flows is None:
        raise AccountsError("pymrio: expected a system with Z, got none; call calc_all() first")
    blocks = {"Z": block_of_frame("Z", flows)}
    if system.Y is not None:
        blocks["Y"] = block_of_frame("Y", system.Y)
    if system.x is not None:
        blocks["x"] = block_of_frame("x", system.x)
    sides: dict[str, NamesLike | None] = {"final_demand": final_kinds}
    primary, other = _extensions(system, factors)
    for side, parts, kinds, names in (
        ("factors", primary, factor_kinds, ("W", "W_Y")),
        ("extensions", other, extension_kinds, ("F", "F_Y")),
    ):
        if parts:
            sides[side] = _stack(parts, names, blocks, dict(kinds or {}), side)
    table = assemble(
        blocks, sides, unit=_unit(system), title=title or _title(system), sparse=sparse
    )
    if not isinstance(table, InputOutput):  # a system has Z; said for the type checker
        raise AccountsError("pymrio: expected a symmetric system")
    return table


def _extensions(
    system: Any, factors: Sequence[str]
) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """(attribute, extension) of those with primary inputs and of the others, with flows F."""
    primary: list[tuple[str, Any]] = []
    other: list[tuple[str, Any]] = []
    for name in system.get_extensions():
        extension = getattr(system, name)
        if getattr(extension, "F", None) is None:
            raise AccountsError(
                f"pymrio: expected flows F of extension {name!r}, got none; call calc_all() first"
            )
        (primary if name in factors else other).append((name, extension))
    return primary, other


def _stack(
    parts: list[tuple[str, Any]],
    names: tuple[str, str],
    blocks: dict[str, Block],
    kinds: dict[str, str],
    side: str,
) -> Labels:
    """Put extensions below each other as blocks, and return their labels with units."""
    industry = [block_of_frame(names[0], extension.F) for _, extension in parts]
    rows = [row for block in industry for row in block.rows]
    if len(set(rows)) < len(rows):
        rows = [
            f"{name}/{row}"
            for (name, _), block in zip(parts, industry, strict=True)
            for row in block.rows
        ]
    columns = industry[0].columns
    values = np.vstack([_in_order(names[0], block, columns) for block in industry])
    blocks[names[0]] = Block(tuple(rows), columns, values)
    if "Y" in blocks and any(getattr(part, "F_Y", None) is not None for _, part in parts):
        categories = blocks["Y"].columns
        direct = [
            np.zeros((len(block.rows), len(categories)))
            if getattr(extension, "F_Y", None) is None
            else _in_order(names[1], block_of_frame(names[1], extension.F_Y), categories)
            for (_, extension), block in zip(parts, industry, strict=True)
        ]
        blocks[names[1]] = Block(tuple(rows), categories, np.vstack(direct))
    for name in kinds:
        if name not in rows:
            raise AccountsError(f"pymrio: no {side} {name!r}{nearest(name, rows)}")
    units = [unit for _, extension in parts for unit in _units(extension)]
    return Labels(rows, kind=[kinds.get(row, "") for row in rows], unit=units, what=side)


def _in_order(name: str, block: Block, columns: tuple[str, ...]) -> np.ndarray:
    """Values with the columns in this order; long and sparse forms do not occur here."""
    if block.columns == columns:
        return np.asarray(block.values)
    at = {column: j for j, column in enumerate(block.columns)}
    missing = [column for column in columns if column not in at]
    if missing or len(at) != len(columns):
        raise AccountsError(f"{name}: expected the columns of the first extension, got others")
    return np.asarray(block.values)[:, [at[column] for column in columns]]


def _units(extension: Any) -> list[str]:
    size = len(extension.F.index)
    unit = getattr(extension, "unit", None)
    return [""] * size if unit is None else [str(word) for word in unit["unit"]]


def _unit(system: Any) -> str:
    """The one unit of all sectors; "" where they differ."""
    unit = getattr(system, "unit", None)
    if unit is None or "unit" not in unit:
        return ""
    words = set(map(str, unit["unit"]))
    return words.pop() if len(words) == 1 else ""


def _title(system: Any) -> str:
    meta = getattr(system, "meta", None)
    return str(getattr(meta, "name", "") or "")
