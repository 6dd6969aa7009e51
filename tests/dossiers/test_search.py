"""Finding dossiers: what a person types, what is found, and what is not."""

import pytest
from django.core.management import call_command
from django.db import connection

from motcua.core import clock
from motcua.dossiers import actions, indexing, search
from motcua.dossiers.models import Dossier, SearchRow
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from motcua.parties import rights
from motcua.parties.actions import record_party
from tests.dossiers.conftest import at
from tests.support.sql import max_queries

DAY = "02/06/2023 09:00"


def filed(office, name="Nguyễn Văn Mẫu", id_number="", phone="", *, unit=None, procedure=None, **more):
    who = record_party(actor=None, name=name, id_number=id_number, phone=phone, invented=True)
    actor = office.stranger if unit == office.other else office.clerk
    with clock.at(at(DAY)):
        return actions.receive(
            actor=actor,
            procedure=procedure or office.land,
            unit=unit or office.district,
            applicant=who,
            channel=Channel.DIRECT,
            **more,
        )


def codes(text, scope=SYSTEM, **more):
    return [d.code for d in search.search(scope, text, **more).rows]


@pytest.fixture
def three(office):
    return [
        filed(office, "Trần Thị Đức", "084195000001", "0912345678"),
        filed(office, "Nguyễn Văn Uyên", "084095000777", "0987000111", external_code="BTP-22-0099"),
        filed(office, "Công ty TNHH Đức Phát", procedure=office.quick),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("duc", [2, 0]),
        ("Đức", [2, 0]),
        ("ĐỨC trần", [0]),
        ("tran thi d", []),  # one letter is a word of its own
        ("tra thi du", [0]),  # beginnings of words
        ("uyen", [1]),
        ("guyen", []),  # not from the middle: every Nguyễn would be an Uyên
        ("084195000001", [0]),
        ("084 195 000 001", [0]),
        ("0001", [0]),  # the end of an identity number, and no code ends so in this test
        ("95000", []),  # not from the middle
        ("0912345678", [0]),
        ("+84 912 345 678", [0]),
        ("0912.345.678", [0]),
        ("5678", [0]),
        ("BTP-22-0099", [1]),
        ("btp-22-0099", [1]),
        ("0099", [1]),
        ("chung thuc", [2]),
        ("1.009991", [1, 0]),
        ("bien dong duc", [0]),
        ("đăng ký biến động uyên", [1]),
        ("khong co", []),
        ("%", []),
        ("_", []),
        ('"', []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("*", []),
        ("AND", []),
        ("", []),
        ("   ", []),
    ],
)
def test_what_is_typed_and_what_is_found(three, typed, found):
    if typed == "0001":
        Dossier.objects.filter(pk=three[0].pk).update(code="000.00.25.H59-230602-9001")
        indexing.refresh([three[0].pk])
        expected = ["000.00.25.H59-230602-9001"]
    else:
        expected = [three[n].code for n in found]
    assert codes(typed) == expected


def test_the_end_of_a_code_and_a_part_of_it(three):
    assert codes("0002") == [three[1].code]
    assert codes("230602-0002") == [three[1].code]
    assert codes("230602") == [d.code for d in reversed(three)]
    assert codes(f"{three[1].code} uyen") == [three[1].code]


def test_marks_beside_a_name_hide_nobody(office):
    """Quotation marks and brackets are not of the word, neither in the books nor in what is typed."""
    with clock.at(at(DAY)):
        party = record_party(actor=None, name="Công ty TNHH “Ánh Dương” (Cầu Kè)", invented=True)
        code = actions.receive(actor=office.clerk, procedure=office.land, unit=office.district, applicant=party).code
    for typed in ("anh duong", "“Ánh Dương”", "(cau ke)", 'tnhh "ánh', "duong,cau"):
        assert codes(typed, SYSTEM) == [code], typed


def test_exact_code_comes_first_then_the_newest(office, three):
    # A later dossier bears the first one's code as another system's.
    late = filed(office, "Lê Mẫu", external_code=three[0].code)
    found = search.search(SYSTEM, three[0].code)
    assert found.exact == late.pk
    assert [d.pk for d in found.rows] == [late.pk, three[0].pk]
    assert search.search(SYSTEM, "mau").exact is None


def test_what_a_slip_s_code_says_opens_the_dossier(three):
    code = three[1].code
    for scanned in (
        f"https://mot-cua.example/ho-so/ma/?ma={code}",
        f"/ho-so/ma/?ma={code}",
        f" {code}\n",
        code.lower(),
    ):
        found = search.search(SYSTEM, scanned)
        assert (found.exact, [d.pk for d in found.rows]) == (three[1].pk, [three[1].pk]), scanned
    assert search.search(SYSTEM, "https://[").rows == []


def test_only_what_the_asker_may_see(office, three):
    elsewhere = filed(office, "Đức Ở Nơi Khác", "084195000002", unit=office.other)
    here = org.scope(office.handler, None, at(DAY).date())
    there = org.scope(office.stranger, None, at(DAY).date())
    assert codes("duc", here) == [elsewhere.code, three[2].code, three[0].code]  # the district sees its communes
    assert codes("duc", there) == [elsewhere.code]
    assert codes("084195000001", there) == []
    assert search.search(there, three[0].code).exact is None
    assert codes("duc", org.scope(None, None, at(DAY).date())) == []


def test_whoever_is_handed_the_dossier_finds_it(office, three):
    from tests.dossiers.conftest import person

    newcomer = person("phong", office.office, Duty.HANDLE)
    scope = org.scope(newcomer, None, at(DAY).date())
    assert codes("uyen", scope) == []
    with clock.at(at("02/06/2023 10:00")):
        actions.forward(actor=office.clerk, dossier=three[1].pk, holder=newcomer, holder_unit=office.office)
    assert codes("uyen", scope) == [three[1].code]
    assert not list(indexing.faults())


def test_a_collector_named_at_the_end_is_found(office, three):
    pk = three[0].pk
    with clock.at(at("05/06/2023 10:00")):
        actions.resolve(actor=office.handler, dossier=pk)
        who = record_party(actor=None, name="Kim Người Nhận", phone="0977123123", invented=True)
        actions.hand_over_result(actor=office.clerk, dossier=pk, collector=who)
    assert codes("kim nhan") == [three[0].code]
    assert codes("0977123123") == [three[0].code]


def test_a_changed_name_or_number_is_found_at_once(office, three):
    record_party(actor=None, name="Trần Thị Đước", id_number="084195000001", invented=True)
    assert codes("duoc") == [three[0].code]
    assert codes("thi duc") == []
    with clock.at(at(DAY)):
        rights.change_party(
            actor=office.clerk,
            party=three[1].applicant_id,
            reason="Gõ nhầm",
            name="Ngô Văn Uyển",
            kind="person",
            phone="0911000222",
        )
    assert codes("ngo") == [three[1].code]
    assert codes("0987000111") == []
    assert codes("0911000222") == [three[1].code]
    assert not list(indexing.faults())


def test_pages_go_back_in_time(office):
    made = [filed(office, f"Lặp Lại {n}") for n in range(5)]
    first = search.search(SYSTEM, "lap lai", size=2)
    second = search.search(SYSTEM, "lap lai", size=2, before=first.before)
    third = search.search(SYSTEM, "lap lai", size=2, before=second.before)
    assert [d.pk for f in (first, second, third) for d in f.rows] == [d.pk for d in reversed(made)]
    assert third.before is None


@pytest.mark.parametrize("small", [0, 10_000])
@pytest.mark.parametrize("walk", [0, 1, 10_000])
def test_every_way_of_looking_finds_the_same(monkeypatch, office, three, small, walk):
    monkeypatch.setattr(search, "_SMALL", {connection.vendor: small})
    monkeypatch.setattr(search, "_WALK", walk)
    scope = org.scope(office.handler, None, at(DAY).date())
    for asked in (SYSTEM, scope):
        assert codes("duc", asked) == [three[2].code, three[0].code]
        assert codes("nguyen 0111", asked) == [three[1].code]
        assert codes("h59-230602 duc", asked) == []
        assert codes("230602", asked) == [d.code for d in reversed(three)]
        assert codes("0099", asked) == [three[1].code]
        assert codes("o'x", asked) == []


def test_a_search_costs_four_statements(office, three):
    scope = org.scope(office.handler, None, at(DAY).date())
    with max_queries(4):
        assert len(search.search(scope, "duc").rows) == 2
    with max_queries(0):
        assert search.search(scope, "x" * 300).rows == []
        assert search.search(scope, "   ").rows == []


def test_verify_names_what_disagrees_and_reindex_mends_it(three, capsys):
    assert not list(indexing.faults())
    SearchRow.objects.filter(pk=three[0].pk).update(text=" sai ")
    SearchRow.objects.filter(pk=three[1].pk).delete()
    said = sorted(indexing.faults())
    assert [three[0].code in said[0], "khác" in said[0]] == [True, True]
    assert [three[1].code in said[1], "chưa có" in said[1]] == [True, True]
    assert codes("uyen") == []
    call_command("reindex")
    assert "Đã sửa 2 dòng" in capsys.readouterr().out
    assert not list(indexing.faults())
    assert codes("uyen") == [three[1].code]
    call_command("reindex")
    assert "đã đúng" in capsys.readouterr().out


def test_verify_misses_a_dropped_index(three):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX dossiers_search_tokens")
        else:
            cursor.execute("DROP TRIGGER dossiers_searchrow_changed")
    assert "motcua migrate" in next(iter(indexing.faults()))
