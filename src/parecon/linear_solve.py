"""The one linear system of the solvers, n by n and positive definite.

    curvature times relative price step = right-hand side

Dense Cholesky where the matrix is affordable, conjugate gradients preconditioned by the diagonal
where it is not. Both work on the matrix scaled to a unit diagonal, so that goods of very different
value weigh the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from parecon._kernels import cholesky as kernel
from parecon.curvature import Curvature
from parecon.threads import threads_for

Array = NDArray[np.float64]
Poll = Callable[[], None]

_REFINEMENTS = 40
_NOTHING = 1e-3  # of the residual asked for
_POLLS = 20  # in a dense factorisation
_PRODUCT = 0.1  # nanoseconds for one of the n^3/3 products of a factor
_PAIRS = 10
ROUGH = 1e-3  # a residual this large needs no refinement of a factor


def conjugate_gradients(
    product: Callable[[Array], Array],
    rhs: Array,
    precondition: Callable[[Array], Array],
    *,
    relative: float,
    max_iterations: int,
    poll: Poll,
    seen: Callable[[Array, Array, float], None] | None = None,
    enough: Callable[[Array], bool] | None = None,
) -> tuple[Array, int]:
    """Solve product(x) = rhs to `relative` times the first residual.

    Residuals are measured in the preconditioner's norm.

    Returns the last iterate and the number of products; stops where rounding makes a direction's
    curvature non-positive. `seen` is told every direction, its product and their dot product.
    `enough` looks at a residual before it is preconditioned, and may call it small enough.
    """
    x = np.zeros_like(rhs)
    residual = rhs.copy()
    z = precondition(residual)
    direction = z.copy()
    rz = float(np.dot(residual, z))
    goal = rz * relative**2
    for count in range(max_iterations):
        if rz <= goal or rz <= 0.0:
            return x, count
        poll()
        image = product(direction)
        bend = float(np.dot(direction, image))
        if bend <= 0.0:
            return (x if count else z), count
        if seen is not None:
            seen(direction, image, bend)
        length = rz / bend
        x += length * direction
        residual -= length * image
        if enough is not None and enough(residual):
            return x, count + 1
        z = precondition(residual)
        rz, previous = float(np.dot(residual, z)), rz
        direction *= rz / previous
        direction += z
    return x, max_iterations


def _nobody() -> None:
    """Nobody wants the work to end."""


class FactoredSystem(ABC):
    """A Cholesky factor of the curvature, refined against the operator it came from.

    scale : (n,) float64, what scales the matrix to a unit diagonal on both sides.
    """

    scale: Array

    @abstractmethod
    def _prepare(self, curvature: Curvature) -> None:
        """Take what every try needs."""

    @abstractmethod
    def _try(self, shift: float, poll: Poll) -> bool:
        """Factorise with `shift` added to the unit diagonal; whether it worked."""

    @abstractmethod
    def _apply_factor(self, rhs: Array) -> Array:
        """Solve with the factor, as exact as that is."""

    def factorise(self, curvature: Curvature, poll: Poll = _nobody) -> None:
        """Factorise; a matrix that rounding made indefinite is regularised until it factorises.

        Raises FloatingPointError where no regularisation helps (the curvature holds nan).
        """
        self.curvature = curvature
        self._prepare(curvature)
        shift = 0.0
        for _ in range(10):
            if self._try(shift, poll):
                return
            shift = 1e-14 if shift == 0.0 else shift * 30.0
        raise FloatingPointError("curvature is not positive definite")

    def solve(self, rhs: Array, *, relative: float, poll: Poll) -> tuple[Array, int]:
        """Solve.

        Conjugate gradients with the factor as preconditioner take out what rounding left. Where
        that is next to nothing, as it is until systems come near singular, solving with the factor
        once more only to measure it would take half of the time.
        """
        if relative >= ROUGH:
            return self._apply_factor(rhs), 0
        small = _NOTHING * relative * float(np.linalg.norm(self.scale * rhs))
        x, _ = conjugate_gradients(
            self.curvature.product,
            rhs,
            self._apply_factor,
            relative=relative,
            max_iterations=_REFINEMENTS,
            poll=poll,
            enough=lambda residual: float(np.linalg.norm(self.scale * residual)) <= small,
        )
        return x, 0


class DenseSystem(FactoredSystem):
    """The whole matrix, in tiles.

    buffer : (n, n) float64, reused between factorisations.
    """

    def __init__(self, n_goods: int, n_threads: int) -> None:
        self.buffer = np.empty((n_goods, n_goods))
        self.scale = np.empty(n_goods)
        self.n_threads = n_threads

    def _prepare(self, curvature: Curvature) -> None:
        """Nothing is kept between tries: the factor takes the matrix's place."""

    def _try(self, shift: float, poll: Poll) -> bool:
        curvature, n = self.curvature, len(self.scale)
        curvature.fill(self.buffer)
        folding = threads_for(n**2, self.n_threads)
        kernel.scale_and_fold(self.buffer, curvature.diagonal, self.scale, shift, folding)
        threads = threads_for(_PRODUCT * n**3 / 3, self.n_threads)
        tiles = kernel.tile_count(n)
        step = max(1, tiles // _POLLS)
        for tile in range(0, tiles, step):
            poll()
            if kernel.eliminate(self.buffer, n, tile, tile + step, threads):
                return False
        return True

    def _apply_factor(self, rhs: Array) -> Array:
        x, _ = lapack.dpotrs(self.buffer.T, self.scale * rhs, lower=1)
        return np.asarray(self.scale * x)


class IterativeSystem:
    """Conjugate gradients preconditioned by the diagonal and by what earlier solves have seen.

    Along the last directions the curvature is known from their products: a quasi-Newton update of
    the diagonal's inverse with these pairs (the two-loop recursion of Nocedal 1980) saves a third
    of the products of the next, nearby system.
    """

    def __init__(self, max_iterations: int) -> None:
        self.max_iterations = max_iterations
        self._pairs: deque[tuple[Array, Array, float]] = deque(maxlen=_PAIRS)

    def factorise(self, curvature: Curvature, poll: Poll = _nobody) -> None:
        """Take the diagonal."""
        self.curvature = curvature
        self.inverse = 1.0 / np.maximum(curvature.full_diagonal(), 1e-300)

    def follow(self, curvature: Curvature) -> None:
        """Solve with this curvature, but keep the diagonal of an earlier one that is near."""
        self.curvature = curvature

    def _see(self, direction: Array, image: Array, bend: float) -> None:
        self._pairs.append((direction.copy(), image, bend))

    def _precondition(self, pairs: list[tuple[Array, Array, float]], residual: Array) -> Array:
        """Inverse diagonal, corrected along each pair from the newest to the oldest and back."""
        q, steps = residual.copy(), []
        for direction, image, bend in reversed(pairs):
            step = float(np.dot(direction, q)) / bend
            q -= step * image
            steps.append(step)
        z: Array = self.inverse * q
        for direction, image, bend in pairs:
            z += (steps.pop() - float(np.dot(image, z)) / bend) * direction
        return z

    def solve(self, rhs: Array, *, relative: float, poll: Poll) -> tuple[Array, int]:
        """Solve to the relative residual asked for, or as far as the iterations go."""
        # the preconditioner must not change while conjugate gradients run
        pairs = list(self._pairs)
        return conjugate_gradients(
            self.curvature.product,
            rhs,
            lambda residual: self._precondition(pairs, residual),
            relative=relative,
            max_iterations=self.max_iterations,
            poll=poll,
            seen=self._see,
        )
