"""Damage done behind the back of real dossiers is named, whatever it makes of their events; nothing else is hidden."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import JSONField, Value

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, Note
from motcua.ledger import verify
from motcua.ledger.models import Event, Leg
from tests.dossiers.conftest import Office, at
from tests.ledger.test_verify import rehash, unguarded

WHEN = at("20/06/2023 08:00")


@pytest.fixture
def three(office: Office) -> list[Dossier]:
    """Three dossiers received and supplemented by the verbs; the last one also resolved."""
    made = []
    for n in range(3):
        with clock.at(at(f"01/06/2023 09:0{n}")):
            made.append(
                actions.receive(
                    actor=office.clerk, procedure=office.land, unit=office.district, applicant=office.applicant,
                    holder=office.handler,
                )
            )  # fmt: skip
        with clock.at(at(f"05/06/2023 10:0{n}")):
            actions.request_supplement(
                actor=office.handler, dossier=made[n].pk, items=["Bản sao"], reason="Thiếu giấy tờ"
            )
        with clock.at(at(f"07/06/2023 10:0{n}")):
            actions.supplement_received(actor=office.clerk, dossier=made[n].pk)
    with clock.at(at("08/06/2023 09:00")):
        actions.resolve(actor=office.handler, dossier=made[2].pk)
    return made


@contextmanager
def damaged(change: Callable[[], object]) -> Iterator[None]:
    with transaction.atomic(), clock.at(WHEN):
        with unguarded():
            change()
        yield
        transaction.set_rollback(True)


def found() -> list[str]:
    return list(verify.check_items())


def test_sound_dossiers_are_found_sound(three: list[Dossier]) -> None:
    with clock.at(WHEN):
        assert found() == []


def _facts(value: object) -> Callable[[Dossier], object]:
    return lambda d: Event.objects.filter(item=d.item, seq=1).update(facts=value)


def _swap(d: Dossier) -> None:
    for seq, moment in ((1, "07/06/2023 10:00"), (3, "01/06/2023 09:00")):
        Event.objects.filter(item=d.item, seq=seq).update(occurred_at=at(moment))


def _without(**which: object) -> Callable[[Dossier], object]:
    def change(d: Dossier) -> None:
        gone = Event.objects.filter(item=d.item, **which)
        Leg.objects.filter(event__in=gone).update(reverses=None)
        Leg.objects.filter(reverses__event__in=gone).update(reverses=None)
        Leg.objects.filter(event__in=gone)._raw_delete("default")
        gone._raw_delete("default")

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_facts({}), "sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa"),
        (_facts([]), "sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa"),
        (_facts(Value(None, JSONField())), "sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa"),
        (_facts("rỗng"), "sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa"),
        (_swap, "sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa"),
        (_without(seq=1), "thiếu sự kiện 1"),
        (_without(), "không có sự kiện nào"),
    ],
    ids=["empty", "list", "null", "text", "swapped", "first gone", "all gone"],
)
def test_damage_that_cannot_be_replayed_is_named_and_hides_no_other(
    three: list[Dossier], change: Callable[[Dossier], object], named: str
) -> None:
    def both() -> None:
        change(three[0])
        Event.objects.filter(item=three[2].item, verb="resolve").update(duty="chair")

    with damaged(both):
        said = found()
    mine = [fault for fault in said if three[0].code in fault]
    assert named in mine[0]
    assert len(mine) > 1  # the replay says so too
    assert not [fault for fault in said if three[1].code in fault]
    assert any(three[2].code in fault and "«resolve» hoặc bút toán của nó đã bị sửa" in fault for fault in said)


def test_a_row_that_cannot_even_be_read_is_named(three: list[Dossier]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the column's type refuses it")

    def scribble() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_leg SET day = 'hôm qua' WHERE item_id = %s", [three[1].item_id])

    with damaged(scribble):
        said = found()
    assert said
    assert all(three[1].code in fault for fault in said)
    assert "mã băm" in said[0]
    assert "không đọc được" in said[-1]


def test_a_note_that_was_changed_or_removed_is_named(three: list[Dossier]) -> None:
    def rewrite() -> None:
        Note.objects.filter(dossier=three[0]).update(text="Thừa giấy tờ")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM dossiers_supplementrequest WHERE dossier_id = %s", [three[1].pk])
        Note.objects.filter(dossier=three[1])._raw_delete("default")

    notes = {note.dossier_id: note.pk for note in Note.objects.all()}
    assert len(notes) == 3
    with damaged(rewrite):
        assert found() == [
            f"hồ sơ {three[0].code}: ghi chú số {notes[three[0].pk]} của sự kiện 2 «request_supplement» đã bị sửa",
            f"hồ sơ {three[1].code}: ghi chú số {notes[three[1].pk]} của sự kiện 2 «request_supplement» không còn",
        ]


def test_a_number_of_a_filing_that_is_gone_is_named(office: Office) -> None:
    with clock.at(at("01/06/2023 09:00")):
        for _ in range(3):
            actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
    assert list(verify.check_series()) == []
    second = Dossier.objects.order_by("pk")[1]
    assert second.filing_code == "NOP.000.00.25.H59-230601-0002"
    with damaged(lambda: Dossier.objects.filter(pk=second.pk).update(filing_code="NOP.000.00.25.H59-230601-0007")):
        assert list(verify.check_series()) == [
            "Dãy số (Hồ sơ nộp chưa tiếp nhận): dãy mã lần nộp 000.00.25.H59 ngày 01/06/2023: thiếu số 2",
            "Dãy số (Hồ sơ nộp chưa tiếp nhận): dãy mã lần nộp 000.00.25.H59 ngày 01/06/2023: số 7 không do dãy số cấp",
        ]


def test_a_seal_of_the_catalogue_taken_off_is_named(three: list[Dossier]) -> None:
    name = "procedures_termline_sealed_update_old" if connection.vendor == "sqlite" else "procedures_termline_no_change"
    with damaged(lambda: None):
        assert list(verify.check_others()) == []
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP TRIGGER {name}"
                if connection.vendor == "sqlite"
                else f"ALTER TABLE procedures_termline DISABLE TRIGGER {name}"
            )
        assert list(verify.check_others()) == [f"Danh mục thủ tục: thiếu hoặc đã tắt bẫy niêm phong {name}."]


@pytest.mark.parametrize(
    ("verb", "name", "said"),
    [
        ("receive", "due", "hạn giải quyết ghi 17:00 30/06/2023, tính lại 17:00 08/06/2023"),
        ("supplement_received", "appointed", "ngày hẹn trả ghi 17:00 30/06/2023, tính lại 17:00 12/06/2023"),
        ("resolve", "regulation", "hạn theo quy định ghi 17:00 30/06/2023, tính lại 17:00 12/06/2023"),
    ],
)
def test_a_date_changed_in_an_event_is_named_though_its_chain_was_forged_anew(
    three: list[Dossier], verb: str, name: str, said: str
) -> None:
    """Hashes, legs and rows all agree: only the act itself, read again, says another date."""
    dossier = three[2]

    def forge() -> None:
        event = Event.objects.get(item=dossier.item, verb=verb)
        event.facts["dates"][name] = [at("30/06/2023 17:00").isoformat(), "day"]
        Event.objects.filter(pk=event.pk).update(facts=event.facts)
        rehash(dossier.item)

    seq = Event.objects.get(item=dossier.item, verb=verb).seq
    with damaged(forge):
        assert found() == [f"hồ sơ {dossier.code}: sự kiện {seq} «{verb}»: {said}"]


def test_dates_that_are_gone_are_named(three: list[Dossier]) -> None:
    def forge() -> None:
        event = Event.objects.get(item=three[0].item, verb="request_supplement")
        del event.facts["dates"]
        Event.objects.filter(pk=event.pk).update(facts=event.facts)
        rehash(three[0].item)

    with damaged(forge):
        assert found() == [f"hồ sơ {three[0].code}: sự kiện 2 «request_supplement»: không ghi các ngày"]


def test_a_date_of_a_filing_not_accepted_is_named_too(office: Office) -> None:
    with clock.at(at("01/06/2023 09:00")):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)

    def forge() -> None:
        event = Event.objects.get(item=filing.intake_item)
        event.facts["dates"]["due"] = None
        Event.objects.filter(pk=event.pk).update(facts=event.facts)
        rehash(filing.intake_item)

    with damaged(forge):
        [fault] = found()
    assert fault.startswith(
        f"hồ sơ nộp {filing.filing_code}: sự kiện 1 «submit»: hạn giải quyết ghi không có, tính lại"
    )


def test_what_was_voided_corrected_and_filed_anew_keeps_the_dates_it_had_then(office: Office) -> None:
    """Each event is read as it was carried out, whatever later acts made of the ones before it."""
    with clock.at(at("01/06/2023 09:00")):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
    with clock.at(at("01/06/2023 14:00")):
        actions.receive(actor=office.clerk, filing=filing.pk, holder=office.handler)
    with clock.at(at("02/06/2023 09:00")):
        actions.move_due(actor=office.chair, dossier=filing.pk, days=4, decision="01/QĐ", reason="Bão")
    with clock.at(at("05/06/2023 09:00")):
        actions.correct_acceptance(
            actor=office.clerk, dossier=filing.pk, received_at=at("01/06/2023 11:00"), channel="post",
            reason="Ghi nhầm", approver=office.head,
        )  # fmt: skip
    events = Event.objects.filter(item__dossier=filing)
    with clock.at(at("06/06/2023 09:00")):
        actions.void_event(
            actor=office.handler, dossier=filing.pk, seq=events.get(verb="move_due").seq, reason="Nhầm",
            approver=office.head,
        )  # fmt: skip
        actions.void_event(
            actor=office.handler, dossier=filing.pk, seq=events.get(verb="receive").seq, reason="Nhầm",
            approver=office.head,
        )  # fmt: skip
        actions.request_supplement(actor=office.clerk, dossier=filing.pk, items=["x"], reason="Thiếu")
    with clock.at(at("07/06/2023 09:00")):
        actions.supplement_received(actor=office.clerk, dossier=filing.pk)
        actions.receive(actor=office.clerk, filing=filing.pk, holder=office.handler)
    with clock.at(WHEN):
        assert found() == []
