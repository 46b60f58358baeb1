"""Councils with increasing returns: what they propose, and who refuses them."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.procedure import simulate
from parecon.procedure.councils import Councils
from parecon.synthetic import book

GOODS = pe.Goods(["bread", "flour", "work"])
PRICE = np.array([3.0, 2.0, 1.5])


def works(**changes) -> pe.FirstOrderWorkers:
    """One council with returns 0.7 + 0.5 + 0.2/2 = 1.3."""
    columns = {
        "output_good": [0],
        "exponents": [[0.0, 0.7, 0.5]],
        "productivity": [1.1],
        "effort": pe.Effort(0.2, 2.0, 0.8),
        "label": "works",
        **changes,
    }
    return pe.FirstOrderWorkers(**columns)


def economy(*families: pe.Family) -> pe.Economy:
    people = pe.CobbDouglasConsumers([10.0], [[1.0, 0.0, 0.0]], label="people")
    bakers = pe.CobbDouglasWorkers([0], [[0.0, 0.3, 0.3]], [2.0], label="bakers")
    return pe.Economy(GOODS, [0.0, 9.0, 20.0], [people, bakers, *families])


def proposal(price: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Output, inputs of flour and work, effort of the council, as a procedure would hear them."""
    councils = Councils(economy(works()), 1, first_order=True)
    councils.answer(price)
    values = councils.drafts()[-1].values
    return float(values["output"][0]), values["input"], float(values["effort"][0])


def surplus(output: float, inputs: np.ndarray, effort: float) -> float:
    return PRICE[0] * output - float(PRICE[1:] @ inputs) - 0.8 * effort**2


def made(inputs: np.ndarray, effort: float) -> float:
    return 1.1 * float(np.prod(inputs ** np.array([0.7, 0.5]))) * effort**0.2


def test_the_proposal_is_possible_and_its_derivatives_vanish() -> None:
    output, inputs, effort = proposal(PRICE)
    assert output == pytest.approx(made(inputs, effort), rel=1e-12)
    point = np.array([*inputs, effort])
    for k in range(3):
        up, down = point.copy(), point.copy()
        up[k] *= 1 + 1e-5
        down[k] *= 1 - 1e-5
        values = [surplus(made(x[:2], x[2]), x[:2], x[2]) for x in (up, down)]
        slope = (values[0] - values[1]) / (2e-5 * point[k])
        assert abs(slope * point[k]) < 1e-6 * PRICE[0] * output


def test_the_proposal_is_no_maximum() -> None:
    """Less is better, and so is more: cost exceeds benefit by the returns, 1.3."""
    output, inputs, effort = proposal(PRICE)
    there = surplus(output, inputs, effort)
    benefit = PRICE[0] * output
    assert there == pytest.approx(-0.3 * benefit, rel=1e-12)
    for scale in (0.9, 1.1):
        x, e = inputs * scale, effort * scale**0.5
        assert surplus(made(x, e), x, e) > there
    assert surplus(0.0, np.zeros(2), 0.0) == 0.0 > there


def test_output_falls_when_its_price_rises() -> None:
    dearer = PRICE * [1.01, 1.0, 1.0]
    assert proposal(dearer)[0] < proposal(PRICE)[0]


@pytest.mark.parametrize("total", [0.5, 0.9, 1.0, 1.0 + 1e-12])
def test_other_returns_belong_elsewhere(total) -> None:
    family = works(exponents=[[0.0, total / 2, total / 2]], effort=None, names=["mill"])
    with pytest.raises(pe.EconomyError, match=r"works\.exponents: expected increasing .*got mill"):
        economy(family)


def test_plans_and_certificates_refuse_them_by_name() -> None:
    named = economy(works(names=["the mill"]))
    told = r"works: a .* needs councils whose proposals are their best.*FirstOrderWorkers.*the mill"
    with pytest.raises(pe.EconomyError, match=told + r".*first_order=True"):
        pe.solve(named)
    with pytest.raises(pe.EconomyError, match=told):
        pe.Solver(named)
    plan = pe.solve(economy())
    with pytest.raises(pe.EconomyError, match=told):
        pe.certify(named, plan)
    with pytest.raises(pe.EconomyError, match=told):
        simulate(named, rule="book")
    with pytest.raises(pe.EconomyError, match=r"works\[0\]"):
        pe.solve(economy(works()))


def test_an_empty_family_is_in_nobodys_way() -> None:
    nobody = pe.FirstOrderWorkers([], np.zeros((0, 3)), [], label="nobody")
    assert pe.solve(economy(nobody)).status is pe.Status.SOLVED


@pytest.mark.parametrize("rule", pe.rules.NAMES)
def test_procedures_may_use_them_and_claim_nothing_of_plans(rule) -> None:
    some = book(600, 300, 4, seed=2, increasing_returns=0.2)
    rounds = simulate(
        some, rule=rule, start_price=700, threshold=0.05, first_order=True, gaps="every"
    )
    assert rounds.settled
    for measure in (rounds.gap, rounds.dual, rounds.distance):
        assert np.isnan(measure).all()
    assert rounds.plan_price is None


def test_they_are_stored_as_what_they_are(tmp_path) -> None:
    some = book(60, 20, 2, seed=2, increasing_returns=0.2)
    pe.save(tmp_path / "some", some)
    again = pe.load(tmp_path / "some").family("increasing returns")
    assert type(again) is pe.FirstOrderWorkers
    before = some.family("increasing returns")
    np.testing.assert_array_equal(again.exponents.toarray(), before.exponents.toarray())
    np.testing.assert_array_equal(again.effort.power, before.effort.power)
