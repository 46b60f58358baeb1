"""Putting years together: goods, councils and endowments of all years from an outline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from parecon._columns import FloatArray, IndexArray
from parecon.dated.across import Across, Keeping, investment, issuing, keeping, room_flows
from parecon.dated.calendar import Calendar, calendar, numbers_by_year
from parecon.dated.cells import cells_of, per_name
from parecon.dated.charges import charge, made_good, needs_step
from parecon.dated.outline import Carried, Outline
from parecon.dated.posterity import BEQUEST, Left, handing_on, posterity
from parecon.dated.records import Growth, Storage
from parecon.dated.stacking import Member, Stack, stacked
from parecon.economy import Economy
from parecon.errors import EconomyError, nearest
from parecon.families import Consumers, Family

__all__ = ["Assembly", "Origin"]

ROOM_KIND = "room to grow"
CAPITAL_KIND = "capital service"


@dataclass(frozen=True, eq=False)
class Origin:
    """What the councils of a family of the dated economy are.

    Attributes
    ----------
    role : {"councils", "steps", "investment", "storage", "limits", "handing on",
        "posterity"}
    label : str
        Of the family of one year, or of the family itself.
    year : (M,) int32
        Position of each council's year.
    item : (M,) int32
        Its council of one year, or stock, or good.
    """

    role: str
    label: str
    year: IndexArray
    item: IndexArray


class Assembly:
    """Goods, councils and endowments while they are put together."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.goods, self.kinds, self.units = outline.goods()
        self.of_families = outline.families()
        self.n_base = len(self.goods)
        places = {name: i for i, name in enumerate(self.goods)}
        self.at_base = {
            id(economy): np.array([places[name] for name in economy.goods.names])
            for economy in outline.distinct
        }
        self.cells, self.uses = cells_of(
            outline.capital, self.of_families, self.goods, outline.years
        )
        self.service = self._services()
        self.totals = self._totals()
        values = [record.value for record in outline.capital]
        values += [record.value for record in outline.storage]
        valued = any(value is not None and np.any(_numbers(value) > 0.0) for value in values)
        self.bequest = int(self._add([BEQUEST])[0]) if valued else None
        self.rooms = [self._rooms(record) for record in outline.growth]
        self.before = self._steps()
        self.calendar = self._calendar()
        self.kept = [self._keeping(record) for record in outline.storage]

    # -- goods ------------------------------------------------------------------------------------

    def _good(self, name: str, where: str) -> int:
        if name not in self.goods[: self.n_base]:
            raise EconomyError(f"{where}: no good {name!r}{nearest(name, self.goods)}")
        return self.goods.index(name)

    def _add(
        self, names: Sequence[str], kind: str = "", unit: str | Sequence[str] = ""
    ) -> IndexArray:
        known = set(self.goods)
        for name in names:
            if name in known:
                raise EconomyError(f"goods: there is a good {name!r} already")
            known.add(name)
        first = len(self.goods)
        self.goods += names
        self.kinds += [kind if any(self.kinds) else ""] * len(names)
        self.units += [unit] * len(names) if isinstance(unit, str) else unit
        return np.arange(first, len(self.goods), dtype=np.int32)

    def _services(self) -> IndexArray:
        """(S,) the good of one year that the services of each stock are."""
        service = np.empty(len(self.cells), dtype=np.int32)
        for position, record in enumerate(self.outline.capital):
            own = np.flatnonzero(self.cells.kind == position)
            if record.use is None:
                service[own] = self.goods.index(record.name)
            else:
                names = [self.cells.names[c] for c in own]
                service[own] = self._add(names, CAPITAL_KIND, record.unit)
        return service

    def _totals(self) -> list[int]:
        """Of each exhaustible good, the one without a date."""
        totals = []
        for record in self.outline.exhaustible:
            good = self._good(record.good, f"Exhaustible {record.good!r}")
            if record.yearly is not None:
                unit = self.units[good]
                (good,) = self._add([f"{record.good} of all years"], self.kinds[good], unit)
            totals.append(int(good))
        return totals

    def _rooms(self, record: Growth) -> tuple[Any, IndexArray, FloatArray]:
        """Stocks limited in growth or label of the family, room for each, level before."""
        where = f"Growth of {record.of!r}"
        kinds = [capital.name for capital in self.outline.capital]
        if record.of in kinds:
            limited: Any = np.flatnonzero(self.cells.kind == kinds.index(record.of))
            names = [self.cells.names[c] for c in limited]
        elif record.of in self.of_families:
            limited, family = record.of, self.of_families[record.of]
            names = [family.council_name(j) for j in range(family.n_councils)]
        else:
            known = [*kinds, *self.of_families]
            raise EconomyError(
                f"{where}: expected a kind of capital or a family{nearest(record.of, known)}"
            )
        before = per_name(record.before, names, f"{where}.before", absent=0.0, least=0.0)
        return limited, self._add([f"room for {name}" for name in names], ROOM_KIND), before

    def _steps(self) -> dict[str, IndexArray]:
        """Label -> the good that each council makes before a step behind it; see `charges`."""
        grows = {limited for limited, _, _ in self.rooms if isinstance(limited, str)}
        labels = dict.fromkeys([*(use.label for use in self.uses), *sorted(grows)])
        steps = {}
        for label in labels:
            self._same_councils(label)
            years = [e.family(label) for e in self.outline.distinct if self._has(e, label)]
            if not any(needs_step(family, grows=label in grows) for family in years):
                continue
            family = years[0]
            made = [self.goods[i] for i in self._made(label)]
            names = [
                f"{good} of {family.council_name(j)} before its limits"
                for j, good in enumerate(made)
            ]
            units = [self.units[self.goods.index(good)] for good in made]
            steps[label] = self._add(names, "", units)
        return steps

    def _made(self, label: str) -> list[int]:
        economy = next(e for e in self.outline.distinct if self._has(e, label))
        names = economy.goods.names
        return [self.goods.index(names[i]) for i in made_good(economy.family(label))]

    @staticmethod
    def _has(economy: Economy, label: str) -> bool:
        return any(family.title == label for family in economy.families)

    def _same_councils(self, label: str) -> None:
        for year, economy in zip(self.outline.years, self.outline.economies, strict=True):
            if not self._has(economy, label):
                continue
            family, first = economy.family(label), self.of_families[label]
            if family.n_councils != first.n_councils or family.names != first.names:
                raise EconomyError(
                    f"{label}: expected the same {first.n_councils} councils in {year} as before, "
                    "because capital or growth is counted by council; give new councils a family "
                    "of their own"
                )

    def _calendar(self) -> Calendar:
        later, behind = {}, dict.fromkeys(self.service.tolist(), 1)
        for record in self.outline.later:
            where = f"Later {record.good!r}"
            good, of = self._good(record.good, where), self._good(record.of, f"{where}.of")
            later[good] = (of, record.years)
            behind[of] = max(behind.get(of, 0), record.years)
        for store in self.outline.storage:
            good = self._good(store.good, f"Storage {store.good!r}")
            if store.minimum is not None or store.value is not None:
                behind[good] = max(behind.get(good, 0), 1)
        undated = {*self.totals, *([] if self.bequest is None else [self.bequest])}
        kept = [self.goods.index(store.good) for store in self.outline.storage]
        for good in (*behind, *kept):
            if good in undated or good in later:
                raise EconomyError(
                    f"{self.goods[good]!r}: expected a good of each year, because it is kept, "
                    "installed or made earlier; it is declared Exhaustible or Later as well"
                )
        if any(good in undated for good in later):
            raise EconomyError("later: a good without a date (Exhaustible) cannot be another later")
        return calendar(self.outline.years, self.goods, undated=undated, behind=behind, later=later)

    def _keeping(self, record: Storage) -> Keeping:
        where = f"Storage {record.good!r}"
        return Keeping(
            good=self._good(record.good, where),
            left=1.0 - record.loss,
            room=np.inf if record.room is None else record.room,
            uses=tuple((self._good(name, f"{where}.uses"), q) for name, q in record.uses.items()),
        )

    @property
    def n_dates(self) -> int:
        """How far ahead it is known what is left of stocks: until the last unit is scrapped."""
        longest = int(self.cells.life.max(initial=0)) + int(self.cells.gestation.max(initial=0))
        return self.calendar.n_years + 1 + longest

    # -- councils ---------------------------------------------------------------------------------

    def _stacks(self) -> list[Stack]:
        """Families of all years, without what they are charged."""
        outline = self.outline
        stacks: list[Stack] = []
        for label in self.of_families:
            members = [
                Member(
                    year=t,
                    family=economy.family(label),
                    at=self.calendar.place[t, self.at_base[id(economy)]],
                    money=float(outline.discount[t]),
                )
                for t, economy in enumerate(outline.economies)
                if self._has(economy, label)
            ]
            stacks += stacked(label, members, self.calendar)
        return stacks

    def _charges(self, stack: Stack) -> sp.csr_array | None:
        """What a unit of output of each council needs of capital and room to grow, (M, N)."""
        shape = (stack.year.size, self.calendar.n_dated)
        total = None
        for use in (use for use in self.uses if use.label == stack.label):
            cell, rate = use.cell[stack.council], use.rate[stack.council]
            rows = np.flatnonzero(cell >= 0)
            columns = self.calendar.place[stack.year[rows], self.service[cell[rows]]]
            need = sp.csr_array(sp.coo_array((-rate[rows], (rows, columns)), shape=shape))
            total = need if total is None else total + need
        for record, (limited, room, _) in zip(self.outline.growth, self.rooms, strict=True):
            if limited == stack.label if isinstance(limited, str) else False:
                flows = room_flows(self.calendar, stack.year, room[stack.council], record.rise)
                total = flows if total is None else total + flows
        return None if total is None else sp.csr_array(total)

    def _councils(self) -> tuple[list[Family], list[Origin]]:
        families: list[Family] = []
        origins: list[Origin] = []
        for stack in self._stacks():
            flows, family, step = self._charges(stack), stack.family, None
            if flows is not None:
                before = self.before.get(stack.label)
                dated_before = None
                if before is not None:
                    dated_before = self.calendar.place[stack.year, before[stack.council]]
                family, step = charge(stack, flows, dated_before, self.calendar.n_dated)
            families.append(family)
            origins.append(Origin("councils", stack.label, stack.year, stack.council))
            if step is not None:
                families.append(step)
                origins.append(Origin("steps", stack.label, stack.year, stack.council))
        return families, origins

    def _across(self) -> list[tuple[str, Across]]:
        rooms = [
            (limited, room, record.rise)
            for record, (limited, room, _) in zip(self.outline.growth, self.rooms, strict=True)
            if not isinstance(limited, str)
        ]
        at = [k for k, record in enumerate(self.outline.exhaustible) if record.yearly is not None]
        records = [self.outline.exhaustible[k] for k in at]
        limit = np.array(
            [
                numbers_by_year(r.yearly, self.calendar.n_years, f"Exhaustible {r.good!r}.yearly")
                for r in records
            ]
        )
        good = [self.goods.index(record.good) for record in records]
        found = [
            ("investment", investment(self.cells, self.service, self.calendar, rooms)),
            ("storage", keeping(self.kept, self.calendar)),
            ("limits", issuing(good, [self.totals[k] for k in at], limit, self.calendar)),
        ]
        return [(role, across) for role, across in found if across is not None]

    # -- what there is ----------------------------------------------------------------------------

    def _carried(self) -> Carried:
        """What the records say is there at the beginning."""
        goods = np.zeros((self.calendar.n_slots, len(self.goods)))
        for kept, record in zip(self.kept, self.outline.storage, strict=True):
            goods[0, kept.good] += record.initial
        for (_, room, before), growth in zip(self.rooms, self.outline.growth, strict=True):
            goods[0, room] += (1.0 + growth.rise) * before
        return Carried(
            goods=goods,
            installed=self.cells.initial_path(self.n_dates),
            left=np.array([record.quantity for record in self.outline.exhaustible]),
        )

    def _endowment(self, carried: Carried) -> FloatArray:
        outline, n_years = self.outline, self.calendar.n_years
        there = np.zeros((self.calendar.n_slots, len(self.goods)))
        for t, economy in enumerate(outline.economies):
            there[t, self.at_base[id(economy)]] = economy.endowment
        there[:, self.service] = 0.0
        for name, amounts in outline.endowment.items():
            there[:n_years, self.goods.index(name)] = amounts
        for record in outline.exhaustible:
            there[:, self.goods.index(record.good)] = 0.0
        there += carried.goods
        for (_, room, _), growth in zip(self.rooms, outline.growth, strict=True):
            there[:n_years, room] += growth.allowance
        there[: n_years + 1, self.service] += carried.installed[:, : n_years + 1].T
        endowment = np.zeros(self.calendar.n_dated)
        slot, good = np.nonzero(there)
        np.add.at(endowment, self.calendar.place[slot, good], there[slot, good])
        if self.totals:
            endowment[self.calendar.place[0, self.totals]] = carried.left
        return endowment

    def _add_end(
        self, families: list[Family], origins: list[Origin], endowment: FloatArray
    ) -> None:
        """Add those who want what is left after the last year."""
        left = Left(self.outline, self.cells, self.service, self.calendar)
        consumers = (family for family in families if isinstance(family, Consumers))
        budgets = sum(float(np.sum(family.budget)) for family in consumers)
        bequest = None
        if self.bequest is not None:
            bequest = int(self.calendar.place[0, self.bequest])
            across = handing_on(left, bequest, self.calendar)
            if across is not None:
                families.append(across.family)
                title = across.family.title
                origins.append(Origin(title, title, across.year, across.item))
        end = posterity(left, bequest, self.outline, self.calendar, endowment, budgets)
        if end is not None:
            families.append(end)
            date = np.full(1, self.calendar.n_years, dtype=np.int32)
            origins.append(Origin("posterity", end.title, date, np.zeros(1, dtype=np.int32)))

    def parts(self, carried: Carried | None = None) -> dict[str, Any]:
        """Return what a `DatedEconomy` is made of.

        carried : what earlier years have left; unless given, what the records say.
        """
        carried = self._carried() if carried is None else carried
        families, origins = self._councils()
        for role, across in self._across():
            families.append(across.family)
            origins.append(Origin(role, across.family.title, across.year, across.item))
        endowment = self._endowment(carried)
        self._add_end(families, origins, endowment)
        goods = self.calendar.dated_goods(self.kinds, self.units)
        return {
            "economy": Economy(goods, endowment, families),
            "calendar": self.calendar,
            "outline": self.outline,
            "cells": self.cells,
            "service": self.service,
            "totals": tuple(self.totals),
            "origins": tuple(origins),
            "carried": carried,
        }


def _numbers(value: Any) -> FloatArray:
    """The numbers of one, of several, or by name."""
    numbers = list(value.values()) if isinstance(value, Mapping) else value
    return np.atleast_1d(np.asarray(numbers, dtype=np.float64))
