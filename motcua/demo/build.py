"""Builds the demo in an empty database: one transaction, the same for the same day."""

import datetime as dt
import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from motcua.core import clock, statistics
from motcua.core.errors import Conflict, Invalid
from motcua.demo import catalogue, half_year, people, programme, sheets, units
from motcua.demo.applicants import Applicants
from motcua.demo.communes import VOLUME, TwoTiers, Volume
from motcua.demo.district import COMMUNES, DISTRICT, Figures, Year2023
from motcua.demo.names import Names
from motcua.demo.plot import Hours, Stage
from motcua.dossiers import bulk
from motcua.dossiers.models import Dossier
from motcua.indicators.defining import load_starter as load_indicators
from motcua.ledger.models import Item
from motcua.org.models import Unit, User
from motcua.procedures.models import Procedure
from motcua.worktime import queries as worktime

# Before this day the successor communes have nothing to show yet.
EARLIEST = dt.date(2025, 7, 10)
# No dossier of the demo is promised for longer.
_LONGEST = dt.timedelta(days=120)
_SEED = "motcua-minh-hoa"

Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to tell. The published figures are those of :data:`FULL`; a smaller plan serves tests."""

    district: Figures = DISTRICT
    communes: Figures = COMMUNES
    volume: Volume = VOLUME


FULL = Plan()
SMALL = Plan(
    DISTRICT.scaled(0.1),
    COMMUNES.scaled(0.03),
    Volume((120, 40, 50, 40), june=96, situations=1),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What was made."""

    dossiers: int
    parties: int
    accounts: int


@dataclass(slots=True)
class Prepared:
    """The demo before its histories are written: everything they speak of is in the database."""

    histories: list[bulk.History]
    rng: random.Random
    today: dt.date
    units: units.Units
    staff: people.Staff

    def salt(self) -> str:
        """Salts come from the same seed: the demo is the same for the same day."""
        return f"{self.rng.getrandbits(128):032x}"


def build(plan: Plan = FULL, step: Step = lambda what, done: None) -> Told:
    """The whole demo, all or nothing. ``step`` is told what is being done and how much of it.

    Conflict when the database holds anything of its own; Invalid on a day the demo cannot be told on.
    """
    with _unspilled(), _uncollected(), transaction.atomic():
        prepared = prepare(plan, step)
        rows = bulk.write(
            prepared.histories,
            today=prepared.today,
            salt=prepared.salt,
            progress=lambda done: step("Ghi hồ sơ", done),
        )
        step("Sổ theo dõi", 1)
        programme.tell(prepared.units, prepared.today)
        statistics.refresh()
        half_year.tell(prepared.units.district)
        sheets.tell(prepared.units.successors, prepared.units.province, prepared.today)
        return Told(len(rows), len({row.applicant_id for row in rows}), User.objects.count())


@contextmanager
def _unspilled() -> Iterator[None]:
    """Let SQLite keep the whole transaction's pages (some 150 MB) in memory.

    Once its cache is full it writes dirty pages one by one and looks for each anew: five times slower, and worse.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_spill = OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_spill = ON")


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection while millions of objects are made that all live to the end: it finds nothing, slowly."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def prepare(plan: Plan, step: Step = lambda what, done: None) -> Prepared:
    """Units, catalogue, people and applicants written, histories made up. Inside the caller's transaction."""
    refuse_unless_empty()
    today = clock.today()
    law = catalogue.Law()
    calendar = worktime.compiled(law.calendar_on(max(EARLIEST, today)).pk)
    if not EARLIEST <= today <= calendar.last_day:
        raise Invalid(
            f"Dữ liệu minh họa kể chuyện từ 2023 đến hôm nay, nên ngày của máy phải từ {EARLIEST:%d/%m/%Y} đến "
            f"{calendar.last_day:%d/%m/%Y}; hôm nay máy báo {today:%d/%m/%Y}."
        )
    rng = random.Random(f"{_SEED} {today:%Y-%m-%d}")  # noqa: S311 - a story, not a secret
    here = units.load(lambda done: step("Nạp đơn vị", done))
    used = catalogue.load(here.resolving, here.communes, here.successors, rng)
    step("Danh mục thủ tục", 1)
    load_indicators()
    names = Names(rng)
    staff = people.hire_all(here, names, rng)
    step("Công chức, tài khoản", 1)
    hours = Hours(calendar, rng)
    yesterday = hours.days[hours.index(today) - 1]
    stage = Stage(rng, hours, law, until=hours.closing(yesterday))
    applicants = Applicants(names, rng)
    histories: list[bulk.History] = []
    for part in (
        Year2023(stage, here, staff, used, applicants).tell(plan.district, plan.communes),
        TwoTiers(stage, here, staff, used, applicants).tell(plan.volume),
    ):
        for history in part:
            if history.deeds:
                histories.append(history)
            step("Dựng hồ sơ", 1)
    applicants.write()
    if today + _LONGEST > calendar.last_day:
        histories = bulk.within_calendar(histories, today=today)
    return Prepared(histories, rng, today, here, staff)


def refuse_unless_empty() -> None:
    """Demo data never goes into a database that holds other data."""
    for model, what in (
        (User, "tài khoản"),
        (Unit, "đơn vị"),
        (Procedure, "thủ tục"),
        (Item, "hồ sơ"),
        (Dossier, "hồ sơ"),
    ):
        if model.objects.exists():
            raise Conflict(
                f"cơ sở dữ liệu đã có {what}; dữ liệu minh họa chỉ nạp vào cơ sở dữ liệu trống. "
                "Hãy đặt MOTCUA_HOME hoặc DATABASE_URL tới một nơi khác.",
                code="not_empty",
            )
