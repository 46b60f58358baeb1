"""Experiments: what the documentation states about the procedure, as functions with seeds."""

from __future__ import annotations
