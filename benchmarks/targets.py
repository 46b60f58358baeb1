"""What the engine is to reach on two cores, as data: one record per target.

A figure is compared with the record of its name and printed with yes or no; nothing fails because
a machine is slow. Figures at sizes other than `size` are printed too, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass

THREADS_WANTED = 2
"""Threads of every solve, as far as the process may use so many."""


@dataclass(frozen=True)
class Target:
    """One thing to reach.

    Attributes
    ----------
    name : str
        By which benchmarks report it.
    what : str
        What is measured, in a few words.
    limit : float
        The bound, in `unit`.
    unit : str
        "s", "ratio", ...
    size : str
        Label of the case (`benchmarks.economies`) for which the target is stated.
    how : str
        How it is measured: what is inside the clock, and against whom.
    at_least : bool
        Whether larger is better; otherwise smaller is.
    """

    name: str
    what: str
    limit: float
    unit: str
    size: str
    how: str
    at_least: bool = False

    def reached(self, value: float) -> bool:
        """Whether `value` meets the target (nan does not)."""
        return value >= self.limit if self.at_least else value <= self.limit


TARGETS = (
    Target(
        name="book: seconds",
        what="book economy, from price 700 to 1e-8",
        limit=0.030,
        unit="s",
        size="30,000 + 30,000, 500 goods",
        how="median wall time of parecon.solve, set-up and delivery included, certificate not",
    ),
    Target(
        name="book: against 12 rounds",
        what="book economy, from price 700 to 1e-8, over 12 rounds of the book rule in SciPy",
        limit=1.0,
        unit="ratio",
        size="30,000 + 30,000, 500 goods",
        how="median of ratios of neighbouring runs; both from the economy's arrays to the answer",
    ),
    Target(
        name="workers: against one response",
        what="worker councils with decreasing returns to 1e-8, over one response in SciPy",
        limit=6.0,
        unit="ratio",
        size="3,000,000, 50,000 goods",
        how="median of ratios of neighbouring runs; a response is two sparse products and an exp",
    ),
    Target(
        name="mixed: seconds",
        what="CES households and linear activities, to 1e-8",
        limit=4.0,
        unit="s",
        size="100,000 + 6,000, 2,000 goods",
        how="median wall time of parecon.solve from its own start",
    ),
    Target(
        name="ces consumers: seconds",
        what="CES households, and a CES worker council for every good, to 1e-8",
        limit=5.0,
        unit="s",
        size="1,000,000 + 10,000, 10,000 goods",
        how="median wall time of parecon.solve from its own start",
    ),
    Target(
        name="ces consumers: warm seconds",
        what="the same, endowments moved by 1 %, from the last plan",
        limit=1.5,
        unit="s",
        size="1,000,000 + 10,000, 10,000 goods",
        how="median wall time of Solver.update and solve",
    ),
    Target(
        name="fisher: against Clarabel",
        what="linear Fisher market to gap 1e-6, over CVXPY with Clarabel",
        limit=1 / 40,
        unit="ratio",
        size="10,000 x 400",
        how="median wall time over one run of problem.solve at tolerance 1e-6, one Variable",
    ),
    Target(
        name="fisher: seconds",
        what="linear Fisher market to a certified gap of 1e-6",
        limit=6.0,
        unit="s",
        size="1,000,000 x 1,000",
        how="wall time of parecon.solve in the contest, certificate not",
    ),
    Target(
        name="hard-fisher: seconds",
        what="linear Fisher market of as many consumers as goods to a certified gap of 1e-8",
        limit=2.0,
        unit="s",
        size="2,000 x 2,000",
        how="as for Fisher markets",
    ),
    Target(
        name="five-year: against Clarabel",
        what="five-year plan, harmony, to a certified gap of 1e-6, over CVXPY with Clarabel",
        limit=1 / 5,
        unit="ratio",
        size="320 industries",
        how="wall times in the contest, one process after the other; both certified to 1e-6",
    ),
    Target(
        name="five-year: seconds",
        what="five-year plan, harmony, to a certified gap of 1e-6",
        limit=15.0,
        unit="s",
        size="640 industries",
        how="as for Fisher markets",
    ),
    Target(
        name="activities: against Clarabel",
        what="linear activities with log utility to 1e-6, over CVXPY with Clarabel",
        limit=1 / 10,
        unit="ratio",
        size="1,000 goods x 50,000",
        how="as for Fisher markets; the peer's consumers are summed into one",
    ),
    Target(
        name="response: ns per entry",
        what="one response of CES classes on 2 threads",
        limit=1.2,
        unit="ns",
        size="100,000 x 20, 10,000 goods",
        how="median wall time of Problem.respond over the entries",
    ),
    Target(
        name="response: against reading",
        what="one response of CES classes over reading the same bytes, both on 2 threads",
        limit=5.0,
        unit="ratio",
        size="100,000 x 20, 10,000 goods",
        how="median of ratios of neighbouring runs; reading is a NumPy reduction per thread",
    ),
    Target(
        name="response: 2 threads over 1",
        what="speed of one response of CES classes on 2 threads over 1 thread",
        limit=1.7,
        unit="ratio",
        size="100,000 x 20, 10,000 goods",
        how="median of ratios of neighbouring runs",
        at_least=True,
    ),
    Target(
        name="round: against SciPy",
        what="a round of the book rule on the book economy, over the same round in SciPy",
        limit=1 / 20,
        unit="ratio",
        size="30,000 + 30,000, 500 goods",
        how="median of ratios of neighbouring runs; the peer adds up what each council proposes",
    ),
    Target(
        name="round: CES against SciPy",
        what="the same with CES consumers",
        limit=1.0,
        unit="ratio",
        size="30,000 + 30,000, 500 goods",
        how="as for Cobb-Douglas consumers; both sides raise to powers per council and good",
    ),
    Target(
        name="round: seconds",
        what="a round of the default rule, with sensitivities, and its next prices",
        limit=0.060,
        unit="s",
        size="3,000,000, 50,000 goods",
        how="median wall time of an announcement, its answers and the rule's step",
    ),
    *(
        Target(
            name=f"rounds: {low:.2f}-{high:.2f}",
            what=f"announcements of the default rule to 1 %, input exponents of {low:g}-{high:g}",
            limit=limit,
            unit="rounds",
            size="30,000 + 30,000, 500 goods",
            how="the most of three economies, from price 700",
        )
        for low, high, limit in ((0.75, 0.85, 10), (0.85, 0.9, 15), (0.9, 0.95, 25))
    ),
    *(
        Target(
            name=f"memory: {kind}",
            what=f"{kind}: peak memory over 2 x the economy's arrays (+ one n x n where dense)",
            limit=1.0,
            unit="ratio",
            size=size,
            how="high-water mark of memory in a process of its own, less what that held before",
        )
        for kind, size in (
            ("book", "30,000 + 30,000, 500 goods"),
            ("workers", "3,000,000, 50,000 goods"),
            ("mixed", "100,000 + 6,000, 2,000 goods"),
            ("fisher", "10,000 x 400"),
            ("activities", "1,000 goods x 50,000"),
        )
    ),
    *(
        Target(
            name=f"warm: {kind}",
            what=f"{kind}: endowments moved by 1 %, from the last plan over from scratch",
            limit=0.5,
            unit="ratio",
            size=size,
            how="median of ratios of neighbouring runs; Solver.update and solve over parecon.solve",
        )
        for kind, size in (
            ("book", "30,000 + 30,000, 500 goods"),
            ("ces", "30,000 + 30,000, 2,000 goods"),
            ("ces consumers", "1,000,000 + 10,000, 10,000 goods"),
            ("mixed", "30,000 + 1,800, 600 goods"),
            ("fisher", "2,500 x 200"),
            ("activities", "300 goods x 10,000"),
        )
    ),
    Target(
        name="import",
        what="until the package can be used",
        limit=0.3,
        unit="s",
        size="import parecon",
        how="median of the differences to an interpreter that imports nothing, in turns",
    ),
)

BY_NAME = {target.name: target for target in TARGETS}

CONTESTED = {
    "fisher": (("fisher: seconds", "parecon", 1e-6),),
    "hard-fisher": (("hard-fisher: seconds", "parecon", 1e-8),),
    "five-year-harmony": (
        ("five-year: seconds", "parecon", 1e-6),
        ("five-year: against Clarabel", "clarabel", 1e-6),
    ),
}
"""Targets that the contest decides, by kind of economy: target, contestant, certified gap.

Seconds where the contestant is ours, otherwise our seconds over the contestant's.
"""
