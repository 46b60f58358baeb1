"""How users answer to other prices than the benchmark's: what a table does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np

from parecon._columns import FloatArray
from parecon.errors import AccountsError, nearest

__all__ = ["Elasticities", "Energy"]

Value: TypeAlias = float | Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Elasticities:
    """Elasticities of substitution and transformation: one number, or a number by name.

    Names that are not in a table keep the default.

    The defaults are those of the bundled economy ``us-2012``. Sources: *EPPA4*: Paltsev and others,
    MIT Joint Program report 125 (2005). *Hertel*: Hertel, Hummels, Ivanic and Keeney, Economic
    Modelling 24 (2007), as in GTAP (ESUBD). *Hosoe*: Hosoe, Gasawa and Hashimoto, Textbook of
    Computable General Equilibrium Modelling (2010). *vdWerf*: van der Werf, Energy Economics 30
    (2008).

    Attributes
    ----------
    materials_value_added : by industry
        Materials against the bundle of value added and energy. 0 (EPPA4).
    materials : by industry
        Among materials. 0 (EPPA4).
    value_added_energy : by industry
        Value added against energy. .5 (EPPA4: .4 to .5; vdWerf: .2 to .6).
    value_added : by industry
        Among primary inputs. .5 (vdWerf: .2 to .6; EPPA4: 1).
    power_fuels, fuels : by industry
        Electricity against fuels, .5, and among fuels, 1 (EPPA4).
    products : by industry
        Of transformation: among the products of an industry that makes several. 0, the mix of the
        year, because the year tells no other; give one where industries choose what to make.
    makers : by good, or None
        Of substitution: among industries that make the same good, where each makes at least a
        tenth of it or lives on it by as much. 5, as among exports (*IFPRI*: Lofgren, Harris
        and Robinson, A Standard CGE Model in GAMS, 2002, has the form; no estimates are known to
        us). None, perfect substitutes: the cheaper maker then replaces the others altogether.
    transformation : by good, or None
        Of transformation: sales at home against exports, of goods that are sold on both markets.
        None, the same product on both. *Hosoe* takes 2; a table by name treats the goods named.
    home_import : by good
        Domestic against imported product (Armington). 2.5 (Hertel: .9 to 5.2, services 1.9,
        manufactures 2 to 4.4): give a table by good where trade matters.
    exports : by category
        Among exported goods. 5 (Hertel: twice home against imports).
    export_categories : number
        Among categories of exports (goods and services, regions), where there are several. 5, as
        among goods: then each good sold in each category is one of equals. 0 keeps their
        proportions; :func:`parecon.accounts.repair.merge_final_demand` makes one of them.
    households : by category
        Among goods of households and non-profit institutions. .5 (EPPA4: .25 to .65).
    household_energy, household_energy_other : by category
        Among energy goods, .4, and energy against all else, .25 (EPPA4).
    """

    materials_value_added: Value = 0.0
    materials: Value = 0.0
    value_added_energy: Value = 0.5
    value_added: Value = 0.5
    power_fuels: Value = 0.5
    fuels: Value = 1.0
    products: Value = 0.0
    makers: Value | None = 5.0
    transformation: Value | None = None
    home_import: Value = 2.5
    exports: Value = 5.0
    export_categories: float = 5.0
    households: Value = 0.5
    household_energy: Value = 0.4
    household_energy_other: Value = 0.25

    def named(self, what: str, known: Sequence[str]) -> list[str]:
        """Return the goods that have this elasticity, of all ``known`` names; of None, none.

        what : "makers" or "transformation".

        Raises
        ------
        AccountsError
            If the table has another name.
        """
        value = getattr(self, what)
        if value is None:
            return []
        names = list(value if isinstance(value, Mapping) else known)
        self.of(what, names, known)
        return names

    def of(self, what: str, names: Sequence[str], known: Sequence[str]) -> FloatArray:
        """Return the elasticity of each of the names, (len(names),).

        what : attribute. known : all names that a table by name may have.

        Raises
        ------
        AccountsError
            If the table has another name, or a number is not at least 0 and finite.
        """
        value = getattr(self, what)
        default = next(field.default for field in fields(self) if field.name == what)
        table = value if isinstance(value, Mapping) else dict.fromkeys(names, value)
        for name in table:
            if name not in known:
                raise AccountsError(f"elasticity {what}: no {name!r}{nearest(name, known)}")
        found = np.array([float(table.get(name, default)) for name in names])
        bad = np.flatnonzero(~((found >= 0.0) & (found < np.inf)))
        if bad.size:
            raise AccountsError(
                f"elasticity {what}: expected at least 0 and finite, got {found[bad[0]]:g} for "
                f"{names[bad[0]]!r}"
            )
        return found


@dataclass(frozen=True, kw_only=True)
class Energy:
    """Which goods are energy.

    Attributes
    ----------
    power : sequence of str
        Goods: electricity.
    fuels : sequence of str
        Goods: coal, oil, gas, refined.
    transforming : sequence of str
        Industries in which fuels are materials: a refinery cannot replace crude by machines.
    """

    power: Sequence[str] = ()
    fuels: Sequence[str] = ()
    transforming: Sequence[str] = ()
