"""People kept once: set right, merged, restricted, asked for consent, erased when their time is over."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.dossiers import actions, lookup, persons, retention, search
from motcua.dossiers.models import Dossier, Note
from motcua.ledger.models import Channel
from motcua.ledger.verify import check_items
from motcua.org import queries as org
from motcua.org.queries import SYSTEM
from motcua.parties import queries, rights, rules
from motcua.parties.actions import digest, record_party
from motcua.parties.models import Consent, Party, PartyChange, Purpose, RetentionRule
from tests.dossiers.conftest import at

NOW = "02/06/2023 09:00"


def told(party, by, **more):
    return {"actor": by, "party": party.pk, "reason": "Đối chiếu thẻ", "name": party.name, "kind": party.kind, **more}


def received(office, who, **more):
    with clock.at(at(NOW)):
        return actions.receive(
            actor=office.clerk,
            procedure=office.land,
            unit=office.district,
            applicant=who,
            channel=Channel.DIRECT,
            **more,
        )


def test_numbers_are_masked_in_the_middle():
    assert rules.mask("084195000001") == "0********001"
    assert rules.mask("0912345678") == "0******678"
    assert rules.mask("123") == "***"
    assert rules.mask("") == ""


def test_a_record_set_right_keeps_what_it_said(office):
    who = record_party(actor=None, name="Lê Thị Gõ Nhầm", id_number="084195000001", phone="0912345678", invented=True)
    with clock.at(at(NOW)):
        rights.change_party(**told(who, office.clerk, name="Lê Thị Đúng", id_kind="cccd", id_number="084195000001"))
    who.refresh_from_db()
    assert (who.name, who.phone, who.name_folded) == ("Lê Thị Đúng", "", "le thi dung")
    change = PartyChange.objects.get(party=who)
    assert change.before == {"name": "Lê Thị Gõ Nhầm", "phone": "0912345678"}
    assert (change.actor, change.reason) == (office.clerk, "Đối chiếu thẻ")
    with pytest.raises(Invalid, match="Chưa sửa gì"), clock.at(at(NOW)):
        rights.change_party(**told(who, office.clerk, id_kind="cccd", id_number="084195000001"))


def test_a_number_belongs_to_one(office):
    record_party(actor=None, name="A", id_number="084195000001", invented=True)
    other = record_party(actor=None, name="B", invented=True)
    with pytest.raises(Conflict, match="gộp hai bản ghi"), clock.at(at(NOW)):
        rights.change_party(**told(other, office.clerk, id_kind="cccd", id_number="084195000001"))
    with pytest.raises(NotAllowed), clock.at(at("01/01/2019 08:00")):
        rights.change_party(**told(other, office.clerk, phone="0912345678"))


def test_doubles_are_merged_and_split_again(office):
    kept = record_party(actor=None, name="Lê Văn Đôi", id_number="084095000001", invented=True)
    double = record_party(actor=None, name="Le Van Doi", id_kind="cmnd", id_number="334000001", invented=True)
    dossier = received(office, double)
    with clock.at(at(NOW)):
        rights.merge_parties(actor=office.clerk, keep=kept.pk, double=double.pk, reason="Đổi từ CMND")
    # The old number finds the record that is kept; new dossiers go to it, the old dossier keeps its own record.
    assert (
        record_party(actor=None, name="Lê Văn Đôi", id_kind="cmnd", id_number="334000001", invented=True).pk == kept.pk
    )
    kept.refresh_from_db()
    assert (kept.id_kind, kept.id_number) == ("cccd", "084095000001")
    assert lookup.by_number("", "334000001") is None  # a double is not offered; its number leads to the one kept
    double.refresh_from_db()
    assert received(office, double).applicant_id == kept.pk
    dossier.refresh_from_db()
    assert dossier.applicant_id == double.pk
    assert [d.pk for d in search.search(SYSTEM, "084095000001").rows][-1] == dossier.pk
    page = persons.person(SYSTEM, double.pk)
    assert (page.party, [p.pk for p in page.records]) == (kept, [kept.pk, double.pk])
    assert len(page.dossiers) == 2
    assert [c.kind for c in page.changes] == ["merge", "merge"]
    with pytest.raises(IllegalAct, match="đã gộp"), clock.at(at(NOW)):
        rights.merge_parties(actor=office.clerk, keep=double.pk, double=kept.pk, reason="Ngược")
    with clock.at(at(NOW)):
        rights.split_party(actor=office.clerk, double=double.pk, reason="Hai người khác nhau")
    assert lookup.by_number("", "334000001") == double
    assert not list(check_items())


def test_a_merged_double_of_a_double_points_at_the_one_kept(office):
    a, b, c = (record_party(actor=None, name="Cùng Một Người", invented=True) for _ in range(3))
    with clock.at(at(NOW)):
        rights.merge_parties(actor=office.clerk, keep=b.pk, double=c.pk, reason="Trùng")
        rights.merge_parties(actor=office.clerk, keep=a.pk, double=b.pk, reason="Trùng")
    assert set(Party.objects.filter(merged_into=a)) == {b, c}
    for bad, why in ((a.pk, "chính nó"), (99999999, "Không có")):
        with pytest.raises((Invalid, NotFound), match=why), clock.at(at(NOW)):
            rights.merge_parties(actor=office.clerk, keep=a.pk, double=bad, reason="x")


def test_a_person_is_seen_through_the_asker_s_dossiers_only(office):
    who = record_party(actor=None, name="Người Ở Huyện", invented=True)
    dossier = received(office, who)
    here = org.scope(office.handler, None, at(NOW).date())
    there = org.scope(office.stranger, None, at(NOW).date())
    assert [d.pk for d in persons.person(here, who.pk).dossiers] == [dossier.pk]
    for ask in (persons.person, persons.require):
        with pytest.raises(NotFound):
            ask(there, who.pk)
    with pytest.raises(NotFound):
        persons.person(here, 2**62)


def test_restriction_takes_a_leader_and_is_lifted_again(office):
    who = record_party(actor=None, name="Xin Hạn Chế", id_number="084195000001", invented=True)
    with pytest.raises(NotAllowed), clock.at(at(NOW)):
        rights.restrict(actor=office.clerk, party=who.pk, basis="Đơn 12/8")
    with clock.at(at(NOW)):
        rights.restrict(actor=office.head, party=who.pk, basis="Đơn 12/8")
    with pytest.raises(IllegalAct), clock.at(at(NOW)):
        rights.restrict(actor=office.head, party=who.pk, basis="Lần nữa")
    assert lookup.by_number("", "084195000001") is None  # not offered; whoever shows the card is typed anew and served
    assert record_party(actor=None, name="Xin Hạn Chế", id_number="084195000001", invented=True).pk == who.pk
    assert rules.needs_reason(restricted=True, own=True)
    with clock.at(at("03/06/2023 09:00")):
        rights.lift_restriction(actor=office.chair, party=who.pk, reason="Đơn rút")
    assert lookup.by_number("", "084195000001") == who
    assert list(PartyChange.objects.order_by("pk").values_list("kind", flat=True)) == ["restrict", "lift"]


def test_the_latest_word_on_a_purpose_counts_and_all_stay(office):
    who = record_party(actor=None, name="Được Hỏi", invented=True)
    common = {"actor": office.clerk, "party": who.pk, "purpose": "notices", "method": "paper"}
    with clock.at(at(NOW)):
        assert not queries.consented(who.pk, Purpose.NOTICES)
        rights.record_consent(**common, given=True, wording="Mẫu 01")
        assert queries.consented(who.pk, Purpose.NOTICES)
        rights.record_consent(**common, given=False)
    assert not queries.consented(who.pk, Purpose.NOTICES)
    assert not queries.consented(who.pk, Purpose.SURVEY)
    assert Consent.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(given=True)
    with pytest.raises(Invalid), clock.at(at(NOW)):
        rights.record_consent(**{**common, "purpose": "spy"}, given=True)


@pytest.fixture
def old(office):
    """Somebody with one dossier, finished in June 2023, with a reason written in it."""
    who = record_party(actor=None, name="Đã Lâu", id_number="084095000001", phone="0912345678", invented=True)
    with clock.at(at("01/06/2023 09:00")):
        dossier = actions.receive(
            actor=office.clerk,
            procedure=office.land,
            unit=office.district,
            applicant=who,
            channel=Channel.DIRECT,
            subject="Đất của ông Lâu",
        )
        Party.objects.filter(pk=who.pk).update(created_at=clock.now())
    with clock.at(at(NOW)):
        actions.withdraw(actor=office.clerk, dossier=dossier.pk, reason="Ông Lâu xin rút")
    RetentionRule.objects.create(
        what="party", years=1, valid_from=dt.date(2023, 1, 1), legal_basis="QĐ 01", confirmed=True
    )
    return dossier


def test_what_has_been_kept_long_enough_is_due_and_no_sooner(office, old):
    scope = org.scope(office.chair, None, dt.date(2024, 6, 1))
    assert retention.due(scope, dt.date(2024, 6, 2))[1] == []
    _, due = retention.due(scope, dt.date(2024, 6, 3))
    assert [d.party.pk for d in due] == [old.applicant_id]
    there = org.scope(office.stranger, None, dt.date(2024, 6, 1))
    assert retention.due(there, dt.date(2024, 6, 3))[1] == []
    assert "1 người" in retention.chore(at("03/06/2024 09:00"))
    # An open dossier, in whatever role, keeps the record.
    received(office, office.applicant, submitter=Party.objects.get(pk=old.applicant_id))
    assert retention.due(scope, dt.date(2024, 6, 3))[1] == []


def test_erasing_leaves_the_chain_verifying_and_says_nothing_of_anybody(office, old):
    scope = org.scope(office.chair, None, dt.date(2024, 6, 1))
    given = {"actor": office.chair, "party": old.applicant_id, "basis": "QĐ tiêu hủy 02", "scope": scope}
    with pytest.raises(IllegalAct, match="Chưa đến hạn"), clock.at(at("02/06/2024 09:00")):
        retention.erase_person(**given)
    with pytest.raises(NotAllowed), clock.at(at("05/06/2024 09:00")):
        retention.erase_person(**{**given, "actor": office.clerk})
    with clock.at(at("05/06/2024 09:00")):
        retention.erase_person(**given)
    gone = Party.objects.get(pk=old.applicant_id)
    assert (gone.name, gone.id_number, gone.phone, gone.salt) == (rights.ERASED_NAME, "", "", "")
    note = Note.objects.get(dossier=old)
    assert (note.text, note.salt) == ("", "")
    assert Dossier.objects.get(pk=old.pk).subject == ""
    assert not list(check_items()), "events hold digests only"
    for text in ("lau", "084095000001", "0912345678"):
        assert search.search(SYSTEM, text).rows == []
    assert [d.pk for d in search.search(SYSTEM, old.code).rows] == [old.pk]
    with pytest.raises(IllegalAct, match="đã xóa"), clock.at(at("05/06/2024 10:00")):
        rights.change_party(**told(gone, office.clerk, name="Trở lại"))
    # The same card comes again: a new record, nothing of the old one.
    again = record_party(actor=None, name="Đã Lâu", id_number="084095000001", invented=True)
    assert again.pk != gone.pk
    assert digest(again) != digest(gone)


def test_a_note_emptied_by_another_hand_is_still_missed(office, old):
    Note.objects.filter(dossier=old).update(text="Khác")
    assert any("đã bị sửa" in fault for fault in check_items())
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.filter(dossier=old).update(erased_at=at(NOW))
