"""Records of scenarios to files, TOML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parecon.errors import ScenarioError
from parecon.storage.numbers import to_json


def write_record(path: str | Path, record: Mapping[str, Any]) -> None:
    """Write a record; see `Scenario.save`. A file that is there is replaced, whole or not."""
    target = Path(path)
    if target.suffix == ".json":
        text = json.dumps(to_json(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    elif target.suffix == ".toml":
        import tomli_w

        text = tomli_w.dumps(record)
    else:
        raise ScenarioError(f"{target}: expected a name that ends in .toml or .json")
    fresh = target.with_name(f".{target.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(target)
    except OSError as error:
        raise ScenarioError(f"{target}: cannot be written ({error.strerror})") from error
