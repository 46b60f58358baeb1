"""How proposals reach the board: some are lost on the way, some answer an old announcement.

A board that carries the last proposal forward works with what it holds: for each council the
proposal that arrived last, its *word*. With the announcement t just made, a council's message is

    lost (probability `lost`)     nothing arrives, the word stays what it was (at first: nothing)
    stale (probability `stale`)   what arrives answers announcement t - d, d drawn from `delay`,
                                  each as likely; nothing arrives where there was none yet
    fresh (otherwise)             what arrives answers announcement t

and whatever arrives is the council's word from now on, also where it is older than what it
replaces: the board is not told what it answers. What the board adds up are words. Own-price
sensitivities travel with the proposals. Needs in kind and what exists are known without messages,
and inquiries (rule `newton`) are put to all councils and answered by all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.answers.consumers import CobbDouglasSpending
from parecon.curvature import Rows
from parecon.draft import Draft, draft_of
from parecon.errors import SettingsError
from parecon.families import Family
from parecon.problem import Problem
from parecon.procedure.councils import Councils
from parecon.procedure.own_price import QUANTITIES, goods_of, own_prices, per_number
from parecon.rules import SENSITIVITY, Sums

Array = NDArray[np.float64]
Fates = NDArray[np.int64]
Mask = NDArray[np.bool_]

LOST = -1
_OWN = "own "  # before the name of a quantity: its own-price sensitivity


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Messages between councils and board that do not all arrive at once.

    lost, stale : float >= 0, at most 1 together, probabilities per council and round.
    delay : (least, most), how many announcements ago a stale proposal was made, 1 <= least <= most.
    seed : int, of the dice; every connection throws them anew.

    Raises SettingsError for anything else.
    """

    lost: float = 0.0
    stale: float = 0.0
    delay: tuple[int, int] = (1, 3)
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("lost", "stale"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise SettingsError(f"channel: expected {name} from 0 to 1, got {value!r}")
        if self.lost + self.stale > 1.0:
            raise SettingsError(
                f"channel: expected lost + stale up to 1, got {self.lost!r} + {self.stale!r}"
            )
        least, most = self.delay
        if not 1 <= least <= most:
            raise SettingsError(
                "channel: expected a delay of (least, most) with 1 <= least <= most, "
                f"got {self.delay!r}"
            )

    def connect(self, councils: Councils) -> Heard:
        """The councils as a board hears them."""
        return Heard(councils, self)


class Heard(Councils):
    """Councils at the other end of a channel: sums and drafts are of their words.

    fresh : Sums, what the board would see if every council's answer had arrived, or None before the
        first announcement.
    arrived : int, proposals that came in answer to the last announcement itself.
    """

    def __init__(self, councils: Councils, channel: Channel) -> None:
        # Not Councils.__init__: the economy is compiled already.
        self.economy, self.problem = councils.economy, councils.problem
        self.quantities = councils.quantities
        self.has_first_order = councils.has_first_order
        self.dual, self.numbers_sent, self.inquiries = councils.dual, 0, 0
        self.councils, self.channel = councils, channel
        self.fresh: Sums | None = None
        self.arrived = 0
        self._dice = np.random.default_rng(channel.seed)
        self._round = 0
        self._words = [
            _words(self.problem, k, channel.delay[1]) for k in range(len(self.problem.groups))
        ]

    def answer(self, price: Array, sees: AbstractSet[str] = frozenset()) -> Sums:
        """Announce prices (n,) > 0, money per unit; returns the sums of what has arrived."""
        fresh = self.fresh = self.councils.answer(price, sees)
        self.dual, self.numbers_sent = self.councils.dual, self.councils.numbers_sent
        self.inquiries = 0
        fates = self._fates()
        at = 0
        for words in self._words:
            count = words.family.n_councils
            words.take(fates[at : at + count], SENSITIVITY in sees)
            at += count
        self._round += 1
        self.arrived = int(np.count_nonzero(fates == 0))
        # where all is fresh, to the last bit what the councils' own sums are
        heard = fresh if self.arrived == len(fates) else self._sums(fresh, SENSITIVITY in sees)
        return replace(heard, inquire=None if fresh.inquire is None else self._inquire)

    def drafts(self) -> list[Draft]:
        """What the board holds of each family, physical quantities."""
        return [words.draft() for words in self._words]

    def _inquire(self, change: Array) -> Array:
        self.inquiries += 1
        if self.fresh is None or self.fresh.inquire is None:
            raise RuntimeError("an inquiry before an announcement")
        return self.fresh.inquire(change)

    def _fates(self) -> Fates:
        """(councils,) of all families in order: how many announcements old a message is, or LOST.

        The dice fall alike whatever the probabilities, so that what is lost at 5 % is also lost at
        10 % and 30 %.
        """
        channel, count = self.channel, sum(f.n_councils for f in self.economy.families)
        luck = self._dice.random(count)
        age = self._dice.integers(channel.delay[0], channel.delay[1] + 1, count)
        fates = np.where(luck < channel.lost + channel.stale, age, 0)
        fates[luck < channel.lost] = LOST
        fates[fates > self._round] = LOST
        return fates

    def _sums(self, fresh: Sums, sensitive: bool) -> Sums:
        """`fresh` with the sums of words in place of its own."""
        total = _Totals(len(fresh.price))
        for words in self._words:
            words.add(total, sensitive)
        return replace(
            fresh,
            supply=self.economy.endowment + total.made,
            demand=self.problem.needs + total.used,
            sensitivity=total.sensitivity if sensitive else None,
        )


class _Totals:
    """Sums of words by good, (n,) physical units; without what exists and what is owed in kind."""

    def __init__(self, n_goods: int) -> None:
        self.n_goods = n_goods
        self.used, self.made = np.zeros(n_goods), np.zeros(n_goods)
        self.sensitivity = np.zeros(n_goods)


def _words(problem: Problem, k: int, most: int) -> _Words:
    """What a board holds of family number `k`, in the form that suits it."""
    group = problem.groups[k]
    if len(group) == 1 and isinstance(group[0], CobbDouglasSpending):
        return _Spending(problem, k, group[0])
    return _Entries(problem, k, most)


class _Words(ABC):
    """What a board holds of the councils of family number `k`."""

    def __init__(self, problem: Problem, k: int) -> None:
        self.problem, self.k = problem, k
        self.family: Family = problem.economy.families[k]

    @abstractmethod
    def take(self, fates: Fates, sensitive: bool) -> None:
        """Let messages in that answer the market's last prices; fates (councils,) as in `Heard`."""

    @abstractmethod
    def add(self, total: _Totals, sensitive: bool) -> None:
        """Add all words up."""

    @abstractmethod
    def draft(self) -> Draft:
        """All words, as quantities."""


class _Entries(_Words):
    """Words number by number, beside the last answers of all councils, which may still arrive."""

    def __init__(self, problem: Problem, k: int, most: int) -> None:
        super().__init__(problem, k)
        self.recent: deque[dict[str, Any]] = deque(maxlen=most + 1)  # newest first
        self.held: dict[str, Any] = {}

    def take(self, fates: Fates, sensitive: bool) -> None:
        """Words change where something came."""
        quantities = draft_of(self.problem, self.k).values
        answers = dict(quantities)
        if sensitive:
            group = self.problem.groups[self.k]
            own = own_prices(self.family, group, quantities, self.problem.market)
            answers.update({_OWN + name: value for name, value in own.items()})
        self.recent.appendleft(answers)
        for age, came in enumerate(self.recent):
            who = fates == age
            if who.all():
                self.held = came
            elif who.any() or not self.held:
                self.held = {name: self._merged(name, who, came[name]) for name in came}

    def _merged(self, name: str, who: Mask, came: Array | None) -> Array | None:
        """What came from `who`, and what is held of the others."""
        if came is None:
            return None
        held = self.held.get(name)
        who = per_number(self.family, name.removeprefix(_OWN), who)
        return np.where(who, came, 0.0 if held is None else held)

    def add(self, total: _Totals, sensitive: bool) -> None:
        """By good."""
        used, made = self.draft().sums(total.n_goods)
        total.used += used
        total.made += made
        for name in QUANTITIES if sensitive else ():
            value = self.held.get(_OWN + name)
            if value is not None:
                good = goods_of(self.family, name)
                total.sensitivity += np.bincount(good, value, total.n_goods)

    def draft(self) -> Draft:
        """As they came."""
        return Draft(self.family, {k: v for k, v in self.held.items() if not k.startswith(_OWN)})


class _Spending(_Words):
    """Words of Cobb-Douglas consumers: all that can change in b a / p is the announcement.

    The round of each council's word says all, at one number per council instead of one per good.
    """

    def __init__(self, problem: Problem, k: int, answer: CobbDouglasSpending) -> None:
        super().__init__(problem, k)
        shares = answer.shares
        self.budget, self.share = answer.budget, shares.data
        self.rows = Rows.from_indptr(shares.indptr, shares.indices, problem.scratch)
        self.word = np.full(self.family.n_councils, LOST)
        self.price: list[Array] = []  # of every announcement

    def take(self, fates: Fates, sensitive: bool) -> None:
        """Note what each word answers."""
        latest = len(self.price)
        self.price.append(self.problem.market.price.copy())
        came = fates != LOST
        self.word[came] = latest - fates[came]

    def add(self, total: _Totals, sensitive: bool) -> None:
        """Spending by announcement and good, over the announced prices.

        Demand falls by as much per cent as the own price rises.
        """
        rows = self.rows
        for said, who in self._said():
            part = Rows(rows.start[who], rows.stop[who], rows.idx, rows.scratch)
            spending = np.zeros(total.n_goods)
            part.scatter(self.share, self.budget[who], spending)
            total.used += spending / self.price[said]
            if sensitive:
                total.sensitivity += spending / self.price[said]

    def _said(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Announcements that words answer, and the councils whose words they are."""
        for said in np.unique(self.word[self.word != LOST]):
            yield int(said), np.flatnonzero(self.word == said)

    def draft(self) -> Draft:
        """b a / p of each council's announcement."""
        return Draft(self.family, partial(self._quantities, self.word.copy()))

    def _quantities(self, word: Fates) -> dict[str, Any]:
        length = self.rows.stop - self.rows.start
        said = np.repeat(word, length)
        quantity = np.repeat(self.budget, length) * self.share
        prices = np.array(self.price)
        return {"quantity": np.where(said == LOST, 0.0, quantity / prices[said, self.rows.idx])}
