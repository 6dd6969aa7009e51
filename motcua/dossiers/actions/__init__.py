"""The verbs on a dossier. Each: keyword-only, one transaction, one event for each item touched, 0..n legs.

Common arguments: ``actor`` (None: the applicant at the portal), ``expected`` (what the page was read at; Conflict when
somebody else has acted since), ``occurred_at`` (default now; earlier needs ``reason`` and ``approver``, and
``evidence`` where it says anew, beyond the time allowed, what was voided).
Every verb raises NotAllowed, IllegalAct, Invalid or Conflict with a sentence for the person, and changes nothing then.
"""

from motcua.dossiers.actions.common import Paper
from motcua.dossiers.actions.ending import (
    apologise,
    hand_over_result,
    move_due,
    reclassify,
    return_dossier,
    stop,
    withdraw,
)
from motcua.dossiers.actions.intake import receive, receive_and_resolve, refuse_intake, submit
from motcua.dossiers.actions.scanning import note_of_day, scan
from motcua.dossiers.actions.waiting import pause, request_supplement, resume, supplement_received
from motcua.dossiers.actions.working import (
    approve,
    forward,
    part_returned,
    propose,
    resolve,
    return_for_correction,
    send_part,
    transfer,
)
from motcua.dossiers.corrections import (
    approve_catch_up,
    correct_acceptance,
    hand_over_pending,
    move_due_dates,
    void_event,
)

__all__ = [
    "Paper",
    "apologise",
    "approve",
    "approve_catch_up",
    "correct_acceptance",
    "forward",
    "hand_over_pending",
    "hand_over_result",
    "move_due",
    "move_due_dates",
    "note_of_day",
    "part_returned",
    "pause",
    "propose",
    "receive",
    "receive_and_resolve",
    "reclassify",
    "refuse_intake",
    "request_supplement",
    "resolve",
    "resume",
    "return_dossier",
    "return_for_correction",
    "scan",
    "send_part",
    "stop",
    "submit",
    "supplement_received",
    "transfer",
    "void_event",
    "withdraw",
]
