"""exp and log of vmath.h, measured in units in the last place through the kernels that use them.

A Cobb-Douglas worker council without inputs answers exp(constant); a CES row of one good whose
table holds x has the log cost log(x). The reference is NumPy's in long double, which on x86 and
64-bit ARM has more digits than double; where it does not, it adds its own half unit.
"""

from __future__ import annotations

import numpy as np
import pytest

from kernels.rows_for_tests import blocks_of
from parecon._kernels import ces, loglinear

# Half a unit for the last addition, the rest for the reduced argument and the polynomial before it;
# measured .99 and .69 with fused multiply-add, a little more without.
EXP_ULPS = 1.5
LOG_ULPS = 1.5


def kernel_exp(x):
    """exp(x) by the kernel of Cobb-Douglas workers, all rows empty."""
    m = len(x)
    value, partial = np.empty(m), np.zeros((1, 2))
    loglinear.response(
        blocks_of(m, 1), np.zeros(m + 1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0),
        x, np.zeros(m), np.zeros(m, dtype=np.int32), np.zeros(1), value, partial, 1,
    )  # fmt: skip
    return value


def kernel_log(x):
    """log(x) by the CES kernel: rows of one good with share 1, one good for each x."""
    m = len(x)
    log_cost, share, partial = np.empty(m), np.empty(m), np.zeros((1, m))
    ces.response(
        blocks_of(m, 1), np.arange(m + 1), np.arange(m, dtype=np.int32), np.ones(m),
        np.zeros(m, dtype=np.uint8), x[None, :].copy(), np.array([[0.0, 1.0, 0.0, 1.0]]),
        np.zeros(m), np.zeros(m), np.empty((0, 0)), np.empty(0, dtype=np.int32), np.ones(m),
        log_cost, share, partial, 1,
    )  # fmt: skip
    return log_cost


def ulps(got, exact):
    """Distance in units in the last place of the exact value."""
    unit = np.spacing(np.abs(exact).astype(float))
    return np.abs((got.astype(np.longdouble) - exact) / unit).astype(float)


def exp_arguments():
    rng = np.random.default_rng(5)
    half = 0.5 * np.log(2.0) * np.arange(-2001, 2001, 2)  # where the argument's reduction turns
    half = half[np.abs(half) < 700]
    around = np.concatenate([np.nextafter(half, -np.inf), half, np.nextafter(half, np.inf)])
    wide = rng.uniform(-706, 706, 20_000)
    near_zero = rng.uniform(-1, 1, 5_000) * 10.0 ** rng.uniform(-18, 0, 5_000)
    return {"wide": wide, "one octave": rng.uniform(-0.7, 0.7, 20_000), "seams": around,
            "near zero": near_zero}  # fmt: skip


def log_arguments():
    rng = np.random.default_rng(6)
    seams = np.sqrt(0.5) * 2.0 ** np.arange(-800, 800)
    around = np.concatenate([np.nextafter(seams, 0), seams, np.nextafter(seams, np.inf)])
    near_one = 1.0 + rng.uniform(-1, 1, 5_000) * 10.0 ** rng.uniform(-15, -1, 5_000)
    return {"wide": 10.0 ** rng.uniform(-249, 249, 20_000), "one octave": rng.uniform(0.7, 1.5,
            20_000), "seams": around, "near one": near_one, "powers of two": 2.0 ** np.arange(
            -800, 800)}  # fmt: skip


@pytest.mark.parametrize("kind", exp_arguments())
def test_exp(kind) -> None:
    x = exp_arguments()[kind]
    error = ulps(kernel_exp(x), np.exp(x.astype(np.longdouble)))
    assert error.max() <= EXP_ULPS, f"{error.max():.2f} ulps at {x[error.argmax()]!r}"


@pytest.mark.parametrize("kind", log_arguments())
def test_log(kind) -> None:
    x = log_arguments()[kind]
    error = ulps(kernel_log(x), np.log(x.astype(np.longdouble)))
    assert error.max() <= LOG_ULPS, f"{error.max():.2f} ulps at {x[error.argmax()]!r}"


def test_exact_values() -> None:
    assert kernel_exp(np.array([0.0, -0.0])).tolist() == [1.0, 1.0]
    assert kernel_log(np.array([1.0])).tolist() == [0.0]


def test_exp_is_clamped_not_infinite() -> None:
    """The header's promise: between 1e-308 and 1e308 whatever comes in, and never decreasing."""
    x = np.array([-np.inf, -1e300, -1e4, -708.0, -706.0, 706.0, 708.0, 1e4, 1e300, np.inf])
    value = kernel_exp(x)
    assert np.all((value >= 1e-308) & (value <= 1e308))
    assert np.all(np.diff(value) >= 0.0)
    assert value[0] <= 1e-306
    assert value[-1] >= 1e306


def test_nan_stays_nan() -> None:
    """A price gone wrong must not come out as a quantity."""
    assert np.isnan(kernel_exp(np.array([np.nan]))).all()


@pytest.mark.parametrize("count", [1, 2, 7, 63, 64, 65, 129])
def test_all_of_a_chunk_is_answered(count) -> None:
    """Rows are taken 64 at a time, entries a vector at a time: the remainders count as well."""
    x = np.linspace(-3.0, 4.0, count)
    np.testing.assert_allclose(kernel_exp(x), np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(kernel_log(np.exp(x)), x, rtol=1e-15, atol=4e-16)
