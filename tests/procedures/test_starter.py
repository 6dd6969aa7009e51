"""The catalogue shipped with the product, and how people find things in it."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.org import queries as org
from motcua.procedures import actions, matching, queries, rules, starter
from motcua.procedures.models import Procedure, ProcedureVersion, Synonym
from motcua.procedures.published import CODE, read_record
from tests.procedures.made import method, record
from tests.support.cast import NEW_DAY
from tests.support.sql import max_queries

DAY = dt.date(2025, 7, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast):
    """Xã Cầu Kè with the whole starter catalogue in use."""
    actions.load_starter(valid_from=DAY)
    actions.adopt_many(unit=cast.xa_cau_ke, procedures=list(Procedure.objects.all()), valid_from=DAY)
    return cast


# ---- the tables -----------------------------------------------------------------------------------------------------
def test_the_shipped_tables_fit_together():
    records = starter.read()
    codes = [r.code for r in records]
    assert (len(codes), len(set(codes))) == (64, 64)
    assert set(starter.synonyms()) <= set(codes)
    for r in records:
        assert CODE.fullmatch(r.code) or r.code.startswith("NB.KD.")
        assert {d.code for d in r.draft.doubts} <= set(rules.TROUBLES)
        for d in r.draft.doubts:
            lines = {"term": r.draft.terms, "fee": r.draft.fees}.get(d.place, ())
            assert d.position is None or 1 <= d.position <= len(lines)


def test_what_is_recalled_is_marked_so():
    for r in starter.read():
        marked = {(d.code, d.position) for d in r.draft.doubts}
        for position, term in enumerate(r.draft.terms, start=1):
            assert term.confirmed != (("unconfirmed_term", position) in marked)
            assert term.published
            if term.state == "unclear":
                assert not term.confirmed
        assert not any(fee.confirmed for fee in r.draft.fees)
        if not CODE.fullmatch(r.code):
            assert ("unconfirmed_procedure", None) in marked


def test_loading_it_twice_changes_nothing():
    first = actions.load_starter(valid_from=DAY)
    assert (len(first.added), first.unchanged) == (64, 0)
    count = Synonym.objects.count()
    again = actions.load_starter(valid_from=DAY)
    assert (again.added, again.changed, again.unchanged) == ([], [], 64)
    assert (Synonym.objects.count(), ProcedureVersion.objects.count()) == (count, 64)


def test_birth_registration_is_same_day_with_the_three_o_clock_rule():
    actions.load_starter(valid_from=DAY)
    term, cut = queries.term(queries.in_force("1.001193", DAY), None, "direct")
    assert (term.value, term.unit, term.start_rule, cut) == (0, "same_day", "same_day_15h", None)


def test_certified_copies_cost_less_from_the_third_page():
    actions.load_starter(valid_from=DAY)
    lines = queries.fees(queries.in_force("2.000815", DAY), "direct")
    assert [(line.amount, line.per, line.from_quantity) for line in lines] == [(2000, "trang", 1), (1000, "trang", 3)]


def test_local_codes_are_never_official():
    actions.load_starter(valid_from=DAY)
    assert set(Procedure.objects.filter(is_official=False).values_list("code", flat=True)) == {
        f"NB.KD.{n:02}" for n in range(1, 9)
    }


# ---- beside the national catalogue ----------------------------------------------------------------------------------
def national(day=DAY, **changes):
    return actions.import_catalogue(records=[read_record(record("1.004873", **changes))], valid_from=day)


@pytest.mark.parametrize("starter_first", [True, False])
def test_a_term_the_nation_leaves_open_is_filled_by_the_starter_in_either_order(starter_first):
    acts = [lambda: actions.load_starter(valid_from=DAY), lambda: national(methods=[method(3, None)])]
    for act in acts if starter_first else reversed(acts):
        act()
    version = queries.in_force("1.004873", DAY)
    assert version.number == 2
    assert version.name == "Đăng ký nuôi rồng tại nhà"
    assert str(queries.term(version, None, "direct")[0]) == "3 ngày làm việc"
    assert "kept_over_open_source" in {r.code for r in version.reviews.all()}
    assert version.needs_review
    for act in acts:
        act()
    assert ProcedureVersion.objects.filter(procedure__code="1.004873").count() == 2


def test_a_term_the_nation_states_wins_over_the_starter():
    actions.load_starter(valid_from=DAY)
    national(methods=[method(4)])
    assert str(queries.term(queries.in_force("1.004873", DAY), None, "direct")[0]) == "4 ngày làm việc"


# ---- finding --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("giấy độc thân", "1.004873"),
        ("giay doc than", "1.004873"),
        ("GIẤY ĐỘC THÂN", "1.004873"),
        ("làm sổ đỏ lần đầu", "1.013978"),
        ("lam so do", "1.013978"),
        ("khai sinh", "1.001193"),
        ("khai sihn", "1.001193"),
        ("kahi sinh", "1.001193"),
        ("ket hon", "1.000894"),
        ("1.001193", "1.001193"),
        ("001193", "1.001193"),
        ("sao y", "2.000815"),
        ("nhập hộ khẩu", "1.004222"),
        ("mat can cuoc", "1.014064"),
        ("dựng rạp đám tang", "1.013274"),
        ("xin phép xây nhà", "1.013225"),
        ("trích lục khai sinh", "2.000635"),
        ("thuong tru", "1.004222"),
        ("tiền mai táng", "1.001731"),
    ],
)
def test_everyday_words_find_the_procedure_first(shop, typed, code):
    hits = queries.search(org.SYSTEM, shop.xa_cau_ke, NEW_DAY, typed)
    assert hits[0].adopted.code == code


@pytest.mark.parametrize("typed", ["", "   ", "xyzabc", "1.999999", "%", "'; DROP TABLE", "(((", "\x00", "á" * 5000])
def test_nothing_sensible_finds_nothing(shop, typed):
    assert queries.search(org.SYSTEM, shop.xa_cau_ke, NEW_DAY, typed) == []


def test_searching_costs_four_statements_and_needs_a_duty_there(shop):
    scope = org.scope(shop.receiver, None, NEW_DAY)
    with max_queries(4):
        assert queries.search(scope, shop.xa_cau_ke, NEW_DAY, "khai sinh")
    with pytest.raises(NotAllowed):
        queries.search(org.scope(shop.stranger, None, NEW_DAY), shop.xa_cau_ke, NEW_DAY, "khai sinh")


def test_the_office_adds_its_own_words(shop):
    procedure = Procedure.objects.get(code="1.001193")
    with clock.at(clock.local_moment(NEW_DAY)):
        added = actions.add_synonym(procedure=procedure, words="  Giấy   đẻ ", actor=shop.by_duty["control"])
        assert actions.add_synonym(procedure=procedure, words="giay de").pk == added.pk
        with pytest.raises(NotAllowed):
            actions.add_synonym(procedure=procedure, words="Giấy gì đó", actor=shop.receiver)
    assert queries.search(org.SYSTEM, shop.xa_cau_ke, NEW_DAY, "giay de")[0].adopted.code == "1.001193"


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("khai", "khai", True),
        ("khia", "khai", True),
        ("kha", "khai", False),
        ("khaii", "khai", True),
        ("thuong", "thuog", True),
        ("sinh", "sanh", True),
        ("so", "do", False),
        ("doc", "dac", False),
        ("thuong", "thang", False),
    ],
)
def test_a_slip_of_the_keyboard(a, b, alike):
    assert matching.slip(a, b) == matching.slip(b, a) == alike
