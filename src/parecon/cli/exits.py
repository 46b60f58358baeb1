"""What the exit code says."""

from __future__ import annotations

from parecon.status import ProcedureStatus, Status

SOLVED = 0
INTERNAL = 1
WRONG_INPUT = 2
STOPPED_EARLY = 3
INFEASIBLE = 4
SIGNALLED = 128  # plus the number of the signal, what shells expect
INTERRUPTED = SIGNALLED + 2

HELP = """\b
Exit codes:
  0    solved; certify: the certificate holds; simulate: settled
  1    internal error
  2    wrong input: economy, plan, file or option
  3    stopped early: the plan is feasible but not within the tolerance;
       simulate: not settled
  4    infeasible: no plan exists; certify: this plan is not feasible
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


def of_procedure(status: ProcedureStatus) -> int:
    """Return the exit code for the status of a procedure."""
    return SOLVED if status is ProcedureStatus.SETTLED else STOPPED_EARLY
