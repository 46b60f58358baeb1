"""Families of councils: construction, sharing, and content that is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import parecon as pe
from parecon._columns import csr_matrix, float_vector, index_vector, row_sums
from parecon.families import default_label

GOODS = pe.Goods(["corn", "labour", "iron"])
SHARES = [[0.5, 0.5, 0.0], [0.2, 0.0, 0.8]]
NESTS = pe.NestedCES.from_values([[1.0, 1, 0], [1, 0, 3]], pe.Nest(0.5, [0, pe.Nest(1.0, [1, 2])]))

CONSUMERS = {"budget": (1.0, 2.0)}
WORKERS = {"output_good": (0, 2)}
DEFAULTS: dict[str, dict[str, Any]] = {
    "CobbDouglasConsumers": {**CONSUMERS, "shares": SHARES},
    "CESConsumers": {**CONSUMERS, "shares": SHARES, "elasticity": 0.5},
    "LeontiefConsumers": {**CONSUMERS, "bundle": SHARES},
    "LinearConsumers": {**CONSUMERS, "value": SHARES},
    "NestedCESConsumers": {**CONSUMERS, "nests": NESTS},
    "CobbDouglasWorkers": {
        **WORKERS,
        "exponents": ((0.5, 0.4, 0.0), (0.2, 0.0, 0.7)),
        "productivity": 1.0,
    },
    "FirstOrderWorkers": {
        **WORKERS,
        "exponents": ((0.6, 0.5, 0.0), (0.4, 0.0, 0.7)),
        "productivity": 1.0,
    },
    "CESWorkers": {
        **WORKERS,
        "shares": SHARES,
        "elasticity": 0.5,
        "returns": 1.0,
        "productivity": 1.0,
    },
    "NestedCESWorkers": {**WORKERS, "nests": NESTS},
    "JointWorkers": {"nests": NESTS, "outputs": NESTS},
    "Activities": {"net_output": ((1.0, -1.0, 0.0), (-1.0, 0.0, 2.0))},
    "Suppliers": {"good": (0, 2), "quantity": 1.0, "price": 1.0, "elasticity": 1.0},
    "Targets": {"good": (0, 2), "target": 1.0},
}


def make(name: str, **changes: Any) -> Any:
    """Two councils of a family, valid unless something is changed."""
    return pe.FAMILIES[name](**{**DEFAULTS[name], **changes})


def arrays_of(value: Any) -> list[np.ndarray]:
    """The arrays of one column."""
    if isinstance(value, np.ndarray):
        return [value]
    if sp.issparse(value):
        return [value.data, value.indices, value.indptr]
    return [array for array in getattr(value, "__dict__", {}).values() if hasattr(array, "flags")]


@pytest.mark.parametrize("name", pe.FAMILIES)
def test_every_family_is_valid_read_only_and_named(name: str) -> None:
    family = make(name, names=["one", "two"], label="them")
    family.validate(GOODS)
    assert type(family) is pe.FAMILIES[name]
    assert family.role in ("consumers", "workers", "suppliers")
    assert (family.n_councils, family.council_name(1)) == (2, "two")
    assert family.n_goods in (3, None)
    assert make(name, label="them").council_name(1) == "them[1]"
    assert make(name).council_name(0) == f"{default_label(type(family))}[0]"
    indptr, good = family.pattern()
    assert (indptr.dtype, good.dtype, indptr.size) == (np.int32, np.int32, 3)
    assert family.n_entries == good.size == indptr[-1]
    assert f"two, good {GOODS.name(int(good[-1]))!r}" == family.entry_name(good.size - 1, GOODS)
    assert family.nbytes > 0
    assert len(repr(family)) < 80
    with pytest.raises(AttributeError):
        family.label = "us"  # type: ignore[misc]
    for column in family.columns:
        for array in arrays_of(getattr(family, column.name)):
            assert not array.flags.writeable, column.name


@pytest.mark.parametrize("name", pe.FAMILIES)
def test_replace_shares_every_other_array(name: str) -> None:
    family = make(name)
    changed = family.replace(names=["a", "b"], label="new")
    for column in family.columns:
        assert getattr(changed, column.name) is getattr(family, column.name)
    assert (changed.label, changed.council_name(0), family.names) == ("new", "a", None)
    with pytest.raises(pe.EconomyError, match="no column 'shaers'"):
        family.replace(shaers=1)


def test_default_labels_are_snake_case() -> None:
    assert [default_label(family) for family in pe.FAMILIES.values()] == [
        "cobb_douglas_consumers",
        "ces_consumers",
        "leontief_consumers",
        "linear_consumers",
        "nested_ces_consumers",
        "cobb_douglas_workers",
        "ces_workers",
        "nested_ces_workers",
        "joint_workers",
        "first_order_workers",
        "activities",
        "suppliers",
        "targets",
    ]


@pytest.mark.parametrize(
    ("name", "columns", "message"),
    [
        ("CobbDouglasConsumers", {"budget": [1.0]}, r"budget: expected shape \(2,\), got"),
        ("CobbDouglasConsumers", {"budget": 1.0}, r"budget: expected shape \(2,\), got"),
        ("CobbDouglasConsumers", {"budget": ["a", "b"]}, "budget: expected real numbers"),
        ("CobbDouglasConsumers", {"budget": [True, True]}, "got dtype bool"),
        ("CobbDouglasConsumers", {"budget": [1j, 1]}, "got dtype complex128"),
        ("CobbDouglasConsumers", {"budget": [[1], [1, 2]]}, "budget: expected an array of numbers"),
        ("CobbDouglasConsumers", {"budget": np.ma.masked_equal([1.0, 2], 2)}, "masked"),
        ("CobbDouglasConsumers", {"budget": sp.csr_array([[1.0, 2]])}, "got a sparse matrix"),
        ("CobbDouglasConsumers", {"budget": None}, "budget: expected .*, got None"),
        ("CobbDouglasConsumers", {"shares": [0.5, 0.5]}, r"matrix \(2-d\), got shape \(2,\)"),
        ("CobbDouglasConsumers", {"needs": [[1.0, 0, 0]]}, r"needs: expected shape \(2, 3\)"),
        ("CobbDouglasConsumers", {"names": ["a"]}, "names: expected 2 names, got 1"),
        ("CobbDouglasConsumers", {"names": ["a", "a"]}, "duplicate names 'a'"),
        ("CobbDouglasConsumers", {"names": "ab"}, "got one str"),
        ("CobbDouglasConsumers", {"label": "a/b"}, "label: expected a word that can name a file"),
        ("CobbDouglasConsumers", {"label": " a"}, "label: expected a non-empty str"),
        ("CobbDouglasWorkers", {"output_good": [0.0, 1.0]}, "output_good: expected integer"),
        ("CobbDouglasWorkers", {"output_good": [0, 2**40]}, r"below 2\*\*31"),
        ("CobbDouglasWorkers", {"effort": 0.1}, "effort: expected an Effort, got float"),
        (
            "CobbDouglasWorkers",
            {"effort": pe.Effort([0.1], 3.0)},
            r"effort.exponent: expected shape \(2,\)",
        ),
        ("NestedCESConsumers", {"nests": 3}, "nests: expected a NestedCES, got int"),
        ("NestedCESConsumers", {"needs": np.ones((2, 4))}, r"needs: expected shape \(2, 3\)"),
        ("NestedCESWorkers", {"fixed": np.ones((1, 3))}, r"fixed: expected shape \(2, 3\)"),
        ("JointWorkers", {"nests": np.eye(2, 3)}, "nests: expected a NestedCES, got ndarray"),
        ("JointWorkers", {"outputs": np.ones((1, 3))}, r"outputs: expected shape \(2, 3\)"),
        ("JointWorkers", {"outputs": [[1.0, 0, 0], [0, 0, 0]]}, "outputs: .*none for council 1"),
        ("JointWorkers", {"outputs": [[1.0, 0, 0], [0, -1, 2]]}, r"outputs: .*good 1: -1"),
        ("Suppliers", {"form": "cubic"}, "form: expected 'isoelastic' or 'linear', got 'cubic'"),
    ],
)
def test_wrong_structure_is_refused_at_construction(
    name: str, columns: dict[str, object], message: str
) -> None:
    with pytest.raises(pe.EconomyError, match=message):
        make(name, **columns)


ZERO = sp.csr_array(([1.0, 0.0, 1.0], [0, 1, 2], [0, 2, 3]), shape=(2, 3))  # an explicit zero


@pytest.mark.parametrize(
    ("name", "columns", "message"),
    [
        ("CobbDouglasConsumers", {"budget": [1.0, 0.0]}, r"them.budget: .*above 0.* two \(0\)"),
        ("CobbDouglasConsumers", {"budget": [np.nan, np.inf]}, r"one \(nan\), two \(inf\)"),
        ("CobbDouglasConsumers", {"shares": [[1, 0, 0], [0, 0.5, 0.4]]}, r"sum to 1.*two \(0.9\)"),
        ("CobbDouglasConsumers", {"shares": [[1, 0, 0], [0, 0, 0.0]]}, r"sum to 1.*two \(0\)"),
        ("CobbDouglasConsumers", {"shares": ZERO}, r"one, good 'labour' \(0\)"),
        ("CobbDouglasConsumers", {"shares": [[1, 0, 0], [2, 0, -1]]}, r"two, good 'iron' \(-1\)"),
        (
            "CobbDouglasConsumers",
            {"needs": [[0, 0, 0], [0, np.nan, 0]]},
            r"them.needs: .*two, good 'labour' \(nan\)",
        ),
        ("CESConsumers", {"elasticity": [0.5, -1]}, r"elasticity: .*two \(-1\)"),
        ("CESConsumers", {"elasticity": np.inf}, "use LinearConsumers.*one .inf., two"),
        ("LeontiefConsumers", {"bundle": [[1, 0, 0], [0, 0, 0.0]]}, "bundle: .*none for two"),
        ("LinearConsumers", {"value": [[1, 0, 0], [0, 0, np.inf]]}, r"two, good 'iron' \(inf\)"),
        ("NestedCESConsumers", {"budget": [-1.0, 2]}, r"budget: .*one \(-1\)"),
        ("CobbDouglasWorkers", {"output_good": [0, 3]}, r"from 0 to 2, got two \(3\)"),
        ("CobbDouglasWorkers", {"productivity": [0.0, 1]}, r"productivity: .*one \(0\)"),
        (
            "CobbDouglasWorkers",
            {"exponents": [[0.5, 0.5, 0], [0.5, 0.3, 0.3]]},
            r"constant or increasing returns of one \(1\), two \(1.1\)",
        ),
        (
            "CobbDouglasWorkers",
            {"effort": pe.Effort([0.1, 0.4], 3.0)},
            r"returns of two \(1.0333",
        ),
        ("CobbDouglasWorkers", {"effort": pe.Effort(0.1, 1.0)}, r"effort.power: .*above 1"),
        ("CobbDouglasWorkers", {"effort": pe.Effort(-0.1, 2.0)}, r"effort.exponent: .*at least 0"),
        ("CobbDouglasWorkers", {"effort": pe.Effort(0.1, 2, [1, 0])}, r"effort.scale: .*two \(0\)"),
        ("CESWorkers", {"returns": [1.0, 1.01]}, r"returns: .*two \(1.01\)"),
        ("CESWorkers", {"elasticity": np.inf}, "elasticity: .*use Activities"),
        ("CESWorkers", {"capacity": [np.inf, 0.0]}, r"capacity: .*two \(0\)"),
        ("CESWorkers", {"shares": np.eye(3)[:2] * 0.5}, r"sum to 1.*one \(0.5\), two \(0.5\)"),
        ("NestedCESWorkers", {"fixed": [[0, 0, 0], [0, -1.0, 0]]}, r"fixed: .*two, good 'labour'"),
        ("JointWorkers", {"outputs": NESTS.replace(scale=[1.0, 0])}, r"outputs.scale: .*two \(0\)"),
        (
            "JointWorkers",
            {"outputs": NESTS.replace(leaf_share=[0.5, 1, -2, 1])},
            r"outputs.leaf_share: .*two, good 'corn' \(-2\)",
        ),
        ("JointWorkers", {"capacity": 0.0}, r"capacity: .*one \(0\), two \(0\)"),
        ("Activities", {"net_output": [[1.0, 0, 0], [0, 0, 0]]}, "net_output: .*none for two"),
        ("Activities", {"net_output": [[1.0, 0, 0], [0, 0, -1]]}, "from nothing.*by one"),
        ("Activities", {"net_output": ZERO}, r"net_output: .*one, good 'labour' \(0\)"),
        ("Activities", {"capacity": [1.0, np.nan]}, r"capacity: .*two \(nan\)"),
        ("Suppliers", {"good": [0, -1]}, r"good: .*two \(-1\)"),
        ("Suppliers", {"maximum": 0.0}, r"maximum: .*one \(0\), two \(0\)"),
        ("Suppliers", {"elasticity": 0.0}, r"elasticity: .*one \(0\), two \(0\)"),
    ],
)
def test_wrong_content_is_refused_by_name(
    name: str, columns: dict[str, object], message: str
) -> None:
    family = make(name, names=["one", "two"], label="them", **columns)
    with pytest.raises(pe.EconomyError, match=message):
        family.validate(GOODS)


def test_ten_tenths_are_constant_returns() -> None:
    workers = pe.CobbDouglasWorkers([0], np.full((1, 10), 0.1), 1.0)
    assert workers.returns()[0] < 1.0
    with pytest.raises(pe.EconomyError, match="constant or increasing"):
        workers.validate(pe.Goods(10))


def test_free_output_needs_a_capacity() -> None:
    make("Activities", net_output=[[1.0, 0, 0], [0, 0, -1]], capacity=[3.0, np.inf]).validate(GOODS)


def test_a_matrix_of_outputs_is_a_fixed_mix() -> None:
    family = make("JointWorkers", outputs=[[1.0, 0, 3], [0, 2, 0]])
    family.validate(GOODS)
    assert [array.tolist() for array in family.made_pattern()] == [[0, 2, 3], [0, 2, 1]]
    assert family.outputs.reference_quantity().tolist() == [1.0, 3.0, 2.0]
    assert family.outputs.node_elasticity.tolist() == [0.0, 0.0]
    assert family.made_goods().tolist() == [0, 2, 1]


def test_many_culprits_are_summed_up() -> None:
    family = pe.LinearConsumers(np.zeros(1000), np.ones((1000, 1)), label="us")
    with pytest.raises(pe.EconomyError, match=r"us\[4\] \(0\) and 995 more$"):
        family.validate(pe.Goods(1))


@pytest.mark.parametrize("name", ["CobbDouglasConsumers", "CESConsumers", "CESWorkers"])
def test_shares_are_normalised_on_request_only(name: str) -> None:
    given = np.array([[2.0, 6.0, 0.0], [0.0, 0.0, 5.0]])
    family = make(name, shares=given, normalise=True)
    family.validate(GOODS)
    np.testing.assert_array_equal(family.shares.toarray(), [[0.25, 0.75, 0], [0, 0, 1]])
    np.testing.assert_array_equal(given[0], [2, 6, 0])
    with pytest.raises(pe.EconomyError, match="to normalise, expected a sum above 0"):
        make(name, shares=[[1.0, 0, 0], [0, 0, 0]], normalise=True)
    with pytest.raises(pe.EconomyError, match="nothing to normalise"):
        make("LinearConsumers").replace(value=given, normalise=True)


def test_one_number_stands_for_all() -> None:
    workers = make("CESWorkers", capacity=3, returns=np.float32(0.5))
    np.testing.assert_array_equal(workers.capacity, [3, 3])
    effort = make("CobbDouglasWorkers", effort=pe.Effort(0.05, [3, 4])).effort
    np.testing.assert_array_equal(effort.exponent, [0.05, 0.05])
    np.testing.assert_array_equal(effort.scale, [1, 1])


# -- arrays ---------------------------------------------------------------------------------------


def test_arrays_in_stored_form_are_shared_and_keep_their_write_flag() -> None:
    floats, indices = np.ones(3), np.arange(3, dtype=np.int32)
    for array, held in (
        (floats, float_vector(floats, "x")),
        (indices, index_vector(indices, "x")),
    ):
        assert np.shares_memory(array, held)
        assert array.flags.writeable
        assert not held.flags.writeable
    assert not np.shares_memory(floats, float_vector(floats[::2], "x"))
    assert float_vector(np.arange(3, dtype=">f4"), "x").dtype == np.float64


@given(
    seed=st.integers(0, 10_000),
    form=st.sampled_from(["csr", "csc", "coo", "lil", "dok", "dia", "bsr"]),
    old=st.booleans(),
)
def test_every_sparse_format_gives_the_same_matrix(seed: int, form: str, old: bool) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.random((rng.integers(1, 6), rng.integers(1, 6))) * rng.integers(0, 2, 1)
    dense[rng.random(dense.shape) < 0.5] = 0.0
    build = sp.coo_matrix if old else sp.coo_array
    matrix = csr_matrix(build(dense).asformat(form), "x")
    np.testing.assert_array_equal(matrix.toarray(), dense)
    reference = sp.csr_array(dense)
    np.testing.assert_array_equal(matrix.indices, reference.indices)
    np.testing.assert_array_equal(matrix.indptr, reference.indptr)
    assert (matrix.indices.dtype, matrix.indptr.dtype) == (np.int32, np.int32)
    np.testing.assert_allclose(row_sums(matrix.indptr, matrix.data), dense.sum(axis=1))


def test_unsorted_rows_are_sorted_in_a_copy() -> None:
    indices = np.array([2, 0], dtype=np.int32)
    given_ = sp.csr_array((np.array([5.0, 7.0]), indices, np.array([0, 2], dtype=np.int32)))
    matrix = csr_matrix(given_, "x")
    np.testing.assert_array_equal(matrix.toarray(), [[7, 0, 5]])
    np.testing.assert_array_equal(indices, [2, 0])
    assert not matrix.data.flags.writeable


def test_duplicate_entries_are_refused_whatever_the_format() -> None:
    coo = sp.coo_array(([1.0, 2.0, 3.0], ([0, 1, 1], [1, 1, 1])), shape=(2, 3))
    with pytest.raises(pe.EconomyError, match=r"duplicate entries \(row 1, good 1\)"):
        csr_matrix(coo, "x")
    csr = sp.csr_array((np.ones(3), np.array([1, 1, 1]), np.array([0, 1, 3])), shape=(2, 3))
    with pytest.raises(pe.EconomyError, match=r"duplicate entries \(council us\[1\], good 1\)$"):
        pe.LinearConsumers([1.0, 1.0], csr, label="us")


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("indices", [0, 3, 2], "good indices from 0 to 2, got 3"),
        ("indices", [0, -1, 2], "good indices from 0 to 2, got -1"),
        ("indptr", [0, 2, 1], "never fall"),
        ("indptr", [1, 2, 3], "start at 0"),
        ("indptr", [0, 2, 9], "row pointers end at 9 but there are 3 indices"),
        ("data", [1j, 1, 1], "got dtype complex128"),
    ],
)
def test_a_broken_matrix_is_refused_before_it_is_followed(
    attribute: str, value: list[int], message: str
) -> None:
    matrix = sp.csr_array(([1.0, 1.0, 1.0], [0, 1, 2], [0, 2, 3]), shape=(2, 3))
    setattr(matrix, attribute, np.array(value))
    with pytest.raises(pe.EconomyError, match=message):
        csr_matrix(matrix, "x")
