"""Errors, statuses, settings, and the names that the package exports."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import parecon as pe
from parecon.errors import list_some, nearest

SOURCE = Path(pe.__file__).parent.parent


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (pe.EconomyError, pe.PareconError),
        (pe.UnknownGoodError, pe.EconomyError),
        (pe.BoardError, pe.PareconError),
        (pe.ProposalError, pe.PareconError),
        (pe.JournalError, pe.PareconError),
        (pe.FormatError, pe.PareconError),
        (pe.SettingsError, pe.PareconError),
        (pe.PlanError, pe.PareconError),
        (pe.MissingDependencyError, ImportError),
        (pe.MissingDependencyError, pe.PareconError),
    ],
)
def test_errors_form_one_tree(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_a_long_list_of_culprits_is_cut() -> None:
    assert list_some(map(str, range(3)), 3) == "0, 1, 2"
    assert list_some(map(str, range(3_000_000)), 3_000_000) == "0, 1, 2, 3, 4 and 2,999,995 more"


def test_nearest_names_are_offered_only_where_near() -> None:
    assert nearest("stel", ["steel", "corn"]) == "; did you mean 'steel'?"
    assert not nearest("zzz", ["steel", "corn"])


def test_a_status_is_a_word_and_a_sentence() -> None:
    assert pe.Status.SOLVED == "solved"
    assert str(pe.Status.TIME_LIMIT) == "time limit"
    assert len({status.sentence for status in pe.Status}) == len(pe.Status)
    assert all(len(status.sentence) > 40 for status in pe.Status)


def test_settings_default_as_documented() -> None:
    settings = pe.Settings()
    assert (settings.tol, settings.method, settings.max_iterations) == (1e-6, "auto", 200)
    assert settings.changed() == {}
    for option in pe.Settings.options():
        assert getattr(settings, option.name) == option.default
    assert [option.name for option in pe.Settings.options()] == [
        field.name for field in dataclasses.fields(pe.Settings)
    ]


def test_settings_explain_themselves() -> None:
    text = pe.Settings.describe("time_limit_s")
    assert "seconds" in text
    assert "Default: None" in text
    with pytest.raises(pe.SettingsError, match=r"'tol_gap'.*known: tol"):
        pe.Settings.describe("tol_gap")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tol", 0.0),
        ("tol", float("nan")),
        ("tol", "small"),
        ("tol", True),
        ("method", "simplex"),
        ("time_limit_s", -1.0),
        ("time_limit_s", float("nan")),
        ("max_iterations", 0),
        ("max_iterations", 10.0),
        ("n_threads", 0),
        ("log", "stdout"),
        ("callback", 3),
        ("certify", "yes"),
    ],
)
def test_a_setting_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(pe.SettingsError, match=f"^{name}: expected"):
        pe.Settings(**{name: value})


def test_numpy_numbers_are_numbers() -> None:
    settings = pe.Settings(tol=np.float32(0.5), max_iterations=np.int64(3), n_threads=np.int32(2))
    assert settings.changed() == {"tol": 0.5, "max_iterations": 3, "n_threads": 2}


def test_an_unknown_option_gets_the_nearest_name() -> None:
    with pytest.raises(pe.SettingsError, match="did you mean 'time_limit_s'"):
        pe.Settings(time_limit=3)  # type: ignore[call-arg]
    with pytest.raises(pe.SettingsError, match="did you mean 'tol'"):
        pe.Settings().replace(toll=1e-3)


def test_settings_are_frozen_and_replaced() -> None:
    settings = pe.Settings(tol=1e-8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.tol = 1e-3  # type: ignore[misc]
    assert settings.replace(method="newton").changed() == {"tol": 1e-8, "method": "newton"}


def run(code: str) -> str:
    """Run a program in a fresh interpreter; return what it prints."""
    program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n{code}"]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    assert set(pe.__all__) <= set(dir(pe))
    with pytest.raises(AttributeError, match="'sovle'"):
        pe.sovle  # noqa: B018


def test_solve_stays_a_function_whoever_imports_its_module_first() -> None:
    code = "import parecon, parecon.solve\nfrom parecon.solve import Solver\n"
    assert run(f"{code}print(type(parecon.solve).__name__, Solver.__name__)") == "function Solver"
