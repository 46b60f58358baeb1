"""The independent judge: a plan checked against the original data, with no code of any solver.

`certify` says whether a plan can be carried out, by how much not and where, what it is worth, and
how much more any plan could be worth. `proves_infeasible` checks a proof that no plan exists.
"""

from __future__ import annotations

from parecon.certificate.infeasible import proves_infeasible
from parecon.certificate.judge import certify
from parecon.certificate.report import Certificate

__all__ = ["Certificate", "certify", "proves_infeasible"]
