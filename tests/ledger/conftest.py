"""A small world for the ledger: a few units, one official, two kinds of procedure."""

import datetime as dt
from types import SimpleNamespace

import pytest

from motcua.ledger import actions
from motcua.org.models import Unit, User


def make_world() -> SimpleNamespace:
    """Rows that legs point to. Codes are invented."""
    day = dt.date(2000, 1, 1)
    units = [
        Unit.objects.create(code=f"T{n}", name=f"Xã thử nghiệm {n}", kind="commune", valid_from=day) for n in range(4)
    ]
    return SimpleNamespace(
        units=units,
        official=User.objects.create(username="can_bo", full_name="Người Thử Nghiệm"),
        categories=[
            actions.category(book="dossier", procedure="9.000001", field="Hộ tịch", name="Thủ tục thử một"),
            actions.category(book="dossier", procedure="9.000002", field="Đất đai", name="Thủ tục thử hai"),
        ],
    )


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    return make_world()
