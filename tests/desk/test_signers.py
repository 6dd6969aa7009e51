"""Thẩm quyền ký: who signs what in whose name, since when; on letters, in the queue to sign, and who is refused."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.dossiers import actions
from motcua.org.models import AccessChange, Duty
from motcua.procedures import signing
from motcua.procedures.signing_models import SigningAuthority, SigningMode
from tests.desk.counting import at
from tests.desk.filing import CODE, received, usable
from tests.desk.test_printing import filed, said
from tests.support.sql import max_queries

FROM = dt.date(2025, 7, 1)


def grant(cast, user, **more):
    given = {
        "actor": cast.admin,
        "user": user,
        "unit": cast.xa_cau_ke,
        "mode": SigningMode.DEPUTY,
        "head_title": "Chủ tịch",
        "signer_title": "Phó Chủ tịch",
        "collective": True,
        "valid_from": FROM,
        "basis": "QĐ 12/QĐ-UBND",
    }
    signing.grant_signing(**{**given, **more})
    return SigningAuthority.objects.order_by("-pk").first()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("mode", "head", "signer", "collective", "wanted"),
    [
        ("own", "Chủ tịch", "", True, ["TM. Ủy ban nhân dân", "Chủ tịch"]),
        ("own", "Chủ tịch", "", False, ["Chủ tịch"]),
        ("q", "Chủ tịch", "", True, ["TM. Ủy ban nhân dân", "Q. Chủ tịch"]),
        ("kt", "Chủ tịch", "Phó Chủ tịch", True, ["TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"]),
        ("kt", "Giám đốc", "Phó Giám đốc", False, ["KT. Giám đốc", "Phó Giám đốc"]),
        ("tl", "Chủ tịch", "Chánh Văn phòng", False, ["TL. Chủ tịch", "Chánh Văn phòng"]),
        ("tuq", "Chủ tịch", "Trưởng phòng Kinh tế", False, ["TUQ. Chủ tịch", "Trưởng phòng Kinh tế"]),
        # The collective does not sign by order or by mandate, whatever was ticked.
        ("tl", "Chủ tịch", "Chánh Văn phòng", True, ["TL. Chủ tịch", "Chánh Văn phòng"]),
    ],
)
def test_the_lines_over_a_signature(mode, head, signer, collective, wanted):
    assert signing.lines(mode, head, signer, collective=collective) == wanted


@pytest.mark.pure
def test_one_for_the_procedure_counts_before_one_for_all():
    def row(user, procedure, first):
        return SigningAuthority(user_id=user, procedure_id=procedure, valid_from=first, mode="own", head_title="X")

    old, new = row(1, None, dt.date(2025, 1, 1)), row(1, None, dt.date(2025, 8, 1))
    own, other = row(1, 7, dt.date(2024, 1, 1)), row(2, 7, dt.date(2025, 1, 1))
    assert signing.choose([old, new, own, other], 1, 7) is own
    assert signing.choose([old, new, own, other], 1, 8) is new
    assert signing.choose([own, other], 1, 8) is None


def test_a_letter_is_headed_by_the_authority_of_its_day(cast, signed_in):
    dossier, chair = filed(cast, "06/10/2025 09:00"), cast.chair
    with clock.at(at("07/10/2025 09:00")):
        grant(
            cast,
            chair,
            mode="tuq",
            signer_title="Trưởng phòng Kinh tế",
            collective=False,
            valid_to=dt.date(2025, 10, 8),
        )
        grant(cast, chair, mode="q", signer_title="", valid_from=dt.date(2025, 10, 9))
        actions.apologise(actor=chair, dossier=dossier.pk, reason="Mưa lũ.", new_appointment=dt.date(2025, 10, 20))
        letter = said(signed_in(chair), "paper", dossier.pk, "apology")
    assert "TUQ. CHỦ TỊCH TRƯỞNG PHÒNG KINH TẾ" in letter
    assert "TM. ỦY BAN NHÂN DÂN" not in letter
    with clock.at(at("10/10/2025 09:00")):
        actions.stop(actor=chair, dossier=dossier.pk, reason="Theo đơn.")
        client = signed_in(chair)
        assert "TM. ỦY BAN NHÂN DÂN Q. CHỦ TỊCH Nguyễn Văn Xoài" in said(client, "paper", dossier.pk, "stop")
        # The earlier letter is printed again as it was.
        assert "TUQ. CHỦ TỊCH" in said(client, "paper", dossier.pk, "apology")


def proposed(cast, to):
    dossier = received(cast, holder=cast.by_duty[Duty.HANDLE])
    actions.propose(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk, to=to)
    return dossier


def test_only_who_is_written_down_approves(cast):
    head = cast.by_duty[Duty.HEAD]
    dossier = proposed(cast, cast.chair)
    grant(cast, head, mode="tl", signer_title="Trưởng phòng", collective=False, procedures=[CODE])
    with pytest.raises(NotAllowed, match="Trần Thị Bưởi"):
        actions.approve(actor=cast.chair, dossier=dossier.pk)
    grant(cast, cast.chair, mode="own", signer_title="")
    with max_queries(20):
        actions.approve(actor=cast.chair, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert dossier.state == "approved"


def test_an_authority_for_one_procedure_is_none_for_another(cast):
    from tests.dossiers.conftest import procedure

    other = procedure("9.000001", "Thủ tục khác", 3)
    dossier = proposed(cast, cast.chair)
    row = grant(cast, cast.chair, mode="own", signer_title="", procedures=[other.code])
    with pytest.raises(NotAllowed, match="không gồm thủ tục này"):
        actions.approve(actor=cast.chair, dossier=dossier.pk)
    SigningAuthority.objects.filter(pk=row.pk).update(valid_to=clock.today() - dt.timedelta(days=1))
    actions.approve(actor=cast.chair, dossier=dossier.pk)  # nothing in force: the duty decides


def test_what_is_not_written_down(cast):
    usable(cast)
    for bad, kind in (
        ({"mode": "x"}, Invalid),
        ({"signer_title": ""}, Invalid),
        ({"mode": "tuq"}, Invalid),  # with TM., and without an end
        ({"mode": "tuq", "collective": False}, Invalid),
        ({"mode": "tl"}, Invalid),
        ({"procedures": ["0.000000"]}, Invalid),
        ({"basis": " "}, Invalid),
        ({"head_title": ""}, Invalid),
        ({"valid_to": FROM - dt.timedelta(days=1)}, Invalid),
        ({"valid_from": FROM - dt.timedelta(days=1)}, Invalid),
        ({"actor": cast.chair}, NotAllowed),
        ({"unit": cast.xa_an_phu_tan}, NotAllowed),
    ):
        with pytest.raises(kind):
            grant(cast, cast.chair, **bad)
    assert not SigningAuthority.objects.exists()
    grant(cast, cast.chair)
    with pytest.raises(Conflict):
        grant(cast, cast.chair, valid_from=FROM + dt.timedelta(days=30))
    grant(cast, cast.chair, procedures=[CODE])  # for one procedure beside the one for all
    cast.stranger.is_active = False
    cast.stranger.save()
    with pytest.raises(IllegalAct):
        grant(cast, cast.stranger)


def test_the_database_refuses_too(cast):
    row = grant(cast, cast.chair)
    for wrong in (
        {"signer_title": ""},
        {"mode": "tl"},
        {"mode": "tuq", "collective": False},
        {"valid_to": FROM - dt.timedelta(days=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SigningAuthority.objects.filter(pk=row.pk).update(**wrong)


def test_an_authority_ends_and_is_not_undone(cast):
    row, today = grant(cast, cast.chair), clock.today()
    with pytest.raises(Invalid):
        signing.end_signing(actor=cast.admin, authority=row.pk, last_day=today - dt.timedelta(days=2))
    with pytest.raises(NotAllowed):
        signing.end_signing(actor=cast.chair, authority=row.pk, last_day=today)
    signing.end_signing(actor=cast.admin, authority=row.pk, last_day=today, reason="Nghỉ hưu")
    with pytest.raises(IllegalAct):
        signing.end_signing(actor=cast.admin, authority=row.pk, last_day=today)
    later = grant(cast, cast.chair, valid_from=today + dt.timedelta(days=5))
    signing.end_signing(actor=cast.admin, authority=later.pk, last_day=today)
    assert list(SigningAuthority.objects.values_list("pk", "valid_to")) == [(row.pk, today)]
    assert list(AccessChange.objects.order_by("pk").values_list("what", flat=True)) == [
        "grant_signing", "end_signing", "grant_signing", "end_signing",
    ]  # fmt: skip


def test_the_pages(cast, signed_in):
    usable(cast)
    client = signed_in(cast.admin)
    form = client.get(reverse("add_signer")).context["form"]
    typed = {
        "request_key": form["request_key"].value(), "unit": cast.xa_cau_ke.code, "user": cast.chair.pk, "mode": "kt",
        "head_title": "Chủ tịch", "signer_title": "Phó Chủ tịch", "collective": "on", "procedures": f"{CODE}; ",
        "valid_from": "01/07/2025", "valid_to": "", "basis": "QĐ 12/QĐ-UBND",
    }  # fmt: skip
    assert client.post(reverse("add_signer"), {**typed, "mode": "tuq"}).status_code == 400
    assert client.post(reverse("add_signer"), typed)["Location"] == reverse("signers")
    assert client.post(reverse("add_signer"), typed).status_code == 302  # sent twice
    row = SigningAuthority.objects.get()
    shown = client.get(reverse("signers")).content.decode()
    for wanted in ("Nguyễn Văn Xoài", "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", CODE, "Đang áp dụng"):
        assert wanted in shown, wanted
    dossier = proposed(cast, cast.chair)
    queue = signed_in(cast.chair).get(reverse("signing")).content.decode()
    assert dossier.code in queue
    assert "KT. CHỦ TỊCH" in queue
    assert "KT. CHỦ TỊCH" in signed_in(cast.chair).get(reverse("signers")).content.decode()
    assert "KT. CHỦ TỊCH" not in signed_in(cast.other).get(reverse("signers")).content.decode()
    end = reverse("end_signer", args=[row.pk])
    assert signed_in(cast.other).get(end).status_code == 404
    assert client.post(end, {"last_day": "x"}).status_code == 400
    assert client.post(end, {"last_day": f"{clock.today():%d/%m/%Y}"})["Location"] == reverse("signers")
    changes = client.get(reverse("access_changes")).content.decode()
    assert "Giao thẩm quyền ký" in changes
    assert "Kết thúc thẩm quyền ký" in changes
