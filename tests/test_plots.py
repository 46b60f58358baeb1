"""Pictures show what the rounds say: the data of every line, the axes, the files."""

from __future__ import annotations

import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import parecon as pe
from parecon import plots
from parecon.procedure import Rounds

PNG = b"\x89PNG\r\n\x1a\n"


def record(
    worst, *, rule="book", distance=None, goods=("grain", "bread"), status="settled", **fields
) -> Rounds:
    """Rounds whose first good has the given imbalance, and the second none."""
    worst = np.asarray(worst, dtype=float)
    shape = (len(worst), len(goods))
    supply, demand = np.ones(shape), np.ones(shape)
    demand[:, 0] = (1.0 + worst / 2.0) / (1.0 - worst / 2.0)
    price = np.linspace(1.0, 2.0, shape[0])[:, None] * np.arange(1.0, shape[1] + 1.0)
    fields = {"price": price} | fields
    return Rounds(
        rule=rule,
        threshold=0.05,
        status=status,
        goods=goods if isinstance(goods, pe.Goods) else pe.Goods(goods),
        supply=supply,
        demand=demand,
        distance=distance,
        **fields,
    )


SHORT = record([1.0, 0.2, 0.04], distance=[0.5, 0.3, 0.1], plan_price=[2.5, 4.5])


def lines(panel) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Points of the labelled lines that are not only there for the legend."""
    return {
        line.get_label(): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
        for line in panel.lines
        if not line.get_label().startswith("_") and len(line.get_xdata())
    }


def legend(panel) -> list[str]:
    return [text.get_text() for text in panel.get_legend().get_texts()]


# -- what is shown --------------------------------------------------------------------------------


def test_convergence_shows_imbalance_and_distance_by_round() -> None:
    (panel,) = plots.convergence(SHORT).axes
    shown = lines(panel)
    number, worst = shown["worst imbalance"]
    np.testing.assert_array_equal(number, [1, 2, 3])
    np.testing.assert_allclose(worst, [1.0, 0.2, 0.04], rtol=1e-14)
    np.testing.assert_array_equal(shown["distance from the plan's prices"][1], [0.5, 0.3, 0.1])
    assert panel.get_yscale() == "log"
    assert panel.get_xlabel() == "round"
    assert panel.get_ylabel() == "imbalance, distance"
    assert [text.get_text() for text in panel.texts] == ["threshold 5 %"]
    low, high = panel.get_ylim()
    assert low < 0.04
    assert high > 1.0


def test_what_a_logarithm_cannot_show_has_no_point() -> None:
    rounds = record([1.0, 0.0], distance=[np.inf, np.nan], status="diverged")
    (panel,) = plots.convergence(rounds).axes
    shown = lines(panel)
    assert list(shown) == ["worst imbalance"]
    np.testing.assert_array_equal(np.isnan(shown["worst imbalance"][1]), [False, True])
    assert np.isfinite(panel.get_ylim()).all()


def test_prices_are_of_the_goods_chosen_and_end_at_the_plan() -> None:
    (panel,) = plots.prices(SHORT, ["bread"]).axes
    shown = lines(panel)
    assert list(shown) == ["bread"]
    np.testing.assert_array_equal(shown["bread"][1], SHORT.price[:, 1])
    dots = [line for line in panel.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    assert [float(dot.get_ydata()[0]) for dot in dots] == [4.5]
    assert float(dots[0].get_xdata()[0]) > 3.0
    assert legend(panel) == ["bread", "in the plan"]
    with pytest.raises(pe.UnknownGoodError, match="'braed'; did you mean 'bread'"):
        plots.prices(SHORT, ["braed"])


def test_prices_are_of_the_most_used_goods_unless_chosen() -> None:
    names = [f"g{i}" for i in range(20)]
    price = np.ones((2, 20))
    price[-1] = np.roll(np.arange(1.0, 21.0), 7)
    rounds = record([0.5, 0.01], goods=names, price=price)
    (panel,) = plots.prices(rounds).axes
    assert list(lines(panel)) == ["g6", "g5", "g4", "g3", "g2", "g1"]  # highest first
    assert "in the plan" not in legend(panel)


def test_prices_far_apart_are_shown_in_logarithms() -> None:
    near = record([0.5, 0.01], price=[[1.0, 1.0], [4.0, 2.0]])
    far = record([0.5, 0.01], price=[[1.0, 1.0], [1.0, 6.0]])
    assert plots.prices(near).axes[0].get_yscale() == "linear"
    assert plots.prices(far).axes[0].get_yscale() == "log"


@pytest.mark.parametrize(
    ("unit", "label"),
    [
        (None, "price, money per unit"),
        ("kg", "price, money per kg"),
        (["kg", "loaf"], "price, money"),
        (["", ""], "price, money per unit"),
    ],
)
def test_the_unit_of_prices_is_said_where_there_is_one(unit, label) -> None:
    goods = pe.Goods(["grain", "bread"], unit=unit)
    (panel,) = plots.prices(record([0.5, 0.01], goods=goods)).axes
    assert panel.get_ylabel() == label


def test_rounds_are_shown_in_two_panels() -> None:
    above, below = plots.rounds(SHORT).axes
    assert "worst imbalance" in lines(above)
    assert set(lines(below)) == {"grain", "bread"}
    assert below.get_xlabel() == "round"
    dots = [line for line in below.lines if line.get_markersize() == 6 and len(line.get_xdata())]
    assert len(dots) == 2
    low, high = below.get_xlim()
    for dot in dots:  # beside the last round, and in the picture
        assert low < 3.0 < float(dot.get_xdata()[0]) < high


# -- rule beside rule -----------------------------------------------------------------------------


def test_rules_are_compared_by_name() -> None:
    slow = record(np.geomspace(1.0, 0.06, 9), status="round limit")
    again = record([1.0, 0.01], rule="newton", inquiries=[5, 0])
    above, below = plots.compare([slow, SHORT, again]).axes
    assert list(lines(above)) == ["book", "book (2)", "newton"]
    assert legend(above) == ["book", "book (2)", "newton", "settled"]
    np.testing.assert_array_equal(lines(above)["newton"][0], [1, 2])
    np.testing.assert_allclose(lines(above)["book (2)"][1], [1.0, 0.2, 0.04], rtol=1e-14)
    np.testing.assert_array_equal(lines(below)["book (2)"][1], [0.5, 0.3, 0.1])
    # a dot where a rule settled, none where it ran into its limit
    dots = [line for line in above.lines if line.get_markersize() == 7 and len(line.get_xdata())]
    assert [(float(d.get_xdata()[0]), float(d.get_ydata()[0])) for d in dots] == [
        (3.0, SHORT.worst_imbalance[-1]),
        (2.0, again.worst_imbalance[-1]),
    ]

    # six exchanges come before the second round of a rule that inquires five times
    (panel,) = plots.compare([again], by="exchanges").axes
    np.testing.assert_array_equal(lines(panel)["newton"][0], [1, 7])
    assert panel.get_xlabel().startswith("exchanges with every council")


def test_labels_of_ones_own_and_panels_wanted() -> None:
    figure = plots.compare({"last year": SHORT, "this year": SHORT}, distance=False)
    (panel,) = figure.axes
    assert list(lines(panel)) == ["last year", "this year"]
    assert len(plots.compare([record([1.0, 0.1])]).axes) == 1
    with pytest.raises(pe.SettingsError, match="at least one Rounds, got none"):
        plots.compare([])
    with pytest.raises(
        pe.SettingsError, match=r"by: expected one of .*, got 'round'; did you mean"
    ):
        plots.compare([SHORT], by="round")


def test_a_long_run_does_not_hide_the_short_one() -> None:
    long = record(np.geomspace(1.0, 0.04, 100))
    assert plots.compare([long, SHORT]).axes[-1].get_xscale() == "log"
    assert plots.compare([long, long]).axes[-1].get_xscale() == "linear"
    assert plots.compare([SHORT, SHORT]).axes[-1].get_xscale() == "linear"


def test_lines_differ_in_colour_and_in_grey() -> None:
    many = {f"run {i}": SHORT for i in range(28)}
    panel = plots.compare(many, distance=False).axes[0]
    styles = {
        (line.get_color(), line.get_linestyle()) for line in panel.lines if line.get_label() in many
    }
    assert len(styles) == 28
    first = [line.get_color() for line in panel.lines if line.get_label() in many][:7]
    assert least_difference(first) > 15.0
    usual = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2"]
    assert least_difference(usual) < 10.0  # so that the measure is seen to tell


def least_difference(colours: list[str]) -> float:
    """CIE 1976 difference of the two nearest colours, without red- or green-sensitive cones.

    Simulated after Vienot, Brettel and Mollon (1999).
    """
    to_cones = np.array(
        [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]]
    )
    without_red = np.array([[0.0, 2.02344, -2.52581], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    without_green = np.array([[1.0, 0.0, 0.0], [0.494207, 0.0, 1.24827], [0.0, 0.0, 1.0]])
    least = np.inf
    for missing in (without_red, without_green):
        light = (np.array(to_rgb(colour)) ** 2.2 for colour in colours)
        seen = [lab(np.linalg.solve(to_cones, missing @ to_cones @ rgb)) for rgb in light]
        least = min(least, *(np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]))
    return float(least)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB under D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = to_xyz @ rgb.clip(0.0) / np.array([0.9505, 1.0, 1.089])
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A.PNG", "a.svg", "a.pdf"])
def test_the_suffix_says_what_is_written(tmp_path, name) -> None:
    path = tmp_path / name
    figure = SHORT.plot(path)
    assert len(figure.axes) == 2
    written = path.read_bytes()
    if path.suffix.lower() == ".png":
        assert written.startswith(PNG)
    elif path.suffix == ".pdf":
        assert written.startswith(b"%PDF")
    else:
        assert ET.fromstring(written).tag.endswith("svg")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_rounds_give_the_same_picture(tmp_path, suffix) -> None:
    """To the byte: a picture that is made again is no change."""
    one, two = (tmp_path / f"{k}{suffix}" for k in (1, 2))
    for path in (one, two):
        SHORT.plot(path)
    assert one.read_bytes() == two.read_bytes()
    assert SHORT.plot(None) is not SHORT.plot(None)


def test_a_place_that_takes_no_picture_is_refused_before_anything_is_drawn(tmp_path) -> None:
    with pytest.raises(pe.FormatError, match=r"a.xls: expected .* \.png, \.svg, \.pdf"):
        SHORT.plot(tmp_path / "a.xls")
    with pytest.raises(pe.FormatError, match="there is no folder"):
        SHORT.plot(tmp_path / "nowhere" / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_notebooks_get_a_picture() -> None:
    assert SHORT._repr_png_().startswith(PNG)


def test_any_name_can_be_written(tmp_path) -> None:
    names = ("$x^", "_hidden", "a\nb\tc", "x" * 200, "Überschuß", r"\frac{")
    goods = pe.Goods(names, unit="$m^")
    rounds = record([0.5, 0.01], goods=goods, rule="_$x^", plan_price=np.ones(6))
    plots.write(plots.rounds(rounds), tmp_path / "a.svg")
    plots.write(plots.compare(dict.fromkeys(names, rounds)), tmp_path / "a.svg")
    assert len(legend(plots.rounds(rounds).axes[1])) == 7


@pytest.mark.parametrize(
    "rounds",
    [
        record([0.0]),
        record([1.999999]),
        record([0.5], price=[[1e-300, 1e300]], plan_price=[0.0, 1e300]),
        record([1e-16, 1e-15], status="interrupted"),
        record(np.full(300, 0.3), status="round limit"),
        record([0.5, 0.4], price=[[1.0, 2.0], [np.nan, np.inf]], status="diverged"),
    ],
)
def test_extremes_are_drawn_without_a_warning(rounds) -> None:
    for figure in (plots.rounds(rounds), plots.compare([rounds])):
        assert plots.png(figure).startswith(PNG)


# -- without pyplot, without Matplotlib -----------------------------------------------------------


def test_no_window_and_no_global_state() -> None:
    code = (
        "import sys, numpy as np, parecon as pe\n"
        "one = np.ones((3, 2))\n"
        "r = pe.Rounds(rule='book', threshold=.1, status='settled', goods=pe.Goods(2),\n"
        "              price=one, supply=one, demand=one)\n"
        "assert 'matplotlib' not in sys.modules\n"
        "r._repr_png_()\n"
        "assert 'matplotlib' in sys.modules\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]
    before = dict(mpl.rcParams)
    plots.rounds(SHORT)
    assert dict(mpl.rcParams) == before


def test_threads_may_draw_at_once() -> None:
    drawn = [b""] * 3

    def draw(k: int) -> None:
        drawn[k] = plots.png(plots.rounds(SHORT))

    threads = [threading.Thread(target=draw, args=(k,)) for k in range(len(drawn))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(drawn) == {plots.png(plots.rounds(SHORT))}


def test_without_matplotlib_it_is_said_how_to_get_it(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(pe.MissingDependencyError, match=r"pip install 'parecon\[plot\]'"):
        SHORT.plot()
    with pytest.raises(pe.MissingDependencyError, match="matplotlib"):
        plots.check(tmp_path / "a.png")
    assert SHORT._repr_png_() is None  # notebooks then show the text
