"""Clients for tests: one that speaks to a session in this process, one to a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from parecon.facilitator import lines

COMMAND = [sys.executable, "-c", "from parecon.cli import main; main()"]


def strict(line: str):
    """Read a line as the strictest of readers would."""

    def no_word(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(line, parse_constant=no_word)


def told(session, **request):
    """The answer of a session, there and back through lines."""
    line = json.dumps(request).encode() + b"\n"
    return strict(lines.encode(session.answer(lines.decode(line))).decode())


class Process:
    """`parecon facilitate` in a process of its own."""

    def __init__(self, journal: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "facilitate", "--journal", str(journal), "--stdio", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def send(self, line: bytes) -> None:
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def answer(self):
        return strict(self.process.stdout.readline().decode())

    def ask(self, **request):
        self.send(json.dumps(request).encode() + b"\n")
        return self.answer()

    def end(self, *, kill: bool = False) -> tuple[int, str, str]:
        """Exit code, and what was left on stdout and stderr."""
        if kill:
            self.process.kill()
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out.decode(), err.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(kill=True)


# A farm, a bakery and two households with Cobb-Douglas technologies and wishes, in plain formulas.

OPEN = {
    "do": "open",
    "goods": ["land", "labour", "corn", "bread"],
    "start_price": 5,
    "endowment": {"land": 30, "labour": 80},
    "threshold": 1e-4,
    "councils": ["farm", "bakery", {"name": "Ada", "kind": "consumers", "budget": 200.0}, "Ben"],
}
WORKERS = {
    "farm": ("corn", 3.0, {"land": 0.4, "labour": 0.35}),
    "bakery": ("bread", 2.0, {"corn": 0.5, "labour": 0.3}),
}
HOUSEHOLDS = {"Ada": (200.0, {"bread": 0.8, "land": 0.2}), "Ben": (100.0, {"bread": 1.0})}


def proposal(council: str, price: dict[str, float]) -> dict:
    """What a council would make and use; see DESIGN, section 3."""
    if council in HOUSEHOLDS:
        budget, shares = HOUSEHOLDS[council]
        demand = {good: budget * share / price[good] for good, share in shares.items()}
        return {"kind": "consumers", "demand": demand, "sensitivity": demand}
    good, productivity, exponents = WORKERS[council]
    returns = sum(exponents.values())
    output = productivity * price[good] ** returns
    for name, b in exponents.items():
        output *= (b / price[name]) ** b
    output **= 1.0 / (1.0 - returns)
    demand = {name: b * price[good] * output / price[name] for name, b in exponents.items()}
    return {
        "kind": "workers",
        "supply": {good: output},
        "demand": demand,
        "sensitivity": {
            good: output * returns / (1.0 - returns),
            **{name: x * (1.0 + exponents[name] / (1.0 - returns)) for name, x in demand.items()},
        },
    }


COUNCILS = (*WORKERS, *HOUSEHOLDS)


def rounds(ask, most: int = 60):
    """Drive a board until it settles; yield (announcement, council) before each proposal."""
    for _ in range(most):
        announced = ask(do="ask")
        if announced["settled"]:
            return
        for council in announced["missing"]:
            yield announced, council
            answer = ask(
                do="tell",
                council=council,
                round=announced["round"],
                **proposal(council, announced["price"]),
            )
            assert answer["ok"], answer
    raise AssertionError(f"not settled after {most} rounds")
