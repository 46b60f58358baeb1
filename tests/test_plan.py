"""Plan: a frozen result, lazy proposals, disk and data frames."""

from __future__ import annotations

import dataclasses
import json
import pickle
import threading

import numpy as np
import pytest

import parecon as pe
from economies_for_tests import CONSUMERS, SUPPLIES, WORKERS, random_economy
from parecon.proposals import supply_and_demand


def any_proposal(family, rng):
    """Numbers in the shape of proposals; nothing else about them is true."""
    m, entries = family.n_councils, family.n_entries
    if family.role == "consumers":
        return pe.ConsumerProposals(rng.random(entries), rng.random(m), rng.random(m))
    if family.role == "suppliers":
        return pe.SupplierProposals(rng.random(m), rng.random(m), rng.random(m))
    if isinstance(family, pe.Activities):
        return pe.ActivityProposals(rng.random(m), rng.random(m), rng.random(m))
    fixed = getattr(family, "fixed", None)
    if isinstance(family, pe.JointWorkers):
        outputs = rng.random(len(family.made_pattern()[1]))
        in_kind = None if fixed is None else rng.random(fixed.nnz)
        return pe.JointProposals(
            rng.random(entries), outputs, rng.random(m), in_kind, rng.random(m), rng.random(m)
        )
    return pe.WorkerProposals(
        input=rng.random(entries),
        output=rng.random(m),
        level=None if isinstance(family, pe.CobbDouglasWorkers) else rng.random(m),
        effort=rng.random(m) if getattr(family, "effort", None) is not None else None,
        fixed_input=None if fixed is None else rng.random(fixed.nnz),
        social_benefit=rng.random(m),
        social_cost=rng.random(m),
    )


@pytest.fixture(scope="module")
def economy():
    return random_economy(
        np.random.default_rng(3),
        consumers=CONSUMERS,
        workers=WORKERS,
        supplies=SUPPLIES,
        needs=True,
        capacity=True,
    )


@pytest.fixture
def plan(economy):
    rng = np.random.default_rng(4)
    history = tuple(
        pe.Info(
            iteration=i,
            time_s=0.1 * i,
            dual=-(10.0**i),
            gap=-1e-3,
            shortage=1.0,
            surplus=0.5,
            step=1.0 if i else np.nan,
            recovered=i == 2,
        )
        for i in range(3)
    )
    return pe.Plan(
        status=pe.Status.ITERATION_LIMIT,
        message="Stopped.",
        economy=economy,
        price=rng.random(economy.n_goods),
        supply=rng.random(economy.n_goods),
        demand=rng.random(economy.n_goods),
        proposals=tuple(any_proposal(family, rng) for family in economy.families),
        welfare=0.1 + 0.2,
        bound=np.inf,
        history=history,
        phase_s={"responses": 0.3, "other": 0.7},
        method="interior",
        settings={"tol": 1e-6, "n_threads": None},
        infeasible=pe.Infeasibility(goods=(("a", 1 / 3, 0.0),), resources=(("b", np.inf),)),
    )


def minimal(economy, **changes):
    zero = np.zeros(economy.n_goods)
    fields = {"price": zero, "supply": zero, "demand": zero, "proposals": ()}
    return pe.Plan(status="solved", message="", economy=economy, **{**fields, **changes})


# -- the record -----------------------------------------------------------------------------------


def test_arrays_are_read_only_and_the_callers_stay_writeable(economy) -> None:
    price = np.ones(economy.n_goods)
    plan = minimal(economy, price=price)
    with pytest.raises(ValueError, match="read-only"):
        plan.price[0] = 2.0
    price[0] = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.welfare = 1.0


def test_excess_demand_is_demand_less_supply(plan) -> None:
    assert np.array_equal(plan.excess_demand, plan.demand - plan.supply)


def test_wrong_shape_and_unknown_status(economy) -> None:
    with pytest.raises(pe.PlanError, match=r"price has shape \(2,\)"):
        minimal(economy, price=[1.0, 2.0])
    with pytest.raises(pe.PlanError, match="unknown status 'fine'"):
        dataclasses.replace(minimal(economy), status="fine")


def test_proposals_are_made_once_by_however_many_threads(economy) -> None:
    calls, start = [], threading.Barrier(8)

    def make():
        calls.append(1)
        return ("made",)

    plan = minimal(economy, proposals=make)
    assert not calls
    seen = []

    def read():
        start.wait()
        seen.append(plan.proposals)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
    assert all(proposals is seen[0] for proposals in seen)


def test_a_recipe_that_fails_is_tried_again(economy) -> None:
    outcomes = iter([ValueError("not now"), ("made",)])

    def make():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    plan = minimal(economy, proposals=make)
    with pytest.raises(ValueError, match="not now"):
        _ = plan.proposals
    assert plan.proposals == ("made",)


def test_only_solved_passes(economy, plan) -> None:
    minimal(economy).raise_if_not_solved()
    with pytest.raises(pe.PlanError, match=r"iteration limit: Stopped\."):
        plan.raise_if_not_solved()


def test_proposal_by_label(plan) -> None:
    assert (
        plan.proposal("consumers_0")
        is plan.proposals[[family.label for family in plan.economy.families].index("consumers_0")]
    )
    with pytest.raises(pe.PlanError, match="no family 'nobody'"):
        plan.proposal("nobody")


def test_repr_fits_a_terminal(plan) -> None:
    wordy = dataclasses.replace(plan, message="word " * 200, infeasible=None)
    for text in (repr(plan), repr(wordy)):
        lines = text.splitlines()
        assert len(lines) <= 24
        assert max(map(len, lines)) < 80
    assert "iteration limit" in repr(wordy)


def test_pickle_keeps_everything(economy, plan) -> None:
    lazy = dataclasses.replace(plan, proposals=lambda: plan.proposals)
    again = pickle.loads(pickle.dumps(lazy))
    assert_same_plan(again, plan)
    assert not again.price.flags.writeable


# -- to other programs ----------------------------------------------------------------------------


def assert_same_plan(left, right) -> None:
    for name in ("price", "supply", "demand"):
        assert getattr(left, name).tobytes() == getattr(right, name).tobytes()
    for ours, theirs in zip(left.proposals, right.proposals, strict=True):
        assert type(ours) is type(theirs)
        for field in dataclasses.fields(ours):
            a, b = getattr(ours, field.name), getattr(theirs, field.name)
            assert (a is None) == (b is None)
            assert a is None or a.tobytes() == b.tobytes()
    assert repr(left.history) == repr(right.history)
    for name in ("welfare", "bound", "gap", "shortage", "surplus", "zero_profit"):
        assert repr(getattr(left, name)) == repr(getattr(right, name))
    for name in ("status", "message", "method", "settings", "phase_s", "infeasible"):
        assert getattr(left, name) == getattr(right, name)


def test_saved_and_loaded_is_the_same_plan(tmp_path, plan) -> None:
    plan.save(tmp_path / "plan")
    assert_same_plan(pe.load_plan(tmp_path / "plan", plan.economy), plan)
    json.loads((tmp_path / "plan" / "manifest.json").read_text())


def test_a_plan_of_another_economy_is_refused(tmp_path, plan, economy) -> None:
    plan.save(tmp_path / "plan")
    other = random_economy(np.random.default_rng(3), consumers=CONSUMERS)
    with pytest.raises(pe.PlanError, match="not a plan of this economy"):
        pe.load_plan(tmp_path / "plan", other)
    renamed = pe.Economy(
        [f"x{i}" for i in range(economy.n_goods)], economy.endowment, economy.families
    )
    with pytest.raises(pe.PlanError, match="expected good 'x0' at 0, got 'good_0'"):
        pe.load_plan(tmp_path / "plan", renamed)
    relabelled = pe.Economy(economy.goods, economy.endowment, economy.families[::-1])
    with pytest.raises(pe.PlanError, match="families"):
        pe.load_plan(tmp_path / "plan", relabelled)


def test_plans_and_economies_do_not_replace_each_other(tmp_path, plan) -> None:
    plan.save(tmp_path / "plan")
    plan.save(tmp_path / "plan")
    with pytest.raises(pe.FormatError, match="holds a parecon plan"):
        pe.save(tmp_path / "plan", plan.economy)
    pe.save(tmp_path / "economy", plan.economy)
    with pytest.raises(pe.FormatError, match="holds a parecon economy"):
        plan.save(tmp_path / "economy")
    with pytest.raises(pe.FormatError, match="expected a parecon economy, got a parecon plan"):
        pe.load(tmp_path / "plan")


def test_broken_plans_say_where(tmp_path, plan) -> None:
    plan.save(tmp_path / "plan")
    (tmp_path / "plan" / "consumers_0.quantity.parquet").unlink()
    with pytest.raises(pe.FormatError, match="missing quantity"):
        pe.load_plan(tmp_path / "plan", plan.economy)
    with pytest.raises(pe.FormatError, match="no such directory"):
        pe.load_plan(tmp_path / "nowhere", plan.economy)


def test_frames(plan) -> None:
    pytest.importorskip("pandas")
    frames = plan.to_pandas()
    labels = [family.label for family in plan.economy.families]
    assert set(frames) == {"goods", *labels, *(f"{label}.flows" for label in labels)}
    assert frames["goods"]["excess_demand"].to_numpy() == pytest.approx(plan.excess_demand)
    for family, proposal in zip(plan.economy.families, plan.proposals, strict=True):
        assert len(frames[family.label]) == family.n_councils
        flows = frames[f"{family.label}.flows"]
        given, taken = supply_and_demand(family, proposal, plan.economy.n_goods)
        net = np.bincount(flows["good"].cat.codes, flows["quantity"], plan.economy.n_goods)
        assert net == pytest.approx(given - taken)
    assert "effort" in frames["workers_effort"]
    assert set(plan.to_pandas(flows=False)) == {"goods", *labels}
