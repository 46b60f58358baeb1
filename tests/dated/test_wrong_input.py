"""What does not fit is refused by the name of the good, council and year."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from dated.dated_for_tests import base, everything
from parecon.dated import Capital, Exhaustible, Growth, Later, Storage


def plant(**changed):
    given = {"name": "plant", "use": {"smelters": 1.0}, "build": {"steel": 1.0}, "initial": 1.0}
    return Capital(**(given | changed))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plant(gestation=0), "Capital 'plant'.gestation: expected a whole number of years"),
        (lambda: plant(life=2.5), "Capital 'plant'.life: expected a whole number"),
        (lambda: plant(use=3.0), "Capital 'plant'.use: expected a mapping"),
        (lambda: plant(years="2027"), "Capital 'plant'.years: expected a sequence"),
        (lambda: Storage(good="wood", loss=1.0), "Storage 'wood'.loss: expected at least 0"),
        (lambda: Storage(good=3), "Storage.good: expected a name"),
        (lambda: Exhaustible(good="coal", quantity=-1.0), "'coal'.quantity: expected at least 0"),
        (lambda: Later(good="a", of="b", years=0), "Later 'a'.years: expected a whole number"),
        (lambda: Growth(of="plant", rise=-1.0), "Growth 'plant'.rise: expected above -1"),
    ],
)
def test_records(make, message) -> None:
    with pytest.raises(pe.EconomyError) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"years": []}, "years: expected at least one year"),
        ({"years": ["a", "a"]}, "years: expected distinct names"),
        ({"years": ["now", "end"]}, "expected distinct names other than 'end'"),
        ({"capital": "plant"}, "capital: expected Capital records"),
        ({"capital": [Storage(good="wood")]}, "capital[0]: expected a Capital, got"),
        ({"capital": Capital(name="plant")}, "expected a good of that name, or who needs it"),
        ({"capital": plant(use={"smelter": 1.0})}, "no family 'smelter'; did you mean 'smelters'"),
        ({"capital": plant(use={"households": 1.0})}, "makes nothing that capital"),
        (
            {"capital": plant(use={"smelters": {"cole": 1.0}})},
            "expected names such as 'coke', got 'cole'; did you mean 'coke'",
        ),
        ({"capital": plant(use={"smelters": [1.0, -1.0]})}, "got electric (-1)"),
        ({"capital": plant(build={"steal": 1.0})}, "no good 'steal'; did you mean 'steel'"),
        ({"capital": plant(depreciation=1.5)}, "from 0 to 1, got coke (1.5), electric (1.5)"),
        ({"capital": plant(initial={"coke": 1.0, "oak": 2.0})}, "got 'oak'"),
        ({"capital": plant(years=["2035"])}, "Capital 'plant'.years: no year '2035'"),
        ({"capital": plant(name="steel")}, "there is a good of that name already"),
        ({"capital": [plant(), plant()]}, "two stocks called 'plant of coke', 'plant of electric'"),
        ({"storage": Storage(good="wod")}, "Storage 'wod': no good 'wod'; did you mean 'wood'"),
        (
            {
                "storage": Storage(good="permits"),
                "exhaustible": Exhaustible(good="permits", quantity=1),
            },
            "'permits': expected a good of each year",
        ),
        ({"later": Later(good="steel made", of="steel")}, "no good 'steel made'"),
        ({"growth": Growth(of="bakery", rise=0.1)}, "did you mean 'bakers'"),
        ({"discount": -0.5}, "discount: expected a factor above 0"),
        ({"discount": [1.0, 0.9]}, "discount: expected a factor above 0 per year, or 3 factors"),
        ({"endowment": {"wod": 3.0}}, "endowment: unknown good 'wod'; did you mean 'wood'"),
        ({"endowment": {"wood": [1.0, 2.0]}}, "one for each of 3 years, got shape (2,)"),
        ({"endowment": {"wood": [1.0, -2.0, 1.0]}}, "at least 0 of 'wood', got -2 in 2028"),
        ({"endowment": np.ones((3, 4))}, "expected shape (3, 5), years by goods, got (3, 4)"),
        ({"budget": {"bakers": [1.0, 1.0, 1.0]}}, "budget: 'bakers' (CESWorkers) has none"),
        (
            {"budget": {"households": [1.0, 0.0, 1.0]}},
            "got 0 of household 0 in 2028",
        ),
        (
            {"productivity": {"bakers": [1.0, 2.0]}},
            "productivity['bakers']: expected (3,) or (3, 1)",
        ),
        ({"changes": {2031: ()}}, "changes: no year '2031'"),
        ({"posterity": 0.0}, "posterity: expected money above 0"),
    ],
)
def test_what_does_not_fit_the_economy(given, message) -> None:
    years = given.pop("years", [2027, 2028, 2029])
    with pytest.raises(pe.EconomyError) as caught:
        pe.dated(base(), years, **given)
    assert message in str(caught.value)


def test_an_unknown_year_or_good_of_a_plan() -> None:
    found = everything().solve()
    with pytest.raises(pe.EconomyError, match="no year '9'"):
        found.explain("bread", 9)
    with pytest.raises(pe.UnknownGoodError, match="did you mean 'bread'"):
        found.series("bred")
    with pytest.raises(pe.PlanError, match="no family 'baker'"):
        found.output("baker")
    with pytest.raises(pe.PlanError, match="households' are consumers"):
        found.output("households")
    with pytest.raises(pe.PlanError, match="of other goods"):
        everything(years=3, productivity=None).view(found.plan)
    with pytest.raises(pe.EconomyError, match="'rolling'"):
        found.next_year(horizon="roling")


def test_an_infeasible_plan_cannot_be_lived() -> None:
    dated = everything(capital=[plant(minimum=100.0)], growth=(), storage=())
    found = dated.solve()
    assert found.status is pe.Status.INFEASIBLE
    assert "plant of coke @end" in repr(found)
    with pytest.raises(pe.PlanError, match="infeasible"):
        found.next_year()
