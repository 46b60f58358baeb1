"""A plan all the same, when an engine was stopped before it had one.

From starting prices as from any rough prices: councils answer, and delivery makes a plan of it
(DESIGN, section 6).
"""

from __future__ import annotations

import math

from parecon.control import Control
from parecon.finish import finish
from parecon.interior import InteriorMethod
from parecon.plan import Plan
from parecon.problem import Problem
from parecon.settings import Settings
from parecon.start import Start
from parecon.status import Status

_STOPPED = (Status.TIME_LIMIT, Status.INTERRUPTED, Status.ITERATION_LIMIT, Status.INACCURATE)


def at_least_rough(
    problem: Problem, settings: Settings, control: Control, start: Start, plan: Plan
) -> Plan:
    """The plan, or one from the starting prices where somebody gets nothing in it."""
    if plan.status not in _STOPPED or math.isfinite(plan.welfare):
        return plan
    with control.phase("responses"):
        InteriorMethod(problem, settings, control).start(start)
    rough = finish(problem, settings, control, plan.status, plan.method)
    return rough if math.isfinite(rough.welfare) else plan
