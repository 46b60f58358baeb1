"""Compiled kernels: arrays in, arrays out.

The first kernel to be loaded starts the OpenMP runtime, which reads once how idle threads wait.
Left alone they spin: a host's other work, and the linear algebra between two kernels, then compete
with threads that do nothing (measured on two busy cores: a response of 1 ms takes 30). So they are
told to sleep, unless the user has said otherwise, and the environment is left as it was found.

They also are let go before the process forks, or its child would wait for threads that it does not
have (`runtime.pyx`).
"""

from __future__ import annotations

import os

_CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")

if not any(name in os.environ for name in _CHOICES):
    os.environ["OMP_WAIT_POLICY"] = "passive"
    try:
        from parecon._kernels import rows, runtime
    finally:
        del os.environ["OMP_WAIT_POLICY"]
else:
    from parecon._kernels import rows, runtime

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=runtime.release_threads)

__all__ = ["rows"]
