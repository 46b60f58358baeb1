"""The participatory procedure: rounds of announcements and proposals until supply meets demand."""

from __future__ import annotations

from parecon.procedure.channel import Channel
from parecon.procedure.rounds import Round, Rounds, load_rounds
from parecon.procedure.simulation import simulate
from parecon.status import ProcedureStatus

__all__ = ["Channel", "ProcedureStatus", "Round", "Rounds", "load_rounds", "simulate"]
