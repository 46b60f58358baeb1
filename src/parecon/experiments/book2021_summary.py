"""The published experiments in one table, ours beside the published, and on disk."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parecon.errors import FormatError
from parecon.experiments.book2021 import (
    DECREASING,
    INCREASING_PART,
    PLAN,
    PUBLISHED,
    PUBLISHED_GROWTH,
    RETURNS,
    THRESHOLDS,
    Book2021,
    Published,
)
from parecon.storage.numbers import to_json

FILES = ("stops.csv", "growth.csv", "summary.json")
_MARK = "*"  # behind a mean over those runs only that came below the threshold


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Some observations in short.

    reached : how many there are; of : how many there would be had every run come that far.
    mean, least, most : over those there are; nan without any.
    """

    reached: int
    of: int
    mean: float
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table: rounds until every imbalance is below the threshold.

    rounds, distance : {rule: Mean}; distance of that round's prices from the plan's (nan without
    one). published : of the `book` rule, or None.
    """

    returns: str
    year: int
    threshold: float
    rounds: dict[str, Mean]
    distance: dict[str, Mean]
    published: Published | None


def lines(result: Book2021) -> list[Line]:
    """The table: one line for each kind of returns, year and threshold."""
    found = []
    for returns in RETURNS:
        for year in (1, 2):
            for threshold in THRESHOLDS:
                stops = [
                    stop
                    for stop in result.stops
                    if (stop.returns, stop.year, stop.threshold) == (returns, year, threshold)
                ]
                by_rule = {
                    rule: [stop for stop in stops if stop.rule == rule]
                    for rule in result.rule_names
                }
                found.append(
                    Line(
                        returns=returns,
                        year=year,
                        threshold=threshold,
                        rounds={
                            rule: mean_of(stop.rounds for stop in some)
                            for rule, some in by_rule.items()
                        },
                        distance={
                            rule: mean_of(stop.distance for stop in some)
                            for rule, some in by_rule.items()
                        },
                        published=_published(returns, year, threshold),
                    )
                )
    return found


def growth(result: Book2021) -> dict[str, dict[str, Mean]]:
    """{returns: {rule or "plan": Mean}} of the growth of real product in the second year."""
    return {
        returns: {
            rule: mean_of(
                record.growth
                for record in result.growth
                if (record.returns, record.rule) == (returns, rule)
            )
            for rule in (*result.rule_names, PLAN)
        }
        for returns in RETURNS
    }


def mean_of(values: Iterable[float | None]) -> Mean:
    """The mean of what is there: None and nan are not."""
    given = list(values)
    there = [value for value in given if value is not None and not math.isnan(value)]
    return Mean(
        reached=len(there),
        of=len(given),
        mean=sum(there) / len(there) if there else math.nan,
        least=min(there, default=math.nan),
        most=max(there, default=math.nan),
    )


def _published(returns: str, year: int, threshold: float) -> Published | None:
    for entry in PUBLISHED:
        if (entry.returns, entry.year, entry.threshold) == (returns, year, threshold):
            return entry
    return None


# -- in words -------------------------------------------------------------------------------------


def title(line: Line) -> str:
    """What a line belongs to."""
    year = "First year, from 700" if line.year == 1 else "Second year, prices carried over"
    if line.returns == DECREASING:
        return year
    return f"{year}, {100 * INCREASING_PART:.0f} % of worker councils with increasing returns"


def rounds_text(found: Mean) -> str:
    """`11.90 [11, 13]`, with an asterisk where some runs never came below the threshold."""
    if not found.reached:
        return "never"
    mark = _MARK if found.reached < found.of else ""
    return f"{found.mean:.2f}{mark} [{found.least:.0f}, {found.most:.0f}]"


def published_text(found: Published | None) -> str:
    """The same of a published result, nothing where there is none."""
    if found is None:
        return ""
    span = "" if found.least is None else f" [{found.least}, {found.most}]"
    return f"{found.mean:g}{span}"


def growth_rows(result: Book2021) -> Iterator[tuple[str, ...]]:
    """Name of the case, the published growth, that of each rule, and that of the plans."""
    found = growth(result)
    for returns, by_rule in found.items():
        published = percent(PUBLISHED_GROWTH, digits=1) if returns == DECREASING else ""
        yield (
            f"{returns} returns",
            published,
            *(percent(mean.mean) if mean.reached else "--" for mean in by_rule.values()),
        )


def percent(value: float, *, digits: int = 2) -> str:
    """A relative change."""
    return f"{100.0 * value:+.{digits}f} %"


def footnotes(result: Book2021) -> list[str]:
    """What marks in the table mean, where there are any."""
    if not any(mean.reached < mean.of for line in lines(result) for mean in line.rounds.values()):
        return []
    short = sum(stop.rounds is None for stop in result.stops)
    text = f"{_MARK} over the runs that came that far: {short} of {len(result.stops):,} did not"
    return [text]


# -- elsewhere ------------------------------------------------------------------------------------


def document(result: Book2021) -> dict[str, Any]:
    """Everything but the single observations, ready for JSON."""
    return {
        "councils": result.councils,
        "categories": result.categories,
        "experiments": list(result.experiments),
        "rules": list(result.rule_names),
        "rounds": [dataclasses.asdict(line) for line in lines(result)],
        "growth": {
            returns: {rule: dataclasses.asdict(mean) for rule, mean in by_rule.items()}
            for returns, by_rule in growth(result).items()
        },
        "published_growth": PUBLISHED_GROWTH,
        "time_s": result.time_s,
    }


def check_directory(path: str | Path) -> Path:
    """Return the path if `save` may write there.

    Raises FormatError where there is a file, or a folder with other files in it.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder}: exists and is not a directory")
    present = {file.name for file in folder.iterdir()} if folder.exists() else set()
    others = present.difference(FILES)
    if others:
        raise FormatError(f"{folder}: holds {min(others)!r}, which an experiment did not write")
    return folder


def save(result: Book2021, path: str | Path) -> None:
    """Write stops.csv and growth.csv, one observation a row, and summary.json into a folder.

    Raises FormatError as `check_directory`.
    """
    folder = check_directory(path)
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in (("stops.csv", result.stops), ("growth.csv", result.growth)):
        _write_csv(folder / name, records)
    text = json.dumps(
        to_json(document(result), not_finite=lambda _: None),
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def _write_csv(path: Path, records: Sequence[Any]) -> None:
    """Records as rows; what is not there is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for k, record in enumerate(records):
            row = dataclasses.asdict(record)
            if k == 0:
                writer.writerow(row)
            writer.writerow("" if _absent(value) else value for value in row.values())


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
