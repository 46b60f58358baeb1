"""How a solve or a procedure ended. Each status is a statement that can be checked."""

from __future__ import annotations

from enum import Enum

__all__ = ["ProcedureStatus", "Status"]


class Status(str, Enum):
    """How a solve ended.

    The measures named here are those of :class:`parecon.Plan`, computed on the original data:
    shortage, surplus, zero profit and gap (DESIGN, sections 2 and 6). ``tol`` is the setting.

    A status is also its value as text: ``Status.SOLVED == "solved"``.
    """

    SOLVED = "solved"
    INACCURATE = "inaccurate"
    ITERATION_LIMIT = "iteration limit"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    INVALID = "invalid"

    @property
    def sentence(self) -> str:
        """The statement this status makes about the plan."""
        return _SENTENCES[self]

    def __str__(self) -> str:
        return self.value


_BEST_SO_FAR = "the plan is the best feasible one found so far, its gap bounds what is left to gain"

_SENTENCES = {
    Status.SOLVED: (
        "no good is used beyond what exists, every council's proposal is possible, and the worst "
        "shortage, the worst surplus value, the zero-profit residual and the gap between bound and "
        "welfare (over the total budget) are each at most tol on the original data"
    ),
    Status.INACCURATE: (
        "the plan is feasible, but the worst shortage, surplus value, zero-profit residual or gap "
        "is above tol, or the certificate does not hold, and no further progress was possible"
    ),
    Status.ITERATION_LIMIT: f"max_iterations ended before tol was met; {_BEST_SO_FAR}",
    Status.TIME_LIMIT: f"time_limit_s passed before tol was met; {_BEST_SO_FAR}",
    Status.INTERRUPTED: f"an interrupt or the callback asked to stop before tol; {_BEST_SO_FAR}",
    Status.INFEASIBLE: (
        "no plan meets the guaranteed needs: plan.infeasible names the goods with what is needed "
        "and what can be had, and the resources that bind with their shadow prices"
    ),
    Status.INVALID: (
        "a council's answer is not a number at the prices reached (overflow of the data's range); "
        "the plan's figures must not be used"
    ),
}


class ProcedureStatus(str, Enum):
    """How a procedure of rounds ended.

    The measure is the imbalance of :class:`parecon.Rounds`, |2 (S - D) / (S + D)| of a good.
    Settled says that proposals agree with each other nearly, not that prices are those of the plan:
    the distance from the plan and the gap are figures of their own.
    """

    SETTLED = "settled"
    ROUND_LIMIT = "round limit"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    DIVERGED = "diverged"

    @property
    def sentence(self) -> str:
        """The statement this status makes about the last round."""
        return _PROCEDURE_SENTENCES[self]

    def __str__(self) -> str:
        return self.value


_LAST_ROUND = "the last round is the last that every council answered"

_PROCEDURE_SENTENCES = {
    ProcedureStatus.SETTLED: (
        "in the last round the imbalance |2 (supply - demand) / (supply + demand)| of every good "
        "is below the threshold, and in no earlier round it was"
    ),
    ProcedureStatus.ROUND_LIMIT: (
        "max_rounds announcements were made, and after each the imbalance of some good was at "
        "least the threshold"
    ),
    ProcedureStatus.TIME_LIMIT: (
        f"time_limit_s passed before every imbalance was below the threshold; {_LAST_ROUND}"
    ),
    ProcedureStatus.INTERRUPTED: (
        "an interrupt or the callback asked to stop before every imbalance was below the "
        f"threshold; {_LAST_ROUND}"
    ),
    ProcedureStatus.DIVERGED: (
        "the prices that the rule would announce next are not positive finite numbers, or the "
        "quantities proposed in the last round are not finite"
    ),
}
