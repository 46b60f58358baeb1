"""Reading dated economies from disk; see `saving`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from parecon.dated.assembly import Assembly
from parecon.dated.economy import DatedEconomy
from parecon.dated.outline import Carried, Outline
from parecon.dated.records import KINDS
from parecon.dated.saving import ENDOWMENT, GOODS, INSTALLED, LEFT, beside
from parecon.errors import FormatError, PareconError
from parecon.storage.directory import DATED, announced_rows, read_manifest
from parecon.storage.economies import read_economy
from parecon.storage.tables import read_table

__all__ = ["load_dated"]


def load_dated(path: str | Path) -> DatedEconomy:
    """Read a dated economy that `DatedEconomy.save` wrote.

    What was changed in the economy's own folder since, counts.

    Raises
    ------
    FormatError
        If a file is missing, truncated or of a newer format, or the economy is another one.
    """
    directory = beside(path)
    manifest = read_manifest(directory, DATED)
    try:
        outline, carried = _read(directory, manifest)
        dated = DatedEconomy(**Assembly(outline).parts(carried))
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FormatError(f"{directory}: manifest: {error!r}") from error
    except FormatError:
        raise
    except PareconError as error:
        raise FormatError(f"{directory}: {error}") from error
    economy = read_economy(path)
    same = economy.goods == dated.economy.goods and (
        [f.n_councils for f in economy.families] == [f.n_councils for f in dated.economy.families]
    )
    if not same:
        raise FormatError(f"{path}: expected the economy that {directory} describes, got another")
    return DatedEconomy(**{**vars(dated), "economy": economy})


def _read(directory: Path, manifest: Mapping[str, Any]) -> tuple[Outline, Carried]:
    rows = announced_rows(directory, manifest)
    given = manifest["economies"]
    economies = {k: read_economy(directory / f"economy-{k}") for k in sorted(set(given))}
    years, endowed = tuple(manifest["years"]), manifest["endowed"]
    endowment = _table(directory, ENDOWMENT, rows, (len(endowed), len(years)))
    outline = Outline(
        years=years,
        economies=tuple(economies[k] for k in given),
        endowment=dict(zip(endowed, endowment, strict=True)),
        discount=np.array(manifest["discount"], dtype=np.float64),
        posterity=manifest["posterity"],
        **{kind: tuple(_record(kind, entry) for entry in manifest[kind]) for kind in KINDS},
    )
    assembly, sizes = Assembly(outline), manifest["carried"]
    left = read_table(directory, LEFT, n_rows=rows.get(LEFT)).floats("value")
    shape = (sizes["dates"], len(assembly.goods))
    return outline, Carried(
        goods=_table(directory, GOODS, rows, shape),
        installed=_table(directory, INSTALLED, rows, (len(assembly.cells), sizes["ahead"])),
        left=np.array(left),
    )


def _record(kind: str, entry: Mapping[str, Any]) -> Any:
    values = dict(entry)
    if values.get("years") is not None and kind == "capital":
        values["years"] = tuple(values["years"])
    return KINDS[kind](**values)


def _table(
    directory: Path, stem: str, rows: Mapping[str, int], shape: tuple[int, int]
) -> np.ndarray:
    read = read_table(directory, stem, n_rows=rows.get(stem))
    read.check_columns(("row", "column", "value"))
    table = np.zeros(shape)
    table[read.integers("row"), read.integers("column")] = read.floats("value")
    return table
