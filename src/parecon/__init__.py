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
    "Choice": "plan",
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
    "plan_from": "backends",
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
    # `as` says to type checkers that a name is exported, and not only used here.
    from parecon import accounts as accounts
    from parecon import capi as capi
    from parecon import economies as economies
    from parecon import families as families
    from parecon import plots as plots
    from parecon import rules as rules
    from parecon import scenarios as scenarios
    from parecon import synthetic as synthetic
    from parecon._version import __version__ as __version__
    from parecon.backends import plan_from as plan_from
    from parecon.backends import to_highs as to_highs
    from parecon.backends import to_mps as to_mps
    from parecon.certificate import Certificate as Certificate
    from parecon.certificate import certify as certify
    from parecon.dated import dated as dated
    from parecon.dated import load_dated as load_dated
    from parecon.economy import Economy as Economy
    from parecon.embedding import to_cvxpy as to_cvxpy
    from parecon.errors import AccountsError as AccountsError
    from parecon.errors import BoardError as BoardError
    from parecon.errors import EconomyError as EconomyError
    from parecon.errors import FormatError as FormatError
    from parecon.errors import JournalError as JournalError
    from parecon.errors import MissingDependencyError as MissingDependencyError
    from parecon.errors import PareconError as PareconError
    from parecon.errors import PlanError as PlanError
    from parecon.errors import ProposalError as ProposalError
    from parecon.errors import ProtocolError as ProtocolError
    from parecon.errors import RuleError as RuleError
    from parecon.errors import ScenarioError as ScenarioError
    from parecon.errors import SettingsError as SettingsError
    from parecon.errors import UnknownGoodError as UnknownGoodError
    from parecon.explanation import CouncilExplanation as CouncilExplanation
    from parecon.explanation import GoodExplanation as GoodExplanation
    from parecon.facilitator import Announcement as Announcement
    from parecon.facilitator import BoardStatus as BoardStatus
    from parecon.facilitator import Council as Council
    from parecon.facilitator import Delivered as Delivered
    from parecon.facilitator import Facilitator as Facilitator
    from parecon.facilitator import Receipt as Receipt
    from parecon.facilitator import Receipts as Receipts
    from parecon.families import FAMILIES as FAMILIES
    from parecon.families import Activities as Activities
    from parecon.families import CESConsumers as CESConsumers
    from parecon.families import CESWorkers as CESWorkers
    from parecon.families import CobbDouglasConsumers as CobbDouglasConsumers
    from parecon.families import CobbDouglasWorkers as CobbDouglasWorkers
    from parecon.families import Effort as Effort
    from parecon.families import Family as Family
    from parecon.families import FirstOrderWorkers as FirstOrderWorkers
    from parecon.families import JointWorkers as JointWorkers
    from parecon.families import LeontiefConsumers as LeontiefConsumers
    from parecon.families import LinearConsumers as LinearConsumers
    from parecon.families import Nest as Nest
    from parecon.families import NestedCES as NestedCES
    from parecon.families import NestedCESConsumers as NestedCESConsumers
    from parecon.families import NestedCESWorkers as NestedCESWorkers
    from parecon.families import Suppliers as Suppliers
    from parecon.families import Targets as Targets
    from parecon.goods import Goods as Goods
    from parecon.objectives import Extension as Extension
    from parecon.objectives import ObjectiveValues as ObjectiveValues
    from parecon.objectives import Optimum as Optimum
    from parecon.objectives import maximise as maximise
    from parecon.objectives import minimise as minimise
    from parecon.objectives import objective_values as objective_values
    from parecon.plan import Choice as Choice
    from parecon.plan import Infeasibility as Infeasibility
    from parecon.plan import Info as Info
    from parecon.plan import Plan as Plan
    from parecon.plan import load_plan as load_plan
    from parecon.procedure import Channel as Channel
    from parecon.procedure import Rounds as Rounds
    from parecon.procedure import load_rounds as load_rounds
    from parecon.procedure import simulate as simulate
    from parecon.proposals import ActivityProposals as ActivityProposals
    from parecon.proposals import ConsumerProposals as ConsumerProposals
    from parecon.proposals import JointProposals as JointProposals
    from parecon.proposals import SupplierProposals as SupplierProposals
    from parecon.proposals import WorkerProposals as WorkerProposals
    from parecon.proposals import net_flows as net_flows
    from parecon.reporting import Report as Report
    from parecon.reporting import report as report
    from parecon.scenarios import Scenario as Scenario
    from parecon.scenarios import Sweep as Sweep
    from parecon.scenarios import load_scenarios as load_scenarios
    from parecon.scenarios import load_sweep as load_sweep
    from parecon.scenarios import relax as relax
    from parecon.scenarios import sweep as sweep
    from parecon.settings import Settings as Settings
    from parecon.solve import Solver as Solver
    from parecon.solve import solve as solve
    from parecon.status import ProcedureStatus as ProcedureStatus
    from parecon.status import Status as Status
    from parecon.storage import load as load
    from parecon.storage import save as save


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
