"""What an engine cannot do it refuses by name: the family, the councils, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

import parecon as pe
from backends.engines import LINEAR_WORKERS, economy_of, linear_of
from economies_for_tests import CONSUMERS, WORKERS
from parecon.backends import cone_parts, linear_parts
from parecon.families.capabilities import CAPABILITIES

ASKED = {
    "solve": lambda economy: pe.solve(economy, method="highs"),
    "to_highs": pe.to_highs,
    "to_mps": lambda economy: pe.to_mps(economy, "never-written.mps"),
}
# kinds of `random_economy` that are curved, and a word of what is said of them
CURVED = {
    "cobb_douglas": "Cobb-Douglas technology",
    "effort": "Cobb-Douglas technology",
    "ces_falling": "elasticity of substitution|returns of",
    "nested_falling": "elasticity of substitution|returns of",
    "joint": "trees of inputs and outputs",
}


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("worker", CURVED)
def test_curved_workers_are_not_linear(worker, ask):
    economy = economy_of(1, workers=(worker,))
    family = next(f for f in economy.families if f.role == "workers")
    with pytest.raises(pe.SettingsError, match=CURVED[worker]) as error:
        ASKED[ask](economy)
    said = str(error.value)
    assert repr(family.label) in said
    assert type(family).__name__ in said
    assert "Use " in said  # and what to do instead


@pytest.mark.parametrize("consumer", ["ces", "nested"])
def test_curved_consumers_are_not_linear(consumer):
    economy = economy_of(1, consumers=(consumer,), n_resources=5)
    with pytest.raises(pe.SettingsError, match=r"'consumers_0'.*elasticity of substitution"):
        pe.solve(economy, method="highs")


def test_the_first_of_several_is_named_and_the_others_counted():
    economy = economy_of(1, consumers=("cobb_douglas",), workers=("effort", "joint"))
    with pytest.raises(pe.SettingsError, match=r"'workers_effort'.*and 1 more"):
        pe.solve(economy, method="highs")


def test_elasticities_next_to_one_are_beyond_power_cones():
    consumers = pe.CESConsumers([1.0, 1.0], [[0.5, 0.5], [0.5, 0.5]], [2.0, 1.0005])
    economy = pe.Economy(2, [1.0, 1.0], [consumers])
    for ask in (lambda: pe.solve(economy, method="cvxpy"), lambda: pe.to_cvxpy(economy)):
        with pytest.raises(
            pe.SettingsError, match=r"'ces_consumers' .*1\.0005.*ces_consumers\[1\]"
        ):
            ask()
    assert pe.solve(economy).status is pe.Status.SOLVED


@pytest.mark.parametrize("method", ["cvxpy", "highs"])
def test_increasing_returns_are_refused_like_in_any_plan(method):
    workers = pe.FirstOrderWorkers([1], [[1.2, 0.0]], [1.0])
    economy = pe.Economy(2, [1.0, 0.0], [pe.CobbDouglasConsumers([1.0], [[0.5, 0.5]]), workers])
    with pytest.raises(pe.EconomyError, match="first_order_workers"):
        pe.solve(economy, method=method)


def test_what_is_declared_linear_or_cone_has_a_builder():
    """A capability is a promise: whatever the family, its data decide and nothing else fails."""
    for family in pe.FAMILIES.values():
        assert set(CAPABILITIES) <= set(family.capabilities), family
    economies = [economy_of(2, consumers=(c,), workers=(w,)) for c in CONSUMERS for w in WORKERS]
    economies += [linear_of(economy_of(2, workers=(w,))) for w in LINEAR_WORKERS]
    for economy in economies:
        for family in economy.families:
            assert family.lacks("cone") or type(family) in cone_parts._BUILDERS
            assert family.lacks("linear") or type(family) in linear_parts._BUILDERS


@pytest.fixture(scope="module")
def economy():
    return linear_of(economy_of(3, workers=("activities",)))


@pytest.mark.parametrize(
    ("method", "solver", "said"),
    [
        ("highs", "simplx", "did you mean 'simplex'"),
        ("highs", "ipm", "expected one of 'simplex', 'ipx', 'hipo', 'pdlp'"),
        ("cvxpy", "CLARABLE", "did you mean 'CLARABEL'"),
        ("cvxpy", "gurobi_of_mine", "not installed .*CLARABEL"),
    ],
)
def test_unknown_solvers_name_those_there_are(economy, method, solver, said):
    with pytest.raises(pe.SettingsError, match=said):
        pe.solve(economy, method=method, solver=solver)


@pytest.mark.parametrize(
    ("method", "options", "said"),
    [
        ("highs", {"simplex_itertion_limit": 5}, "did you mean 'simplex_iteration_limit'"),
        ("highs", {"time_limit": "soon"}, "refuses time_limit = 'soon'"),
        ("highs", {"simplex_iteration_limit": -3}, "refuses simplex_iteration_limit"),
        ("cvxpy", {"no_such_option": 1}, "no_such_option"),
    ],
)
def test_unknown_options_are_refused_by_name(economy, method, options, said):
    with pytest.raises(pe.SettingsError, match=said):
        pe.solve(economy, method=method, solver_options=options)


def test_a_solver_that_lacks_the_cones_is_refused(economy):
    with pytest.raises(pe.SettingsError, match="'OSQP' cannot solve this economy"):
        pe.solve(economy, method="cvxpy", solver="OSQP")


@pytest.mark.parametrize("method", ["auto", "newton", "interior"])
def test_own_methods_have_no_solvers_to_choose(economy, method):
    with pytest.raises(pe.SettingsError, match="solver: expected None with method"):
        pe.solve(economy, method=method, solver="simplex")


def test_a_file_must_be_an_mps_file(economy, tmp_path):
    with pytest.raises(pe.FormatError, match=r"plan\.lp: expected a name that ends in \.mps"):
        pe.to_mps(economy, tmp_path / "plan.lp")
    with pytest.raises(pe.FormatError, match="cannot write there"):
        pe.to_mps(economy, tmp_path / "nowhere" / "plan.mps")


def test_starts_for_a_linear_model_must_fit(economy):
    with pytest.raises(pe.SettingsError, match="around: expected one price for each of"):
        pe.to_highs(economy, around=np.ones(2))
