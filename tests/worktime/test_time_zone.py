"""A deadline never depends on the machine's own zone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

_PROGRAM = """
import datetime as dt, json
from motcua.worktime.rules import after_pause, due, moved, working_minutes
from tests.worktime.offices import at, office, term

calendar, found = office(), []
for allowed in ("5 working_day", "15 calendar_day", "1 month", "9 working_hour", "3 half_day", "0 same_day"):
    for received in ("2023-03-25 23:30", "2023-03-27 00:30", "2023-06-05 15:00", "2023-10-28 23:59"):
        deadline = due(calendar, term(allowed), at(received))
        pause = at(received), at(received) + dt.timedelta(hours=60)
        after = after_pause(calendar, term(allowed), deadline, *pause, received_at=at(received), restart=False)
        late = moved(calendar, deadline, 3)
        found.append([d.due_at.isoformat() for d in (deadline, after, late)] + [late.crossing.isoformat()])
        found.append(working_minutes(calendar, *pause))
print(json.dumps([found, dt.datetime.now().astimezone().utcoffset().total_seconds()]))
"""


def _run(zone: str) -> tuple[list, float]:
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"TZ": zone, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    found, offset = json.loads(done.stdout)
    return found, offset


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Europe/Berlin"])
def test_the_machine_may_stand_anywhere(zone):
    here, _ = _run("Asia/Ho_Chi_Minh")
    there, offset = _run(zone)
    assert offset != 7 * 3600  # the zone really was another
    assert there == here
