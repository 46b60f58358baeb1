"""Pictures of plans show what the records say."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import parecon as pe
from parecon import outcome, plots
from parecon.reporting.svg import inline
from report.villages import village


def bars(panel) -> list[float]:
    return [float(bar.get_width()) for bar in panel.patches]


def names(panel) -> list[str]:
    return [label.get_text() for label in panel.get_yticklabels()]


def test_changes_are_drawn_from_the_largest_rise_to_the_largest_fall(us, year) -> None:
    (panel,) = plots.price_changes(us, year, most=3).axes
    goods = ["utilities", "utilities_supply", "agriculture", "finance", "labour", "capital"]
    assert names(panel) == goods
    changes = 100 * (us.price[us.economy.goods.index(goods)] - 1.0)
    np.testing.assert_allclose(bars(panel), changes)
    assert panel.texts[0].get_text() == "+198.4 %"
    assert panel.yaxis_inverted()
    (panel,) = plots.quantity_changes(us, year).axes
    assert len(bars(panel)) == 20
    assert panel.get_xlabel() == "change of quantity used, %"


def test_limits_gains_and_emissions_are_drawn_as_they_are(us, year) -> None:
    (panel,) = plots.scarcity(us).axes
    found = outcome.scarcity(us)
    np.testing.assert_allclose(bars(panel), [one.value for one in found.binding])
    (panel,) = plots.gains(us, year).axes
    changes = [group.change for group in outcome.gains(us, outcome.side_of(year)).groups]
    np.testing.assert_allclose(bars(panel)[:4], 100 * np.array(changes))
    assert names(panel)[-1] == "all together"
    (panel,) = plots.emissions(us, year, most=6).axes
    (one,) = outcome.emissions(us, outcome.side_of(year), most=6)
    now, before = bars(panel)[:6], bars(panel)[6:]
    np.testing.assert_allclose(now, [e.quantity for e in one.emitters])
    np.testing.assert_allclose(before, [e.before for e in one.emitters])
    assert names(panel)[-1] == "19 others"
    assert len(bars(plots.emissions(us, most=6).axes[0])) == 6


def test_boxes_of_the_flow_diagram_are_as_high_as_their_value(us) -> None:
    found = outcome.flows(us)
    (panel,) = plots.flows(us).axes
    high = {p.get_gid(): np.ptp(p.get_path().vertices[:, 1]) for p in panel.patches}
    left = {p.get_gid(): p.get_path().vertices[:, 0].min() for p in panel.patches}
    scale = high["node-0"] / found.nodes[0].value
    for k, node in enumerate(found.nodes):
        assert high[f"node-{k}"] == pytest.approx(scale * node.value)
    assert len([gid for gid in high if gid.startswith("link-")]) == len(found.links)
    # a band is as high at its ends as its value, and the bands of a box fill it
    for k, link in enumerate(found.links):
        band = next(p for p in panel.patches if p.get_gid() == f"link-{k}").get_path().vertices
        assert band[0, 1] - band[7, 1] == pytest.approx(scale * link.value)
        assert band[3, 1] - band[4, 1] == pytest.approx(scale * link.value)
        assert band[0, 0] > left[f"node-{link.source}"]
        assert band[3, 0] == pytest.approx(left[f"node-{link.target}"])


def test_history_shows_what_is_above_zero(us) -> None:
    (panel,) = plots.history(us).axes
    shown = {
        line.get_label(): line.get_ydata() for line in panel.lines if len(line.get_xdata()) > 2
    }
    gaps = np.array([info.gap for info in us.history])
    np.testing.assert_array_equal(shown["gap"], np.where(gaps > 0, gaps, np.nan))
    assert set(shown) == {"gap", "shortage", "surplus", "zero profit"}
    assert panel.get_yscale() == "log"


def test_what_cannot_be_drawn_is_said(hungry, us) -> None:
    for draw in (plots.scarcity, plots.flows, plots.emissions):
        with pytest.raises(pe.PlanError, match="infeasible has no figures"):
            draw(hungry)
    with pytest.raises(pe.PlanError, match="no good of the economy is a permit"):
        plots.emissions(pe.solve(village()))
    with pytest.raises(pe.PlanError, match="no consumers whose utility"):
        plots.gains(us, pe.solve(village()))


def test_every_picture_can_be_written(tmp_path) -> None:
    figure = plots.flows(pe.solve(village()))
    for suffix in (".png", ".svg", ".pdf"):
        plots.write(figure, tmp_path / f"flows{suffix}")
    figure.savefig(tmp_path / "again.svg")
    assert ET.parse(tmp_path / "flows.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "flows.png").read_bytes().startswith(b"\x89PNG")


def test_names_with_letters_of_any_kind_are_drawn(tmp_path) -> None:
    goods = ["時間", "\x1b_hidden$x^", "ابجد" * 20]
    economy = village()
    economy = pe.Economy(pe.Goods(goods), economy.endowment, economy.families)
    plan = pe.solve(economy)
    for figure in (plots.flows(plan), plots.scarcity(plan)):
        plots.write(figure, tmp_path / "a.svg")
    assert "時間" in inline(plots.scarcity(plan), "a", "t", "d")


def test_inlined_pictures_have_the_colours_of_the_page(us) -> None:
    svg = inline(plots.flows(us), "f", "a <title>", "what & how", {"node-0": "<tip>"})
    assert "#0072b2" not in svg.lower()
    assert "fill: var(--c0)" in svg
    assert "font-family" not in svg
    assert svg.startswith('<svg viewBox="0 0 ')
    root = ET.fromstring(svg)
    assert [e.text for e in root.iter("title")] == ["a <title>", "<tip>"]
    assert root.find("desc").text == "what & how"


def test_reports_come_without_a_window() -> None:
    code = (
        "import sys, parecon as pe\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plan = pe.solve(pe.Economy(1, [1], [pe.CobbDouglasConsumers([1], [[1]])]))\n"
        "assert 'matplotlib' not in sys.modules and 'parecon.reporting' not in sys.modules\n"
        "pe.report(plan)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_matplotlib_reports_say_what_to_install(monkeypatch, us) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(pe.MissingDependencyError, match=r"parecon\[plot\]"):
        pe.report(us)


# -- notebooks ------------------------------------------------------------------------------------


def test_notebooks_show_a_plan_in_short(us, hungry) -> None:
    from report.documents import parsed

    shown = us._repr_html_()
    tree = parsed(shown)
    assert len(shown) < 3_000
    first = next(tree.one("tbody").all("tr"))
    labour = f"{us.price[us.economy.goods.index('labour')]:.6g}"
    assert [cell.text for cell in first.all("td")] == [labour, "8.57537e+06", "8.57537e+06"]
    assert "and 64 more goods" in tree.text
    assert "certified" in tree.text
    tree = parsed(hungry._repr_html_())
    assert "short of" in tree.text
    assert not list(tree.all("script"))
    assert "6.6623" in tree.text or "6.66227" in tree.text


def test_notebooks_ask_for_no_proposals() -> None:
    def never():
        raise AssertionError

    economy = village()
    plan = pe.Plan(
        status="solved", message="<b>", economy=economy, price=[1, 2, 3], supply=[1, 1, 1],
        demand=[1, 1, 1], proposals=never,
    )  # fmt: skip
    assert "&lt;b&gt;" in plan._repr_html_()
