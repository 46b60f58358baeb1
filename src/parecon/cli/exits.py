"""What the exit code says."""

from __future__ import annotations

from parecon.status import Status

SOLVED = 0
INTERNAL = 1
WRONG_INPUT = 2
STOPPED_EARLY = 3
INFEASIBLE = 4
INTERRUPTED = 130  # 128 + SIGINT, what shells expect

HELP = """\b
Exit codes:
  0    solved; for certify: the certificate holds
  1    internal error
  2    wrong input: economy, plan, file or option
  3    stopped early: the plan is feasible but not within the tolerance
  4    infeasible: no plan exists; for certify: this plan is not feasible
  130  interrupted before there was a plan"""

_OF_STATUS = {
    Status.SOLVED: SOLVED,
    Status.INACCURATE: STOPPED_EARLY,
    Status.ITERATION_LIMIT: STOPPED_EARLY,
    Status.TIME_LIMIT: STOPPED_EARLY,
    Status.INTERRUPTED: STOPPED_EARLY,
    Status.INFEASIBLE: INFEASIBLE,
    Status.INVALID: INTERNAL,
}


def of_status(status: Status) -> int:
    """Return the exit code for the status of a plan."""
    return _OF_STATUS[status]
