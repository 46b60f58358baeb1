"""A council that sends garbage to a facilitation board, among councils that do not.

The board (`parecon.Facilitator`, policy "carry") is told every council's proposal, round by round,
through the calls that anybody would use. One council means well for some rounds and then sends what
is no proposal, or something that is one by form alone. What the board refuses leaves its last
proposal in force; what the board settles on is delivered, and judged by the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from parecon.certificate import Certificate, certify
from parecon.draft import Draft, drafts
from parecon.economy import Economy
from parecon.errors import ProposalError, SettingsError, nearest
from parecon.experiments.misreports import CarriedOut, lives
from parecon.facilitator import Council, Delivered, Facilitator
from parecon.families import Consumers, Family
from parecon.plan import Plan
from parecon.procedure.councils import Councils
from parecon.procedure.own_price import QUANTITIES, goods_of, own_prices, per_number

Array = NDArray[np.float64]

SILENCE = "silence"
NOTHING = "nothing"
KINDS = (
    SILENCE, "not a number", "negative", "unknown good", "words", "huge", "a billion", NOTHING
)  # fmt: skip
_MADE = {"consumers": (), "workers": ("output",), "suppliers": ("quantity",)}
_USED = {"consumers": ("quantity",), "workers": ("input", "fixed_input"), "suppliers": ()}
MISSPELT, HUGE, BILLION = "brd", 1e300, 1e9
THRESHOLD = 0.001
MOST_ROUNDS = 60
START_PRICE = 700.0


def garbage(kind: str, good: str) -> Mapping[str, Any]:
    """What the council says it would make or use. SettingsError for a kind that is none."""
    said: dict[str, Mapping[str, Any]] = {
        "not a number": {good: float("nan")},
        "negative": {good: -1.0},
        "unknown good": {MISSPELT: 1.0},
        "words": {good: "as much as possible"},
        "huge": {good: HUGE},
        "a billion": {good: BILLION},
        NOTHING: {},
    }
    if kind not in said:
        raise SettingsError(
            f"garbage {kind!r}{nearest(kind, KINDS)}: expected one of {', '.join(KINDS)}"
        )
    return said[kind]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a board fared.

    kind : what was sent, one of KINDS, or "" where nobody sent garbage. sender : the council.
    after : int, rounds that the sender answered properly before.
    answer : what the board said to the garbage when it first came: its error, or what became of it
        and the flags; "" for silence.
    settled : whether it settled. rounds : int, how many rounds it closed.
    sender_change : of the utility of a consumer council, of the output of a worker council, against
        the plan, relative.
    others_change, others_worst : mean and least relative change of the other consumers' utility.
    welfare_lost : (bound of the plan - welfare of what was delivered) / total budget; inf where a
        council that consumes gets nothing.
    certificate : of what was delivered, by the original data.
    """

    kind: str
    sender: str
    after: int
    answer: str
    settled: bool
    rounds: int
    sender_change: float
    others_change: float
    others_worst: float
    welfare_lost: float
    certificate: Certificate


def run(
    plan: Plan,
    kind: str,
    family: str,
    council: int,
    *,
    after: int = 3,
    threshold: float = THRESHOLD,
    max_rounds: int = MOST_ROUNDS,
) -> Outcome:
    """Drive a board on which one council sends garbage, and judge what it delivers.

    plan : of the economy, certified. kind : "" for none. family : label of the sender's family,
    council : its number there. after : rounds it answers properly.

    Raises SettingsError, EconomyError, and BoardError where nothing can be delivered.
    """
    economy = plan.economy
    village = _Village(economy)
    label, number = economy.family(family).title, council
    good = village.a_good_of(label, number)
    said = garbage(kind, economy.goods.name(good)) if kind not in ("", SILENCE) else None
    sender = economy.family(label).council_name(number)
    board = village.board(threshold)
    answer, announcement = "", board.ask()
    for closed in range(max_rounds):
        errs = kind != "" and closed >= after
        village.answer(board, announcement.price, but=sender if errs else None)
        if errs and said is not None:
            told, counts = _send(board, sender, village.role(label), said)
            answer = answer or told
            if counts:
                village.hold(label, number, good, said)
        announcement = board.adjust()
        if announcement.settled:
            break
    carried = village.carried_out(board.deliver())
    certificate = certify(economy, carried)
    return Outcome(
        kind=kind,
        sender=sender,
        after=after,
        answer=answer,
        settled=announcement.settled,
        rounds=board.round - 1,
        welfare_lost=(plan.certificate.bound - certificate.welfare) / economy.total_budget,
        certificate=certificate,
        **_changes(plan, carried.proposals, label, number),
    )


def _send(board: Facilitator, sender: str, role: str, said: Mapping[str, Any]) -> tuple[str, bool]:
    """What the board answers, and whether what was said counts."""
    try:
        if role == "consumers":
            receipt = board.tell(sender, demand=said)
        else:
            receipt = board.tell(sender, supply=said)
    except ProposalError as error:
        return str(error), False
    return "; ".join(("taken", *receipt.flags)), True


def _changes(plan: Plan, proposals: tuple[Any, ...], label: str, number: int) -> dict[str, float]:
    """Against the plan: of the sender, of all other consumers."""
    economy = plan.economy
    before, after = lives(economy, plan.proposals), lives(economy, proposals)
    change = {name: after.utility[name] / before.utility[name] - 1.0 for name in after.utility}
    if label in change:
        own = change[label][number]
        change[label] = np.delete(change[label], number)
    else:
        at = [family.title for family in economy.families].index(label)
        own = proposals[at].output[number] / plan.proposals[at].output[number] - 1.0
    others = np.concatenate(list(change.values()))
    return {
        "sender_change": float(own),
        "others_change": float(np.mean(others)),
        "others_worst": float(np.min(others)),
    }


class _Village:
    """Councils who know their own data, in front of a board that does not.

    held : per family the quantities that count at the board (`parecon.draft`).
    """

    def __init__(self, economy: Economy) -> None:
        self.economy, self.councils = economy, Councils(economy, 1)
        self.known = [
            Council(
                family.council_name(j),
                family.role if family.role in ("consumers", "workers") else "other",
                float(family.budget[j]) if isinstance(family, Consumers) else None,
            )
            for family in economy.families
            for j in range(family.n_councils)
        ]
        self.held: list[dict[str, Any]] = []

    def role(self, label: str) -> str:
        """Of a family."""
        return self.economy.family(label).role

    def a_good_of(self, label: str, number: int) -> int:
        """The good that a council makes, or the first that it consumes."""
        family = self.economy.family(label)
        if family.role == "workers":
            return int(family.made_goods()[number])
        indptr, good = family.pattern()
        return int(good[indptr[number]])

    def board(self, threshold: float) -> Facilitator:
        """A board that expects everybody."""
        return Facilitator(
            self.economy.goods,
            START_PRICE,
            endowment=self.economy.endowment,
            councils=self.known,
            threshold=threshold,
        )

    def answer(self, board: Facilitator, price: Array, but: str | None) -> None:
        """Everybody proposes, but one."""
        self.councils.answer(price)
        names = [council.name for council in self.known]
        speaks = np.array([name != but for name in names])
        said = drafts(self.councils.problem)
        rows = [matrix[speaks] for matrix in self._rows(said)]
        board.tell_many([name for name in names if name != but], *rows)
        start = 0
        for k, draft in enumerate(said):
            here = speaks[start : start + draft.family.n_councils]
            start += draft.family.n_councils
            if len(self.held) <= k:
                self.held.append({n: np.zeros_like(v) for n, v in _numbers(draft.values)})
            for name, value in _numbers(draft.values):
                mask = per_number(draft.family, name, here)
                self.held[k][name] = np.where(mask, value, self.held[k][name])

    def _rows(self, said: list[Draft]) -> list[sp.csr_array]:
        """Supply, demand and sensitivity of all councils, (councils, n) each."""
        n = self.economy.n_goods
        sides: list[list[sp.csr_array]] = [[], [], []]
        for draft, group in zip(said, self.councils.problem.groups, strict=True):
            family = draft.family
            own = own_prices(family, group, draft.values, self.councils.problem.market)
            for side, names, numbers in (
                (0, _MADE[family.role], draft.values),
                (1, _USED[family.role], draft.values),
                (2, QUANTITIES, own),
            ):
                sides[side].append(_matrix(family, names, numbers, n))
        return [sp.vstack(side, format="csr") for side in sides]

    def hold(self, label: str, number: int, good: int, said: Mapping[str, Any]) -> None:
        """What the board took from a council: of one good, or nothing at all."""
        k = [family.title for family in self.economy.families].index(label)
        family = self.economy.families[k]
        one = np.arange(family.n_councils) == number
        for name, value in self.held[k].items():
            mine = per_number(family, name, one)
            if said and name in ("quantity", "output"):
                kept = np.where(goods_of(family, name) == good, next(iter(said.values())), 0.0)
            else:
                kept = np.zeros_like(value)
            self.held[k][name] = np.where(mine, kept, value)

    def carried_out(self, given: Delivered) -> CarriedOut:
        """Everybody's part of what is delivered."""
        consumed = np.array([given.consumed.get(name, 1.0) for name in self.economy.goods.names])
        proposals = []
        for family, values in zip(self.economy.families, self.held, strict=True):
            names = [family.council_name(j) for j in range(family.n_councils)]
            part = np.array([given.fractions.get(name, 1.0) for name in names])
            draft = Draft(family, values).scaled(part, consumed)
            proposals.append(draft.final(given.price))
        return CarriedOut(given.price, tuple(proposals))


def _numbers(values: Mapping[str, Any]) -> list[tuple[str, Array]]:
    return [(name, value) for name, value in values.items() if value is not None]


def _matrix(
    family: Family, names: Sequence[str], values: Mapping[str, Any], n_goods: int
) -> sp.csr_array:
    """(councils, n) sums of what a family's councils say of each good, under these names."""
    council = np.arange(family.n_councils)
    total = sp.csr_array((len(council), n_goods))
    for name in names:
        if values.get(name) is not None:
            place = (per_number(family, name, council), goods_of(family, name))
            total = total + sp.csr_array((values[name], place), shape=total.shape)
    return total


def sweep(plan: Plan, *, council: int = 0, kinds: Sequence[str] = KINDS) -> list[Outcome]:
    """No garbage, and all kinds of it from a consumer and from a worker council.

    From the first round on, and after three proper answers. plan : of a book economy, certified.
    """
    found = [run(plan, "", "consumers", council)]
    for family in ("consumers", "workers"):
        for kind in kinds:
            found += [run(plan, kind, family, council, after=after) for after in (0, 3)]
    return found
