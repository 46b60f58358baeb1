"""Threads are woken only where there is work for them."""

from __future__ import annotations

import os

import pytest

import parecon as pe
from parecon.threads import available_threads, threads_for


def test_little_work_is_for_one_thread() -> None:
    assert threads_for(1e4, 8) == 1
    assert threads_for(1e8, 8) == 8
    assert threads_for(1e8, 1) == 1


def test_all_cores_the_process_may_use() -> None:
    assert 1 <= available_threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_what_kernels_are_called_with(n_threads, monkeypatch) -> None:
    """A small economy never wakes a second thread; with every thread asked for, it does."""
    from parecon.curvature import Scratch

    told = []
    plain = Scratch.threads_for

    def watched(self, work):
        told.append(plain(self, work))
        return told[-1]

    monkeypatch.setattr(Scratch, "threads_for", watched)
    economy = pe.synthetic.book(60, 60, 4, seed=1)
    pe.solve(economy, n_threads=n_threads)
    assert told
    assert set(told) == {1}
    told.clear()
    monkeypatch.setattr("parecon.threads._WORTH_WAKING", -1.0)
    pe.solve(economy, n_threads=n_threads)
    assert set(told) == {n_threads}
