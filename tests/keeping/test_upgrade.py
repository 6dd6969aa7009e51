"""An office that ran an earlier version upgrades: nothing of it is lost, everything still proves, work goes on.

Each file in ``versions`` is a small invented office as that version's own verbs wrote it (``scripts/dump_version.py``).
"""

import datetime as dt
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.keeping import backup, restore
from motcua.ledger.models import Checkpoint, Cutoff, Event
from motcua.org.models import TWO_TIER_DAY, Unit, User
from motcua.parties.models import Party
from motcua.procedures.models import Procedure
from tests.dossiers.books import faults
from tests.keeping.conftest import ELSEWHERE
from tests.support import databases
from tests.support.migrating import quickly

VERSIONS = sorted((Path(__file__).parent / "versions").glob("*.json"))


def install(old: dict[str, Any]) -> dict[str, int]:
    """Make the database what that version's migrations made of it, with its rows; how many rows of each table."""
    executor = MigrationExecutor(connection)
    ours = set(old["migrations"])
    last = [(app, name) for app, name in executor.loader.graph.leaf_nodes() if app not in ours | UNKNOWN_THEN]
    targets = [*old["migrations"].items(), *last]
    state = executor.migrate(targets)
    loaded, seals = [], []
    with transaction.atomic():
        for label, table in old["tables"].items():
            model = state.apps.get_model(label)
            rows = [model(**dict(zip(table["columns"], row, strict=True))) for row in table["rows"]]
            for row in rows:
                # What hangs on a sealed row must come before its seal.
                if getattr(row, "sealed", False):
                    seals.append((model, row.pk))
                    row.sealed = False
            model._base_manager.bulk_create(rows)
            loaded.append(model)
        for model, pk in seals:
            model._base_manager.filter(pk=pk).update(sealed=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
            cursor.execute(statement)
    return {model._meta.db_table: model._base_manager.count() for model in loaded}


# Apps of ours that came later; they have no tables yet in the old office.
UNKNOWN_THEN = {"api", "keeping", "reports"}


def rows_of(tables: dict[str, int]) -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for name in tables:
            cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_an_office_of_an_earlier_version_upgrades_and_goes_on(path: Path, elsewhere: str) -> None:
    old = json.loads(path.read_text(encoding="utf-8"))
    new = databases.schema()
    with databases.pointed_at(ELSEWHERE):
        # On SQLite every step is Django's own: what the short way makes of the template is held to it below.
        with quickly() if databases.ON_POSTGRESQL else nullcontext():
            before = install(old)
        call_command("migrate", verbosity=0, interactive=False)
        assert databases.schema() == new, "not what a new office has"
        assert rows_of(before) == before
        events = old["tables"]["ledger.event"]
        hashes = {row[events["columns"].index("hash")] for row in events["rows"]}
        assert set(Event.objects.values_list("hash", flat=True)) == hashes
        people = old["tables"]["org.user"]["rows"]
        assert User.objects.count() == len(people)
        assert Checkpoint.objects.exists()
        assert Cutoff.objects.exists()
        assert faults() == []
        # And work goes on, with the next number of the day.
        commune = Unit.objects.get(code="29308", valid_from=TWO_TIER_DAY)
        with clock.at(clock.local_moment(dt.date(2025, 10, 1), dt.time(9))):
            made = actions.receive(
                actor=User.objects.get(username="receive"),
                procedure=Procedure.objects.get(code="1.009991"),
                unit=commune,
                applicant=Party.objects.order_by("pk")[0],
            )
            actions.resolve(actor=User.objects.get(username="handle"), dossier=made.pk)
        assert str(made.code).endswith("-251001-0001")
        assert Dossier.objects.get(pk=made.pk).outcome
        assert faults() == []


def test_a_backup_of_an_earlier_version_is_upgraded_when_it_is_restored(
    elsewhere: str, home: Path, tmp_path: Path
) -> None:
    old = json.loads(VERSIONS[-1].read_text(encoding="utf-8"))
    with databases.pointed_at(ELSEWHERE), quickly():
        before = install(old)
        # Its file was never on this disk.
        made = backup.make(tmp_path / "cu.zip")
        assert made.counts["ledger_event"] == before["ledger_event"]
        connections.close_all()
        restored = restore.put_back(tmp_path / "cu.zip", replace=True)
        assert restored.upgraded > 0
        assert rows_of(before) == before
        assert list(restore.proof(tmp_path / "cu.zip")) == []
        assert faults() == []


def test_there_is_a_version_to_upgrade_from() -> None:
    assert [path.stem for path in VERSIONS] == ["0.1.0"]
