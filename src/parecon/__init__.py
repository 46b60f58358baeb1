"""Convex programming for participatory planning: an economy in, a certified plan out.

Everything named in ``__all__`` is imported on first use, so that ``import parecon`` costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

# Where each public name lives. A module of this package may be public itself (value "").
_HOME = {
    "AccountsError": "errors",
    "Activities": "families",
    "ActivityProposals": "proposals",
    "Announcement": "facilitator",
    "BoardError": "errors",
    "BoardStatus": "facilitator",
    "CESConsumers": "families",
    "CESWorkers": "families",
    "Certificate": "certificate",
    "Channel": "procedure",
    "CobbDouglasConsumers": "families",
    "CobbDouglasWorkers": "families",
    "ConsumerProposals": "proposals",
    "Council": "facilitator",
    "CouncilExplanation": "explanation",
    "Delivered": "facilitator",
    "Economy": "economy",
    "EconomyError": "errors",
    "Effort": "families",
    "Extension": "objectives",
    "FAMILIES": "families",
    "Facilitator": "facilitator",
    "Family": "families",
    "FirstOrderWorkers": "families",
    "FormatError": "errors",
    "GoodExplanation": "explanation",
    "Goods": "goods",
    "Infeasibility": "plan",
    "Info": "plan",
    "JointProposals": "proposals",
    "JointWorkers": "families",
    "JournalError": "errors",
    "LeontiefConsumers": "families",
    "LinearConsumers": "families",
    "MissingDependencyError": "errors",
    "Nest": "families",
    "NestedCES": "families",
    "NestedCESConsumers": "families",
    "NestedCESWorkers": "families",
    "ObjectiveValues": "objectives",
    "Optimum": "objectives",
    "PareconError": "errors",
    "Plan": "plan",
    "PlanError": "errors",
    "ProcedureStatus": "status",
    "ProposalError": "errors",
    "ProtocolError": "errors",
    "Receipt": "facilitator",
    "Receipts": "facilitator",
    "Report": "reporting",
    "Rounds": "procedure",
    "RuleError": "errors",
    "Scenario": "scenarios",
    "ScenarioError": "errors",
    "Settings": "settings",
    "SettingsError": "errors",
    "Solver": "solve",
    "Status": "status",
    "SupplierProposals": "proposals",
    "Suppliers": "families",
    "Sweep": "scenarios",
    "Targets": "families",
    "UnknownGoodError": "errors",
    "WorkerProposals": "proposals",
    "accounts": "",
    "capi": "",
    "certify": "certificate",
    "dated": "dated",
    "economies": "",
    "families": "",
    "load": "storage",
    "load_dated": "dated",
    "load_plan": "plan",
    "load_rounds": "procedure",
    "load_scenarios": "scenarios",
    "load_sweep": "scenarios",
    "maximise": "objectives",
    "minimise": "objectives",
    "net_flows": "proposals",
    "objective_values": "objectives",
    "plots": "",
    "relax": "scenarios",
    "report": "reporting",
    "rules": "",
    "save": "storage",
    "scenarios": "",
    "simulate": "procedure",
    "solve": "solve",
    "sweep": "scenarios",
    "synthetic": "",
    "to_cvxpy": "embedding",
    "to_highs": "backends",
    "to_mps": "backends",
}

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from parecon import accounts, capi, economies, families, plots, rules, scenarios, synthetic
    from parecon._version import __version__
    from parecon.backends import to_highs, to_mps
    from parecon.certificate import Certificate, certify
    from parecon.dated import dated, load_dated
    from parecon.economy import Economy
    from parecon.embedding import to_cvxpy
    from parecon.errors import (
        AccountsError,
        BoardError,
        EconomyError,
        FormatError,
        JournalError,
        MissingDependencyError,
        PareconError,
        PlanError,
        ProposalError,
        ProtocolError,
        RuleError,
        ScenarioError,
        SettingsError,
        UnknownGoodError,
    )
    from parecon.explanation import CouncilExplanation, GoodExplanation
    from parecon.facilitator import (
        Announcement,
        BoardStatus,
        Council,
        Delivered,
        Facilitator,
        Receipt,
        Receipts,
    )
    from parecon.families import (
        FAMILIES,
        Activities,
        CESConsumers,
        CESWorkers,
        CobbDouglasConsumers,
        CobbDouglasWorkers,
        Effort,
        Family,
        FirstOrderWorkers,
        JointWorkers,
        LeontiefConsumers,
        LinearConsumers,
        Nest,
        NestedCES,
        NestedCESConsumers,
        NestedCESWorkers,
        Suppliers,
        Targets,
    )
    from parecon.goods import Goods
    from parecon.objectives import (
        Extension,
        ObjectiveValues,
        Optimum,
        maximise,
        minimise,
        objective_values,
    )
    from parecon.plan import Infeasibility, Info, Plan, load_plan
    from parecon.procedure import Channel, Rounds, load_rounds, simulate
    from parecon.proposals import (
        ActivityProposals,
        ConsumerProposals,
        JointProposals,
        SupplierProposals,
        WorkerProposals,
        net_flows,
    )
    from parecon.reporting import Report, report
    from parecon.scenarios import Scenario, Sweep, load_scenarios, load_sweep, relax, sweep
    from parecon.settings import Settings
    from parecon.solve import Solver, solve
    from parecon.status import ProcedureStatus, Status
    from parecon.storage import load, save


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: object = importlib.import_module("parecon._version").__version__
    elif name in _HOME:
        home = _HOME[name]
        module = importlib.import_module(f"{__name__}.{home or name}")
        value = getattr(module, name) if home else module
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Keeps ``parecon.solve`` the function.

    Importing the module ``parecon.solve`` binds it to the package under its name, which would
    hide the function of the same name from whoever asks later.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and _HOME.get(name) == name:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
