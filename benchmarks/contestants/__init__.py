"""The contestants: one class each, and what they may take.

====================  =============================================================================
`ours`                parecon: the method it picks, and the other where there are two
`cones`               CVXPY with Clarabel and with SCS
`highs`               HiGHS: simplex, IPX, HiPO, PDLP
`proportional_...`    proportional response in Fisher markets
`scipy_dual`          SciPy's L-BFGS and trust-krylov on Phi in log prices
`book_rule`           Hahnel's price rule: `parecon.simulate`, and the package `demplan`
====================  =============================================================================

A contestant is a subclass of `Contestant`: it says what an economy lacks for it, by what families
declare, and answers with prices, quantities or a plan. It neither times nor judges itself.
"""

from __future__ import annotations

from benchmarks.contestants._base import Answer, Contestant
from benchmarks.contestants.book_rule import BookRule, Demplan
from benchmarks.contestants.cones import SCS, Clarabel
from benchmarks.contestants.highs import Hipo, Ipx, Pdlp, Simplex
from benchmarks.contestants.ours import Auto, Interior
from benchmarks.contestants.proportional_response import ProportionalResponse
from benchmarks.contestants.scipy_dual import LBFGS, TrustKrylov

__all__ = ["BY_NAME", "CONTESTANTS", "Answer", "Contestant"]

CONTESTANTS: tuple[Contestant, ...] = (
    Auto(),
    Interior(),
    Clarabel(),
    SCS(),
    Simplex(),
    Ipx(),
    Hipo(),
    Pdlp(),
    ProportionalResponse(),
    LBFGS(),
    TrustKrylov(),
    BookRule(),
    Demplan(),
)
"""In the order of tables and pictures; the first is the one that others are compared with."""

BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}
