"""One clock: kept in UTC, counted in Viet Nam, whatever the machine thinks."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core import clock
from tests.support.processes import Child

pytestmark = pytest.mark.pure
EVENING = dt.datetime(2023, 5, 31, 17, 30, tzinfo=dt.UTC)  # 00:30 on 1 June in Viet Nam


def test_the_date_is_viet_nams() -> None:
    assert clock.local_date(EVENING) == dt.date(2023, 6, 1)
    assert clock.local_date(EVENING - dt.timedelta(minutes=31)) == dt.date(2023, 5, 31)
    with clock.at(EVENING):
        assert clock.today() == dt.date(2023, 6, 1)


def test_a_wall_clock_time_becomes_a_moment_in_utc() -> None:
    moment = clock.local_moment(dt.date(2023, 6, 1), dt.time(16, 20))
    assert moment == dt.datetime(2023, 6, 1, 9, 20, tzinfo=dt.UTC)
    assert moment.utcoffset() == dt.timedelta(0)
    assert clock.local_moment(dt.date(2023, 6, 1)) == dt.datetime(2023, 5, 31, 17, tzinfo=dt.UTC)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.times().map(lambda t: t.replace(second=0, microsecond=0)))
def test_there_and_back(day: dt.date, time: dt.time) -> None:
    local = clock.local(clock.local_moment(day, time))
    assert (local.date(), local.time()) == (day, time)


def test_the_clock_can_be_set_nests_and_goes_on_after() -> None:
    later = EVENING + dt.timedelta(days=1)
    with clock.at(EVENING):
        with clock.at(later):
            assert clock.now() == later
        assert clock.now() == EVENING
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_it_goes_on_after_an_error_too() -> None:
    with pytest.raises(LookupError), clock.at(EVENING):
        raise LookupError
    assert clock.now() > EVENING


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(dt.datetime(2023, 6, 1)):  # noqa: DTZ001
        pass


def read_clock(index: int) -> list[str]:
    """Child: what the clock says at a set moment."""
    with clock.at(EVENING):
        return [clock.now().isoformat(), clock.today().isoformat(), clock.local(clock.now()).isoformat()]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_machines_zone_does_not_matter(zone: str) -> None:
    child = Child(read_clock, "sqlite:///:memory:", env={"TZ": zone})
    child.wait_ready()
    child.go()
    assert child.result() == ["2023-05-31T17:30:00+00:00", "2023-06-01", "2023-06-01T00:30:00+07:00"]
