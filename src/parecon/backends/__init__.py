"""Other engines for the same plan: cone solvers through CVXPY, linear programmes through HiGHS.

Each gives the same `Plan`, delivered and certified like any. The engines themselves are imported
only when they are used.
"""

from __future__ import annotations

from parecon.backends._base import Backend
from parecon.backends.cvxpy_method import CvxpyBackend
from parecon.backends.cvxpy_model import ConeModel, cone_model
from parecon.backends.highs_method import HighsBackend
from parecon.backends.highs_model import LinearModel, to_highs, to_mps
from parecon.backends.outside import plan_from

__all__ = [
    "Backend",
    "ConeModel",
    "LinearModel",
    "backend",
    "cone_model",
    "plan_from",
    "to_highs",
    "to_mps",
]

_BACKENDS: dict[str, type[Backend]] = {
    CvxpyBackend.name: CvxpyBackend,
    HighsBackend.name: HighsBackend,
}


def backend(method: str) -> Backend:
    """A fresh engine for one of `parecon.settings.BACKENDS`."""
    return _BACKENDS[method]()
