"""The judge: whoever computed an answer, it is the data that say how good it is.

Ours and the peers' answers are put into the same form, prices and proposals, and measured by
`parecon.certify`, which shares no code with any of them.
"""

from __future__ import annotations

from typing import Any

import parecon
from parecon.certificate import Certificate
from parecon.economy import Economy
from parecon.plan import Plan
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
