"""What child processes of these tests do."""

from tests.dossiers.test_concurrency import found, receive
from tests.support.child import say

DAY = "01/06/2023 09:00"


def receive_for_ever(index: int, home: str) -> None:
    """Child: one acceptance after another with an upload, each said once it is committed."""
    office = found()
    while True:
        made = receive(office, DAY)
        say([made.pk, made.code])
