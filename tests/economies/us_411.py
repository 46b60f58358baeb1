"""The United States of 2012 in 411 commodities (USEEIO v2.0.1), calibrated as the bundled economy.

Goods are the 411 domestic commodities, imported inputs as one good, labour, capital and permits.
One council makes each commodity; one consumer council stands for all domestic final demand,
exports included. Money is counted in million USD, emissions in million tonnes CO2e.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

import parecon as pe
from parecon.economies.calibration import Inputs, nested_workers, split_stocks

FILE = Path("useeio_v2", "useeio_v2.0.1-411.npz")  # in the shared data

COAL, OIL_GAS, CURRENT, GAS, REFINED = "212100", "211000", "221100", "221200", "324110"
TRANSFORMING = (OIL_GAS, COAL, CURRENT, GAS, REFINED, "324121", "324122", "324190")
ELASTICITY = {
    "materials_and_value_added": 0.0,
    "value_added_energy": 0.5,
    "labour_capital": 0.5,
    "utilities_fuels": 0.5,
    "fuels": 1.0,
}
FINAL_ELASTICITY = 0.5


@dataclass(frozen=True, kw_only=True)
class Table:
    """Commodity by commodity, million USD; K commodities of which m are made at home.

    `clipped` is the money of negative input coefficients set to zero, `unpaid` that of labour
    beyond value added.
    """

    codes: np.ndarray  # (K,)
    made: np.ndarray  # (m,) commodity
    output: np.ndarray  # (m,)
    inputs: np.ndarray  # (m, K) domestic commodities
    imports: np.ndarray  # (m,)
    labour: np.ndarray  # (m,)
    capital: np.ndarray  # (m,)
    use: np.ndarray  # (K,) final use
    stocks: np.ndarray  # (K,)
    emissions: np.ndarray  # (m,)
    clipped: float
    unpaid: float


def table(shared_data: Path) -> Table:
    """Read and balance.

    1. Commodities without domestic output (used goods, non-comparable imports) are not made.
    2. Negative input coefficients (by-products) are set to zero; value added takes the difference.
    3. Labour is compensation, but no more than value added; capital is the rest.
    4. Final demand is what sectors leave of the output; where negative, a stock to draw on.
    """
    with np.load(shared_data / FILE, allow_pickle=False) as data:
        codes, total = data["sector_code"], data["q"][:, 0] / 1e6
        coefficients, domestic = data["A"], data["A_d"]
        compensation = data["U"][411, :411] / data["x"][:, 0] @ (data["V"] / data["q"][:, 0])
        intensity = data["D"][data["indicator"].tolist().index("GHG")]
    made = np.flatnonzero(total > 0.0)
    output = total[made]
    raw = domestic[:, made] * output
    inputs = np.maximum(raw, 0.0)
    imports = np.maximum((coefficients - domestic)[:, made], 0.0).sum(axis=0) * output
    value_added = output - inputs.sum(axis=0) - imports
    labour = np.clip(compensation[made] * output, 0.0, value_added)
    left = np.zeros(len(total))
    left[made] = output
    use, stocks = split_stocks((left - inputs.sum(axis=1))[:, None])
    return Table(
        codes=codes,
        made=made,
        output=output,
        inputs=inputs.T,
        imports=imports,
        labour=labour,
        capital=value_added - labour,
        use=use[:, 0],
        stocks=stocks,
        emissions=intensity[made] * output / 1e3,  # kg per USD times million USD is thousand tonnes
        clipped=float(np.maximum(-raw, 0.0).sum()),
        unpaid=float((compensation[made] * output - labour).sum()),
    )


def goods(data: Table) -> pe.Goods:
    """The 411 commodities by code, then imported inputs, labour, capital and permits."""
    return pe.Goods([*map(str, data.codes), "imported_inputs", "labour", "capital", "ghg_permit"])


def economy(data: Table, *, emission_cut: float | None = None) -> pe.Economy:
    """The calibrated economy; without a cut there are twice the permits that are used."""
    names = goods(data)
    labour, capital, imported, permit = (
        int(names.index(name)) for name in ("labour", "capital", "imported_inputs", "ghg_permit")
    )
    n, k = len(names), len(data.codes)
    values = np.zeros((len(data.made), n))
    values[:, :k] = data.inputs
    values[:, imported], values[:, labour], values[:, capital] = (
        data.imports,
        data.labour,
        data.capital,
    )
    at = {str(code): i for i, code in enumerate(data.codes)}
    transforming = np.isin(data.codes[data.made], TRANSFORMING)
    families = []
    for label, member, fuels in (
        ("industries", ~transforming, (COAL, GAS, OIL_GAS, REFINED)),
        ("energy_industries", transforming, ()),
    ):
        energy = {at[code] for code in (CURRENT, *fuels)}
        inputs = Inputs(
            materials=(*(i for i in range(k) if i not in energy), imported),
            power=(at[CURRENT],),
            fuels=tuple(at[code] for code in fuels),
            value_added=(labour, capital),
            elasticity=ELASTICITY,
        )
        families.append(
            nested_workers(
                values[member],
                inputs,
                output_good=data.made[member],
                output=data.output[member],
                emissions=data.emissions[member],
                permit_good=permit,
                names=tuple(str(code) for code in data.codes[data.made[member]]),
                label=label,
            )
        )
    shares = np.zeros((1, n))
    shares[0, :k] = data.use / data.use.sum()
    families.append(
        pe.CESConsumers(
            [data.use.sum()],
            sp.csr_array(shares),
            FINAL_ELASTICITY,
            names=("final_demand",),
            label="final_users",
        )
    )
    endowment = np.zeros(n)
    endowment[:k] = data.stocks
    endowment[labour], endowment[capital] = data.labour.sum(), data.capital.sum()
    endowment[imported] = data.imports.sum()
    endowment[permit] = data.emissions.sum() * (2.0 if emission_cut is None else 1.0 - emission_cut)
    return pe.Economy(goods=names, endowment=endowment, families=families)


def benchmark(data: Table) -> tuple[np.ndarray, dict]:
    """Prices (n,) and output per worker family of the observed year."""
    price = np.ones(len(data.codes) + 4)
    price[-1] = 0.0
    transforming = np.isin(data.codes[data.made], TRANSFORMING)
    return price, {
        "industries": data.output[~transforming],
        "energy_industries": data.output[transforming],
    }
