"""Where a round stands: sums, what does not balance, and what councils should be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parecon.errors import BoardError, list_some
from parecon.facilitator.checks import EVERYBODY
from parecon.facilitator.ledger import Word
from parecon.facilitator.records import CONSUMERS, PRICES, WORKERS, Array, Council, Imbalance
from parecon.facilitator.rows import summed
from parecon.goods import Goods
from parecon.rules import SENSITIVITY, Anderson, Elasticity, Proportional, Rule, Sums

_ROUNDING = 1e-9  # relative; what a council may be over by without being told
WORST_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Standing:
    """One round: its prices, what counts, and the sums.

    round : int.  price : (n,) money per unit.  word : what counts.
    sums : what a rule sees; supply counts the endowment.
    """

    round: int
    price: Array
    word: Word
    sums: Sums

    @classmethod
    def of(
        cls, round: int, price: Array, word: Word, endowment: Array, budget: float | None
    ) -> Standing:
        """Add up what counts; budget: of the consumers that count, None where it is unknown."""
        supply, demand = endowment + summed(word.supply), summed(word.demand)
        sums = Sums(price, supply, demand, budget, word.sensitivity)
        for side in (supply, demand, word.sensitivity):
            if side is not None:
                side.flags.writeable = False
        return cls(round, price, word, sums)

    @cached_property
    def imbalance(self) -> Array:
        """(n,) |2 (S - D) / (S + D)|."""
        return self.sums.imbalance

    def worst(self, goods: Goods, most: int) -> tuple[Imbalance, ...]:
        """The goods that balance least, the worst first; none that balances."""
        v = self.imbalance
        first = np.argsort(-v, kind="stable")[:most]
        excess = self.sums.excess_demand
        return tuple(
            Imbalance(goods.name(i), float(v[i]), float(excess[i]))
            for i in first.tolist()
            if v[i] > 0.0
        )

    def settled(self, threshold: float) -> bool:
        """Whether somebody spoke, and every good balances within the threshold."""
        return not self.word.empty and bool(self.imbalance.max() < threshold)

    def next_price(self, goods: Goods, rule: Rule) -> Array:
        """The prices to announce next, (n,) read-only.

        Where the rule cannot do without sensitivities and some were not told, a proportional step.
        Raises BoardError if the rule answers with what are no prices.
        """
        stand_in = self.lacks_sensitivity(rule) and _insists(rule)
        step = Proportional() if stand_in else rule
        price = np.array(step.next_price(self._seen_by(step)), dtype=np.float64)
        if price.shape != self.price.shape:
            raise BoardError(
                f"rule {rule.name!r}: expected {len(self.price):,} prices, got shape {price.shape}"
            )
        wrong = PRICES.outside(price)
        if wrong.size:
            named = (f"{price[i]} for {goods.name(i)!r}" for i in wrong.tolist())
            found = list_some(named, wrong.size)
            raise BoardError(f"rule {rule.name!r}: expected prices {PRICES.text}, got {found}")
        price.flags.writeable = False
        return price

    def _seen_by(self, rule: Rule) -> Sums:
        """The sums that a rule declares to see; copies, which it may do with as it likes."""
        told = self.sums.sensitivity
        return Sums(
            self.price.copy(),
            self.sums.supply.copy(),
            self.sums.demand.copy(),
            self.sums.budget,
            told.copy() if told is not None and SENSITIVITY in rule.sees else None,
        )

    # -- sensitivities ------------------------------------------------------------------------

    def lacks_sensitivity(self, rule: Rule) -> bool:
        """Whether the rule wants sensitivities that not everybody told."""
        return SENSITIVITY in rule.sees and self.sums.sensitivity is None

    def advice(self, councils: Sequence[Council], rule: Rule) -> Iterator[str]:
        """What would help the next rounds."""
        if self.word.empty:
            return
        if self.lacks_sensitivity(rule):
            steps = "proportional steps" if _insists(rule) or _default(rule) else "steps without"
            yield (
                f"rule {rule.name!r} works with sensitivities, but {self._silent(councils)} "
                f"told none: it takes {steps} until all that count do"
            )
        elif self.sums.sensitivity is not None and SENSITIVITY not in rule.sees:
            yield (
                f"all proposals carry sensitivities, which rule {rule.name!r} does not use: "
                "'anderson' and 'elasticity' need fewer rounds; change_rule('anderson')"
            )

    def _silent(self, councils: Sequence[Council]) -> str:
        """Who counts and told no sensitivity."""
        if self.word.summed:
            return EVERYBODY
        without = self.word.councils[~self.word.sensed].tolist()
        names = (repr(councils[index].name) for index in without)
        return (
            f"{len(without):,} of {len(self.word.councils):,} councils that count "
            f"({list_some(names, len(without))})"
        )

    # -- remarks on councils ------------------------------------------------------------------

    def flags(self, councils: Sequence[Council], price_of: Callable[[int], Array]) -> list[str]:
        """Who costs more than it benefits, or spends more than it has.

        price_of : prices of a round; a council is judged at those it answered.
        """
        word = self.word
        benefit, cost = np.zeros(len(word.councils)), np.zeros(len(word.councils))
        for answered in np.unique(word.answered).tolist():
            rows = np.flatnonzero(word.answered == answered)
            price = price_of(answered)
            benefit[rows], cost[rows] = word.supply[rows] @ price, word.demand[rows] @ price
        names = word.councils.tolist()
        remarks = (
            remark(councils[index], *values)
            for index, *values in zip(names, benefit.tolist(), cost.tolist(), strict=True)
        )
        return [flag for flag in remarks if flag is not None]


def remark(council: Council, benefit: float, cost: float) -> str | None:
    """What the board has to say to a council.

    benefit, cost : value of what it supplies and of what it uses at announced prices, money.
    """
    if council.kind == WORKERS and cost > benefit * (1.0 + _ROUNDING):
        return (
            f"workers {council.name!r}: social cost {cost:.6g} exceeds social benefit {benefit:.6g}"
        )
    budget = council.budget
    if council.kind == CONSUMERS and budget is not None and cost > budget * (1.0 + _ROUNDING):
        return f"consumers {council.name!r}: spending {cost:.6g} exceeds the budget {budget:.6g}"
    return None


def _insists(rule: Rule) -> bool:
    """Whether a rule of ours refuses to work without sensitivities."""
    return isinstance(rule, Elasticity) or (
        isinstance(rule, Anderson) and rule.over == Elasticity.name
    )


def _default(rule: Rule) -> bool:
    return isinstance(rule, Anderson)
