"""National accounts: input-output and supply-use tables, their repair and classical analysis."""

from __future__ import annotations
