"""New accounts with changed blocks and the record of what changed."""

from __future__ import annotations

from typing import Any, TypeVar

from parecon.accounts.base import Accounts
from parecon.accounts.frames import named_blocks
from parecon.accounts.log import Changes, changes_of, step

AccountsT = TypeVar("AccountsT", bound=Accounts)


def changed(accounts: AccountsT, name: str, what: str, **blocks: Any) -> AccountsT:
    """Return accounts with these blocks and a step in the log.

    name, what : of the step. blocks : arguments of the constructor. Blocks that keep their shape
    are compared cell by cell; cells of a new row or column at the end are not listed: what they
    hold comes from cells that are.
    """
    new = accounts.replace(**blocks)
    before, after = named_blocks(accounts), named_blocks(new)
    changes: dict[str, Changes | None] = {}
    for block, (values, rows, columns) in after.items():
        if block not in before:
            continue
        old = before[block][0]
        if old.shape == values.shape:
            heads = None if columns is None else columns.names
            changes[block] = changes_of(block, old, values, rows.names, heads)
        elif columns is not None and _extends(old, values):
            kept = values[: old.shape[0], : old.shape[1]]
            heads = columns.names[: old.shape[1]]
            changes[block] = changes_of(block, old, kept, rows.names[: old.shape[0]], heads)
    return new.replace(step=step(name, what, changes))


def _extends(old: Any, new: Any) -> bool:
    return bool(new.shape[0] >= old.shape[0] and new.shape[1] >= old.shape[1])
