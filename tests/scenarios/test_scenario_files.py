"""Scenarios in files: an exact round trip, series, and errors with file, key and line."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from parecon.scenarios import (
    Budget,
    Cap,
    Capacity,
    Deliver,
    Endowment,
    ImportPrice,
    Needs,
    Productivity,
    Scenario,
    Supply,
    Technique,
)

EVERY = Scenario(
    'every kind, "quoted" — and 100 %',
    [
        Cap(permits="co2", percent=-30.5, base=4918.25, unit="Mt"),
        Cap(
            permits="nox",
            times=0.1,
            base="plan",
            per_output={"bakeries": {"*": 1e-300, 'a.b "c"': 0.1 + 0.2}},
            per_input={"coal": 2.4},
            users=("a", "b"),
        ),
        Endowment(goods=("labour", "land"), to=1 / 3),
        Endowment(kind="labour", percent=-5),
        Budget(family="households", councils=("poor",), plus=12),
        Needs(family="households", to={"bread": 2.0}, together=True),
        Deliver(name="schools", goods={"bread": 12.0}, budget=1.5),
        Productivity(family="f", times=1.02),
        Capacity(family="f", councils=("x",), to=math.inf),
        Technique(name="wind", makes={"power": 1}, uses={"labour": 0.2}, capacity=3),
        Technique(
            name="ces",
            makes={"power": 1},
            uses={"labour": 0.2},
            elasticity=0.0,
            prices={"labour": 2.0},
            returns=0.9,
        ),
        ImportPrice(goods=("oil",), percent=20),
        ImportPrice(family="imports", councils=("oil",), times=2),
        Supply(family="world", what="maximum", to=5.5),
    ],
    description="Line one.\nLine two: 'ä'.",
    parameters={"cut": -30.5, "x": 1e22},
)


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_the_round_trip_is_exact(tmp_path, suffix):
    path = tmp_path / f"every{suffix}"
    EVERY.save(path)
    assert Scenario.load(path) == EVERY
    EVERY.save(path)  # replaced
    assert [found.name for found in pe.load_scenarios(path)] == [EVERY.name]
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


NAMES = st.text(min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=False)
POSITIVE = st.floats(1e-300, 1e300)
CHANGES = st.one_of(
    st.builds(lambda g, x: Endowment(goods=g, plus=x), st.lists(NAMES, min_size=1), NUMBERS),
    st.builds(
        lambda f, t: Needs(family=f, to=t), NAMES, st.dictionaries(NAMES, NUMBERS, min_size=1)
    ),
    st.builds(
        lambda p, t: Cap(permits=p, to=1.0, per_output=t),
        NAMES,
        st.dictionaries(NAMES, st.dictionaries(NAMES, POSITIVE, min_size=1)),
    ),
    st.builds(lambda n, g: Deliver(name=n, goods={g: 1.0}), NAMES, NAMES),
)


@given(NAMES, st.lists(CHANGES, max_size=4), st.dictionaries(NAMES, NUMBERS, max_size=2))
def test_any_scenario_comes_back(tmp_path_factory, name, changes, parameters):
    scenario = Scenario(name, changes, parameters=parameters)
    for suffix in (".toml", ".json"):
        path = tmp_path_factory.mktemp("files") / f"any{suffix}"
        scenario.save(path)
        assert Scenario.load(path) == scenario


SERIES = """
name = "cap"
description = "a series"

[vary]
cut = {from = 0, to = -70, steps = 8}
labour = [10, 9]

[[change]]
do = "cap"
permits = "ghg_permit"
percent = "$cut"
base = 4918

[[change]]
do = "endowment"
goods = "labour"
to = "$labour"
"""


def test_a_series_in_one_file(tmp_path):
    path = tmp_path / "series.toml"
    path.write_text(SERIES)
    found = pe.load_scenarios(path)
    assert len(found) == 16
    assert found[1].name == "cap cut=0, labour=9"
    assert found[-1].parameters == {"cut": -70.0, "labour": 9.0}
    assert found[-1].changes == (
        Cap(permits="ghg_permit", percent=-70, base=4918),
        Endowment(goods="labour", to=9),
    )
    with pytest.raises(pe.ScenarioError, match="expected one scenario, got 16"):
        Scenario.load(path)
    as_json = tmp_path / "series.json"
    as_json.write_text(
        json.dumps(
            {
                "vary": {"cut": [-1, -2]},
                "change": [{"do": "cap", "permits": "p", "percent": "$cut", "base": "plan"}],
            }
        )
    )
    assert [found.name for found in pe.load_scenarios(as_json)] == [
        "series cut=-1",
        "series cut=-2",
    ]


WRONG = {
    "syntax": ('name = "x"\n[[change]\n', r"not TOML: .*line 2"),
    "do": (
        '[[change]]\ndo = "caps"\n',
        r"line 2, change 1, key 'do': unknown change 'caps'.*'cap'",
    ),
    "no do": ('\n[[change]]\npermits = "x"\n', r"line 2, change 1, key 'do': missing"),
    "key": (
        '[[change]]\ndo = "budget"\nfamily = "h"\nto = 1\n\n[[change]]\ndo = "cap"\npermitz = 1\n',
        r"line 8, change 2, key 'permitz': unknown key; did you mean 'permits'",
    ),
    "absent": ('[[change]]\ndo = "budget"\nto = 1\n', r"line 1, change 1, key 'family': missing"),
    "value": (
        '[[change]]\ndo = "cap"\npermits = "x"\nto = 1\n[change.per_input]\ncoal = "much"\n',
        r"line 6, change 1, key 'per_input.coal': expected a number, got 'much'",
    ),
    "inline": (
        '[[change]]\ndo = "needs"\nfamily = "h"\nto = {bread = true}\n',
        r"line 4, change 1, key 'to.bread': expected a number, got True",
    ),
    "top": ('name = "x"\nchanges = []\n', r"line 2, key 'changes': unknown key.*'change'"),
    "format": ('format = "recipe"\n', r"line 1, key 'format': expected 'parecon scenario'"),
    "newer": ("version = 2\n", r"line 1, key 'version': 2 is newer than this parecon"),
    "parameter": (
        '[vary]\ncut = [1]\n[[change]]\ndo = "cap"\npermits = "x"\nto = "$cot"\n',
        r"key 'cot': no parameter 'cot' in vary; did you mean 'cut'",
    ),
    "steps": ("[vary]\ncut = {from = 0, to = 1}\n", r"line 2, key 'vary.cut': expected a list"),
    "name": ("name = 3\n", r"line 1, key 'name': expected a text"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_files_are_told_with_place_and_key(tmp_path, kind):
    text, message = WRONG[kind]
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(pe.ScenarioError, match=message) as caught:
        pe.load_scenarios(path)
    assert str(path) in str(caught.value)


def test_json_that_is_none_and_other_suffixes(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{\n"name": }')
    with pytest.raises(pe.ScenarioError, match=r"line 2, column 9: not JSON"):
        Scenario.load(path)
    path.write_text('{"change": [{"do": "budget", "family": "h", "to": "$x"}]}')
    with pytest.raises(pe.ScenarioError, match="no parameter 'x'"):
        Scenario.load(path)
    with pytest.raises(pe.ScenarioError, match="no such file"):
        Scenario.load(tmp_path / "absent.toml")
    (tmp_path / "x.yaml").write_text("a: 1")
    for action in (Scenario.load, EVERY.save):
        with pytest.raises(pe.ScenarioError, match=r"\.toml or \.json"):
            action(tmp_path / "x.yaml")
    with pytest.raises(pe.ScenarioError, match="cannot be written"):
        EVERY.save(tmp_path / "no" / "folder.toml")
