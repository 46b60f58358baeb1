"""BLAS without threads of its own, for the time of a call.

The kernels share work among threads that sleep when idle; those of a BLAS library spin. See
`_kernels/cholesky.pyx`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types


@cache
def _controller() -> ThreadpoolController:
    # looking the libraries up takes milliseconds: once per process, after SciPy's has been loaded
    import scipy.linalg  # noqa: F401

    return ThreadpoolController().select(user_api="blas")


def single_threaded_blas() -> AbstractContextManager[object]:
    """Context in which BLAS calls use one thread, process-wide."""
    return _controller().limit(limits=1)
