"""The page: what it is made of, that its numbers are the plan's, that nothing gets in or out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

import parecon as pe
from parecon import outcome
from parecon.economies import us_2012
from parecon.reporting import on_goods, page
from report.documents import parsed, rows, value
from report.villages import NASTY, village

ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+", re.IGNORECASE)


@pytest.fixture(scope="module")
def tree(us_report):
    return parsed(us_report.html)


@pytest.fixture(scope="module")
def stopped_tree(stopped, year):
    return parsed(pe.report(stopped, year).html)


def headings(tree) -> list[str]:
    return [heading.text for heading in tree.all("h2")]


# -- structure ------------------------------------------------------------------------------------


def test_sections_come_in_order_and_are_those_of_the_contents(tree, us_report) -> None:
    assert headings(tree) == [
        "Summary",
        "Who gains and who loses",
        "Prices and quantities, against the benchmark year",
        "What is scarce",
        "Emissions by source",
        "Main supply chains",
        "Certificate",
        "How the plan was found",
        "Notes",
    ]
    links = [link.attributes["href"] for link in tree.one("nav").all("a")]
    sections = [section.attributes["id"] for section in tree.all("section")]
    assert links == [f"#{ident}" for ident in sections]
    assert list(us_report.sections) == list(zip(sections, headings(tree), strict=True))
    assert repr(us_report).startswith("Report('us-2012', ")


def test_page_can_be_read_by_those_who_do_not_see_it(tree) -> None:
    assert tree.one("html").attributes["lang"] == "en"
    assert len(list(tree.all("h1"))) == 1
    levels = [int(e.name[1]) for e in tree.all() if re.fullmatch(r"h[1-6]", e.name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    idents = Counter(e.attributes["id"] for e in tree.all() if "id" in e.attributes)
    assert max(idents.values()) == 1
    pictures = list(tree.all("svg"))
    assert len(pictures) == 7
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        labels = str(picture.attributes["aria-labelledby"]).split()
        assert {e.attributes.get("id"): e.text for e in picture.all("title")}[labels[0]]
        assert set(labels) <= set(idents)
    for figure in tree.all("figure"):
        assert figure.one("figcaption").text.endswith(".")
    for table in tree.all("table"):
        assert table.one("caption").text
        assert all(e.attributes.get("scope") == "col" for e in table.one("thead").all("th"))
        for row in table.one("tbody").all("tr"):
            assert row.children[0].attributes["scope"] == "row"


def test_references_within_pictures_lead_somewhere(tree, us_report) -> None:
    idents = {e.attributes["id"] for e in tree.all() if "id" in e.attributes}
    wanted = re.findall(r'(?:href="|url\()#([\w-]+)', us_report.html)
    assert wanted
    assert set(wanted) <= idents


# -- numbers --------------------------------------------------------------------------------------


def test_prices_and_quantities_are_those_of_the_plan(tree, us, year) -> None:
    goods = us.economy.goods
    shown = rows(tree.one("table", id="prices"))
    assert {row["good"].text for row in shown} == set(goods.names)
    changes = outcome.good_changes(us, outcome.side_of(year))
    moved = []
    for row in shown:
        i = goods.index(row["good"].text)
        for heading, values in (
            ("price, million USD per unit", us.price),
            ("price before", changes.price_before),
            ("price, change", changes.price_change),
            ("quantity used", us.demand),
            ("quantity before", changes.quantity_before),
            ("quantity, change", changes.quantity_change),
            ("value, million USD", us.price * us.demand),
        ):
            assert value(row[heading]) == pytest.approx(values[i], rel=1e-9, abs=1e-12)
        dearer = abs(us.price[i] - changes.price_before[i]) * changes.quantity_before[i]
        moved.append(dearer + abs(us.demand[i] - changes.quantity_before[i]) * us.price[i])
    assert moved == sorted(moved, reverse=True)


def test_other_tables_have_the_figures_of_their_sources(tree, us) -> None:
    expected = us_2012.summary(us)
    shown = rows(tree.one("table", id="consumers"))
    for row, change in zip(shown, expected.welfare, strict=False):
        assert row["consumers"].text == change.council
        assert value(row["utility, change"]) == pytest.approx(change.relative, rel=1e-8)
        worth = value(row["worth, million USD"])
        assert worth == pytest.approx(change.equivalent_variation, rel=1e-8)
    together = value(shown[-1]["utility, change"])
    assert together == pytest.approx(expected.welfare_together, rel=1e-8)
    sources = rows(tree.one("table", id="sources-0"))
    used = sum(value(row["used, million tonnes CO2e"]) for row in sources)
    assert used == pytest.approx(expected.emissions, rel=1e-8)
    limits = {row["limit"].text: row for row in rows(tree.one("table", id="limits"))}
    price = limits["ghg_permit"]["shadow price, million USD per unit"]
    assert value(price) == pytest.approx(expected.permit_price, rel=1e-9)
    bands = rows(tree.one("table", id="bands"))
    last = [value(row["value, million USD"]) for row in bands if row["its column"].text == "to"]
    assert sum(last) == pytest.approx(us.economy.total_budget, rel=1e-6)
    history = rows(tree.one("table", id="iterations"))
    assert len(history) == len(us.history)
    assert value(history[-1]["gap"]) == pytest.approx(us.history[-1].gap, rel=1e-9)


def test_certificate_says_what_holds(tree, us, stopped, stopped_tree) -> None:
    shown = {row["what is checked"].text: row for row in rows(tree.one("table", id="checks"))}
    certificate = us.certificate
    assert {row["holds"].text for row in shown.values()} == {"yes"}
    gap = shown["what is left to gain (gap)"]
    assert value(gap["worst case"]) == pytest.approx(certificate.gap, rel=1e-9)
    shown = rows(stopped_tree.one("table", id="checks"))
    shown = {row["what is checked"].text: row for row in shown}
    assert shown["what is left to gain (gap)"]["holds"].text == "no"
    assert shown["use beyond what exists"]["holds"].text == "yes"
    surplus = shown["something of value left over"]
    assert surplus["where"].text == stopped.certificate.surplus_good


def test_summary_says_what_the_plan_costs(tree, us) -> None:
    said = tree.one("section", id="summary").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "consumers together lose 1.71 %" in said
    assert "adds up to −287,213 million USD a year" in said
    assert "(−30.0 %)" in said
    assert "495.9 million USD" in said
    assert "No council gains, 4 lose." in said
    assert "cheaper: capital (−13.8 %), labour (−7.98 %)" in said


def test_a_plan_beside_itself_changes_nothing() -> None:
    plan = pe.solve(village())
    tree = parsed(pe.report(plan, plan, against_name="itself").html)
    said = tree.one("section", id="summary").text
    assert "Consumers gain and lose nothing against itself." in said
    assert "No price changed by .05 % or more." in tree.text
    changes = [value(row["price, change"]) for row in rows(tree.one("table", id="prices"))]
    assert set(changes) == {0.0}


# -- nothing gets in or out -----------------------------------------------------------------------


def test_page_needs_nothing_else(tree, us_report) -> None:
    for element in tree.all():
        assert element.name not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        for key in ("src", "srcset", "data", "action", "xlink:href", "background", "ping"):
            assert key not in element.attributes, (element.name, key)
        assert str(element.attributes.get("href", "#")).startswith("#")
        assert not any(key.startswith("on") for key in element.attributes)
    styles = "".join(element.text for element in tree.all("style"))
    assert "url(" not in styles
    assert "@import" not in styles
    assert not ADDRESS.search(us_report.html)


def test_policy_lets_nothing_run_but_the_script_of_the_page(tree) -> None:
    (policy,) = (e.attributes["content"] for e in tree.all("meta") if "http-equiv" in e.attributes)
    (script,) = tree.all("script")
    digest = hashlib.sha256(script.text.encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none';")


def test_names_are_text_whatever_they_are(hungry) -> None:
    before = pe.solve(village())
    plan = pe.solve(village(hours=12.0))
    report = pe.report(
        plan, before, title=f"{NASTY}</title>", against_name=f"<i>{NASTY}", money=f"<u>{NASTY}"
    )
    for html in (report.html, pe.report(hungry, title=NASTY).html):
        tree = parsed(html)
        assert len(list(tree.all("script"))) == 1
        assert "alert" not in tree.one("script").text
        for name in ("b", "i", "u"):
            assert not list(tree.all(name))
        assert "\x00" not in html
    tree = parsed(report.html)
    names = [row["good"].text for row in rows(tree.one("table", id="prices"))]
    assert sorted(names) == sorted(["wheat", NASTY, "$bread_^{x}\ufffd\ufffd"])
    assert tree.one("h1").text == f"{NASTY}</title>"
    assert "\u202e" not in report.html  # what follows would be read backwards


def test_notebook_gets_a_frame_that_reaches_nothing(us_report, us) -> None:
    frame = parsed(us_report._repr_html_()).one("iframe")
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert frame.attributes["srcdoc"] == us_report.html


# -- any plan -------------------------------------------------------------------------------------


def test_infeasible_plan_says_what_is_missing(hungry) -> None:
    tree = parsed(pe.report(hungry).html)
    assert headings(tree)[:2] == ["Summary", "What is missing"]
    assert not {"Certificate", "What is scarce", "Main supply chains"} & set(headings(tree))
    (row,) = rows(tree.one("table", id="short"))
    name, needed, has = hungry.infeasible.goods[0]
    assert row["good"].text == name.replace("\x00", "\ufffd").replace("\u202e", "\ufffd")
    assert value(row["missing"]) == pytest.approx(needed - has)
    (obstacle,) = rows(tree.one("table", id="in-the-way"))
    assert obstacle["resource"].text == NASTY
    assert value(obstacle["shadow price"]) == pytest.approx(hungry.infeasible.resources[0][1])
    assert "prices, quantities, gains, emissions and supply chains are left out" in tree.text
    assert "No plan exists" in tree.one("section", id="summary").text


def test_plan_stopped_early_is_told_as_one(stopped_tree) -> None:
    tree = stopped_tree
    verdict = tree.one("div", class_="verdict warn")
    assert "Stopped early, at the limit of iterations" in verdict.text
    assert "does not hold at" in tree.one("section", id="certificate").text
    assert "Main supply chains" in headings(tree)


def test_plan_without_comparison_tells_what_it_can() -> None:
    tree = parsed(pe.report(pe.solve(village(capacity=1.0))).html)
    assert headings(tree) == [
        "Summary", "Who gets what", "Prices and quantities", "What is scarce",
        "Main supply chains", "Certificate", "How the plan was found", "Notes",
    ]  # fmt: skip
    assert "not compared with another" in tree.text
    assert {row["kind"].text for row in rows(tree.one("table", id="limits"))} == {
        "labour", "capacity",
    }  # fmt: skip


def test_plan_from_files_is_certified_anew(tmp_path) -> None:
    plan = pe.solve(village(), tol=1e-9)
    plan.save(tmp_path / "plan")
    loaded = pe.load_plan(tmp_path / "plan", plan.economy)
    assert loaded.certificate is None
    tree = parsed(pe.report(loaded).html)
    assert "It holds at 1e−09" in tree.one("section", id="certificate").text


def test_plan_without_history_or_meaning_is_still_a_page() -> None:
    economy = village()
    zero = np.zeros(3)
    plan = pe.Plan(
        status="invalid", message="overflow", economy=economy, price=zero * np.nan, supply=zero,
        demand=zero, proposals=(),
    )  # fmt: skip
    tree = parsed(pe.report(plan).html)
    assert headings(tree) == ["Summary", "Notes"]
    assert "does not tell how it was found" in tree.text


def test_targets_of_a_central_plan_are_told() -> None:
    economy = pe.Economy(
        pe.Goods(["labour", "bread", "iron"]), [10.0, 0.0, 0.0],
        [
            pe.Targets([1, 2], [3.0, 4.0], [2.0, 1.0], names=["bread", "iron"], label="aims"),
            pe.Activities([[-1, 1, 0], [-2, 0, 1]], names=["bakery", "mine"]),
        ],
    )  # fmt: skip
    plan = pe.solve(economy)
    tree = parsed(pe.report(plan, plan).html)
    assert "Who gains and who loses" not in headings(tree)
    bread, iron = rows(tree.one("table", id="targets-0"))
    quantity = plan.proposal("aims").quantity
    assert value(bread["delivered"]) == pytest.approx(quantity[0])
    assert value(iron["beyond the target"]) == pytest.approx(quantity[1] / 4.0 - 1.0)


def test_large_plans_make_small_pages() -> None:
    economy = pe.synthetic.ces(1_000, 1_300, 1_200, seed=1, goods_per_council=4)
    plan = pe.solve(economy, tol=1e-4)
    report = pe.report(plan, plan)
    tree = parsed(report.html)
    assert report.size < 1_500_000
    goods = tree.one("table", id="prices")
    assert len(rows(goods)) == on_goods.GOODS == 1_000
    assert goods.one("caption").text.endswith(": 1,000 of 1,200")
    assert len(rows(tree.one("table", id="consumers"))) == 11
    assert len(rows(tree.one("table", id="limits"))) <= 60


def test_the_same_plan_gives_the_same_page() -> None:
    plan = pe.solve(village())
    assert pe.report(plan).html == pe.report(plan).html


# -- colours --------------------------------------------------------------------------------------


def themes() -> dict[str, dict[str, str]]:
    css = page._asset("page.css")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    names = ("light", "dark", "paper")
    assert len(blocks) == 3
    return {
        name: dict(re.findall(r"--([\w]+): (#[0-9a-f]{6})", block))
        for name, block in zip(names, blocks, strict=True)
    }


def luminance(colour: str) -> float:
    """WCAG 2, relative luminance."""
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_colours_can_be_read(theme) -> None:
    """WCAG 2.1 AA: letters 4.5 on both grounds; bars and lines 3. The two light hues of the palette
    are only those of boxes with their names beside them.
    """
    colours = themes()[theme]
    for ground in ("paper", "raised"):
        for name in ("ink", "soft", "link", "up", "down", "good", "warn", "bad"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("c0", "c1", "c2", "c3"):
        assert contrast(colours[name], colours["paper"]) >= 3.0, name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_differ_for_the_colour_blind(theme) -> None:
    from test_plots import least_difference

    colours = themes()[theme]
    assert least_difference([colours[f"c{k}"] for k in range(6)]) > 12.0
    assert least_difference([colours["up"], colours["down"]]) > 30.0
