"""Every public name is documented, and known to type checkers."""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import inspect
import re
import sys
import types
from pathlib import Path

import pytest

import parecon as pe

FACADE = Path(pe.__file__)
NAMES = [name for name in pe.__all__ if name != "__version__"]
# Words that give a number its size, unit, sign or nature.
MEASURED = re.compile(
    r"\([^()]*[a-z\d_,][^()]*\)|array|float|int\b|str\b|bool|units?\b|money|seconds|share|price|"
    r"number|callable|mapping|tuple|list|path|name|csr"
)


def public_members(owner):
    """(name, member) of a class or module that users see."""
    names = getattr(owner, "__all__", None) or [n for n in vars(owner) if not n.startswith("_")]
    for name in names:
        yield name, inspect.getattr_static(owner, name)


def documented():
    """(where, object) of all public classes and functions, and of what they consist of."""
    for name in NAMES:
        value = getattr(pe, name)
        yield name, value
        if isinstance(value, types.ModuleType):
            for inner, member in public_members(value):
                member = getattr(value, inner)
                if callable(member) and member.__module__.startswith("parecon"):
                    yield f"{name}.{inner}", member


OBJECTS = dict(documented())
CLASSES = {where: value for where, value in OBJECTS.items() if isinstance(value, type)}
FUNCTIONS = {
    where: value for where, value in OBJECTS.items() if isinstance(value, types.FunctionType)
}


@pytest.mark.parametrize("where", OBJECTS)
def test_it_has_a_docstring_of_its_own(where):
    value = OBJECTS[where]
    if not callable(value) and not isinstance(value, types.ModuleType):
        pytest.skip("a constant")
    assert (value.__doc__ or "").strip()
    if isinstance(value, type) and dataclasses.is_dataclass(value):
        # what dataclasses write where nobody has
        assert not value.__doc__.startswith(f"{value.__name__}(")


@pytest.mark.parametrize("where", CLASSES)
def test_its_methods_have_docstrings(where):
    missing = []
    for name, member in public_members(CLASSES[where]):
        if isinstance(member, staticmethod | classmethod):
            member = member.__func__
        inner = member.fget if isinstance(member, property) else member
        if isinstance(inner, types.FunctionType) and not (inner.__doc__ or "").strip():
            missing.append(name)
    assert not missing


@pytest.mark.parametrize("where", FUNCTIONS)
def test_its_parameters_are_told(where):
    """By name, in its docstring or in that of a function whose parameters it says it shares.

    What a path and a seed are, their names tell.
    """
    function = FUNCTIONS[where]
    home = sys.modules[function.__module__]
    others = {getattr(home, name, None) for name in re.findall(r"`(\w+)`", function.__doc__)}
    text = "\n".join((each.__doc__ or "") for each in {function, *others} if each is not None)
    untold = [
        name
        for name in inspect.signature(function).parameters
        if name not in ("path", "seed") and not re.search(rf"\b{re.escape(name)}\b", text)
    ]
    assert not untold


@pytest.mark.parametrize("where", CLASSES)
def test_its_numbers_have_shapes_and_units(where):
    """Every annotated array of a class stands in its docstring, with what it is."""
    owner = CLASSES[where]
    if issubclass(owner, BaseException | enum.Enum):
        return
    text = "\n".join(
        inspect.cleandoc(base.__doc__ or "")
        for base in (owner, *owner.__mro__[1:])
        if base.__module__.startswith("parecon")
    )
    home = inspect.cleandoc(importlib.import_module(owner.__module__).__doc__ or "")
    told = text + "\n" + home
    untold = []
    for name, annotation in inspect.get_annotations(owner).items():
        if name.startswith("_") or "ClassVar" in str(annotation):
            continue
        if re.search(r"NDArray|Array\b|csr_array", str(annotation)):
            lines = re.findall(rf"\b{name}\b(.*(?:\n\s+.*)?)", told)
            if not any(map(MEASURED.search, lines)):
                untold.append(name)
    assert not untold


def test_type_checkers_know_the_same_names():
    tree = ast.parse(FACADE.read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    exported = {alias.asname for node in block.body for alias in node.names}
    assert exported == set(pe.__all__), "write `import NAME as NAME`: so it is exported"
    assert len(pe.__all__) == len(set(pe.__all__))
