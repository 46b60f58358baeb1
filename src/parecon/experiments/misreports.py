"""Councils that say something false, and what a plan made of it does to everybody.

A plan is made of what councils report, and carried out by the councils as they are:

needs       A consumer council overstates what it is guaranteed in kind. The excess is delivered,
            and consumed: what its utility knows is as good as bought, the rest is wasted.
allowance   A consumer council overstates the part of its budget that is granted for needs. It
            spends what it was granted.
capacity    A worker council understates its productivity: A (1 - t) for A. It gets the inputs and
            owes the output of the plan, and delivers with less effort than it was thought to need,

                q' = A (1 - t) prod x^b e'^c = A prod x^b e^c ,   e = e' (1 - t)^(1/c) .

            Where there is no effort to save, inputs are hoarded: the output is below what they
            could make.

What is carried out is feasible in the true economy and its worth is counted there, so that no lie
can raise welfare; a small one costs in proportion to its square, because at the honest plan every
feasible change is worth nothing to first order. What it moves between councils is not small: it is
in proportion to the lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon import synthetic
from parecon._columns import row_index
from parecon.certificate import Certificate, certify
from parecon.draft import Draft
from parecon.economy import Economy
from parecon.errors import SettingsError, nearest
from parecon.families import CobbDouglasWorkers, Consumers, Family, Workers
from parecon.plan import Plan
from parecon.solve import solve
from parecon.utility import utilities

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEEDS, ALLOWANCE, CAPACITY = "needs", "allowance", "capacity"
LIES = (NEEDS, ALLOWANCE, CAPACITY)
ALLOWANCE_SHARE = 0.3
"""Part of a budget that is granted for needs, the rest rates efforts."""
PLAN_TOL = 1e-9
NEEDS_SHARE = 0.2
NEEDS_RANGE = (0.5, 1.5)
NEEDS_GOODS = 5
PARTS = (0.0, 0.01, 0.1, 1.0)
AMOUNTS = (0.1, 0.3, 0.5)


@dataclass(frozen=True, kw_only=True, eq=False)
class Misreport:
    """Who says what.

    what : "needs" or "allowance", overstated, or "capacity", understated.
    family : label of the liars' family.
    liars : (m,) bool, which of its councils.
    amount : float > 0, relative: .1 is ten per cent; below 1 for capacity.
    share : float in (0, 1], part of a budget that is granted for needs.
    """

    what: str
    family: str
    liars: Mask
    amount: float
    share: float = ALLOWANCE_SHARE

    def reported(self, honest: Economy) -> Economy:
        """The economy that the board is told of.

        Raises SettingsError where the family has no such thing to say, EconomyError for a label
        that is none.
        """
        family = honest.family(self.family)
        self._check(family)
        raised = np.where(self.liars, 1.0 + self.amount, 1.0)
        column: dict[str, Any]
        if isinstance(family, Consumers):
            if self.what == ALLOWANCE:
                column = {"budget": family.budget * (1.0 + self.share * (raised - 1.0))}
            else:
                column = {"needs": _rows_scaled(family.needs, raised)}
        else:
            lowered = np.where(self.liars, 1.0 - self.amount, 1.0)
            column = {"productivity": family.productivity * lowered}  # type: ignore[attr-defined]
        return honest.replace(families={self.family: column})

    def _check(self, family: Family) -> None:
        if self.what not in LIES:
            raise SettingsError(
                f"misreport of {self.what!r}{nearest(self.what, LIES)}: expected one of "
                + ", ".join(LIES)
            )
        fits = isinstance(family, Workers if self.what == CAPACITY else Consumers)
        has = getattr(family, "productivity" if self.what == CAPACITY else "budget", None)
        if not fits or has is None or (self.what == NEEDS and getattr(family, NEEDS) is None):
            raise SettingsError(f"misreport: {family.title} has no {self.what} to report")
        if self.liars.shape != (family.n_councils,) or self.liars.dtype != bool:
            raise SettingsError(
                f"misreport: expected {family.n_councils:,} truth values, one for each council of "
                f"{family.title}, got shape {self.liars.shape} of {self.liars.dtype}"
            )
        if not 0.0 < self.amount < (1.0 if self.what == CAPACITY else np.inf):
            raise SettingsError(
                f"misreport of {self.what}: expected an amount above 0"
                f"{' and below 1' if self.what == CAPACITY else ''}, got {self.amount!r}"
            )


@dataclass(frozen=True, eq=False)
class CarriedOut:
    """A plan of false reports as the true councils live it: what `parecon.certify` reads.

    price : (n,) of the plan, money per unit. proposals : one record per family.
    """

    price: Array
    proposals: tuple[Any, ...]


def carried_out(honest: Economy, plan: Plan) -> CarriedOut:
    """The plan, made for the reported economy `plan.economy`, in the economy as it is."""
    proposals = tuple(
        _lived(true, told, proposal, plan.price)
        for true, told, proposal in zip(
            honest.families, plan.economy.families, plan.proposals, strict=True
        )
    )
    return CarriedOut(np.asarray(plan.price), proposals)


def _lived(true: Family, told: Family, proposal: Any, price: Array) -> Any:
    """One family's proposals as the true councils carry them out."""
    values: dict[str, Any]
    if isinstance(true, Consumers) and isinstance(told, Consumers):
        if told.needs is true.needs:
            return proposal
        values = {"quantity": proposal.quantity + _excess_needs(true, told)}
    elif isinstance(true, CobbDouglasWorkers) and isinstance(told, CobbDouglasWorkers):
        if true.effort is None:
            return proposal
        # the root of a productivity ratio of 1 is 1, so that those who told the truth do as planned
        c = true.effort.exponent
        root = np.divide(1.0, c, out=np.zeros(len(c)), where=c > 0.0)
        values = {
            "input": proposal.input,
            "output": proposal.output,
            "effort": proposal.effort * (told.productivity / true.productivity) ** root,
        }
    else:
        return proposal
    return Draft(true, values).final(price)


def _excess_needs(true: Consumers, told: Consumers) -> Array:
    """(entries,) delivered beyond true needs, of the goods that utility knows."""
    indptr, good = true.pattern()
    quantity = np.zeros(len(good))
    if told.needs is None or true.needs is None:
        return quantity
    excess = sp.csr_array(told.needs - true.needs)
    width = np.int64(excess.shape[1])
    bought = row_index(indptr) * width + good
    granted = row_index(excess.indptr) * width + excess.indices
    order = np.argsort(bought, kind="stable")
    entry = order[np.minimum(np.searchsorted(bought[order], granted), len(order) - 1)]
    known = bought[entry] == granted
    quantity[entry[known]] = excess.data[known]
    return quantity


def _rows_scaled(matrix: sp.csr_array, factor: Array) -> sp.csr_array:
    """Each row times its factor."""
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return sp.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lives:
    """What a plan as it is carried out is to each council, in the true economy.

    utility : per family of consumers, by label, (H,) u_h.
    disutility : per family of workers, by label, (m,) money of effort; 0 without effort.
    """

    utility: dict[str, Array]
    disutility: dict[str, Array]


def lives(honest: Economy, proposals: tuple[Any, ...]) -> Lives:
    """Utilities and disutilities of what was carried out."""
    utility, disutility = {}, {}
    for family, proposal in zip(honest.families, proposals, strict=True):
        if isinstance(family, Consumers):
            utility[family.title] = utilities(family, proposal.quantity)
        elif isinstance(family, Workers):
            effort = getattr(family, "effort", None)
            disutility[family.title] = (
                np.zeros(family.n_councils)
                if effort is None
                else effort.scale * proposal.effort**effort.power
            )
    return Lives(utility=utility, disutility=disutility)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a misreport, against the honest plan. Means are over councils; nan over none.

    what, amount : of the misreport. liars, councils : how many, of how many in the family.
    liars_gain : consumers: mean of u / u0 - 1; workers: effort saved, 1 - disutility / disutility0
        of all of them together.
    others_gain, others_worst : mean and least u / u0 - 1 of consumers who told the truth.
    others_effort : disutility of effort of the workers who told the truth, relative change.
    liars_output : what the lying workers deliver, mean of q / q0 - 1 (0 for consumers).
    welfare_lost : (bound of the honest plan - welfare carried out) / total budget: what the best
        plan is worth beyond this one, proved by the honest plan's certificate.
    certificate : of what was carried out, by the honest data, at the plan's own prices.
    """

    what: str
    amount: float
    liars: int
    councils: int
    liars_gain: float
    others_gain: float
    others_worst: float
    others_effort: float
    liars_output: float
    welfare_lost: float
    certificate: Certificate


def compare(honest: Plan, misreport: Misreport, *, tol: float = 1e-9) -> Outcome:
    """Plan what is reported, carry it out, and judge it by the honest plan and its economy.

    honest : Plan with a certificate, solved. tol : of the plan of reports.

    Raises PlanError where a plan is not solved, and what `Misreport.reported` raises.
    """
    honest.raise_if_not_solved()
    economy = honest.economy
    told = solve(misreport.reported(economy), tol=tol, warm_start=honest, certify=False)
    told.raise_if_not_solved()
    carried = carried_out(economy, told)
    certificate = certify(economy, carried, tol=tol)
    before, after = lives(economy, honest.proposals), lives(economy, carried.proposals)
    consumers = isinstance(economy.family(misreport.family), Consumers)
    liars, label = misreport.liars, misreport.family
    gains = {k: after.utility[k] / before.utility[k] - 1.0 for k in after.utility}
    truthful = np.concatenate([g[~liars] if k == label else g for k, g in gains.items()])
    if consumers:
        gain, output = float(np.mean(gains[label][liars])), 0.0
    else:
        spent = [float(np.sum(side.disutility[label][liars])) for side in (after, before)]
        gain = 1.0 - spent[0] / spent[1] if spent[1] > 0.0 else 0.0
        planned, delivered = honest.proposal(label), told.proposal(label)
        output = float(np.mean(delivered.output[liars] / planned.output[liars] - 1.0))
    return Outcome(
        what=misreport.what,
        amount=misreport.amount,
        liars=int(liars.sum()),
        councils=len(liars),
        liars_gain=gain,
        others_gain=float(np.mean(truthful)) if truthful.size else np.nan,
        others_worst=float(np.min(truthful)) if truthful.size else np.nan,
        others_effort=_effort_of_others(before, after, label, liars),
        liars_output=output,
        welfare_lost=(honest.certificate.bound - certificate.welfare) / economy.total_budget,
        certificate=certificate,
    )


def _effort_of_others(before: Lives, after: Lives, label: str, liars: Mask) -> float:
    """Relative change of the disutility of all workers who told the truth."""
    total = [0.0, 0.0]
    for at, side in enumerate((before, after)):
        for name, disutility in side.disutility.items():
            total[at] += float(np.sum(disutility[~liars] if name == label else disutility))
    return total[1] / total[0] - 1.0 if total[0] > 0.0 else np.nan


def choose(councils: int, part: float, seed: int) -> Mask:
    """(councils,) truth values: `part` of the councils at random, but at least one."""
    count = min(councils, max(1, round(part * councils)))
    chosen = np.zeros(councils, dtype=bool)
    chosen[np.random.default_rng(seed).permutation(councils)[:count]] = True
    return chosen


def economy_with_needs(
    n_workers: int = 3_000, n_consumers: int = 3_000, categories: int = 10, *, seed: int
) -> Economy:
    """A book economy in which a fifth of the consumers' income, about, is delivered in kind.

    Every consumer council is guaranteed quantities of some private goods (5, or all where there are
    fewer), drawn at random, worth .5 to 1.5 fifths of its income in all at the prices of the plan
    without guarantees; what they are worth there is taken off its budget.
    """
    book = synthetic.book(n_workers, n_consumers, categories, seed=seed)
    price = solve(book, tol=PLAN_TOL, certify=False).price
    rng = np.random.default_rng(seed)
    count = min(NEEDS_GOODS, categories)
    goods = rng.permuted(np.tile(np.arange(categories), (n_consumers, 1)), axis=1)[:, :count]
    budget = np.asarray(book.family("consumers").budget)  # type: ignore[attr-defined]
    value = NEEDS_SHARE * budget[:, None] / count * rng.uniform(*NEEDS_RANGE, goods.shape)
    needs = sp.csr_array(
        ((value / price[goods]).ravel(), goods.ravel(), np.arange(0, goods.size + 1, count)),
        shape=(n_consumers, book.n_goods),
    )
    left = budget - value.sum(axis=1)
    return book.replace(families={"consumers": {"needs": needs, "budget": left}})


def sweep(
    honest: Plan,
    *,
    lies: Sequence[str] = LIES,
    parts: Sequence[float] = PARTS,
    amounts: Sequence[float] = AMOUNTS,
    seed: int = 0,
) -> list[Outcome]:
    """Every lie by every part of the councils (0: by one), by every amount.

    honest : plan of a book economy with needs (`economy_with_needs`), certified.
    seed : who lies; the same councils in all lies of a family and part.
    """
    found = []
    for what in lies:
        family = "workers" if what == CAPACITY else "consumers"
        for part in parts:
            liars = choose(honest.economy.family(family).n_councils, part, seed)
            found += [
                compare(honest, Misreport(what=what, family=family, liars=liars, amount=amount))
                for amount in amounts
            ]
    return found
