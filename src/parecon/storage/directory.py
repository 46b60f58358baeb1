"""A parecon directory: a manifest and tables, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parecon.errors import FormatError, nearest
from parecon.storage.tables import FILE_FORMATS, NOTE

MANIFEST = "manifest.json"
VERSION = 1
ECONOMY = "parecon economy"
PLAN = "parecon plan"
ROUNDS = "parecon rounds"
SWEEP = "parecon sweep"
DATED = "parecon dated economy"
KINDS = (ECONOMY, PLAN, ROUNDS, SWEEP, DATED)

# Tables of a directory that belong to no family.
COMMON_TABLES = {
    ECONOMY: ("goods", "history"),
    PLAN: ("goods", "history"),
    ROUNDS: ("goods", "rounds", "answers", "carried"),
    SWEEP: ("results",),
    DATED: ("carried_goods", "installed", "left", "endowment"),
}

# For people; every reader ignores them.
FREE_KEYS = (NOTE, "notes", "description", "source", "units")


def is_parecon(path: str | Path) -> bool:
    """Whether the path is a directory with a manifest."""
    return (Path(path) / MANIFEST).is_file()


def kind_of(path: str | Path) -> str:
    """Return one of KINDS; FormatError if the directory is of none."""
    manifest = _parsed(Path(path))
    kind = manifest.get("format")
    if kind not in KINDS:
        known = " or ".join(map(repr, KINDS))
        raise FormatError(f'{Path(path) / MANIFEST}: expected "format" {known}, got {kind!r}')
    return str(kind)


def read_manifest(path: Path, kind: str) -> dict[str, Any]:
    """Return the manifest of a directory of this kind.

    Raises FormatError if there is none, it is not JSON, of another kind, or of a newer version.
    """
    found = kind_of(path)
    if found != kind:
        raise FormatError(f"{path}: expected {_one(kind)}, got {_one(found)}")
    manifest = _parsed(path)
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FormatError(f'{path / MANIFEST}: expected "version" {VERSION}, got {version!r}')
    if version > VERSION:
        raise FormatError(
            f"{path / MANIFEST}: format version {version} is newer than this parecon, which reads "
            f"up to version {VERSION}; upgrade parecon"
        )
    families = manifest.setdefault("families", [] if kind in (ROUNDS, SWEEP, DATED) else None)
    if not isinstance(families, list) or not all(isinstance(entry, dict) for entry in families):
        raise FormatError(f'{path / MANIFEST}: expected "families", a list of objects')
    return manifest


def check_keys(path: Path, where: str, entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise FormatError if an object of the manifest has a key that nothing reads."""
    for key in entry:
        if key not in known and key not in FREE_KEYS:
            hint = nearest(key, known)
            raise FormatError(
                f"{path / MANIFEST}: {where}: unknown key {key!r}{hint} (known: {', '.join(known)})"
            )


def announced_rows(path: Path, manifest: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of rows per table that the manifest announces; none need be."""
    rows = manifest.get("rows", {})
    if not isinstance(rows, dict) or not all(isinstance(n, int) for n in rows.values()):
        raise FormatError(f'{path / MANIFEST}: expected "rows", an object of integers')
    return rows


def write_manifest(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest; numbers that JSON has no word for must be text already."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def new_directory(path: str | Path, kind: str) -> Iterator[Path]:
    """Give a fresh directory beside ``path``; move it there when all of it is written.

    An older directory of the same kind is replaced. Anything else that exists is left alone:
    FormatError.
    """
    target = Path(path).resolve()
    check_replaceable(target, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.parent / f".{target.name}.{uuid.uuid4().hex[:12]}"
    fresh.mkdir()
    try:
        yield fresh
        _move_into_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)  # gone by now unless something failed


def check_replaceable(path: str | Path, kind: str) -> None:
    """Raise FormatError unless writing to ``path`` would destroy nothing but an older version.

    What is there is never replaced by another kind, and files that parecon did not write
    are never removed.
    """
    target = Path(path).resolve()
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir():
        raise FormatError(f"{target}: exists and is not a directory")
    if not is_parecon(target):
        raise FormatError(f"{target}: exists, is not empty and is not a parecon directory")
    found = kind_of(target)
    if found != kind:
        raise FormatError(f"{target}: holds {_one(found)}, not to be replaced by {_one(kind)}")
    labels = [entry.get("label") for entry in read_manifest(target, kind)["families"]]
    for file in sorted(target.iterdir()):
        if file.name != MANIFEST and not _is_table(file, kind, labels):
            raise FormatError(f"{target}: holds {file.name!r}, which parecon did not write")


def _one(kind: str) -> str:
    return kind if kind == ROUNDS else f"a {kind}"


def _is_table(file: Path, kind: str, labels: list[Any]) -> bool:
    if kind in (SWEEP, DATED) and is_parecon(file):  # a plan or an economy of its own
        return True
    if not file.is_file() or file.suffix.removeprefix(".") not in FILE_FORMATS:
        return False
    if file.stem in COMMON_TABLES[kind]:
        return True
    return any(file.stem.startswith(f"{label}.") for label in labels)


def _move_into_place(fresh: Path, target: Path) -> None:
    """Rename twice: at no time is there a mixture of the old and the new."""
    if not target.exists():
        fresh.rename(target)
        return
    old = fresh.with_name(fresh.name + ".old")
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _parsed(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    if not path.is_dir():
        raise FormatError(f"{path}: no such directory")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FormatError(f"{path}: missing {MANIFEST}: not a parecon directory") from None
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{file}, line {error.lineno}: truncated or not JSON ({error.msg})"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{file}: cannot be read ({os.fspath(path)}: {error})") from error
    if not isinstance(manifest, dict):
        raise FormatError(f"{file}: expected an object, got {type(manifest).__name__}")
    return manifest
