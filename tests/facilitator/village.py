"""Ten councils in plain Python: Cobb-Douglas by formula, answering prices by name.

Nothing of parecon is used here; `economy()` states the same village to the solver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

GOODS = ("grain", "flour", "bread", "tools", "labour", "land")
ENDOWMENT = {"labour": 100.0, "land": 60.0}


@dataclass(frozen=True)
class Workers:
    """max p q - sum p_i x_i  subject to  q = A prod x_i^b_i, the sum r of exponents below 1."""

    name: str
    output: str
    productivity: float
    exponents: dict[str, float]

    kind = "workers"
    budget = None

    def answer(self, price):
        """x_i = b_i p q / p_i;  d log q = (r d log p - sum b_i d log p_i) / (1 - r)."""
        r, p = sum(self.exponents.values()), price[self.output]
        log_q = math.log(self.productivity)
        log_q += sum(b * math.log(b * p / price[i]) for i, b in self.exponents.items())
        quantity = math.exp(log_q / (1 - r))
        inputs = {i: b * p * quantity / price[i] for i, b in self.exponents.items()}
        own = {i: x * (1 + self.exponents[i] / (1 - r)) for i, x in inputs.items()}
        return {
            "supply": {self.output: quantity},
            "demand": inputs,
            "sensitivity": {self.output: quantity * r / (1 - r), **own},
        }


@dataclass(frozen=True)
class Consumers:
    """Spend the shares a_i of a budget: x_i = b a_i / p_i."""

    name: str
    budget: float
    shares: dict[str, float]

    kind = "consumers"

    def answer(self, price):
        demand = {i: self.budget * a / price[i] for i, a in self.shares.items()}
        return {"demand": demand, "sensitivity": demand}


WORKERS = (
    Workers("hill farm", "grain", 2.0, {"land": 0.4, "labour": 0.3, "tools": 0.1}),
    Workers("river farm", "grain", 3.0, {"land": 0.5, "labour": 0.2}),
    Workers("old mill", "flour", 1.5, {"grain": 0.6, "labour": 0.2}),
    Workers("new mill", "flour", 1.2, {"grain": 0.5, "labour": 0.1, "tools": 0.2}),
    Workers("bakery", "bread", 4.0, {"flour": 0.5, "labour": 0.3}),
    Workers("smithy", "tools", 1.0, {"labour": 0.7}),
)
CONSUMERS = (
    Consumers("north", 300.0, {"bread": 0.7, "labour": 0.3}),
    Consumers("south", 200.0, {"bread": 0.5, "flour": 0.2, "labour": 0.3}),
    Consumers("east", 250.0, {"bread": 0.6, "land": 0.1, "labour": 0.3}),
    Consumers("west", 150.0, {"bread": 0.9, "tools": 0.1}),
)
COUNCILS = WORKERS + CONSUMERS


def answers(price, *, sensitivity=True):
    """{council: its proposal} of everybody, as keyword arguments of `Facilitator.tell`."""
    told = {council.name: council.answer(price) for council in COUNCILS}
    if not sensitivity:
        for answer in told.values():
            del answer["sensitivity"]
    return told


def known(pe):
    """The councils as a board knows them."""
    return [pe.Council(council.name, council.kind, council.budget) for council in COUNCILS]


def economy(pe):
    """The same village, for the solver."""

    def row(quantities):
        return [quantities.get(good, 0.0) for good in GOODS]

    return pe.Economy(
        goods=pe.Goods(GOODS),
        endowment=row(ENDOWMENT),
        families=[
            pe.CobbDouglasWorkers(
                output_good=[GOODS.index(council.output) for council in WORKERS],
                productivity=[council.productivity for council in WORKERS],
                exponents=[row(council.exponents) for council in WORKERS],
            ),
            pe.CobbDouglasConsumers(
                budget=[council.budget for council in CONSUMERS],
                shares=[row(council.shares) for council in CONSUMERS],
            ),
        ],
    )
