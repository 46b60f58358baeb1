"""Makes the tables and pictures of `book2021.md`: prints tables; `--write` puts all in place.

Every table of the page stands between two markers and comes from here. A full run takes some
minutes; the tests run it in small, and compare in full the table of published instances where the
published files are at hand (`../shared/data` beside the checkout, or $PARECON_SHARED).
"""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parecon import plots, synthetic
from parecon.experiments import book2021 as book
from parecon.experiments import book2021_figures as figures
from parecon.experiments import book2021_summary as summary
from parecon.experiments import book_variants as variants
from parecon.procedure import Rounds, simulate
from parecon.procedure.councils import Councils

PAGE = Path(__file__).with_name("book2021.md")
ROOT = PAGE.parents[2]
INSTANCES = ("01", "02", "03", "04", "22", "24")
NEAR_ONE = ("as in the book", "exponents sum to .85-.90", "exponents sum to .90-.95")
COMPARED = ("book", "anderson")


@dataclass
class Results:
    """What the tables are made of; sizes as on the page unless told otherwise."""

    councils: int = book.COUNCILS
    experiments: int = book.EXPERIMENTS
    variant_experiments: int = 5

    def run(self) -> Results:
        """Run everything."""
        self.rounds: dict[str, Rounds] = {}
        self.near_one: dict[str, dict[str, Rounds]] = {rule: {} for rule in COMPARED}
        self.book = book.book2021(councils=self.councils, experiments=self.experiments)
        self.lines = summary.lines(self.book)
        self.variants = variants.runs(
            councils=self.councils, experiments=self.variant_experiments, keep=self._keep
        )
        return self

    def _keep(self, variant: variants.Variant, seed: int, rounds: Rounds) -> None:
        """Rounds of the first economy, for the pictures."""
        if seed == 1 and variant == variants.AS_PUBLISHED:
            self.rounds[rounds.rule] = rounds
        if seed == 1 and variant.name in NEAR_ONE and rounds.rule in COMPARED:
            self.near_one[rounds.rule][variant.name] = rounds

    def line(self, returns: str, year: int, threshold: float) -> summary.Line:
        """One line of the summary."""
        return next(
            line
            for line in self.lines
            if (line.returns, line.year, line.threshold) == (returns, year, threshold)
        )


# -- tables ---------------------------------------------------------------------------------------


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown."""
    titles = list(header)
    rule = ["---", *["---:"] * (len(titles) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def year(results: Results, returns: str, number: int) -> str:
    """Rounds to every threshold, rule by rule, with the published figures."""

    def rows() -> Iterator[tuple[str, ...]]:
        for threshold in book.THRESHOLDS:
            line = results.line(returns, number, threshold)
            found = (summary.rounds_text(line.rounds[rule]) for rule in results.book.rule_names)
            yield f"{100 * threshold:g} %", summary.published_text(line.published) or "--", *found

    return table(("below", "published", *results.book.rule_names), rows())


def distance(results: Results) -> str:
    """How far prices are from the plan's where a year ends."""

    def rows() -> Iterator[tuple[str, ...]]:
        for threshold in book.THRESHOLDS:
            line = results.line(book.DECREASING, 1, threshold)
            means = (line.distance[rule] for rule in results.book.rule_names)
            yield f"{100 * threshold:g} %", *(percent(mean.mean) for mean in means)

    return table(("stopped below", *results.book.rule_names), rows())


def level(results: Results) -> str:
    """Where prices of the first economy stand to those of the plan when the year ends."""

    def rows() -> Iterator[tuple[str, ...]]:
        for rule, rounds in results.rounds.items():
            last = rounds.rounds_to(book.YEAR_END)
            if last is None or rounds.plan_price is None:
                continue
            off = np.log(rounds.price[last - 1] / rounds.plan_price)
            surplus = np.log(rounds.supply[last - 1] / rounds.demand[last - 1])
            yield (
                rule,
                summary.percent(float(off.mean())),
                f"{100 * off.std():.2f} %",
                summary.percent(float(surplus.mean())),
            )

    header = (
        "rule", "all prices together", "deviation of single prices from that", "supply over demand"
    )  # fmt: skip
    return table(header, rows())


def exchanges(results: Results) -> str:
    """Announcements and inquiries: what a rule asks of every council."""

    def rows() -> Iterator[tuple[str, ...]]:
        for rule in results.book.rule_names:
            stops = [
                stop
                for stop in results.book.stops
                if (stop.returns, stop.year, stop.rule) == (book.DECREASING, 1, rule)
            ]
            yield (
                rule,
                *(
                    f"{summary.mean_of(s.exchanges for s in stops if s.threshold == mark).mean:.1f}"
                    for mark in book.THRESHOLDS
                ),
            )

    return table(("rule", *(f"to {100 * mark:g} %" for mark in book.THRESHOLDS)), rows())


def growth(results: Results) -> str:
    """Real product of the second year over the first."""
    header = ("", "published", *results.book.rule_names, "between the plans")
    rows = (tuple(cell or "--" for cell in row) for row in summary.growth_rows(results.book))
    return table(header, rows)


def harder(results: Results) -> str:
    """Rounds to 3 % in every variant, and how far the book rule's prices then are."""
    rule_names = list(dict.fromkeys(run.rule for run in results.variants))

    def rows() -> Iterator[tuple[str, ...]]:
        for variant in variants.VARIANTS:
            some = [run for run in results.variants if run.variant == variant.name]
            by_rule = [[run for run in some if run.rule == rule] for rule in rule_names]
            at_3 = summary.mean_of(run.distance[0.03] for run in by_rule[rule_names.index("book")])
            cells = (rounds_cell(summary.mean_of(run.rounds[0.03] for run in r)) for r in by_rule)
            default = by_rule[rule_names.index("anderson")]
            to_1 = rounds_cell(summary.mean_of(run.rounds[0.01] for run in default))
            yield variant.name, *cells, to_1, percent(at_3.mean)

    header = ("variant", *rule_names, "anderson to 1 %", "distance of `book`")
    return table(header, rows())


def rounds_cell(mean: summary.Mean) -> str:
    """`19.2 [19, 20]`, or that the limit came first."""
    if not mean.reached:
        return f"not in {variants.MAX_ROUNDS}"
    return summary.rounds_text(mean)


def percent(value: float) -> str:
    """Of a distance."""
    return "--" if math.isnan(value) else f"{100 * value:.2g} %"


def increasing(results: Results) -> str:
    """What councils with increasing returns propose in the first economy, where the year ends."""
    size = (results.councils, results.councils, results.book.categories)
    economy = synthetic.book(*size, seed=1, increasing_returns=book.INCREASING_PART)
    councils = Councils(economy, 1, first_order=True)
    rounds = simulate(
        councils, rule="book", start_price=book.START_PRICE, threshold=book.YEAR_END, plan=False
    )
    made = {}
    for family, draft in zip(economy.families, councils.drafts(), strict=True):
        if family.role == "workers":
            made[family.title] = rounds.price[-1][family.output_good] * draft.values["output"]
    rising = economy.family("increasing returns")
    loss = rising.returns()
    share = made[rising.title].sum() / sum(value.sum() for value in made.values())
    rows = (
        ("of all worker councils", f"{rising.n_councils / (results.councils):.0%}"),
        ("of the value of everything made", f"{share:.1%}"),
        ("social cost over social benefit, least", f"{loss.min():.2f}"),
        ("... mean", f"{loss.mean():.2f}"),
        ("... most", f"{loss.max():.2f}"),
    )
    return table(("councils with increasing returns, below 3 %", "figure"), rows)


def time(results: Results) -> str:
    """Seconds of the whole run."""
    names = {
        "draw": "drawing economies (beside the rest)",
        "plan": "plans to compare with",
        "simulate": "procedures",
        "total": "all together",
        "processor": "processor time of all threads",
    }
    seconds = results.book.time_s
    count = results.experiments
    rows = [(text, f"{seconds[name]:.1f}") for name, text in names.items()]
    low, high = book.PUBLISHED_MINUTES
    rows.append(("published, one experiment", f"{60 * low:,}-{60 * high:,}"))
    return table((f"{count} experiments", "seconds"), rows)


def instances(data: Path) -> str:
    """The six published instances under the `book` rule."""

    def rows() -> Iterator[tuple[str, ...]]:
        for number in INSTANCES:
            economy = synthetic.book_from_npz(data / f"economy_{number}.npz")
            rounds = simulate(
                economy, rule="book", start_price=book.START_PRICE, threshold=0.03, gaps="last"
            )
            with np.load(data / f"rounds_{number}.npz", allow_pickle=False) as stored:
                percent_ = stored["year1_imbalance_percent"]
            off = np.abs(rounds.imbalance - percent_ / 100.0).max()
            marks = (f"{rounds.rounds_to(mark)}" for mark in (0.10, 0.05, 0.03))
            agreed = "yes" if off < 1e-12 and rounds.n_rounds == len(percent_) else "no"
            end = (percent(float(rounds.distance[-1])), f"{100 * rounds.gap[-1]:.2f} %")
            yield number, *marks, agreed, *end

    header = (
        "instance", "to 10 %", "to 5 %", "to 3 %", "to 1e-12 as published",
        "distance then", "gap of the plan delivered then",
    )  # fmt: skip
    return table(header, rows())


def shared_data() -> Path | None:
    """The published files, which are not part of the repository, or nothing."""
    named = os.environ.get("PARECON_SHARED")
    data = (Path(named) if named else ROOT.parent / "shared") / "data" / "book2021"
    return data if data.is_dir() else None


TABLES: dict[str, Callable[[Results], str]] = {
    "first-year": lambda results: year(results, book.DECREASING, 1),
    "second-year": lambda results: year(results, book.DECREASING, 2),
    "growth": growth,
    "increasing-first-year": lambda results: year(results, book.INCREASING, 1),
    "increasing-second-year": lambda results: year(results, book.INCREASING, 2),
    "increasing": increasing,
    "distance": distance,
    "level": level,
    "exchanges": exchanges,
    "harder": harder,
    "time": time,
}


# -- pictures -------------------------------------------------------------------------------------


def draw(results: Results, folder: Path) -> list[Path]:
    """Write all pictures into a folder; returns where they are."""
    pictures = {
        "book2021-rules.png": figures.by_rule(results.book),
        "book2021-rounds.png": plots.compare(results.rounds),
        "book2021-returns.png": figures.returns_near_one(results.near_one),
    }
    for name, figure in pictures.items():
        plots.write(figure, folder / name)
    return [folder / name for name in pictures]


def block(name: str) -> re.Pattern[str]:
    """The part of the page that belongs to a table, markers included."""
    return re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)


def main() -> None:
    """Print the tables or write them, and the pictures, into place."""
    results = Results().run()
    # seconds are other ones every time: they stay as they are unless they are asked for
    wanted = [name for name in TABLES if name != "time" or "--time" in sys.argv[1:]]
    texts = {name: TABLES[name](results) for name in wanted}
    data = shared_data()
    if data is not None:
        texts["instances"] = instances(data)
    page = PAGE.read_text(encoding="utf-8")
    for name, text in texts.items():
        print(f"{name}\n{text}\n")
        page = block(name).sub(lambda _, n=name, t=text: f"<!-- {n} -->\n{t}\n<!-- end -->", page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        draw(results, PAGE.parent)


if __name__ == "__main__":
    main()
