"""Europe: the UK, Germany and Belgium."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from parecon._columns import FloatArray
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels
from parecon.accounts.readers._files import Arrays, csv_rows

__all__ = ["belgium_2020", "germany_1995", "uk_ons_2010"]

_UK_FINAL = {
    "Households": "households",
    "Non-profit instns serving households": "nonprofit",
    "Central government": "government",
    "Local government": "government",
    "Gross fixed capital formation": "investment",
    "Valuables": "investment",
    "Changes in inventories": "inventories",
    "Exports of goods": "exports",
    "Exports of services": "exports",
}
_UK_FACTORS = ("imports", "product tax", "production tax", "labour", "capital")
_RESIDUAL_TAX = "taxes less subsidies on products (residual)"


def uk_ons_2010(folder: str | Path) -> InputOutput:
    """Return the UK analytical table of 2010: 127 products, domestic use, million GBP.

    Imports bought by final users (W_Y) are the totals of the published imports table; taxes on
    products paid by them are not in the files and stay 0.

    Parameters
    ----------
    folder : path
        ``uk_ons_2010``.

    Raises
    ------
    FormatError
        If the file is missing or lacks an array.
    """
    data = Arrays(Path(folder) / "uk_ons_2010_ixp.npz")
    final, columns = data.words("fd"), data.words("imports_cols")
    factors = dict(zip(data.words("primary"), _UK_FACTORS, strict=True))
    W_Y = np.zeros((len(factors), len(final)))
    W_Y[0] = data["imports"][-1, [columns.index(name) for name in final]]
    return InputOutput(
        Labels(data.words("product_code"), text=data.words("product_name")),
        data["Z"],
        Y=data["F"],
        W=data["W"],
        W_Y=W_Y,
        x=data["x"],
        final_demand={name: _UK_FINAL[name] for name in final},
        factors=factors,
        unit="million GBP",
        title="UK input-output analytical table 2010, product by product (ONS)",
    )


def germany_1995(folder: str | Path) -> InputOutput:
    """Return Germany 1995: 6 sectors, domestic use, million EUR, employment and 8 air pollutants.

    What outputs exceed inputs, value added and imports by is taxes on products, called a residual.

    Parameters
    ----------
    folder : path
        ``eurostat_iot``.

    Raises
    ------
    FormatError
        If a file is missing or lacks an array.
    """
    data = Arrays(Path(folder) / "germany_1995.npz")
    Z, x = data["Z"], data["x"]
    sectors = data.words("sectors")
    pollutants, air, air_of_households = _air_pollution(folder, sectors)
    compensation, gva, imports = data["compensation"], data["gva"], data["imports"]
    F_Y = np.zeros((1 + len(pollutants), len(data.words("fd"))))
    F_Y[1:, 0] = air_of_households
    kinds = ("households", "government", "investment", "inventories", "exports")
    n_air = len(pollutants)
    return InputOutput(
        sectors,
        Z,
        Y=data["F"],
        W=np.vstack([compensation, gva - compensation, imports, x - Z.sum(axis=0) - gva - imports]),
        x=x,
        F=np.vstack([data["employment"], air]),
        F_Y=F_Y,
        final_demand=dict(zip(data.words("fd"), kinds, strict=True)),
        factors={
            "compensation": "labour",
            "other value added": "capital",
            "imports": "imports",
            _RESIDUAL_TAX: "product tax",
        },
        extensions=Labels(
            ["employment", *pollutants],
            kind=["employment", *["emission"] * n_air],
            unit=["thousand persons", *["kt"] * n_air],
        ),
        unit="million EUR",
        title="Germany 1995, 6 sectors, domestic use (Eurostat manual 2008)",
    )


def belgium_2020(folder: str | Path) -> InputOutput:
    """Return Belgium 2020: 65 industries, total use (imports included), million EUR, CO2 and GHG.

    Imports are a category of final demand with a minus sign. What outputs exceed inputs and value
    added by is taxes on products, called a residual.

    Parameters
    ----------
    folder : path
        ``eurostat_iot``.

    Raises
    ------
    FormatError
        If a file is missing or lacks an array.
    """
    data = Arrays(Path(folder) / "BE.npz")
    Z, x, gva, compensation = data["Z"], data["P1"], data["GVA"], data["compensation"]
    kinds = ("households", "nonprofit", "government", "investment", "inventories", "exports")
    final = dict(zip(data.words("fd"), kinds, strict=True))
    F_Y = np.zeros((3, len(final) + 1))
    F_Y[1, 0] = _greenhouse_gases_of_households(folder)
    return InputOutput(
        data.words("codes"),
        Z,
        Y=np.column_stack([data["F"], -data["imports"]]),
        W=np.vstack([compensation, gva - compensation, x - Z.sum(axis=0) - gva]),
        x=x,
        F=np.vstack([data["emis_co2"], data["emis_ghg"], data["emis_methane"]]),
        F_Y=F_Y,
        final_demand={**final, "P7": "imports"},
        factors={
            "compensation": "labour",
            "other value added": "capital",
            _RESIDUAL_TAX: "product tax",
        },
        extensions=Labels(
            ["CO2", "GHG", "methane"], kind="emission", unit=["kt", "kt CO2e", "kt CO2e"]
        ),
        unit="million EUR",
        title="Belgium 2020, 65 industries, total use (Eurostat)",
    )


def _air_pollution(
    folder: str | Path, sectors: list[str]
) -> tuple[list[str], FloatArray, FloatArray]:
    """Names, emissions by sector (e, n) and of households (e,), kt; not the sum over pollutants."""
    rows = csv_rows(Path(folder) / "germany_airpol.csv.gz")
    values = {(row["airpol"], row["iotables_col"]): float(row["value"]) for row in rows}
    names = [name for name in dict.fromkeys(row["airpol"] for row in rows) if name != "Total"]
    by_sector = np.array([[values[name, sector] for sector in sectors] for name in names])
    of_households = [values[name, "final_consumption_households"] for name in names]
    return names, by_sector, np.array(of_households)


def _greenhouse_gases_of_households(folder: str | Path) -> float:
    rows = csv_rows(Path(folder) / "ghg.csv.gz")
    return next(float(row["HH"]) for row in rows if row["prod_na"] == "GHG_emission")
