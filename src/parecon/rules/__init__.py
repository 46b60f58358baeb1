"""Rules by which a facilitation board adjusts prices (DESIGN section 5).

Each is a descent on the dual Phi, whose gradient is supply less demand; they differ in what they
see and in how fast they come down. `make` gives a rule by name; one of your own derives from `Rule`
or is a function that takes `Sums` and returns prices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parecon.errors import RuleError, nearest
from parecon.rules._base import CURVATURE, SENSITIVITY, FunctionRule, Rule, Sums, imbalance
from parecon.rules.anderson import Anderson
from parecon.rules.book import Book
from parecon.rules.newton import Newton
from parecon.rules.steps import Elasticity, Proportional

__all__ = [
    "CURVATURE",
    "DEFAULT",
    "NAMES",
    "SENSITIVITY",
    "Anderson",
    "Book",
    "Elasticity",
    "Newton",
    "Proportional",
    "Rule",
    "Sums",
    "imbalance",
    "make",
]

_RULES: dict[str, Callable[[], Rule]] = {
    rule.name: rule for rule in (Book, Proportional, Elasticity, Anderson, Newton)
}
NAMES = tuple(_RULES)
DEFAULT = Anderson.name


def make(rule: str | Rule | type[Rule] | Callable[[Sums], Any]) -> Rule:
    """A rule by name, or one of your own: an instance, a class, or a function of `Sums`.

    An instance is used as it is, with what it remembers. Raises RuleError for anything else.
    """
    if isinstance(rule, Rule):
        return rule
    if isinstance(rule, str):
        if rule not in _RULES:
            known = ", ".join(NAMES)
            raise RuleError(f"unknown rule {rule!r}{nearest(rule, NAMES)} (known: {known})")
        return _RULES[rule]()
    if isinstance(rule, type) and issubclass(rule, Rule):
        return rule()
    if callable(rule):
        return FunctionRule(rule)
    raise RuleError(
        f"rule: expected one of {', '.join(NAMES)}, a Rule, or a function that takes Sums and "
        f"returns prices; got {rule!r}"
    )
