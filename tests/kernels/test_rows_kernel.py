"""Sums over sparse rows against NumPy: dots, scatters, curvature in its three forms."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import twins
from kernels.rows_for_tests import read_only, row_cases, same_for_all_threads, summed
from parecon._kernels import rows as kernel

CASES = row_cases()
NONE = np.empty(0)
NO_GOOD = np.empty(0, dtype=np.int32)
# Sums of at most some hundred terms of size one: rounding stays below their number times 2e-16.
ROUNDING = 1e-12


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=ROUNDING, atol=ROUNDING)


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request):
    return CASES[request.param]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def weights(rng, case, *names):
    """Read-only (m,) weights of both signs by name, length 0 for names not given."""
    drawn = {
        name: read_only(rng.normal(size=case.m) if name in names else NONE)
        for name in ("alpha_in", "out_weight", "alpha_out")
    }
    has_output = bool(names) and "alpha_out" in names and len(case.out)
    drawn["out"] = case.out if has_output else NO_GOOD
    return drawn


COMBINATIONS = (("alpha_in",), ("alpha_out",), ("alpha_in", "alpha_out", "out_weight"))


def whole_curvature(case, w):
    """The dense twin."""
    return twins.curvature(
        case.start, case.stop, case.idx, case.val, w["alpha_in"], w["out"], w["out_weight"],
        w["alpha_out"], case.n,
    )  # fmt: skip


def test_dot(case, rng) -> None:
    z = read_only(rng.normal(size=case.n))

    def run(threads):
        out = np.full(case.m, np.nan)
        kernel.dot(case.start, case.stop, case.idx, case.val, z, out, threads)
        return (out,)

    close(same_for_all_threads(run)[0], twins.dot(case.start, case.stop, case.idx, case.val, z))


def test_scatter(case, rng) -> None:
    weight = read_only(rng.normal(size=case.m))
    before = rng.normal(size=(len(case.block) - 1, case.n))

    def run(threads):
        partial = before.copy()
        kernel.scatter(
            case.block, case.start, case.stop, case.idx, case.val, weight, partial, threads
        )
        return (partial,)

    got = summed(same_for_all_threads(run)[0]) - summed(before)
    close(got, twins.scatter(case.start, case.stop, case.idx, case.val, weight, case.n))


def test_scatter_signed(case, rng) -> None:
    level = read_only(rng.uniform(0, 2, case.m))

    def run(threads):
        partial = np.zeros((len(case.block) - 1, 2 * case.n))
        kernel.scatter_signed(
            case.block, case.start, case.stop, case.idx, case.val, level, partial, threads
        )
        return (partial,)

    got = summed(same_for_all_threads(run)[0])
    assert np.all(got >= 0.0)
    close(got, twins.scatter_signed(case.start, case.stop, case.idx, case.val, level, case.n))


def test_used_and_made_stay_apart() -> None:
    """Row 0 makes 3 of good 1 from 2 of good 0, row 1 the reverse: nothing cancels."""
    partial = np.zeros((1, 4))
    start, stop = np.array([0, 2]), np.array([2, 4])
    idx, val = np.array([0, 1, 0, 1], dtype=np.int32), np.array([-2.0, 3.0, 3.0, -2.0])
    kernel.scatter_signed(np.array([0, 2]), start, stop, idx, val, np.ones(2), partial, 1)
    assert partial.tolist() == [[2.0, 2.0, 3.0, 3.0]]


@pytest.mark.parametrize("names", COMBINATIONS, ids="+".join)
def test_curvature_product(case, rng, names) -> None:
    w, z = weights(rng, case, *names), read_only(rng.normal(size=case.n))

    def run(threads):
        partial = np.zeros((len(case.block) - 1, case.n))
        kernel.curvature_product(
            case.block, case.start, case.stop, case.idx, case.val, w["alpha_in"], w["out"],
            w["out_weight"], w["alpha_out"], z, partial, threads,
        )  # fmt: skip
        return (partial,)

    close(summed(same_for_all_threads(run)[0]), whole_curvature(case, w) @ z)


@pytest.mark.parametrize("names", COMBINATIONS, ids="+".join)
def test_curvature_diagonal(case, rng, names) -> None:
    w = weights(rng, case, *names)

    def run(threads):
        partial = np.zeros((len(case.block) - 1, case.n))
        kernel.curvature_diagonal(
            case.block, case.start, case.stop, case.idx, case.val, w["alpha_in"], w["out"],
            w["out_weight"], w["alpha_out"], partial, threads,
        )  # fmt: skip
        return (partial,)

    close(summed(same_for_all_threads(run)[0]), np.diag(whole_curvature(case, w)))


def holders(case):
    """For each good the rows and entries that hold it, by rows: (pointer, row, entry)."""
    row, entry, pointer = [], [], [0]
    for good in range(case.n):
        for j, e in twins.ranges(case.start, case.stop):
            for k in range(e.start, e.stop):
                if case.idx[k] == good:
                    row.append(j)
                    entry.append(k)
        pointer.append(len(row))
    return (
        read_only(np.array(pointer, dtype=np.int64)),
        read_only(np.array(row, dtype=np.int32)),
        read_only(np.array(entry, dtype=np.int64)),
    )


def makers(case, out):
    """For each good the rows that make it: (pointer, row); length 0 without outputs."""
    if not len(out):
        return np.empty(0, dtype=np.int64), NO_GOOD
    row = [j for good in range(case.n) for j in np.flatnonzero(out == good)]
    count = np.bincount(out[out >= 0], minlength=case.n)
    pointer = np.concatenate([[0], np.cumsum(count)])
    return read_only(pointer.astype(np.int64)), read_only(np.array(row, dtype=np.int32))


@pytest.mark.parametrize("names", COMBINATIONS, ids="+".join)
def test_curvature_dense(case, rng, names) -> None:
    """Each pair of goods once, on either side: folded together they are the curvature."""
    w = weights(rng, case, *names)
    member, member_row, member_entry = holders(case)
    maker, maker_row = makers(case, w["out"])
    before = rng.normal(size=(case.n, case.n))

    def run(threads):
        dense = before.copy()
        kernel.curvature_dense(
            member, member_row, member_entry, 1, maker, maker_row, case.stop, case.start, case.idx,
            case.val, w["alpha_in"], w["out"], w["out_weight"], w["alpha_out"], dense, threads,
        )  # fmt: skip
        return (dense,)

    got = same_for_all_threads(run)[0] - before
    folded = got + got.T - np.diag(np.diag(got))
    close(folded, whole_curvature(case, w))


@pytest.mark.parametrize("shape", [(1, 1), (16, 1), (1, 1000), (16, 1000), (0, 5), (3, 0)])
def test_partial_sums(shape, rng) -> None:
    """Lines are added one after the other, line 0 first, whatever the number of threads."""
    partial, total = rng.normal(size=shape), rng.normal(size=shape[1])

    def run(threads):
        result = total.copy()
        kernel.add_partial(read_only(partial), result, threads)
        return (result,)

    in_order = np.zeros(shape[1])
    for line in partial:
        in_order += line
    np.testing.assert_array_equal(same_for_all_threads(run)[0], total + in_order)
    kernel.clear_partial(partial, 7)
    assert not partial.any()


def test_a_part_of_a_longer_buffer_is_cleared(rng) -> None:
    """Only the lines that were passed."""
    buffer = np.ones(20)
    kernel.clear_partial(buffer[:12].reshape(3, 4), 2)
    assert buffer.tolist() == [0.0] * 12 + [1.0] * 8
