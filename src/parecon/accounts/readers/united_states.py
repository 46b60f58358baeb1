"""The United States: BEA make and use tables, USEEIO, and the bundled 24 sectors."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from parecon._columns import FloatArray
from parecon.accounts.input_output import InputOutput
from parecon.accounts.labels import Labels
from parecon.accounts.readers._files import Arrays
from parecon.accounts.supply_use import SupplyUse
from parecon.errors import AccountsError, nearest

__all__ = ["us_2012", "us_bea", "useeio_v2", "useeio_v2_supply_use"]

US_BEA_TABLES = ("detail_2017", "summary_2012", "summary_2017")

# The columns of final demand of the BEA's detailed tables, which USEEIO v2 shares.
_US_FINAL = (
    *("F01000", "F02E00", "F02N00", "F02R00", "F02S00", "F03000", "F04000", "F05000"),
    *("F06C00", "F06E00", "F06N00", "F06S00", "F07C00", "F07E00", "F07N00", "F07S00"),
    *("F10C00", "F10E00", "F10N00", "F10S00"),
)
_US_FINAL_KIND = {"01": "households", "03": "inventories", "04": "exports", "05": "imports"}
_USEEIO_FACTORS = {
    "compensation": "labour",
    "production taxes": "production tax",
    "operating surplus": "capital",
}
_US_FACTORS = {"V001": "labour", "V002": "production tax", "V003": "capital"}
_US_2012_FACTORS = {
    "compensation": "labour",
    "production_taxes": "production tax",
    "operating_surplus": "capital",
}
_US_2012_EXTENSIONS = {
    "ghg_kg_co2e": ("emission", "kg CO2e"),
    "energy_mj": ("resource", "MJ"),
    "water_kg": ("resource", "kg"),
    "land_m2_year": ("resource", "m2*yr"),
    "jobs": ("employment", "jobs"),
}
_INDICATOR_KINDS = {"JOBS": "employment", "ENRG": "resource", "WATR": "resource"} | dict.fromkeys(
    ("LAND", "MNRL", "NNRG", "RNRG"), "resource"
)


def us_bea(folder: str | Path, table: str = "detail_2017") -> SupplyUse:
    """Return a make and use table of the US Bureau of Economic Analysis, million USD.

    After redefinitions, at producers' prices, imports as negative final demand. Purchases of
    visitors stand with the households and are taken off in the line S00900 (of the summary tables:
    in "Other"); see :func:`parecon.accounts.repair.visitors_as_exports`.

    Parameters
    ----------
    folder : path
        ``us_bea``.
    table : {"detail_2017", "summary_2012", "summary_2017"}
        402 commodities x 402 industries, or 73 x 71.

    Raises
    ------
    AccountsError
        If there is no such table.
    FormatError
        If the file is missing or lacks an array.
    """
    if table not in US_BEA_TABLES:
        known = list(US_BEA_TABLES)
        raise AccountsError(
            f"us_bea: expected one of {', '.join(known)}, got {table!r}{nearest(table, known)}"
        )
    data = Arrays(Path(folder) / f"{table}_AfterRedef.npz")
    names = ("commodity_name", "industry_name", "fd_name", "va_name")
    commodity_text, industry_text, final_text, factor_text = (data.words(name) for name in names)
    final, factors = data.words("fd_code"), data.words("va_code")
    return SupplyUse(
        Labels(data.words("commodity_code"), text=commodity_text),
        Labels(data.words("industry_code"), text=industry_text),
        data["V"],
        data["U"],
        Y=data["F"],
        W=data["VA"],
        final_demand=Labels(final, kind=[_us_kind(code) for code in final], text=final_text),
        factors=Labels(factors, kind=[_US_FACTORS[code[:4]] for code in factors], text=factor_text),
        unit="million USD",
        title=f"US make and use tables, {table} (BEA, after redefinitions)",
    )


def useeio_v2(folder: str | Path, *, domestic: bool = False) -> InputOutput:
    """Return USEEIO v2.0.1: 411 commodities by commodities, 2012, USD, 23 indicators.

    Flows are the published coefficients times the published output q of commodities. Primary
    inputs, published by industry, are carried to commodities by market shares, like the published A
    (industry technology). Purchases of visitors stand with the households and are taken off in the
    line S00900; see :func:`parecon.accounts.repair.visitors_as_exports`.

    Parameters
    ----------
    folder : path
        ``useeio_v2``.
    domestic : bool
        Domestic flows (A_d); imports then are a factor, and the column of imports of final demand
        holds what the published domestic demand has beyond its categories (customs duties).

    Raises
    ------
    FormatError
        If the file is missing or lacks an array.
    """
    data = _useeio(folder)
    q, x = data["q"][:, 0], data["x"][:, 0]
    n = len(q)
    shares = _over(data["V"], q)
    coefficients = data["A_d" if domestic else "A"]
    U = data["U"]
    Y = U[:n, n:]
    W = _over(U[n:, :n], x) @ shares * q
    factors = dict(_USEEIO_FACTORS)
    W_Y = None
    if domestic:
        Y = data["U_d"][:n, n:].copy()
        imports = _US_FINAL.index("F05000")
        beyond = data["y_2012_US_Production_Domestic"] - Y.sum(axis=1)
        Y[:, imports] += np.where(np.abs(beyond) < 1.0, 0.0, beyond)  # less than a dollar: rounding
        W = np.vstack([W, (data["A"] - coefficients).sum(axis=0) * q])
        bought = (U[:n, n:] - data["U_d"][:n, n:]).sum(axis=0)
        bought[imports] = 0.0
        W_Y = np.vstack([np.zeros((3, len(bought))), bought])
        factors["imports"] = "imports"
    flows = "domestic" if domestic else "total"
    return InputOutput(
        Labels(data.words("sector_code"), text=data.words("sector_name")),
        coefficients * q,
        Y=Y,
        W=W,
        W_Y=W_Y,
        x=q,
        F=data["D"] * q,
        final_demand=_us_final(),
        factors=factors,
        extensions=_indicators(data),
        unit="USD",
        title=f"USEEIO v2.0.1, United States 2012, 411 commodities, {flows} flows (US EPA)",
    )


def useeio_v2_supply_use(folder: str | Path) -> SupplyUse:
    """Return the make and use tables behind USEEIO v2.0.1: 411 by 411, 2012, USD; no indicators.

    The file does not name industries. Here they are called by the commodity they make most of, and
    by a number behind it where that name is taken.

    Raises
    ------
    FormatError
        If the file is missing or lacks an array.
    """
    data = _useeio(folder)
    U = data["U"]
    n = len(data["q"])
    names = Labels(data.words("sector_code"), text=data.words("sector_name"))
    return SupplyUse(
        names,
        _by_main_product(data["V"], names),
        data["V"],
        U[:n, :n],
        q=data["q"][:, 0],
        x=data["x"][:, 0],
        Y=U[:n, n:],
        W=U[n:, :n],
        final_demand=_us_final(),
        factors=_USEEIO_FACTORS,
        unit="USD",
        title="USEEIO v2.0.1 make and use tables, United States 2012 (US EPA, BEA)",
    )


def _useeio(folder: str | Path) -> Arrays:
    return Arrays(Path(folder) / "useeio_v2.0.1-411.npz")


def _us_final() -> Labels:
    return Labels(_US_FINAL, kind=[_us_kind(code) for code in _US_FINAL])


def _by_main_product(V: FloatArray, commodities: Labels) -> Labels:
    codes: list[str] = []
    for main in V.argmax(axis=1):
        code, number = commodities[main], 1
        while code in codes:
            number += 1
            code = f"{commodities[main]}_{number}"
        codes.append(code)
    return Labels(codes, text=[commodities.text[main] for main in V.argmax(axis=1)])


def _us_kind(code: str) -> str:
    """Kind of a BEA category; what government consumes has a C behind its number."""
    group = code[1:3]
    if group in _US_FINAL_KIND:
        return _US_FINAL_KIND[group]
    return "government" if group != "02" and code[3] == "C" else "investment"


def _indicators(data: Arrays) -> Labels:
    codes = data.words("indicator")
    kinds = [
        _INDICATOR_KINDS.get(code, "other" if code == "VADD" else "emission") for code in codes
    ]
    return Labels(
        codes, kind=kinds, unit=data.words("indicator_unit"), text=data.words("indicator_name")
    )


def _over(block: FloatArray, total: FloatArray) -> FloatArray:
    """Columns over their totals, 0 where the total is not above 0 (USEEIO's two empty rows)."""
    made = total > 0.0
    out: FloatArray = np.where(made, block / np.where(made, total, 1.0), 0.0)
    return out


def us_2012() -> InputOutput:
    """Return the bundled table: United States 2012, 24 sectors, total use, million USD.

    The figures of the economy ``us-2012``, with what it does not use: energy, water, land, jobs.
    """
    from importlib.resources import files

    folder = files("parecon.economies").joinpath("data", "us_2012")
    tables = {
        name: list(
            csv.DictReader(folder.joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines())
        )
        for name in ("sectors", "intermediate_use", "final_demand")
    }
    sectors = [row["sector"] for row in tables["sectors"]]
    kinds = {"fixed_investment": "investment"}
    final = [name for name in tables["final_demand"][0] if name != "supplying_sector"]
    text = [row["description"] for row in tables["sectors"]]
    return InputOutput(
        Labels(sectors, text=text),
        _columns(tables["intermediate_use"], sectors),
        Y=_columns(tables["final_demand"], final),
        W=_columns(tables["sectors"], list(_US_2012_FACTORS)).T,
        x=_columns(tables["sectors"], ["output"])[:, 0],
        F=_columns(tables["sectors"], list(_US_2012_EXTENSIONS)).T,
        final_demand={name: kinds.get(name, name) for name in final},
        factors=_US_2012_FACTORS,
        extensions=Labels(
            list(_US_2012_EXTENSIONS),
            kind=[kind for kind, _ in _US_2012_EXTENSIONS.values()],
            unit=[unit for _, unit in _US_2012_EXTENSIONS.values()],
        ),
        unit="million USD",
        title="United States 2012, 24 sectors (BEA summary tables, USEEIO v2.0.1)",
    )


def _columns(rows: list[dict[str, str]], names: list[str]) -> FloatArray:
    return np.array([[float(row[name]) for name in names] for row in rows])
