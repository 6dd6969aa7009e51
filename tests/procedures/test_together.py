"""Two officials at the same moment: one is first, the other is told, nothing is doubled."""

import datetime as dt

from motcua.core.errors import Conflict
from motcua.procedures import actions, queries
from motcua.procedures.drafts import Draft, Head
from motcua.procedures.models import Adoption, Procedure, ProcedureVersion
from tests.support.cast import make_cast
from tests.support.processes import run_processes

DAY = dt.date(2025, 7, 1)
CODE = "NB.TD.01"


def correct(index):
    version = ProcedureVersion.objects.get(procedure__code=CODE, number=1)
    try:
        actions.new_version(version=version, changes={"field": f"Diều {index}"}, basis="QĐ 2", valid_from=DAY)
    except Conflict:
        return "conflict"
    return "done"


def adopt(index, unit_id):
    from motcua.org.models import Unit

    start = DAY + dt.timedelta(days=index)
    try:
        actions.adopt(
            unit=Unit.objects.get(pk=unit_id),
            procedure=Procedure.objects.get(code=CODE),
            valid_from=start,
            valid_to=start + dt.timedelta(days=30),
        )
    except Conflict:
        return "conflict"
    return "done"


def test_two_corrections_of_one_version(real_database):
    actions.create_procedure(code=CODE, draft=Draft(Head("Thả diều", "Diều sáo")), valid_from=DAY, basis="QĐ 1")
    assert sorted(run_processes(3, correct, real_database)) == ["conflict", "conflict", "done"]
    assert [v.number for v in queries.versions(CODE)] == [2, 1]


def test_two_overlapping_adoptions(real_database):
    cast = make_cast()
    actions.create_procedure(code=CODE, draft=Draft(Head("Thả diều", "Diều sáo")), valid_from=DAY, basis="QĐ 1")
    assert sorted(run_processes(3, adopt, real_database, cast.xa_cau_ke.pk)) == ["conflict", "conflict", "done"]
    assert Adoption.objects.count() == 1
