"""The planner is told what was loaded, and statements are not compiled."""

import pytest
from django.db import connection

from motcua.core import clock, statistics
from motcua.core.models import Outbox


@pytest.mark.django_db
def test_a_table_just_filled_is_known_to_the_planner():
    Outbox.objects.bulk_create(Outbox(topic="x", payload={}, created_at=clock.now()) for _ in range(700))
    statistics.refresh()
    if connection.vendor != "postgresql":
        assert Outbox.objects.count() == 700  # SQLite keeps none, and nothing is asked of it
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'core_outbox'")
        assert cursor.fetchone()[0] >= 700
        cursor.execute("SHOW jit")
        assert cursor.fetchone()[0] == "off"
