"""Every address of the desk: who may open it. An address without its line here fails the test.

Each line says what each of the cast gets: the administrator, the receiver at the counter (a wrong duty for most
pages), a person with every duty at another unit, an account without any duty, and a visitor who has not signed in.
The pages of one account are asked for the receiver.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from motcua.api.clients import create_client
from motcua.core import clock
from motcua.dossiers.actions.counter import reserve_slips
from motcua.dossiers.counter_models import Slip
from motcua.indicators import actions as indicators
from motcua.indicators import defining, windows
from motcua.indicators.models import Form
from motcua.org.models import Assignment, Delegation, Duty
from motcua.org.queries import SYSTEM
from motcua.procedures.signing import grant_signing
from motcua.procedures.signing_models import SigningAuthority
from tests.desk.filing import a_report, adoption, attached, handed_over, posted, received, usable
from tests.programme.registering import entered, handed_in
from tests.support.cast import Cast

OPEN, SIGN_IN, NO, NONE = 200, "sign in", 403, 404


@dataclass(frozen=True)
class Access:
    """What each of the cast gets: a status, or SIGN_IN for the way to the sign-in page."""

    admin: Any
    receiver: Any
    other: Any  # every duty, at another unit
    stranger: Any  # no duty at all
    anonymous: Any = SIGN_IN
    method: str = "get"
    args: Callable[[Cast], list[int]] = lambda cast: []
    data: dict[str, Any] = field(default_factory=dict)


def of_receiver(cast: Cast) -> list[int]:
    return [cast.receiver.pk]


def assignment_of_receiver(cast: Cast) -> list[int]:
    return [Assignment.objects.get(user=cast.receiver, unit=cast.xa_cau_ke, duty=Duty.RECEIVE).pk]


def delegation_of_chair(cast: Cast) -> list[int]:
    day = dt.date(2099, 1, 1)
    made = Delegation.objects.create(
        from_user=cast.chair,
        to_user=cast.stranger,
        unit=cast.xa_cau_ke,
        duty=Duty.CHAIR,
        valid_from=day,
        valid_to=day,
        basis="TB 01",
    )
    return [made.pk]


def connected(cast: Cast) -> list[int]:
    """A system that connects to xã Cầu Kè."""
    made = create_client(
        actor=SYSTEM,
        name="Hệ thống thử",
        unit=cast.xa_cau_ke,
        duties=[Duty.RECEIVE],
        valid_from=clock.today(),
        valid_to=clock.today(),
    )
    return [made.pk]


def signer(cast: Cast) -> list[int]:
    """An authority to sign at xã Cầu Kè."""
    given = {"mode": "own", "head_title": "Chủ tịch", "valid_from": clock.today(), "basis": "QĐ 1"}
    grant_signing(actor=cast.admin, user=cast.chair, unit=cast.xa_cau_ke, **given)
    return list(SigningAuthority.objects.values_list("pk", flat=True))


def mine(status: Any = OPEN, **more: Any) -> Access:
    """A page for everybody who is signed in."""
    return Access(admin=status, receiver=status, other=status, stranger=status, **more)


def for_admin(status: Any = OPEN, other: Any = NONE, **more: Any) -> Access:
    """A page for administrators, who see their own units only."""
    return Access(admin=status, receiver=NO, other=other, stranger=NO, **more)


def reserved(cast: Cast) -> list[int]:
    usable(cast)
    return [
        reserve_slips(
            actor=cast.receiver, unit=cast.xa_cau_ke, day=clock.today(), count=2, reason="Phòng khi mất mạng"
        ).pk
    ]


def a_slip(cast: Cast) -> list[int]:
    return [Slip.objects.filter(run=reserved(cast)[0]).values_list("pk", flat=True)[0]]


def figure_of(cast: Cast) -> list[str]:
    """The code of a shipped indicator."""
    defining.load_starter()
    return ["sang_kien"]


def a_return(cast: Cast) -> list[Any]:
    """A sheet of figures of xã Cầu Kè, begun."""
    defining.load_starter()
    form, today = Form.objects.get(code="cchc"), clock.today()
    window = windows.free(today - dt.timedelta(30), today)
    return [indicators.open_return(unit=cast.xa_cau_ke, form=form, window=window).pk]


GONE_ON = 302


def for_server(status: Any = OPEN, other: Any = None, **more: Any) -> Access:
    """A page for whoever serves dossiers; one dossier only for those whose units it belongs to."""
    more.setdefault("receiver", status)
    return Access(admin=NO, other=status if other is None else other, stranger=NO, **more)


def for_reader(**more: Any) -> Access:
    """A page of figures: for whoever leads, reports or inspects; everybody's own unit unless the address says more."""
    more.setdefault("other", OPEN)
    return Access(admin=NO, receiver=NO, stranger=NO, **more)


def for_catalogue(**more: Any) -> Access:
    """Law is read by all who work with it; what a unit makes of it only within one's own units."""
    return Access(admin=OPEN, receiver=OPEN, other=OPEN, stranger=NO, **more)


def for_keeper(status: Any = OPEN, other: Any = OPEN, **more: Any) -> Access:
    """A page for those who keep the catalogue: everybody's own unit unless the address says more."""
    return Access(admin=status, receiver=NO, other=other, stranger=NO, **more)


def of_report(*more: Any) -> Access:
    """A page of one report: for whoever reads those of its unit."""
    return Access(
        admin=NO, receiver=NO, other=NONE, stranger=NO, args=lambda cast: [a_report(cast, "reform").pk, *more]
    )


MATRIX: dict[str, Access] = {
    "home": mine(GONE_ON),
    "account_login": mine(GONE_ON, anonymous=OPEN),
    "mfa_authenticate": mine(GONE_ON, anonymous=SIGN_IN),
    "sign_out": mine(GONE_ON, method="post", anonymous=SIGN_IN),
    "lock": mine(GONE_ON, method="post"),
    "unlock": mine(422, method="post"),
    "still_here": mine(204, method="post"),
    "kept": mine(GONE_ON),
    "change_password": mine(),
    "second_factor": mine(),
    "recovery_codes": mine(GONE_ON),
    "me": mine(),
    "delegate": mine(),
    "revoke_delegation": Access(
        admin=GONE_ON, receiver=NONE, other=NONE, stranger=NONE, method="post", args=delegation_of_chair
    ),
    "accounts": for_admin(other=OPEN),
    "new_account": for_admin(other=OPEN),
    "account": for_admin(args=of_receiver),
    "change_account": for_admin(args=of_receiver),
    "block_account": for_admin(400, args=of_receiver, method="post"),
    "unblock_account": for_admin(GONE_ON, args=of_receiver, method="post"),
    "reset_password": for_admin(GONE_ON, args=of_receiver, method="post"),
    "reset_factor": for_admin(GONE_ON, args=of_receiver, method="post"),
    "grant_duty": for_admin(args=of_receiver),
    "grant_all_duties": for_admin(args=of_receiver),
    "end_duty": for_admin(args=assignment_of_receiver),
    "access_changes": for_admin(other=OPEN),
    "copy_over": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "reconcile": for_server(),
    "reconciled_file": for_server(GONE_ON, method="post"),
    "uncollected": for_server(),
    "register_view": for_server(),
    "inspection": for_reader(),
    "chain": for_reader(),
    "checkpoints": for_reader(),
    "accounts_from_list": for_admin(other=OPEN),
    "accounts_take_on": for_admin(GONE_ON, other=GONE_ON, method="post"),
    "first_passwords": for_admin(other=OPEN),
    "signers": for_admin(other=OPEN),
    "add_signer": for_admin(other=OPEN),
    "end_signer": for_admin(args=signer),
    "api_clients": for_admin(other=OPEN),
    "new_api_client": for_admin(other=OPEN),
    "api_client": for_admin(args=connected),
    "renew_api_client": for_admin(GONE_ON, args=connected, method="post"),
    "pace_api_client": for_admin(400, args=connected, method="post"),
    "revoke_api_client": for_admin(400, args=connected, method="post"),
    "work": for_server(),
    "office": for_server(),
    "many": for_server(400, method="post"),
    "scan": for_server(),
    "scan_act": for_server(400, method="post", data={"ma": "x", "vai": "receive"}),
    "scan_undo": for_server(400, method="post", data={"khoa": "k"}),
    "signing": for_server(receiver=NO),
    "day_closing": for_server(),
    "weekly": for_reader(),
    "dossiers": for_server(),
    "dossier_by_code": for_server(GONE_ON, data={"ma": "x"}),
    "dossier": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "act": for_server(other=NONE, args=lambda cast: [received(cast).pk, "forward"], receiver=OPEN),
    "upload": for_server(400, other=NONE, args=lambda cast: [received(cast).pk], method="post"),
    "download": for_server(other=NONE, args=attached),
    "remove_file": for_server(GONE_ON, other=GONE_ON, args=attached, method="post"),
    "intake": for_server(),
    "hand_over": for_server(),
    "hand_over_record": for_server(other=NONE, args=lambda cast: [handed_over(cast)]),
    "catch_up": for_server(receiver=NO),
    "move_dates": for_server(receiver=NO),
    "receive": for_server(other=NONE, args=lambda cast: [usable(cast).code]),
    "received": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "quick": for_server(),
    "quick_void": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "dossier_money": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "cash": for_server(),
    "cash_file": for_server(),
    "offline": for_server(),
    "slip_run": for_server(other=NONE, args=reserved),
    "spoil_slip": for_server(GONE_ON, other=GONE_ON, args=a_slip, method="post"),
    "paper_entry": for_server(),
    "paper": for_server(other=NONE, args=lambda cast: [received(cast).pk, "receipt"]),
    "hand_over_paper": for_server(other=NONE, args=lambda cast: [handed_over(cast)]),
    "register": for_server(),
    "cash_paper": for_server(),
    "paper_forms": for_catalogue(),
    "sendings": for_server(other=NONE, args=lambda cast: [received(cast).pk]),
    "check_result": for_server(GONE_ON, other=GONE_ON, args=attached, method="post"),
    "waiting": for_server(),
    "stock_reasons": for_server(args=lambda cast: [usable(cast).code]),
    "drop_reason": for_server(GONE_ON, other=GONE_ON, args=lambda cast: [usable(cast).code, 1], method="post"),
    "search": for_server(data={"tim": "nguyen"}),
    "person": for_server(other=NONE, args=lambda cast: [received(cast).applicant_id]),
    "person_act": for_server(other=NONE, args=lambda cast: [received(cast).applicant_id, "sua"]),
    "access_reason": for_server(other=NONE, args=lambda cast: ["ho-so", received(cast).pk]),
    "retention": for_server(receiver=NO),
    "access_log": for_reader(),
    "procedures": for_catalogue(),
    "procedure": for_catalogue(args=lambda cast: [usable(cast).code]),
    "adopt_procedures": for_keeper(),
    "end_adoption": for_keeper(400, other=NONE, method="post", args=lambda cast: [adoption(cast)]),
    "review_procedure": for_keeper(args=lambda cast: [usable(cast).code, "term", 1]),
    "cut_term": for_keeper(args=lambda cast: [usable(cast).code, 1]),
    "procedure_process": for_keeper(args=lambda cast: [usable(cast).code]),
    "postings": for_catalogue(),
    "take_down_posting": for_keeper(GONE_ON, other=GONE_ON, method="post", args=lambda cast: [posted(cast)]),
    "posting_photo": Access(admin=OPEN, receiver=OPEN, other=NONE, stranger=NO, args=lambda cast: [posted(cast)]),
    "review_queue": for_keeper(),
    "settings": for_admin(other=OPEN),
    "change_calendar": for_admin(other=OPEN, args=lambda cast: ["nghi"]),
    "add_rule_set": for_admin(other=OPEN),
    "reports": for_reader(),
    "report_calendar": for_reader(),
    "new_report": for_reader(),
    "report_streams": for_reader(),
    "report_templates": for_reader(),
    "report_template_file": for_reader(args=lambda cast: ["cchc"]),
    "report_code": Access(admin=NO, receiver=NO, other=GONE_ON, stranger=NO),
    "report_figure": of_report(1),
    "report": of_report(),
    "report_section": of_report("iv"),
    "report_act": of_report("cut"),
    "report_file": of_report("docx"),
    "report_kept_file": of_report(1),
    "report_return": of_report(),
    "report_restated": of_report(),
    "statement": for_reader(),
    "statement_items": for_reader(data={"cot": "c3"}),
    "statement_file": for_reader(args=lambda cast: ["xlsx"]),
    "statement_due_day": for_reader(),
    "statement_freeze": for_reader(),
    "statement_frozen": for_reader(),
    "statement_changes": for_reader(),
    "figures": for_reader(),
    "figures_whole": for_reader(),
    "figures_whole_file": for_reader(),
    "figures_one": for_reader(args=lambda cast: figure_of(cast)),
    "figures_open": for_reader(other=400, method="post"),
    "figures_grid": for_reader(other=NONE, args=lambda cast: a_return(cast)),
    "figures_move": for_reader(other=NONE, args=lambda cast: [*a_return(cast), "gui"], method="post"),
    "figures_signed": for_reader(other=NONE, args=lambda cast: a_return(cast)),
    "figures_attach": for_reader(other=NONE, args=lambda cast: a_return(cast), method="post"),
    "figures_evidence": for_reader(other=NONE, args=lambda cast: [*a_return(cast), "sang_kien"]),
    "figures_file": for_reader(other=NONE, args=lambda cast: a_return(cast)),
    "figures_import": for_reader(other=NONE, args=lambda cast: a_return(cast)),
    "programme": for_reader(),
    "programme_matrix": for_reader(),
    "programme_register": for_reader(args=lambda cast: ["tin-bai"]),
    "programme_new": for_reader(args=lambda cast: ["tin-bai"]),
    "programme_list": for_reader(args=lambda cast: ["tin-bai"]),
    "programme_list_run": for_reader(other=NONE, args=lambda cast: ["tin-bai", handed_in(cast)]),
    "programme_entry": for_reader(other=NONE, args=lambda cast: ["tin-bai", entered(cast)]),
    "programme_correct": for_reader(other=NONE, args=lambda cast: ["tin-bai", entered(cast)]),
    "programme_strike": for_reader(other=NONE, args=lambda cast: ["tin-bai", entered(cast)], method="post"),
    "programme_file": for_reader(other=NONE, args=lambda cast: ["tin-bai", entered(cast)]),
}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "api":  # machines' addresses: tests/api/test_every_endpoint.py
                yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name or pattern.pattern)


def test_every_address_has_its_line():
    there = sorted(names(get_resolver().url_patterns))
    assert there == sorted(set(there)), "two addresses with one name"
    assert set(there) == set(MATRIX), "an address without a line in MATRIX, or a line without its address"


def outcome(response: Any) -> Any:
    if response.status_code == 302 and response["Location"].startswith("/dang-nhap/"):
        return SIGN_IN
    return response.status_code


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_who_may_open_it(name, cast, signed_in):
    access, got, expected = MATRIX[name], {}, {}
    address = reverse(name, args=access.args(cast))
    for who in ("admin", "receiver", "other", "stranger", "anonymous"):
        # Each comes to the office as it was: what the one before did is taken back.
        with transaction.atomic():
            client = Client() if who == "anonymous" else signed_in(getattr(cast, who))
            response = getattr(client, access.method)(address, access.data)
            transaction.set_rollback(True)
        told, wanted = outcome(response), getattr(access, who)
        got[who], expected[who] = told, SIGN_IN if wanted == GONE_ON and name == "sign_out" else wanted
        if response.status_code in (403, 404):
            assert 'lang="vi"' in response.content.decode()
    assert got == expected


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_the_wrong_method_does_nothing(name, cast, signed_in):
    access = MATRIX[name]
    url = reverse(name, args=access.args(cast))
    client = signed_in(cast.admin)
    if access.method == "post":
        assert client.get(url).status_code == 405
    assert client.delete(url).status_code in (405, 302, 200)
    cast.receiver.refresh_from_db()
    assert cast.receiver.is_active


@pytest.mark.parametrize("name", sorted(name for name, access in MATRIX.items() if access.receiver == NO))
def test_a_delegated_duty_opens_what_the_duty_opens(name, cast, signed_in):
    today = dt.date.today()  # noqa: DTZ011 - the test runs in the office's own day
    Delegation.objects.create(
        from_user=cast.admin,
        to_user=cast.receiver,
        unit=cast.xa_cau_ke,
        duty=Duty.ADMIN,
        valid_from=today - dt.timedelta(days=1),
        valid_to=today + dt.timedelta(days=1),
        basis="TB 02",
    )
    access = MATRIX[name]
    response = getattr(signed_in(cast.receiver), access.method)(reverse(name, args=access.args(cast)), access.data)
    assert response.status_code == access.admin
