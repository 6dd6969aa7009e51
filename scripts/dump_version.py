"""Write a small invented office of this version as JSON, for the upgrade test of the next one.

    python scripts/dump_version.py tests/keeping/versions/X.Y.Z.json

Run it in a checkout of the version itself, just before the next one begins. It makes a private SQLite database, lets a
seeded storyteller fill it (dossiers across the succession of 01/7/2025, folded totals, a frozen statement, a daily
checkpoint), and writes every row of the product's own tables, with the last migration of every app.
"""

import datetime as dt
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
HISTORIES = 16
PASSING = {"desk_cache"}


def main(target: Path) -> None:
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    connection.settings_dict["NAME"] = str(Path(settings.RUN) / "old.sqlite3")  # type: ignore[misc]
    call_command("migrate", verbosity=0)
    own = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("motcua.")]
    first = {m._meta.db_table: set(m._default_manager.values_list("pk", flat=True)) for m in own}
    fill()
    loader = MigrationLoader(connection)
    last = {}
    for app, name in loader.graph.leaf_nodes():
        if apps.get_app_config(app).name.startswith("motcua."):
            last[app] = name
    tables: dict[str, Any] = {}
    for model in own:
        names = [f.attname for f in model._meta.concrete_fields]
        made = first[model._meta.db_table]  # by migrations: they will make them again
        rows = model._default_manager.order_by("pk")
        lines = [list(row[1:]) for row in rows.values_list("pk", *names) if row[0] not in made]
        if lines and model._meta.db_table not in PASSING:
            tables[model._meta.label_lower] = {"columns": names, "rows": lines}
    with target.open("w", encoding="utf-8") as file:
        # A row a line: a difference can be read.
        file.write('{"migrations": ' + json.dumps(last, sort_keys=True) + ',\n"tables": {\n')
        parts = []
        for label, table in tables.items():
            told = ",\n".join(json.dumps(r, default=plain, ensure_ascii=False) for r in table["rows"])
            parts.append(f'"{label}": {{"columns": {json.dumps(table["columns"])}, "rows": [\n{told}]}}')
        file.write(",\n".join(parts) + "}}\n")


def plain(value: Any) -> str:
    """Moments to the microsecond, as hashes hold them; dates; decimals."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def fill() -> None:
    """An office's year, as this version's own verbs write it."""
    from motcua.core import clock
    from motcua.dossiers import bulk
    from motcua.ledger import checkpoint, freeze, totals
    from motcua.org.queries import SYSTEM
    from motcua.papers.models import Blob
    from tests.dossiers import storyteller

    today = dt.date(2025, 9, 30)
    place = storyteller.build()
    teller = storyteller.Teller(place, seed=1)
    histories = [teller.history() for _ in range(HISTORIES)]
    with clock.at(clock.local_moment(today, dt.time(8))):
        bulk.write(histories, today=today, salt=storyteller.salts())
        totals.fold()
        checkpoint.make_daily()
        span = {"start": dt.date(2025, 7, 1), "end": dt.date(2025, 9, 29)}
        freeze.freeze(scope=SYSTEM, unit=place.cast.xa_cau_ke, book="dossier", actor=None, **span)
        Blob.objects.create(
            sha256="ab" * 32, size=10, media_type="application/pdf", references=0, created_at=clock.now()
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FILE.json")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOTCUA_TEST_RUN"] = folder
        main(Path(sys.argv[1]).absolute())
