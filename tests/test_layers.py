"""Imports point downward: a module imports from its own line of the table LAYERS or a lower one.

Both what is imported when a module loads and what a function imports later count; only imports for
type checkers (`if TYPE_CHECKING:`) do not, because they never run. The source is parsed, not
imported.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "parecon"

# From the lowest to the highest. A name stands for the module or for everything in the package.
LAYERS = (
    ("_version", "_highs", "_html", "errors", "status", "settings", "threads"),
    ("_columns", "goods", "families"),
    ("economy", "proposals"),
    (
        "plan",
        "frames",
        "storage",
        "synthetic",
        "economies",
        "iteration_log",
        "utility",
        "_blas",
        "explanation",
        "notebook",
    ),
    ("answers", "curvature"),
    ("problem", "sample", "control", "linear_solve", "elimination", "sparse_system", "systems"),
    (
        "newton",
        "interior",
        "delivery",
        "draft",
        "fractions",
        "rules",
        "certificate",
        "guess",
        "start",
        "infeasibility",
        "finish",
    ),
    ("approach", "backends"),
    ("solve",),
    ("accounts", "capi", "dated", "embedding", "objectives", "outcome", "plots", "scenarios"),
    ("procedure", "facilitator", "reporting"),
    ("experiments",),
    ("cli",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
KERNELS = "parecon._kernels"
KERNEL_CALLERS = {
    "answers",
    "capi",
    "curvature",
    "elimination",
    "linear_solve",
    "sparse_system",
}
FACADE = "parecon"  # parecon/__init__.py; it names the modules of all layers but loads none

# The judge shares data with those it judges, and no code that computes a plan.
CERTIFICATE_SHARES = {name for names in LAYERS[:4] for name in names} - {"utility"}
CERTIFICATE_LIBRARIES = {"numpy", "scipy.sparse"}


@dataclass(frozen=True)
class Import:
    """One imported module, and the line that imports it."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}: imports {self.imported}"


def module_name(path: Path) -> str:
    """Dotted name of the module that a file of the package holds."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only type checkers read."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from running_nodes(other)
        else:
            yield from running_nodes(child)


def from_package(module: str, node: ast.ImportFrom) -> str:
    """The absolute name that follows `from` in an import statement of `module`."""
    if not node.level:
        return node.module or ""
    is_package = SOURCES[module].name == "__init__.py"
    parents = module.split(".")[: None if is_package else -1]
    parents = parents[: len(parents) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def imports_of(module: str) -> list[Import]:
    """Everything a module imports, each as the most specific module that the statement names."""
    found = []
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    for node in running_nodes(tree):
        if isinstance(node, ast.Import):
            found += [Import(module, alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = from_package(module, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                specific = inner in SOURCES or base == KERNELS
                found.append(Import(module, inner if specific else base, node.lineno))
    return found


IMPORTS = [entry for module in SOURCES for entry in imports_of(module)]
INTERNAL = [entry for entry in IMPORTS if entry.imported.split(".")[0] == "parecon"]


def top_name(module: str) -> str:
    """The name in the table that a module belongs to."""
    return module.split(".")[1]


def rank(module: str) -> int:
    """Line of the table that a module stands in, counted from 0 at the bottom; -1 if in none.

    The facade stands just below the command line, the only one to import it: it reaches all others.
    """
    return len(LAYERS) - 1 if module == FACADE else RANK.get(top_name(module), -1)


def test_every_module_has_a_layer() -> None:
    unplaced = [module for module in SOURCES if rank(module) < 0]
    assert not unplaced, "give each a line of the table LAYERS"


def test_no_import_points_upward() -> None:
    upward = [
        str(entry)
        for entry in INTERNAL
        if entry.importer != FACADE
        and not entry.imported.startswith(KERNELS)
        and rank(entry.imported) > rank(entry.importer)
    ]
    assert not upward, "\n".join(upward)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in SOURCES}
    for entry in INTERNAL:
        if entry.imported in SOURCES and entry.importer != FACADE:
            graph[entry.importer].add(entry.imported)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail("circle of imports: " + " <- ".join(error.args[1]))


def test_few_call_kernels() -> None:
    callers = [
        str(entry)
        for entry in INTERNAL
        if entry.imported.startswith(KERNELS) and top_name(entry.importer) not in KERNEL_CALLERS
    ]
    assert not callers, "\n".join(callers)


def test_certificate_is_independent() -> None:
    foreign = []
    for entry in IMPORTS:
        if not entry.importer.startswith("parecon.certificate"):
            continue
        root = entry.imported.split(".")[0]
        if root == "parecon":
            allowed = entry.imported != FACADE and (
                top_name(entry.imported) in CERTIFICATE_SHARES | {"certificate"}
            )
        else:
            allowed = root in sys.stdlib_module_names or any(
                entry.imported == library or entry.imported.startswith(f"{library}.")
                for library in CERTIFICATE_LIBRARIES
            )
        if not allowed:
            foreign.append(str(entry))
    assert not foreign, "\n".join(foreign)


def test_facade_loads_nothing_of_the_package() -> None:
    tree = ast.parse(SOURCES[FACADE].read_text(encoding="utf-8"))
    loaded = [
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and "parecon" in ast.unparse(node)
    ]
    assert not loaded
