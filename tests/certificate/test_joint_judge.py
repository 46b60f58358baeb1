"""What the certificate makes of joint workers, by hand.

Labour becomes two goods: with the elasticity of transformation 1, half of the benchmark's revenue
from each, T(q) = [ (q1^2 + q2^2) / 2 ]^(1/2) in units of the benchmark quantity 1/2.
"""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from certificate.drafted import Drafted
from parecon.certificate.joint import JointJudge

LABOUR_ALONE = pe.NestedCES.from_values([[1.0, 0.0, 0.0, 0.0]], pe.Nest(1.0, [0]))


def farm(transformation=1.0, **columns):
    outputs = pe.NestedCES.from_values([[0.0, 0.5, 0.5, 0.0]], pe.Nest(transformation, [1, 2]))
    return pe.JointWorkers(LABOUR_ALONE, outputs, names=["farm"], **columns)


def work(labour, outputs, fixed=None):
    zero = np.zeros(1)
    return pe.JointProposals([labour], outputs, zero, fixed, zero, zero)


def technology(family, proposal):
    return JointJudge(family).technology(proposal)


@pytest.mark.parametrize(
    ("transformation", "outputs", "violation"),
    [
        (1.0, [0.5, 0.5], 0.0),
        (1.0, [0.5, 0.1], 0.0),
        (1.0, [0.7, 0.1], 0.0),  # sqrt(.98 + .02) = 1
        (1.0, [0.6, 0.4], np.sqrt(1.04) - 1.0),
        (1.0, [0.0, 0.0], 0.0),
        (0.0, [0.5, 0.5], 0.0),
        (0.0, [0.5, 0.0], 0.0),
        (0.0, [0.6, 0.1], 0.2),
        (0.0, [0.6, 0.5], 0.2),
    ],
)
def test_outputs_need_the_level_that_inputs_allow(transformation, outputs, violation):
    found = technology(farm(transformation), work(1.0, outputs))
    assert found.value == pytest.approx(violation, abs=1e-14)


def test_something_from_nothing_is_infinitely_wrong():
    assert technology(farm(), work(0.0, [0.1, 0.0])).value == np.inf


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_outputs_that_are_no_quantities(bad):
    found = technology(farm(), work(1.0, [0.1, bad]))
    assert (found.value, found.where) == (np.inf, "farm")


def test_capacities_and_fixed_inputs():
    limited = technology(farm(capacity=0.8), work(1.0, [0.5, 0.5]))
    assert limited.value == pytest.approx(0.25)
    assert limited.reason == "outputs are beyond capacity"
    permits = farm(fixed=[[0.0, 0.0, 0.0, 2.0]])
    assert technology(permits, work(1.0, [0.5, 0.5], [2.0])).value == 0.0
    short = technology(permits, work(1.0, [0.5, 0.5], [1.6]))
    assert short.value == pytest.approx(0.25)
    assert short.reason == "outputs are beyond what their inputs make"


def test_a_stated_level_proves_nothing():
    """Outputs beyond the inputs are found in the certificate, whatever the level says."""
    consumers = pe.CobbDouglasConsumers([1.0], [[0.0, 0.5, 0.5, 0.0]])
    economy = pe.Economy(4, [1.0, 0.0, 0.0, 0.0], [consumers, farm()])
    eaten = pe.ConsumerProposals([0.55, 0.55], [1.0], [0.55])
    made = pe.JointProposals([1.0], [0.55, 0.55], [1.1], None, [1.0], [1.0])
    certificate = pe.certify(economy, Drafted([1.0, 1.0, 1.0, 0.0], (eaten, made)))
    assert not certificate.feasible
    assert certificate.technology_council == "farm"
    assert certificate.technology_violation == pytest.approx(0.1)


def test_the_bound_lowers_all_outputs_of_a_council_together():
    """Prices at which the farm would profit are repaired, and the bound then is the optimum's."""
    consumers = pe.CobbDouglasConsumers([1.0], [[0.0, 0.5, 0.5, 0.0]])
    economy = pe.Economy(4, [1.0, 0.0, 0.0, 0.0], [consumers, farm()])
    made = work(1.0, [0.5, 0.5])
    eaten = pe.ConsumerProposals([0.5, 0.5], [1.0], [0.5])
    certificate = pe.certify(economy, Drafted([1.0, 1.2, 1.2, 0.0], (eaten, made)), tol=1e-12)
    assert certificate.zero_profit == pytest.approx(0.2)
    assert certificate.zero_profit_council == "farm"
    assert certificate.bound == pytest.approx(certificate.welfare, abs=1e-12)
    assert certificate.repair == pytest.approx(1.0 - 1.0 / 1.2)


@pytest.mark.parametrize("transformation", [0.0, 0.5, 1.0, 4.0])
def test_revenue_is_the_most_that_possible_outputs_can_earn(transformation):
    """The two sides of the judge are duals: no possible outputs earn more, some earn as much."""
    judge = JointJudge(farm(transformation))
    price = np.array([1.0, 0.8, 1.7, 0.0])
    angle = np.linspace(0.0, np.pi / 2, 2001)
    outputs = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    outputs = np.vstack([outputs, [[0.5, 0.5]]])
    with np.errstate(divide="ignore"):
        needed = [judge.outputs.log_level(lambda e, q=q: np.log(q[e]))[0] for q in outputs]
    earned = (outputs @ price[1:3]) / np.exp(needed)
    assert earned.max() == pytest.approx(judge.unit_revenue(price)[0], rel=1e-5)
    assert earned.max() <= judge.unit_revenue(price)[0] * (1.0 + 1e-12)


def test_most_of_one_output_is_made_where_nothing_else_is():
    available = np.array([3.0, 0.0, 0.0, 0.0])
    ((good, most),) = JointJudge(farm()).most_made(available)
    assert good.tolist() == [1, 2]
    assert most == pytest.approx([3.0 * np.sqrt(0.5)] * 2)
    ((_, most),) = JointJudge(farm(0.0)).most_made(available)
    assert most == pytest.approx([1.5, 1.5])
