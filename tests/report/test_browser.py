"""The page in a real browser without a window, with the network off."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import parecon as pe
from report.browser import Browser, find
from report.villages import NASTY, village

PROGRAM = find()
pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason="no browser: neither chromium nor google-chrome is installed (apt install chromium)",
)

COLUMN = "[...document.querySelectorAll('#prices tbody tr:not([hidden])')].map(r => r.cells[{}].{})"
HEADING = "#prices thead th:nth-child({}) button"
OUTSIDE = """[...document.querySelectorAll('svg')].flatMap(svg => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(text => {
        const r = text.getBoundingClientRect();
        return r.left < box.left - 1 || r.right > box.right + 1;
    }).map(text => text.textContent);
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(str(PROGRAM)) as running:
        yield running


@pytest.fixture(scope="module")
def us_page(us_report, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "us.html"
    us_report.save(path)
    return path


def texts(browser: Browser, column: int) -> list[str]:
    return browser.run(COLUMN.format(column, "textContent"))


def numbers(browser: Browser, column: int) -> list[float]:
    shown = browser.run(COLUMN.format(column, "dataset.v"))
    return [float(text) for text in shown if text]


def test_page_is_shown_without_a_network_or_a_complaint(browser, us_page) -> None:
    browser.open(us_page)
    assert browser.complaints() == []
    assert browser.requests() == [us_page.as_uri()]
    assert browser.run("document.title") == "us-2012"
    assert browser.run("document.compatMode") == "CSS1Compat"
    assert browser.run("document.querySelectorAll('svg').length") == 7
    broken = browser.run(
        "[...document.querySelectorAll('svg use')].filter(e => !document.querySelector("
        "e.getAttribute('href'))).length"
    )
    assert broken == 0


def test_headings_sort(browser, us_page) -> None:
    browser.open(us_page)
    before = texts(browser, 0)
    state = f"document.querySelector('{HEADING.format(1)}').parentElement.ariaSort"
    browser.click(HEADING.format(1))
    names = texts(browser, 0)
    assert names == sorted(names) != before
    assert browser.run(state) == "ascending"
    browser.click(HEADING.format(1))
    assert texts(browser, 0) == names[::-1]
    assert browser.run(state) == "descending"

    at = browser.run(
        "[...document.querySelectorAll('#prices thead th')].findIndex("
        "h => h.textContent.startsWith('quantitychange'))"
    )
    browser.click(HEADING.format(at + 1))
    values = numbers(browser, at)
    assert len(values) == 72
    assert values == sorted(values, reverse=True)
    assert browser.run(state) is None
    # the same with the keyboard
    browser.run(f"document.querySelector('{HEADING.format(at + 1)}').focus()")
    browser.key("Enter", 13)
    assert numbers(browser, at) == values[::-1]
    assert browser.complaints() == []


def test_words_filter(browser, us_page) -> None:
    browser.open(us_page)
    browser.click("#prices-filter")
    browser.type("Import food")
    assert texts(browser, 0) == ["food_import"]
    state = "document.querySelector('output').textContent"
    assert browser.run("document.querySelector('#prices-filter + output').textContent") == (
        "1 of 72 rows"
    )
    assert "rows" in browser.run(state)
    browser.run("document.querySelector('#prices-filter').value = ''")
    browser.run("document.querySelector('#prices-filter').dispatchEvent(new Event('input'))")
    assert len(texts(browser, 0)) == 72


def test_names_do_nothing(browser, tmp_path, hungry) -> None:
    plan = pe.solve(village())
    for k, report in enumerate(
        (pe.report(plan, plan, title=NASTY, money=NASTY), pe.report(hungry, title=NASTY))
    ):
        report.save(tmp_path / f"{k}.html")
        browser.open(tmp_path / f"{k}.html")
        assert browser.complaints() == []
        assert browser.run("document.title") == NASTY
        assert browser.run("document.scripts.length") == 1
        assert browser.run("document.querySelectorAll('b, i').length") == 0


def test_policy_stops_what_is_not_the_script_of_the_page(browser, us_page, tmp_path) -> None:
    """As if escaping had failed."""
    hurt = us_page.read_text().replace(
        "</main>",
        "<script>document.title = 'hurt'</script><img src='x.png' onerror='hurt()'></main>",
    )
    (tmp_path / "hurt.html").write_text(hurt)
    browser.open(tmp_path / "hurt.html")
    assert browser.run("document.title") == "us-2012"
    assert len([line for line in browser.complaints() if "Content Security Policy" in line]) >= 2
    failed = (e["params"] for e in browser.events if e["method"] == "Network.loadingFailed")
    assert [said["blockedReason"] for said in failed] == ["csp"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_follows_the_wish_for_light_or_dark(browser, us_page, scheme) -> None:
    browser.open(us_page, prefers_color_scheme=scheme)
    ground, ink = (
        sum(map(int, re.findall(r"\d+", browser.run(f"getComputedStyle({where}).{what}"))[:3]))
        for where, what in (
            ("document.body", "backgroundColor"),
            ("document.querySelector('svg text')", "fill"),
        )
    )
    assert (ground > ink) == (scheme == "light")


@pytest.mark.parametrize("width", [360, 1400])
def test_page_fits_narrow_and_wide_windows(browser, us_page, width) -> None:
    browser.open(us_page, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    outside = browser.run(OUTSIDE)
    assert outside == []  # no label is cut off


def test_pictures_have_names_for_those_who_do_not_see_them(browser, us_page) -> None:
    browser.open(us_page)
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    images = [n for n in nodes if n.get("role", {}).get("value") in ("image", "img")]
    named = [n["name"]["value"] for n in images if n["name"].get("value")]
    assert len(named) >= 7
    assert any(name.startswith("Main supply chains") for name in named)
    tables = [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == "table"]
    assert "Limits that bind" in tables


def test_page_prints(browser, us_page, tmp_path) -> None:
    browser.open(us_page, prefers_color_scheme="dark")
    browser.print(tmp_path / "us.pdf")
    printed = (tmp_path / "us.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 20
    assert len(printed) > 30_000
