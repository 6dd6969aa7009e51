"""A small world for the ledger: a few units, one official, two kinds of procedure."""

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from motcua.ledger import actions, registry, rules
from motcua.ledger.models import Item
from motcua.ledger.rules import Fact
from motcua.org.models import Succession, Unit, User


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


@pytest.fixture
def book(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> dict[int, list[Fact]]:
    """A trade that keeps the facts of its items in memory, by item id, and reads successions as every trade does."""
    told: dict[int, list[Fact]] = {}

    def path(unit: int, day: dt.date) -> list[tuple[dt.date, int]]:
        return [(row.day, row.new_id) for row in Succession.objects.filter(old=unit, day__gt=day)]

    def timeline_facts(items: Sequence[Item]) -> dict[int, list[Fact]]:
        return {item.pk: rules.with_successions(told[item.pk], path) for item in items if item.pk in told}

    monkeypatch.setattr(registry, "_books", {})
    registry.register(
        registry.BookInfo(book="dossier", title="Hồ sơ", url=lambda item: "/", timeline_facts=timeline_facts)
    )
    return told
