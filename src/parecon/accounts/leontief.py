"""The two Leontief systems, x = A x + y and p = p A + v, solved without an inverse.

Small and dense tables are factored once (LAPACK, LU with partial pivoting), so that every further
final demand or cost costs two triangular solves. Large sparse ones are iterated: the fixed point
``x <- A x + y`` adds up round by round what suppliers, suppliers of suppliers and so on deliver,
and stops with a bound on what is still to come.

The bound. For weights w > 0 let ``c = max_j (w |A|)_j / w_j``. In the norm ``|x|_w = sum w |x|``
the map contracts by c, so that ``|x_k - x| <= c / (1 - c) |x_k - x_(k-1)|`` (Banach). Weights with
c < 1 exist if and only if the spectral radius of |A| is below 1; the sums
``w = 1 + 1 |A| + 1 |A|^2 + ...`` (what goes into a unit of each product, direct and indirect) find
them. The other way round, ``w |A| >= w`` for some w >= 0, not 0, proves a radius of 1 or more
(Collatz and Wielandt): a table that uses up as much as it makes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from parecon._blas import single_threaded_blas
from parecon._columns import FloatArray
from parecon.accounts._arrays import Matrix, dense
from parecon.accounts.labels import Labels
from parecon.errors import AccountsError

__all__ = ["DenseLeontief", "IteratedLeontief", "Leontief", "leontief", "spectral_radius"]

DENSE_SECTORS = 2_000  # a sparse table up to this size is factored dense: faster than iterating
TOLERANCE = 1e-13
MAX_ITERATIONS = 100_000
WEIGHT_ROUNDS = 2_000
SETTLED_TERM = 0.1  # more rounds of the sums hardly lower the factor of contraction
SMALLEST_POWER = 1e-9
RADIUS_ROUNDING = 1e-12


class Leontief(ABC):
    """The quantity and the price system of one matrix A of input coefficients."""

    n: int

    @abstractmethod
    def quantities(self, y: FloatArray) -> FloatArray:
        """Return x with ``x = A x + y``; y and x are (n,) or (n, h)."""

    @abstractmethod
    def prices(self, v: FloatArray) -> FloatArray:
        """Return p with ``p = p A + v``; v and p are (n,) or (h, n)."""

    def inverse(self) -> FloatArray:
        """Return ``(I - A)^-1``, (n, n)."""
        return self.quantities(np.eye(self.n))


class DenseLeontief(Leontief):
    """I - A factored.

    Raises
    ------
    AccountsError
        If I - A is singular, or A >= 0 has a spectral radius of 1 or more.
    """

    def __init__(self, A: Matrix, names: Labels) -> None:
        from scipy.linalg import lapack

        coefficients = dense(A)
        self.n = len(coefficients)
        system = np.asfortranarray(np.eye(self.n) - coefficients)
        with single_threaded_blas():
            self._factors, self._pivots, info = lapack.dgetrf(system, overwrite_a=True)
        if info > 0:
            raise AccountsError(
                f"A: expected a matrix that allows a surplus, got I - A singular at "
                f"{names.what} {names[info - 1]!r}"
            )
        if (coefficients >= 0.0).all():
            # w = w A + 1 with w > 0 proves a radius below 1; at 1 or above there is no such w.
            weight = self.prices(np.ones(self.n))
            bad = np.flatnonzero(~((weight > 0.0) & (weight < 1.0 / RADIUS_ROUNDING)))
            if bad.size:
                raise _no_surplus(names.some(bad))

    def quantities(self, y: FloatArray) -> FloatArray:
        """Return x with ``x = A x + y``; y and x are (n,) or (n, h)."""
        return self._solved(y, transposed=False)

    def prices(self, v: FloatArray) -> FloatArray:
        """Return p with ``p = p A + v``; v and p are (n,) or (h, n)."""
        return self._solved(v.T, transposed=True).T

    def _solved(self, right: FloatArray, *, transposed: bool) -> FloatArray:
        from scipy.linalg import lapack

        with single_threaded_blas():
            solution, _ = lapack.dgetrs(self._factors, self._pivots, right, trans=int(transposed))
        return np.asarray(solution, dtype=np.float64)


@dataclass(frozen=True)
class Iteration:
    """How a fixed point ended.

    n_rounds : products with A. error : bound on the relative error, ``|x_k - x|_w / |x_k|_w``.
    """

    n_rounds: int
    error: float


class IteratedLeontief(Leontief):
    """A sparse A and its fixed points.

    Attributes
    ----------
    contraction : float
        Proven factor below 1 by which a round shrinks the error of prices; ``last`` : Iteration of
        the last solve.

    Raises
    ------
    AccountsError
        If the spectral radius of |A| is 1 or more, or too near 1 to tell.
    """

    last: Iteration

    def __init__(self, A: Matrix, names: Labels) -> None:
        self._A = sp.csr_array(A)
        self._transposed = sp.csr_array(self._A.T)
        self.n = int(self._A.shape[0])
        self._weight_of_goods, self.contraction = _weights(abs(self._transposed), names)
        self._weight_of_prices, self._price_contraction = _weights(abs(self._A), names)

    def quantities(self, y: FloatArray) -> FloatArray:
        """Return x with ``x = A x + y``; y and x are (n,) or (n, h)."""
        return self._fixed_point(self._A, y, self._weight_of_goods, self.contraction)

    def prices(self, v: FloatArray) -> FloatArray:
        """Return p with ``p = p A + v``; v and p are (n,) or (h, n)."""
        right = np.ascontiguousarray(v.T)
        weight, contraction = self._weight_of_prices, self._price_contraction
        return self._fixed_point(self._transposed, right, weight, contraction).T

    def _fixed_point(
        self, matrix: sp.csr_array, right: FloatArray, weight: FloatArray, contraction: float
    ) -> FloatArray:
        """Iterate until the bound is below TOLERANCE for every column of the right-hand side."""
        x = right
        ahead = contraction / (1.0 - contraction)
        for n_rounds in range(1, MAX_ITERATIONS + 1):
            new = matrix @ x + right
            step, size = weight @ np.abs(new - x), weight @ np.abs(new)
            error = float(np.max(ahead * step / np.where(size > 0.0, size, 1.0)))
            x = new
            # Rounding leaves a step of some ulps: what is ahead of it can never be below that.
            if error <= max(TOLERANCE, 4.0 * ahead * np.finfo(float).eps):
                self.last = Iteration(n_rounds, error)
                return np.asarray(x)
        raise AccountsError(
            f"fixed point: expected a relative error below {TOLERANCE:g} in {MAX_ITERATIONS:,} "
            f"rounds, got {error:.1e} (a round shrinks it by {contraction:.6f})"
        )


def leontief(A: Matrix, names: Labels) -> Leontief:
    """Return the systems of A: factored where A is dense or small, iterated where large and sparse.

    Parameters
    ----------
    A : (n, n) ndarray or csr_array
        Input coefficients: input of the row per unit of output of the column.
    names : Labels
        Of the sectors, for messages.
    """
    if sp.issparse(A) and A.shape[0] > DENSE_SECTORS:
        return IteratedLeontief(A, names)
    return DenseLeontief(A, names)


def spectral_radius(A: Matrix) -> float:
    """Return the largest absolute eigenvalue of A, (n, n); nan where it was not found.

    Arnoldi's method from a fixed start; all eigenvalues where there are few.
    """
    n = A.shape[0]
    if n <= 64:
        return float(np.abs(np.linalg.eigvals(dense(A))).max(initial=0.0))
    from scipy.sparse.linalg import ArpackError, eigs

    try:
        with single_threaded_blas():
            found = eigs(A, k=1, which="LM", v0=np.ones(n), return_eigenvectors=False, tol=1e-8)
    except ArpackError:
        return float("nan")
    return float(np.abs(found).max())


def _weights(rows: sp.csr_array, names: Labels) -> tuple[FloatArray, float]:
    """Return w > 0 and c = max (rows w) / w < 1, or prove that there are none.

    rows : (n, n) csr_array, >= 0; the transpose of |A| for quantities, |A| itself for prices.
    """
    n = rows.shape[0]
    term = weight = np.ones(n)
    for _ in range(WEIGHT_ROUNDS):
        before, term = term, rows @ term
        if float(term.max(initial=0.0)) <= SETTLED_TERM:
            # rows @ weight = weight - 1 + term
            return weight, float(np.max((weight - 1.0 + term) / weight, initial=0.0))
        weight = weight + term
        # Two rounds together, as the radius may be that of a cycle of sectors.
        power = before + term
        power = np.where(power > SMALLEST_POWER * power.max(), power / power.max(), 0.0)
        enough = rows @ power >= (1.0 - RADIUS_ROUNDING) * power
        if np.all(enough | (power == 0.0)):
            raise _no_surplus(names.some(np.flatnonzero(power)))
    raise AccountsError(
        f"A: expected a spectral radius provably below 1, got no proof in {WEIGHT_ROUNDS:,} rounds"
    )


def _no_surplus(where: str) -> AccountsError:
    return AccountsError(
        "A: expected a spectral radius below 1, so that production leaves a surplus, got 1 or more "
        f"through {where}"
    )
