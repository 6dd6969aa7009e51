"""The verbs of units, people and duties: one transaction each; ``actor`` is a person, or ``SYSTEM`` for a command."""

from motcua.org.actions.accounts import (
    block_account,
    change_account,
    create_account,
    reset_password,
    set_password,
    unblock_account,
)
from motcua.org.actions.authority import Actor
from motcua.org.actions.duties import (
    ONE_PERSON_DUTIES,
    delegate,
    end_duty,
    grant_all_duties,
    grant_duty,
    revoke_delegation,
)
from motcua.org.actions.founding import NewUnit
from motcua.org.actions.reform import Part, abolish, merge, split
from motcua.org.actions.units import add_unit, change_codes, move, rename

__all__ = [
    "ONE_PERSON_DUTIES",
    "Actor",
    "NewUnit",
    "Part",
    "abolish",
    "add_unit",
    "block_account",
    "change_account",
    "change_codes",
    "create_account",
    "delegate",
    "end_duty",
    "grant_all_duties",
    "grant_duty",
    "merge",
    "move",
    "rename",
    "reset_password",
    "revoke_delegation",
    "set_password",
    "split",
    "unblock_account",
]
