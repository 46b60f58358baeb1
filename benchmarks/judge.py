"""The judge: whoever computed an answer, it is the data that say how good it is.

Ours and the peers' answers are put into the same form, prices and proposals, and measured by
`parecon.certify`, which shares no code with any of them.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import parecon
from benchmarks.contestants import Answer
from benchmarks.machine import THREADS
from parecon.backends.quantities import found_of
from parecon.certificate import Certificate
from parecon.control import Control
from parecon.draft import drafts
from parecon.economy import Economy
from parecon.finish import finish
from parecon.plan import Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.status import Status

CERTIFIED_ENTRIES = 7_000_000
"""Larger plans are judged by the measures they carry: a certificate would take minutes."""


def check(economy: Economy, plan: Plan, tol: float) -> dict[str, Any]:
    """Assert that a plan of ours is one, to `tol`; return the measures for the record.

    Raises
    ------
    AssertionError
        It is not solved, or the certificate does not hold.
    """
    assert plan.status is Status.SOLVED, f"{plan.status.value}: {plan.message}"
    assert plan.shortage <= 0.0
    assert max(plan.surplus, plan.zero_profit) <= tol
    if economy.n_entries <= CERTIFIED_ENTRIES:
        certificate = parecon.certify(economy, plan, tol=tol)
        assert certificate.holds(tol), str(certificate)
        return {"gap": certificate.gap, "surplus": certificate.surplus, "certified": True}
    assert -1e-10 <= plan.gap <= tol
    return {"gap": plan.gap, "surplus": plan.surplus, "certified": False}


def check_peer(certificate: Certificate, worst: float) -> dict[str, Any]:
    """Assert that a peer answered the same question, to `worst`; return what it reached.

    A plan with shortages is worth more than a feasible one can be: gap and shortage go together.
    """
    assert abs(certificate.gap) <= worst, str(certificate)
    assert certificate.shortage <= worst, str(certificate)
    return {"peer_gap": certificate.gap, "peer_shortage": certificate.shortage}


def verdict(economy: Economy, answer: Answer, tol: float) -> dict[str, Any]:
    """What an answer is worth: how short it leaves goods, and the gap of the plan it amounts to.

    An answer that is a plan is certified as it stands. Otherwise the worst shortage is that of the
    answer, and the gap that of the plan which `parecon`'s delivery makes of it, the same for all.
    """
    if answer.plan is not None:
        certificate = parecon.certify(economy, answer.plan, tol=tol)
        return _measures(certificate, certificate.shortage, delivered=False)
    settings = Settings(tol=tol, n_threads=THREADS, certify=True)
    with Control(settings) as control:
        problem = Problem(economy, THREADS)
        if answer.quantities is None:
            problem.respond(answer.price)
            found, raw = None, drafts(problem)
        else:
            found = found_of(economy, answer.price, answer.quantities, tol)
            raw = found.drafts
        proposals = tuple(draft.final(answer.price) for draft in raw)
        as_it_came = SimpleNamespace(price=answer.price, proposals=proposals)
        certificate = parecon.certify(economy, as_it_came, tol=tol)
        if certificate.feasible:
            return _measures(certificate, certificate.shortage, delivered=found is None)
        plan = finish(problem, settings, control, Status.INTERRUPTED, "contest", found)
    return _measures(plan.certificate, certificate.shortage, delivered=True)


def _measures(certificate: Certificate, shortage: float, *, delivered: bool) -> dict[str, Any]:
    return {
        "gap": certificate.gap,
        "shortage": shortage,
        "feasible": certificate.feasible,
        "delivered": delivered,
    }
