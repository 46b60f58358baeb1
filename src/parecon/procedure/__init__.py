"""The participatory procedure: rounds of announcements and proposals until supply meets demand."""

from __future__ import annotations

from parecon.procedure.rounds import Round, Rounds, load_rounds
from parecon.status import ProcedureStatus

__all__ = ["ProcedureStatus", "Round", "Rounds", "load_rounds"]
