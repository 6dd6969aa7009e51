"""How often a system asks: at most so many requests a minute, counted for all workers of the machine together.

The counts stand in a small file beside the database, one slot a client, locked slot by slot: exact between processes
and no statement of SQL, for a count that is worth nothing a minute later. Several machines count each for itself.
"""

import fcntl
import os
import struct

from django.conf import settings

from motcua.core import clock

_SLOT = struct.Struct("<QQ")
_MINUTE = 60


def seconds_to_wait(client: int, limit: int) -> int:
    """Count one more request of a client; how many seconds it must wait as the minute is used up, 0 if it need not.

    No query. What cannot be counted (a full disk) is let in: a limit is no reason to stand still.
    """
    moment = int(clock.now().timestamp())
    minute = moment // _MINUTE
    try:
        taken = _count(client, minute)
    except OSError:
        return 0
    return _MINUTE - moment % _MINUTE if taken > limit else 0


def _count(client: int, minute: int) -> int:
    """One more in this minute; how many there are now."""
    at = client * _SLOT.size
    file = os.open(settings.HOME / "api-pace", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX, _SLOT.size, at)
        kept = os.pread(file, _SLOT.size, at)
        before, taken = _SLOT.unpack(kept) if len(kept) == _SLOT.size else (0, 0)
        taken = taken + 1 if before == minute else 1
        os.pwrite(file, _SLOT.pack(minute, taken), at)
        return taken
    finally:
        os.close(file)  # and with it the lock


__all__ = ["seconds_to_wait"]
