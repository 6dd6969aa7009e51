"""What names a unit, its code and first day, is changed by nobody: not even past the verbs, by raw SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from motcua.ledger import verify
from motcua.org import triggers
from motcua.org.models import Unit
from tests.dossiers.conftest import make_office
from tests.dossiers.test_verbs import receive

_COLUMNS = "id, code, short_code, name, kind, agency_code, valid_from, valid_to, accountable"
CHANGES = [
    "UPDATE org_unit SET code = '999' WHERE id = {id}",
    "UPDATE org_unit SET valid_from = '2021-01-01' WHERE id = {id}",
    "UPDATE org_unit SET id = 987654 WHERE id = {id}",
    "UPDATE org_unit SET code = '999', name = 'Huyện khác' WHERE id = {id}",
]
ONLY_SQLITE = [
    f"INSERT OR REPLACE INTO org_unit ({_COLUMNS}) "
    "SELECT id, '999', '', name, kind, '', valid_from, valid_to, accountable FROM org_unit WHERE id = {id}",
    f"REPLACE INTO org_unit ({_COLUMNS}) "
    "SELECT 987654, code, short_code, name, kind, agency_code, valid_from, valid_to, accountable FROM org_unit "
    "WHERE id = {id}",
]


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        connection.check_constraints()


@pytest.mark.parametrize("change", CHANGES + ONLY_SQLITE)
def test_a_unit_with_lines_in_the_journal_keeps_its_names(change, real_database):
    if change in ONLY_SQLITE and connection.vendor != "sqlite":
        pytest.skip("not in this database's language")
    office = make_office()
    receive(office)
    before = Unit.objects.filter(pk=office.district.pk).values().get()
    with pytest.raises(DatabaseError):
        run(change.format(id=office.district.pk))
    assert Unit.objects.filter(pk=office.district.pk).values().get() == before


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_refused_by_the_trigger_and_not_by_chance(change, db):
    office = make_office()
    with pytest.raises(DatabaseError, match="name a unit for ever"), transaction.atomic():
        run(change.format(id=office.office.pk))


def test_everything_else_about_a_unit_can_be_set_right(db):
    office = make_office()
    run(f"UPDATE org_unit SET name = 'Huyện Cầu Kè mới', code = code WHERE id = {office.district.pk}")
    office.district.refresh_from_db()
    assert office.district.name == "Huyện Cầu Kè mới"
    office.district.save()


def test_verify_says_when_the_trigger_is_gone(real_database):
    assert triggers.missing(connection) == []
    for statement in triggers.drop_identity_sql(connection.vendor):
        run(statement)
    assert any("org_unit_identity" in fault for fault in verify.check_triggers())
    for statement in triggers.identity_sql(connection.vendor):
        run(statement)
    assert triggers.missing(connection) == []
