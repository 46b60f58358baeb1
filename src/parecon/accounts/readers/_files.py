"""Reading the files of published tables."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parecon.errors import FormatError, nearest


class Arrays:
    """The arrays of an ``.npz`` file; what is missing is named."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with np.load(path, allow_pickle=False) as file:
                self._data: dict[str, NDArray[Any]] = dict(file)
        except (OSError, ValueError) as error:
            raise FormatError(f"{path}: expected an .npz file of arrays ({error})") from error

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._data:
            raise FormatError(f"{self._path}: no array {name!r}{nearest(name, list(self._data))}")
        return self._data[name]

    def words(self, name: str) -> list[str]:
        """An array of text as a list."""
        return [str(word).strip() for word in self[name]]


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a compressed CSV file, by the names of its columns."""
    try:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise FormatError(f"{path}: expected a compressed CSV file ({error})") from error
