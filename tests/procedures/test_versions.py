"""Versions never change; which one counts on a day; corrections and confirmations make new ones."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.ledger.models import Channel
from motcua.procedures import actions, queries, queue, seals
from motcua.procedures.catalogue import load
from motcua.procedures.drafts import Draft, FeeDraft, Head, PartDraft, TermDraft, digest
from motcua.procedures.models import Case, FeeLine, Part, Procedure, ProcedureVersion, Review, TermLine
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.procedures.made import CODE, method, paper, record
from tests.support.sql import max_queries

DAY = dt.date(2026, 7, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_day():
    with clock.at(clock.local_moment(DAY, dt.time(9))):
        yield


def imported(**changes):
    from motcua.procedures.published import read_record

    actions.import_catalogue(records=[read_record(record(**changes))], valid_from=DAY)
    return queries.in_force(CODE, DAY)


def draft(**changes):
    values = {
        "head": Head(name="Cấp phép thả diều", field="Diều sáo"),
        "terms": (TermDraft("stated", value=Decimal(3), unit="working_day", start_rule="next_day"),),
    }
    return Draft(**{**values, **changes})


def created(code="NB.TD.01", **changes):
    return actions.create_procedure(code=code, draft=draft(**changes), valid_from=DAY, basis="QĐ 1/QĐ-UBND")


# ---- sealed ---------------------------------------------------------------------------------------------------------
def test_nothing_of_a_sealed_version_can_be_changed_added_or_removed():
    version = imported(methods=[method(7), method(2)], documents=[paper(), paper("Lưu ý: mang bản chính")])
    attempts = [
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(name="Khác"),
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(sealed=False),
        lambda: ProcedureVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    ]
    for model in (TermLine, Part, FeeLine, Case, Review):
        rows = model.objects.filter(version=version)
        assert rows.exists(), model
        attempts.append(lambda rows=rows: rows.update(position=99))
        attempts.append(lambda rows=rows: rows._raw_delete("default"))
    attempts += [
        lambda: Part.objects.create(version=version, position=9, name="Thêm sau"),
        lambda: Review.objects.create(version=version, code="x", place="term"),
        lambda: FeeLine.objects.create(version=version, position=9, state="none"),
        lambda: Case.objects.create(version=version, position=9, name="Thêm sau"),
        lambda: TermLine.objects.create(version=version, position=9, state="none", channel="post"),
    ]
    before = load([version])
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert load([version]) == before


def test_a_line_cannot_be_moved_into_a_sealed_version():
    version = imported()
    other = ProcedureVersion.objects.create(
        procedure=version.procedure,
        number=2,
        name="x",
        field="x",
        valid_from=DAY,
        created_at=clock.now(),
        source="local",
    )
    part = Part.objects.create(version=other, position=5, name="Giấy lạc")
    with pytest.raises(DatabaseError), transaction.atomic():
        Part.objects.filter(pk=part.pk).update(version=version)


def test_the_seals_are_there_by_name():
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert seals.trigger_names(connection.vendor) <= {row[0] for row in cursor.fetchall()}
    assert seals.missing_seals(connection) == []


def test_an_unsealed_version_is_not_in_force():
    procedure = Procedure.objects.create(code="9.900077", is_official=True)
    ProcedureVersion.objects.create(
        procedure=procedure, number=1, name="x", field="x", valid_from=DAY, created_at=clock.now(), source="local"
    )
    with pytest.raises(NotFound):
        queries.in_force("9.900077", DAY)


def test_the_database_itself_refuses_half_a_term_and_an_unmarked_local_code():
    version = ProcedureVersion.objects.create(
        procedure=Procedure.objects.create(code="NB.X", is_official=False),
        number=1,
        name="x",
        field="x",
        valid_from=DAY,
        created_at=clock.now(),
        source="local",
    )
    wrong = [
        lambda: TermLine.objects.create(version=version, position=1, state="stated", value=3),
        lambda: TermLine.objects.create(version=version, position=1, state="unclear", value=3, unit="working_day"),
        lambda: TermLine.objects.create(
            version=version, position=1, state="stated", value=0, unit="working_day", start_rule="next_day"
        ),
        lambda: TermLine.objects.create(
            version=version, position=1, state="none", promised_value=1, promised_unit="month"
        ),
        lambda: FeeLine.objects.create(version=version, position=1, state="unclear", amount=0),
        lambda: FeeLine.objects.create(version=version, position=1, state="amount", amount=0),
        lambda: Part.objects.create(version=version, position=1, name="x", copies=0),
        lambda: Procedure.objects.create(code="TD.01", is_official=False),
        lambda: Procedure.objects.create(code="NB.02", is_official=True),
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(effect="known"),
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(valid_to=DAY - dt.timedelta(days=1)),
    ]
    for attempt in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


# ---- which version counts -------------------------------------------------------------------------------------------
def test_the_version_of_a_day():
    first = created()
    later = DAY + dt.timedelta(days=30)
    second = actions.new_version(
        version=first, changes={"name": "Cấp phép thả diều lớn"}, basis="QĐ 2", valid_from=later
    )
    assert queries.in_force("NB.TD.01", DAY) == first
    assert queries.in_force("NB.TD.01", later - dt.timedelta(days=1)) == first
    assert queries.in_force("NB.TD.01", later) == second
    assert [v.number for v in queries.versions("NB.TD.01")] == [2, 1]
    for code, day, says in (
        ("1.000000", DAY, "Không có thủ tục"),
        ("NB.TD.01", DAY - dt.timedelta(days=1), "chỉ được dùng từ 01/07/2026"),
    ):
        with pytest.raises(NotFound) as error:
            queries.in_force(code, day)
        assert says in error.value.message


def test_an_abolished_procedure_is_refused_from_that_day_on():
    version = created()
    last = DAY + dt.timedelta(days=10)
    actions.abolish(version=version, last_day=last, decision="QĐ 9/QĐ-UBND bãi bỏ")
    assert queries.in_force("NB.TD.01", last) == version
    with pytest.raises(NotFound) as error:
        queries.in_force("NB.TD.01", last + dt.timedelta(days=1))
    assert "đã bãi bỏ từ 12/07/2026" in error.value.message


def test_a_version_that_ends_by_itself():
    actions.create_procedure(code="NB.TD.02", draft=draft(), valid_from=DAY, valid_to=DAY, basis="QĐ 1")
    queries.in_force("NB.TD.02", DAY)
    with pytest.raises(NotFound, match="chỉ dùng đến hết 01/07/2026"):
        queries.in_force("NB.TD.02", DAY + dt.timedelta(days=1))


def test_one_read_costs_one_statement():
    created()
    with max_queries(1):
        version = queries.in_force("NB.TD.01", DAY)
    with max_queries(1):
        queries.term(version, None, Channel.DIRECT)


# ---- terms, fees and papers of a version ----------------------------------------------------------------------------
def test_the_term_of_a_case_and_channel():
    def line(value, case="", channel="", **more):
        return TermDraft("stated", case, channel, Decimal(value), "working_day", "next_day", **more)

    version = created(
        terms=(
            line(10, promised_value=Decimal(7), promised_unit="working_day"),
            line(8, channel="online"),
            line(20, case="Cần xác minh"),
            TermDraft("unclear", "Hồ sơ cũ"),
        )
    )
    verify, old = queries.cases(version)
    assert (verify.name, old.name) == ("Cần xác minh", "Hồ sơ cũ")

    def term(case, channel):
        return [str(t) if t else None for t in queries.term(version, case, channel)]

    assert term(None, Channel.DIRECT) == ["10 ngày làm việc", "7 ngày làm việc"]
    assert term(None, Channel.ONLINE) == ["8 ngày làm việc", None]
    assert term(None, Channel.ONLINE_ASSISTED) == ["8 ngày làm việc", None]
    assert term(verify, Channel.ONLINE) == ["20 ngày làm việc", None]
    assert term(old, Channel.DIRECT) == [None, None]
    assert not queries.needs_case(version, Channel.POST)


def test_where_only_cases_have_terms_a_case_must_be_chosen():
    version = imported(methods=[method(7), method(2)])
    assert queries.needs_case(version, Channel.DIRECT)
    assert queries.term(version, None, Channel.DIRECT) == (None, None)
    assert [str(queries.term(version, c, Channel.DIRECT)[0]) for c in queries.cases(version)] == [
        "7 ngày làm việc",
        "2 ngày làm việc",
    ]


def test_fees_by_channel_and_exempt_group():
    version = created(
        fees=(
            FeeDraft("amount", amount=20000, channel="direct"),
            FeeDraft("amount", amount=10000, channel="online"),
            FeeDraft("free", amount=0, exempt_group="Hộ nghèo"),
        )
    )

    def amounts(*how):
        return [line.amount for line in queries.fees(version, *how)]

    assert amounts(Channel.DIRECT) == [20000]
    assert amounts(Channel.ONLINE_ASSISTED) == [10000]
    assert amounts(Channel.POST) == []
    assert amounts(Channel.DIRECT, "Hộ nghèo") == [0]
    assert amounts(Channel.DIRECT, "Người cao tuổi") == [20000]


def test_papers_of_a_case_without_the_rows_that_are_none():
    version = created(
        parts=(
            PartDraft("Tờ khai"),
            PartDraft("Lưu ý chung", role="condition", required=False),
            PartDraft("Bản án", case="Đã ly hôn"),
        ),
    )
    (case,) = queries.cases(version)
    assert [p.name for p in queries.parts(version)] == ["Tờ khai"]
    assert [p.name for p in queries.parts(version, case)] == ["Tờ khai", "Bản án"]
    assert [p.name for p in queries.parts(version, case, everything=True)] == ["Tờ khai", "Lưu ý chung", "Bản án"]


def test_what_is_written_reads_back_the_same():
    content = draft(
        fees=(FeeDraft("amount", amount=1000, case="A", per="trang", from_quantity=3),),
        parts=(PartDraft("Tờ khai", copies=2, kind="copy", condition="nếu có", required=False),),
    )
    version = actions.create_procedure(code="NB.TD.03", draft=content, valid_from=DAY, basis="QĐ 1")
    fresh = ProcedureVersion.objects.get(pk=version.pk)
    read = load([fresh])[fresh.pk]
    assert read == content
    assert digest(read) == fresh.digest


# ---- corrections ----------------------------------------------------------------------------------------------------
def test_a_correction_is_a_new_version_and_the_old_one_stays():
    first = imported()
    before = load([first])[first.pk]
    second = actions.new_version(version=first, changes={"field": "Vật nuôi lạ"}, basis="Công văn 3/UBND")
    assert (second.number, second.source, second.field, second.valid_from) == (2, "correction", "Vật nuôi lạ", DAY)
    assert load([first])[first.pk] == before


def test_somebody_else_was_first():
    first = created()
    actions.new_version(version=first, changes={"field": "A"}, basis="QĐ 2")
    with pytest.raises(Conflict, match="đã có phiên bản 2"):
        actions.new_version(version=first, changes={"field": "B"}, basis="QĐ 3")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Không có trường"),
        ({"colour": "đỏ"}, "Không có trường nào tên colour"),
        ({"field": "Diều sáo"}, "không có gì khác"),
        ({"name": "  "}, "phải có tên"),
        ({"levels": ["thôn"]}, "«thôn»"),
        ({"service_level": "muc_do_5"}, "«muc_do_5»"),
        ({"old_level": 5}, "Mức độ cũ"),
        ({"effect": "known"}, "ngày hiệu lực"),
        ({"terms": [TermDraft("stated")]}, "phải có số"),
        ({"terms": [TermDraft("stated", value=Decimal("NaN"), unit="working_day", start_rule="next_day")]}, "hữu hạn"),
        ({"terms": [TermDraft("stated", value=Decimal(-1), unit="working_day", start_rule="next_day")]}, "lớn hơn 0"),
        ({"terms": [TermDraft("none"), TermDraft("none")]}, "cùng trường hợp"),
        (
            {"terms": [TermDraft("stated", "", "", Decimal(3), "working_day", "next_day", Decimal(5), "working_day")]},
            "không được dài hơn",
        ),
        ({"fees": [FeeDraft("free", amount=5)]}, "Mức phí không khớp"),
        ({"fees": [FeeDraft("amount", amount=-5)]}, "Mức phí không khớp"),
        ({"parts": [PartDraft(" ")]}, "phải có tên"),
        ({"name": "x" * 2001}, "«tên thủ tục» dài 2001 ký tự"),
        ({"parts": [PartDraft("x", form="y" * 301)]}, "nhiều nhất 300"),
        ({"fees": [FeeDraft("none", case="z" * 501)]}, "Tên trường hợp dài 501"),
        ({"parts": [PartDraft("x", copies=0)]}, "Số bản"),
    ],
)
def test_content_the_books_cannot_hold_is_refused(changes, says):
    version = created()
    with pytest.raises(Invalid) as error, transaction.atomic():
        actions.new_version(version=version, changes=changes, basis="QĐ 2")
    assert says in error.value.message
    assert ProcedureVersion.objects.count() == 1


def test_a_change_needs_its_document():
    with pytest.raises(Invalid, match="căn cứ"):
        actions.new_version(version=created(), changes={"field": "A"}, basis="  ")


@pytest.mark.parametrize("code", ["TD.01", "", "a b", "9" * 41])
def test_own_codes_are_marked(code):
    with pytest.raises(Invalid):
        created(code)


def test_a_code_is_given_once():
    created()
    with pytest.raises(Conflict):
        created()


def test_many_by_hand_all_or_none():
    with max_queries(12):
        versions = actions.create_procedures(
            drafts={f"NB.MH.{n:03}": draft() for n in range(60)}, valid_from=DAY, basis="Dữ liệu minh họa"
        )
    assert [v.sealed for v in versions] == [True] * 60
    with pytest.raises(Conflict, match=r"NB\.MH\.003"), transaction.atomic():
        actions.create_procedures(drafts={"NB.MX.1": draft(), "NB.MH.003": draft()}, valid_from=DAY, basis="QĐ")
    assert not Procedure.objects.filter(code="NB.MX.1").exists()


# ---- settling doubts ------------------------------------------------------------------------------------------------
def settle(version, place, value, position=1, basis="QĐ số 5/QĐ-UBND"):
    return actions.confirm_review(version=version, place=place, position=position, value=value, basis=basis)


def test_an_unclear_term_is_settled_with_its_document():
    version = imported(methods=[method(3, None)])
    assert version.needs_review
    assert queries.term(version, None, "direct") == (None, None)
    second = settle(version, "term", {"value": 3, "unit": "working_day"})
    assert (second.number, second.needs_review, second.confirmed, second.basis) == (2, False, True, "QĐ số 5/QĐ-UBND")
    assert str(queries.term(second, None, "direct")[0]) == "3 ngày làm việc"
    assert second.terms.get().confirmed
    assert "3 (không ghi đơn vị)" in second.terms.get().published
    assert queries.in_force(CODE, DAY) == second


def test_a_cut_promise_settles_no_doubt_about_the_law():
    version = imported(methods=[method(7), method(2, None)])
    lines = list(load([version])[version.pk].terms)
    assert [line.state for line in lines] == ["stated", "unclear"]
    cut = replace(lines[0], promised_value=Decimal(5), promised_unit="working_day")
    newer = actions.new_version(version=version, changes={"terms": [cut, lines[1]]}, basis="QĐ 9")
    assert newer.needs_review
    assert sorted(newer.reviews.values_list("code", flat=True)) == sorted(
        version.reviews.values_list("code", flat=True)
    )
    assert queries.term(newer, newer.cases.first(), "direct")[1] == Term(5, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
    # but who writes the unclear line anew has settled that line, and no other
    said = replace(lines[1], state="stated", value=Decimal(2), unit="working_day", start_rule="next_day")
    third = actions.new_version(version=newer, changes={"terms": [cut, said]}, basis="QĐ 10")
    assert not third.reviews.filter(place="term").exists()


def test_a_fee_a_paper_and_a_text_are_settled():
    version = imported(
        methods=[method(note="Miễn phí(do HĐND tỉnh quy định)")],
        documents=[paper(copies=0)],
        steps_text="Nộp tại cấp huyện",
    )
    version = settle(version, "fee", {"amount": 8000, "per": "bản"})
    assert [(f.state, f.amount, f.per, f.confirmed) for f in version.fees.all()] == [("amount", 8000, "bản", True)]
    version = settle(version, "part", {"copies": 1, "kind": "copy"})
    assert [(p.copies, p.kind) for p in version.parts.all()] == [(1, "copy")]
    assert version.needs_review
    version = settle(version, "steps_text", {}, position=None)
    assert not version.needs_review
    assert list(version.reviews.all()) == []


def test_cases_are_named_one_by_one():
    version = imported(methods=[method(7), method(2)])
    version = settle(version, "term", {"case": "Cấp mới"}, 1)
    assert version.needs_review
    version = settle(version, "term", {"case": "Cấp lại"}, 2)
    assert not version.needs_review
    assert [c.name for c in queries.cases(version)] == ["Cấp mới", "Cấp lại"]


@pytest.mark.parametrize(
    ("place", "position", "value", "says"),
    [
        ("term", 2, {}, "Không có dòng số 2"),
        ("term", None, {}, "Không có dòng số"),
        ("term", 1, {"value": "ba", "unit": "working_day"}, "không phải là số"),
        ("term", 1, {"value": 3}, "đơn vị tính"),
        ("term", 1, {"value": 0, "unit": "working_day"}, "lớn hơn 0"),
        ("term", 1, {"colour": 1}, "không thuộc dòng này"),
        ("fee", 1, {"amount": -1}, "Mức phí"),
        ("tern", 1, {}, "«tern»"),
        ("steps_text", None, {}, "không có gì cần xác nhận"),
    ],
)
def test_wrong_confirmations_change_nothing(place, position, value, says):
    version = imported(methods=[method(3, None)])
    with pytest.raises(Invalid) as error, transaction.atomic():
        settle(version, place, value, position)
    assert says in error.value.message
    assert ProcedureVersion.objects.count() == 1


def test_a_confirmation_costs_at_most_twenty_statements(cast):
    version = imported(methods=[method(3, None), method(5, None)])
    keeper = cast.by_duty["control"]
    with max_queries(20):
        actions.confirm_review(
            version=version,
            place="term",
            position=1,
            value={"value": 3, "unit": "working_day"},
            basis="QĐ 5",
            actor=keeper,
            request_key="once",
        )
    again = actions.confirm_review(
        version=version,
        place="term",
        position=1,
        value={"value": 3, "unit": "working_day"},
        basis="QĐ 5",
        actor=keeper,
        request_key="once",
    )
    assert again.number == 2
    assert ProcedureVersion.objects.count() == 2


def test_only_keepers_of_the_catalogue_change_it(cast):
    version = created()
    for who in (cast.receiver, cast.stranger):
        with pytest.raises(NotAllowed):
            actions.new_version(version=version, changes={"field": "A"}, basis="QĐ", actor=who)
    made = actions.new_version(version=version, changes={"field": "A"}, basis="QĐ", actor=cast.by_duty["control"])
    assert made.created_by == cast.by_duty["control"]


# ---- the list of what waits -----------------------------------------------------------------------------------------
def test_what_waits_for_review():
    version = imported(methods=[method(3, None)])
    created()
    with max_queries(2):
        (found,) = queue.to_review(DAY)
        assert found == version
        assert [r.code for r in found.reviews.all()] == ["number_without_unit"]
    assert queue.to_review(DAY, trouble="zero_term") == []
    with max_queries(1):
        assert queue.review_counts(DAY) == {"number_without_unit": 1}
    settle(version, "term", {"value": 3, "unit": "working_day"})
    assert queue.to_review(DAY) == []
    assert queue.review_counts(DAY) == {}
