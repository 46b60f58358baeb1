"""The annual procedure, round by round: announce, add up, adjust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parecon import rules
from parecon._blas import single_threaded_blas
from parecon.control import Control, StoppedError
from parecon.delivery import deliver
from parecon.economy import Economy
from parecon.errors import RuleError, SettingsError
from parecon.plan import Plan
from parecon.procedure.councils import Councils
from parecon.procedure.rounds import Round, Rounds
from parecon.rules import Rule, Sums
from parecon.settings import Settings
from parecon.solve import solve
from parecon.status import ProcedureStatus, Status
from parecon.utility import welfare_of

Array = NDArray[np.float64]

__all__ = ["Connection", "simulate"]

GAPS = ("auto", "every", "last", "none")
GAPS_ENTRIES = 300_000  # beyond, delivering every round costs more than the rounds
PLAN_TOL = 1e-9  # of the plan that prices are compared with


class Connection(Protocol):
    """How proposals reach the board."""

    def connect(self, councils: Councils) -> Councils:
        """Something that answers like the councils, as heard through the channel."""


def simulate(
    economy: Economy | Councils,
    *,
    rule: str | Rule | type[Rule] | Callable[[Sums], Any] = rules.DEFAULT,
    start_price: ArrayLike | None = None,
    threshold: float = 0.05,
    max_rounds: int = 200,
    callback: Callable[[Round], object] | None = None,
    after: Rounds | None = None,
    channel: Connection | None = None,
    first_order: bool = False,
    gaps: str = "auto",
    plan: Plan | bool = True,
    time_limit_s: float | None = None,
    n_threads: int | None = None,
) -> Rounds:
    """Run the annual procedure until no good's imbalance reaches the threshold.

    Parameters
    ----------
    economy : Economy, or its Councils from an earlier simulation, which saves compiling it again.
    rule : name in `parecon.rules.NAMES`, a Rule, its class, or a function of `Sums`.
    start_price : float or (n,) > 0, money per physical unit. None: the one price for a unit of
        anything at which the budgets would buy all that exists.
    threshold : float, stop when v = |2 (S - D) / (S + D)| of every good is below it.
    max_rounds : int, most announcements.
    callback : callable taking a Round; a true result stops.
    after : Rounds of the year before: the prices that its last round led to, and its rule's state,
        are carried over.
    channel : how proposals reach the board (`parecon.Channel`); None: all of them, at once.
    first_order : accept councils with increasing returns (`FirstOrderWorkers`), who propose a point
        that is not their best.
    gaps : deliver a plan from the proposals of "every" round, of the "last", of "none"; "auto":
        every round of economies up to 300,000 entries, otherwise the last.
    plan : the plan whose prices the rounds are compared with; True: find it (to 1e-9); False: do
        not compare.
    time_limit_s, n_threads : as in `parecon.solve`.

    Returns
    -------
    Rounds, also when the rule did not settle: see `Rounds.status`. Raises SettingsError, RuleError,
    and EconomyError for families that do not answer prices with one proposal.
    """
    settings = Settings(time_limit_s=time_limit_s, n_threads=n_threads)
    _check(threshold, max_rounds, gaps)
    adjust = rules.make(rule)
    with Control(settings) as control, np.errstate(all="ignore"), single_threaded_blas():
        councils = (
            economy
            if isinstance(economy, Councils)
            else Councils(economy, control.n_threads, first_order=first_order)
        )
        price = _first_price(councils.economy, start_price, after)
        if after is not None:
            adjust.restore(after.carried)
            adjust.new_year()
        if gaps == "auto":
            gaps = "every" if councils.economy.n_entries <= GAPS_ENTRIES else "last"
        heard = councils if channel is None else channel.connect(councils)
        procedure = _Procedure(heard, adjust, control, threshold=threshold, gaps=gaps)
        status = procedure.run(price, max_rounds, callback)
    return procedure.record(status, _plan_price(councils, plan, n_threads))


class _Procedure:
    """One run: the board on one side, the councils on the other."""

    def __init__(
        self, councils: Councils, rule: Rule, control: Control, *, threshold: float, gaps: str
    ) -> None:
        self.councils, self.rule, self.control = councils, rule, control
        self.threshold, self.gaps = threshold, gaps
        self.sums: list[Sums] = []
        self.state: list[dict[str, Array]] = []
        self.measured: list[Round] = []
        self.next_price: Array | None = None

    def run(
        self, price: Array, max_rounds: int, callback: Callable[[Round], object] | None
    ) -> ProcedureStatus:
        """Rounds from `price` (n,) on; says why they ended."""
        status = None
        while status is None:
            sums = self.councils.answer(price, self.rule.sees)
            elapsed = self.control.elapsed_s
            status = self._ended(sums, max_rounds)
            if status is None or self._adjusts_last(status):
                price = self._next_price(sums)
                if _are_prices(price):
                    self.next_price = price
                elif status is None:
                    status = ProcedureStatus.DIVERGED
            self._keep(sums, elapsed, last=status is not None)
            if callback is not None and callback(self.measured[-1]):
                status = status or ProcedureStatus.INTERRUPTED
        return status

    def _adjusts_last(self, status: ProcedureStatus) -> bool:
        """Whether prices are adjusted after the last round too: next year begins there.

        So the book does, whose second years begin with the prices that its last round led to. Not
        where it would take inquiries, which are exchanges with all councils.
        """
        return status is not ProcedureStatus.DIVERGED and rules.CURVATURE not in self.rule.sees

    def _ended(self, sums: Sums, max_rounds: int) -> ProcedureStatus | None:
        """Why this round is the last, or None."""
        worst = float(np.max(sums.imbalance, initial=0.0))
        if worst < self.threshold:
            return ProcedureStatus.SETTLED
        if not np.isfinite(worst):
            return ProcedureStatus.DIVERGED
        if len(self.sums) + 1 >= max_rounds:
            return ProcedureStatus.ROUND_LIMIT
        try:
            self.control.poll()
        except StoppedError as stop:
            return ProcedureStatus(stop.status.value)
        return None

    def _next_price(self, sums: Sums) -> Array:
        """The rule's answer; RuleError for what is no array of numbers, one per good."""
        answer = self.rule.next_price(sums)
        try:
            price = np.asarray(answer, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise RuleError(f"rule {self.rule.name!r}: expected prices, got {answer!r}") from error
        if price.shape != sums.price.shape:
            raise RuleError(
                f"rule {self.rule.name!r}: expected one price for each of {len(sums.price):,} "
                f"goods, got shape {price.shape}"
            )
        return price

    def _keep(self, sums: Sums, elapsed: float, *, last: bool) -> None:
        wanted = self.gaps == "every" or (last and self.gaps == "last")
        # with increasing returns nothing bounds what plans are worth, and parts cannot be delivered
        wanted = wanted and not self.councils.has_first_order
        worst = int(np.argmax(sums.imbalance))
        asked = self.councils.inquiries
        self.sums.append(sums)
        n_goods = sums.price.shape
        state = self.rule.state().items()
        self.state.append({name: column for name, column in state if column.shape == n_goods})
        self.measured.append(
            Round(
                round=len(self.sums),
                worst_imbalance=float(sums.imbalance[worst]),
                worst_good=self.councils.economy.goods.name(worst),
                dual=self.councils.dual,
                gap=self._gap(sums.price) if wanted else np.nan,
                sent=self.councils.numbers_sent + asked * self.councils.quantities,
                inquiries=asked,
                time_s=elapsed,
            )
        )

    def _gap(self, price: Array) -> float:
        """(Phi - welfare) over the budgets, of the plan that these proposals can deliver."""
        problem = self.councils.problem
        delivery = deliver(problem, self.councils.drafts(), price=price, hurry=False)
        if delivery is None:
            return np.inf  # not even what is owed in kind
        proposals = tuple(draft.final(price) for draft in delivery.drafts)
        welfare = welfare_of(self.councils.economy, proposals)
        return (self.councils.dual - welfare) / problem.total_budget

    def record(self, status: ProcedureStatus, plan_price: Array | None) -> Rounds:
        """All rounds, in columns."""
        economy, measured = self.councils.economy, self.measured
        columns = {
            name: np.array([getattr(sums, name) for sums in self.sums])
            for name in ("price", "supply", "demand")
        }
        numbers = {
            name: np.array([getattr(one, name) for one in measured])
            for name in ("dual", "gap", "time_s", "inquiries", "sent")
        }
        return Rounds(
            rule=self.rule.name,
            threshold=self.threshold,
            status=status,
            goods=economy.goods,
            state=self._states(),
            n_councils=economy.n_councils,
            plan_price=plan_price,
            next_price=self.next_price,
            carried=self.rule.state(),
            **columns,
            **numbers,
        )

    def _states(self) -> dict[str, Array]:
        """(R, n) each; nan in rounds in which the rule did not remember it yet."""
        names = sorted({name for state in self.state for name in state})
        nothing = np.full(self.sums[0].price.shape, np.nan)
        return {
            name: np.array([state.get(name, nothing) for state in self.state]) for name in names
        }


def _are_prices(price: Array) -> bool:
    return bool(np.all(np.isfinite(price)) and np.all(price > 0.0))


def _check(threshold: float, max_rounds: int, gaps: str) -> None:
    if not threshold > 0.0:
        raise SettingsError(f"threshold: expected a number above 0, got {threshold!r}")
    if max_rounds < 1:
        raise SettingsError(f"max_rounds: expected an integer of at least 1, got {max_rounds!r}")
    if gaps not in GAPS:
        raise SettingsError(f"gaps: expected one of {', '.join(GAPS)}, got {gaps!r}")


def _first_price(economy: Economy, given: ArrayLike | None, after: Rounds | None) -> Array:
    """(n,) > 0; SettingsError where what is given are no prices of these goods."""
    n = economy.n_goods
    if given is not None and after is not None:
        raise SettingsError("start_price and after: expected one of them, both say where to begin")
    if after is not None:
        if after.goods.names != economy.goods.names:
            raise SettingsError("after: expected rounds of the same goods as the economy's")
        return np.array(after.price[-1] if after.next_price is None else after.next_price)
    if given is None:
        return np.full(n, uniform_price(economy))
    try:
        price = np.array(np.broadcast_to(np.asarray(given, dtype=np.float64), (n,)))
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"start_price: expected one number, or one for each of {n:,} goods; got {given!r:.80}"
        ) from error
    wrong = np.flatnonzero(~(np.isfinite(price) & (price > 0.0)))
    if len(wrong):
        raise SettingsError(
            f"start_price: expected numbers above 0, got {price[wrong[0]]!r} for "
            f"{economy.goods.name(int(wrong[0]))!r}"
        )
    return price


def uniform_price(economy: Economy) -> float:
    """The price, the same for a unit of anything, at which the budgets buy what exists.

    1 where nothing does.
    """
    exists = float(np.sum(economy.endowment))
    return float(economy.total_budget) / exists if exists > 0.0 else 1.0


def _plan_price(councils: Councils, plan: Plan | bool, n_threads: int | None) -> Array | None:
    """(n,) prices of the plan; None where it is not wanted, or there is none to be had."""
    if isinstance(plan, Plan):
        return plan.price
    if not plan or councils.has_first_order:
        return None
    found = solve(councils.economy, tol=PLAN_TOL, n_threads=n_threads, certify=False)
    return found.price if found.status is Status.SOLVED else None
