"""What each fact does to an account, told as small stories. No database."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.ledger import models, rules
from motcua.ledger.rules import Fact, Move, timeline
from motcua.worktime.rules import Deadline

pytestmark = pytest.mark.pure

A, B, C = 1, 2, 3
CIVIL, LAND = 10, 20


def at(day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment of June 2023 in Viet Nam."""
    return clock.local_moment(dt.date(2023, 6, day), dt.time(hour, minute))


def by_day(day: int) -> Deadline:
    return Deadline(at(day, 17), "day")


def by_minute(day: int, hour: int, minute: int = 0) -> Deadline:
    return Deadline(at(day, hour, minute), "minute")


def receive(day: int = 1, hour: int = 9, *, due: Deadline | None = None, unit: int = A) -> Fact:
    return Fact("receive", at(day, hour), deadline=due or by_day(8), unit=unit, category=CIVIL, channel="direct")


def close(day: int, hour: int = 9, minute: int = 0, outcome: str = "granted") -> Fact:
    return Fact("close", at(day, hour, minute), outcome=outcome)


def told(moves: list[Move]) -> list[tuple[str, str, str]]:
    """day/hour, kind, and where the item came to."""
    return [(f"{clock.local(m.at):%d %H:%M}", m.kind, m.to_account) for m in moves]


def test_the_books_name_the_same_accounts() -> None:
    assert {rules.OUTSIDE, *rules.RUNNING, *rules.WAITING, *rules.ENDED} == set(models.Account.values)
    assert set(models.PENDING) == {*rules.RUNNING, *rules.WAITING}
    assert set(models.ENDED) == set(rules.ENDED)


def test_nothing_happened_moves_nothing() -> None:
    assert timeline([]) == []


def test_acceptance_already_holds_the_crossing_to_come() -> None:
    moves = timeline([receive()])
    assert told(moves) == [("01 09:00", "receive", "in_time"), ("09 00:00", "cross", "overdue")]
    assert moves[0].from_account == "outside"
    assert (moves[0].unit, moves[0].category, moves[0].channel) == (A, CIVIL, "direct")


@pytest.mark.parametrize(
    ("end", "account"),
    [
        ((7, 23, 59), "early"),
        ((8, 0, 0), "on_time"),
        ((8, 23, 59), "on_time"),
        ((9, 0, 0), "late"),
        ((20, 9, 0), "late"),
    ],
)
def test_a_term_in_days_counts_whole_days(end: tuple[int, int, int], account: str) -> None:
    moves = timeline([receive(), close(*end)])
    assert moves[-1].to_account == account
    assert [m.kind for m in moves] == (["receive", "cross", "close"] if account == "late" else ["receive", "close"])


@pytest.mark.parametrize(
    ("end", "account"),
    [((8, 15, 29), "on_time"), ((8, 15, 30), "on_time"), ((8, 15, 31), "late"), ((7, 23, 0), "early")],
)
def test_a_term_in_hours_counts_minutes(end: tuple[int, int, int], account: str) -> None:
    moves = timeline([receive(due=by_minute(8, 15, 30)), close(*end)])
    assert moves[-1].to_account == account


def test_the_end_within_the_due_minute_is_in_time() -> None:
    end = Fact("close", at(8, 15, 30) + dt.timedelta(seconds=59), outcome="granted")
    assert timeline([receive(due=by_minute(8, 15, 30)), end])[-1].to_account == "on_time"


def test_an_item_entered_after_its_deadline_is_first_received_then_crossed() -> None:
    """Imported late: it cannot have been overdue before it was in the books."""
    moves = timeline([receive(20)])
    assert told(moves) == [("20 09:00", "receive", "in_time"), ("20 09:00", "cross", "overdue")]


class TestPause:
    ask = Fact("pause", at(5, 10))
    answer = Fact("resume", at(7, 10), deadline=by_day(12))

    def test_no_crossing_while_waiting(self) -> None:
        assert told(timeline([receive(), self.ask])) == [
            ("01 09:00", "receive", "in_time"),
            ("05 10:00", "pause", "waiting_in_time"),
        ]

    def test_the_new_deadline_counts_after_the_answer(self) -> None:
        assert told(timeline([receive(), self.ask, self.answer]))[2:] == [
            ("07 10:00", "resume", "in_time"),
            ("13 00:00", "cross", "overdue"),
        ]

    def test_asking_when_already_late_never_cures(self) -> None:
        facts = [receive(), Fact("pause", at(10)), Fact("resume", at(12), deadline=by_day(8)), close(13)]
        assert told(timeline(facts))[1:] == [
            ("09 00:00", "cross", "overdue"),
            ("10 09:00", "pause", "waiting_overdue"),
            ("12 09:00", "resume", "overdue"),
            ("13 09:00", "close", "late"),
        ]

    def test_not_even_with_a_deadline_far_away(self) -> None:
        """Restart from zero does not help one who was overdue when he asked."""
        facts = [receive(), Fact("pause", at(10)), Fact("resume", at(12), deadline=by_day(28))]
        assert timeline(facts)[-1].to_account == "overdue"

    def test_asking_at_the_very_crossing_is_asking_late(self) -> None:
        facts = [receive(), Fact("pause", at(9, 0))]
        assert told(timeline(facts))[1:] == [
            ("09 00:00", "cross", "overdue"),
            ("09 00:00", "pause", "waiting_overdue"),
        ]

    def test_ended_while_waiting_is_on_time_never_early(self) -> None:
        assert timeline([receive(), self.ask, close(6)])[-1].to_account == "on_time"
        assert timeline([receive(), self.ask, close(28)])[-1].to_account == "on_time"

    def test_ended_while_waiting_overdue_is_late(self) -> None:
        assert timeline([receive(), Fact("pause", at(10)), close(11)])[-1].to_account == "late"

    def test_a_deadline_passed_when_it_begins_to_run_again_is_crossed_at_once(self) -> None:
        facts = [receive(), self.ask, Fact("resume", at(20), deadline=by_day(12))]
        assert told(timeline(facts))[2:] == [("20 09:00", "resume", "in_time"), ("20 09:00", "cross", "overdue")]


class TestMovedDeadline:
    def test_before_the_crossing_it_moves_the_crossing(self) -> None:
        facts = [receive(), Fact("move", at(6), deadline=by_day(14))]
        assert told(timeline(facts))[1:] == [("15 00:00", "cross", "overdue")]

    def test_after_the_crossing_it_takes_it_back_on_its_own_day(self) -> None:
        facts = [receive(), Fact("move", at(12), deadline=by_day(14))]
        assert told(timeline(facts))[1:] == [("15 00:00", "cross", "overdue")]
        assert timeline([*facts, close(14)])[-1].to_account == "on_time"

    def test_a_small_extension_only_moves_the_day_it_became_late(self) -> None:
        facts = [receive(), Fact("move", at(20), deadline=by_day(12))]
        assert told(timeline(facts))[1:] == [("13 00:00", "cross", "overdue")]

    def test_what_was_asked_while_overdue_was_then_asked_in_time(self) -> None:
        facts = [receive(), Fact("pause", at(10)), Fact("move", at(12), deadline=by_day(14))]
        assert told(timeline(facts))[1:] == [("10 09:00", "pause", "waiting_in_time")]

    def test_several_decisions_each_lift_what_lies_before(self) -> None:
        facts = [receive(), Fact("move", at(10), deadline=by_day(12)), Fact("move", at(16), deadline=by_day(20))]
        assert told(timeline(facts))[1:] == [("21 00:00", "cross", "overdue")]

    def test_a_later_decision_lifts_what_an_earlier_one_did_not(self) -> None:
        facts = [receive(), Fact("move", at(12), deadline=by_day(10)), Fact("move", at(16), deadline=by_day(20))]
        assert told(timeline(facts[:2]))[1:] == [("11 00:00", "cross", "overdue")]
        assert told(timeline(facts))[1:] == [("21 00:00", "cross", "overdue")]

    def test_a_shortened_term_counts_from_the_decision_on(self) -> None:
        facts = [receive(due=by_day(20)), Fact("move", at(12), deadline=by_day(8))]
        assert told(timeline(facts))[1:] == [("12 09:00", "cross", "overdue")]

    def test_a_decision_that_does_not_reach_the_crossing_cures_nothing(self) -> None:
        facts = [receive(), Fact("move", at(10), deadline=by_day(7))]
        assert told(timeline(facts))[1:] == [("09 00:00", "cross", "overdue")]


class TestPlace:
    def test_transfer_takes_the_item_and_its_crossing_along(self) -> None:
        moves = timeline([receive(), Fact("transfer", at(6), unit=B)])
        transfer, cross = moves[1:]
        assert (transfer.from_unit, transfer.unit, transfer.from_account, transfer.to_account) == (
            A, B, "in_time", "in_time",
        )  # fmt: skip
        assert (cross.from_unit, cross.unit) == (B, B)

    def test_a_waiting_overdue_item_stays_so_in_the_new_unit(self) -> None:
        moves = timeline([receive(), Fact("pause", at(10)), Fact("transfer", at(11), unit=B)])
        assert (moves[-1].from_account, moves[-1].to_account) == ("waiting_overdue", "waiting_overdue")

    def test_succession_at_the_same_instant_goes_before_the_crossing(self) -> None:
        """The successor, not the unit that no longer exists, has the overdue item."""
        moves = timeline([receive(), Fact("succession", at(9, 0), unit=B)])
        assert [(m.kind, m.from_unit, m.unit) for m in moves[1:]] == [("succession", A, B), ("cross", B, B)]

    def test_what_has_ended_is_not_inherited(self) -> None:
        moves = timeline([receive(), close(7), Fact("succession", at(9, 0), unit=B)])
        assert [m.kind for m in moves] == ["receive", "close"]

    def test_moving_to_where_it_stands_moves_nothing(self) -> None:
        assert len(timeline([receive(), Fact("transfer", at(6), unit=A)])) == 2

    def test_correct_moves_between_categories_and_channels_on_its_day(self) -> None:
        moves = timeline([receive(), Fact("correct", at(6), category=LAND, channel="online"), close(7)])
        correct, end = moves[1:]
        assert (correct.from_category, correct.category) == (CIVIL, LAND)
        assert (correct.from_channel, correct.channel) == ("direct", "online")
        assert (end.category, end.channel) == (LAND, "online")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([close(3)], "Không thể ghi «kết thúc» lúc 09:00 03/06/2023: chưa có việc tiếp nhận"),
        ([receive(), receive(2)], "đã được tiếp nhận trước đó"),
        ([receive(), close(3), close(4)], "đã kết thúc"),
        ([receive(), close(3), Fact("pause", at(4))], "đã kết thúc"),
        ([receive(), close(3), Fact("transfer", at(4), unit=B)], "đã kết thúc"),
        ([receive(), close(3), Fact("move", at(4), deadline=by_day(9))], "đã kết thúc"),
        ([receive(), Fact("resume", at(4), deadline=by_day(9))], "không tạm dừng"),
        ([receive(), Fact("pause", at(3)), Fact("pause", at(4))], "đang tạm dừng rồi"),
        ([receive(5), close(3)], "việc trước đó xảy ra lúc 09:00 05/06/2023"),
        ([Fact("succession", at(1, 0), unit=B), receive()], "chưa có việc tiếp nhận"),
    ],
)
def test_what_cannot_have_happened_is_refused_by_name(facts: list[Fact], said: str) -> None:
    with pytest.raises(IllegalAct, match=said):
        timeline(facts)


@pytest.mark.parametrize(
    "fact",
    [
        Fact("receive", at(1)),
        Fact("resume", at(6)),
        Fact("move", at(4)),
        Fact("transfer", at(4)),
        Fact("succession", at(4)),
        Fact("correct", at(4)),
        Fact("close", at(4)),
    ],
)
def test_a_fact_that_lacks_what_its_kind_needs_is_the_callers_mistake(fact: Fact) -> None:
    before = [] if fact.kind == "receive" else [receive()]
    if fact.kind == "resume":
        before.append(Fact("pause", at(5)))
    with pytest.raises(ValueError, match="needs"):
        timeline([*before, fact])


class TestSuccessions:
    paths = {A: [(dt.date(2023, 6, 10), B), (dt.date(2023, 6, 20), C)], C: []}

    def path(self, unit: int, day: dt.date) -> list[tuple[dt.date, int]]:
        return [step for step in self.paths.get(unit, []) if step[0] > day]

    def test_the_item_goes_the_way_of_its_unit(self) -> None:
        facts = rules.with_successions([receive(), Fact("pause", at(15))], self.path)
        assert [(f.kind, f.unit) for f in facts] == [
            ("receive", A), ("succession", B), ("pause", None), ("succession", C),
        ]  # fmt: skip
        assert facts[1].at == at(10, 0)

    def test_a_transfer_takes_it_out_of_that_history(self) -> None:
        facts = rules.with_successions([receive(), Fact("transfer", at(12), unit=C)], self.path)
        assert [(f.kind, f.unit) for f in facts] == [("receive", A), ("succession", B), ("transfer", C)]

    def test_a_late_entry_reads_them_too(self) -> None:
        facts = rules.with_successions([receive(), close(25)], self.path)
        assert [m.unit for m in timeline(facts) if m.kind == "close"] == [C]


class TestDifference:
    def test_the_spec_example_reverses_and_posts_anew(self) -> None:
        late = rules.entries(timeline([receive(due=by_day(12)), close(13, 8, 30)]))
        right = rules.entries(timeline([receive(due=by_day(12)), close(12, 16)]))
        gone, new = rules.difference(late, right)
        assert [late[i].kind for i in gone] == ["cross", "cross", "close", "close"]
        assert [(e.kind, e.sign, e.account) for e in new] == [("close", -1, "in_time"), ("close", 1, "on_time")]

    def test_of_legs_that_are_alike_the_earliest_stays(self) -> None:
        entry = rules.entries(timeline([receive()]))[0]
        assert rules.difference([entry, entry, entry], [entry]) == ([1, 2], [])

    def test_a_reversal_is_the_mirror_of_its_leg(self) -> None:
        end = rules.entries(timeline([receive(), close(7)]))[-1]
        mirror = rules.reversal(end)
        assert mirror.sign == -1
        assert mirror._replace(sign=1) == end
        assert end.outcome == "granted"

    def test_outcome_stands_only_on_the_leg_into_an_ended_account(self) -> None:
        legs = rules.entries(timeline([receive(), close(7)]))
        assert [leg.outcome for leg in legs] == ["", "", "", "granted"]
