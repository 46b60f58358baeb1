"""Scenarios add up in order, and say when one would undo another."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from parecon.scenarios import Budget, Cap, Deliver, Endowment, Needs, Scenario, Technique, grid
from scenarios.small import bakery

LESS = Scenario("less", [Endowment(goods="labour", percent=-50)], parameters={"labour": -50})
RICH = Scenario("rich", [Budget(family="households", councils="rich", to=9.0)])


def test_the_sum_makes_both_changes_in_order():
    both = LESS + RICH
    assert both.name == "less + rich"
    economy = both.apply(bakery())
    assert economy.endowment[0] == 5.0
    assert economy.family("households").budget.tolist() == [4.0, 9.0]
    assert both.parameters == {"labour": -50.0}


def test_what_builds_on_what_was_changed_adds_up_in_either_order():
    more = Scenario("more", [Endowment(goods="labour", plus=1.0)])
    assert (LESS + more).apply(bakery()).endowment[0] == 6.0
    assert (more + LESS).apply(bakery()).endowment[0] == 5.5


def seven(to):
    return Scenario(f"to {to}", [Endowment(goods="labour", to=to)])


WHEAT = Technique(name="mill", makes={"bread": 1}, uses={"wheat": 1})
TABLE = {"bakeries": {"*": 1.0}}
CONFLICTS = [
    (LESS, seven(7), "endowment of labour"),
    (seven(6), seven(7), "endowment of labour"),
    (
        RICH,
        Scenario("all", [Budget(family="households", to=1.0)]),
        r"budget of households \*",
    ),
    (Scenario("a", [WHEAT]), Scenario("b", [WHEAT]), "family of mill"),
    (
        Scenario("a", [Deliver(name="mill", goods={"bread": 1})]),
        Scenario("b", [WHEAT]),
        "family of mill",
    ),
    (
        Scenario("a", [Needs(family="households", to={"bread": 1})]),
        Scenario("b", [Needs(family="households", councils="poor", to={"bread": 2})]),
        "needs of households bread poor",
    ),
    (
        Scenario("a", [Cap(permits="co2", to=1, per_output=TABLE)]),
        Scenario("b", [Cap(permits="co2", to=1, per_output=TABLE)]),
        "emissions of co2 bakeries",
    ),
    (
        Scenario("a", [Cap(permits="co2", percent=-10, base=5)]),
        Scenario("b", [Cap(permits="co2", percent=-20, base=5)]),
        "endowment of co2",
    ),
]


@pytest.mark.parametrize(("first", "second", "what"), CONFLICTS)
def test_contradictions_are_said_and_then_wins(first, second, what):
    with pytest.raises(pe.ScenarioError, match=what) as caught:
        _ = first + second
    assert repr(first.name) in str(caught.value)
    assert repr(second.name) in str(caught.value)
    assert first.then(second).changes == (*first.changes, *second.changes)


AGREEMENTS = [
    (seven(7), seven(7)),
    (seven(7), LESS),
    (RICH, Scenario("poor", [Budget(family="households", councils="poor", to=1.0)])),
    (Scenario("a", [Cap(permits="co2", to=1)]), Scenario("b", [Cap(permits="nox", to=1)])),
    (
        Scenario("a", [Cap(permits="co2", percent=-10, base=5)]),
        Scenario("b", [Cap(permits="co2", percent=-10, base=5)]),
    ),
]


@pytest.mark.parametrize(("first", "second"), AGREEMENTS)
def test_what_agrees_adds_up(first, second):
    assert len((first + second).changes) == 2


def test_then_lets_the_later_one_count():
    assert LESS.then(seven(7)).apply(bakery()).endowment[0] == 7.0


def test_parameters_that_differ_are_a_contradiction():
    other = Scenario("other", parameters={"labour": -20})
    with pytest.raises(pe.ScenarioError, match="'labour' is -50 and -20"):
        _ = LESS + other
    with pytest.raises(TypeError):
        _ = LESS + 1


def test_a_grid_is_one_scenario_per_combination():
    found = grid(
        lambda labour, rich: [
            Endowment(goods="labour", percent=labour),
            Budget(family="households", councils="rich", to=rich),
        ],
        labour=np.linspace(0, -10, 3),
        rich=[6, 7],
    )
    assert [scenario.parameters for scenario in found][:3] == [
        {"labour": 0.0, "rich": 6.0},
        {"labour": 0.0, "rich": 7.0},
        {"labour": -5.0, "rich": 6.0},
    ]
    assert len({scenario.name for scenario in found}) == 6
    named = grid(lambda cut: Scenario("cap", [Endowment(goods="labour", percent=cut)]), cut=[-1])
    assert named[0].name == "cap cut=-1"
