"""What every act has in common: all or nothing, and once, however often it is asked for."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid
from motcua.core.models import Outbox, Request
from motcua.core.verbs import verb
from tests.support.processes import Child, run_processes
from tests.support.sql import max_queries


@verb
def announce(*, topic: str, numbers: Any = (), fail: bool = False) -> Outbox:
    """A small act: one message to the outside; it may fail after writing."""
    message = Outbox.objects.create(topic=topic, payload={"n": sorted(numbers)}, created_at=clock.now())
    if fail:
        raise Invalid("Không gửi được.")
    return message


@verb
def count_up(*, topic: str) -> None:
    """An act without a result."""
    Outbox.objects.create(topic=topic, payload={}, created_at=clock.now())


@pytest.mark.django_db
def test_without_a_key_each_call_is_an_act_of_its_own() -> None:
    assert announce(topic="a").pk != announce(topic="a").pk
    assert not Request.objects.exists()


@pytest.mark.django_db
def test_the_same_request_again_answers_the_same_and_writes_nothing() -> None:
    first = announce(topic="a", numbers=[1, 2], request_key="k1")
    with max_queries(3):
        again = announce(topic="a", numbers=[1, 2], request_key="k1")
    assert again == first
    assert Outbox.objects.count() == 1


@pytest.mark.django_db
def test_an_act_without_result_is_not_repeated_either() -> None:
    for _ in range(3):
        count_up(topic="a", request_key="k1")
    assert Outbox.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"topic": "b"}, {"topic": "a", "numbers": [1]}, {"topic": "a", "fail": True}])
def test_a_key_used_for_something_else_is_refused(other: dict[str, Any]) -> None:
    announce(topic="a", request_key="k1")
    with pytest.raises(Conflict) as refusal:
        announce(**other, request_key="k1")
    assert refusal.value.code == "request_key_reused"
    with pytest.raises(Conflict):
        count_up(topic="a", request_key="k1")
    assert Outbox.objects.count() == 1


@pytest.mark.django_db
def test_an_act_that_fails_leaves_nothing_and_its_key_may_be_used_again() -> None:
    with pytest.raises(Invalid):
        announce(topic="a", fail=True, request_key="k1")
    assert not Outbox.objects.exists()
    assert not Request.objects.exists()
    announce(topic="a", request_key="k1")
    assert Outbox.objects.count() == 1


@pytest.mark.django_db
def test_a_key_costs_five_statements_at_most() -> None:
    with max_queries(1):
        announce(topic="a")
    # One of them is the savepoint's end, see get_or_create.
    with max_queries(1 + 5):
        announce(topic="a", request_key="k1")


@pytest.mark.django_db
def test_the_request_is_dated_by_our_clock() -> None:
    moment = dt.datetime(2023, 6, 1, 2, tzinfo=dt.UTC)
    with clock.at(moment):
        announce(topic="a", request_key="k1")
    assert Request.objects.get(key="k1").created_at == moment


CALLS = st.lists(
    st.tuples(st.sampled_from(["k1", "k2", "k3", None]), st.sampled_from("ab"), st.booleans()), max_size=12
)


@pytest.mark.django_db
@given(CALLS)
def test_any_run_of_requests_does_what_a_dictionary_would(calls: list[tuple[str | None, str, bool]]) -> None:
    done: dict[str, tuple[str, int]] = {}
    written = 0
    with transaction.atomic():
        for key, topic, fail in calls:
            try:
                message = announce(topic=topic, fail=fail, request_key=key)
            except Invalid:
                assert fail
                assert key not in done
            except Conflict:
                assert key is not None
                assert fail or done[key][0] != topic
            else:
                if key is None or key not in done:
                    written += 1
                    if key is not None:
                        done[key] = (topic, message.pk)
                else:
                    assert done[key] == (topic, message.pk)
        assert Outbox.objects.count() == written
        transaction.set_rollback(True)


def announce_many(index: int, keys: list[str]) -> list[int]:
    """Child: the same requests as all the others, with an argument whose order differs from process to process."""
    return [announce(topic=key, numbers={"xã", "phường", "tỉnh", key}, request_key=key).pk for key in keys]


def test_the_same_requests_from_many_processes_are_carried_out_once(real_database: str) -> None:
    keys = [f"k{n}" for n in range(15)]
    results = run_processes(4, announce_many, real_database, keys)
    assert results[0] == results[1] == results[2] == results[3]
    assert Outbox.objects.count() == Request.objects.count() == len(keys)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_repeat_is_known_again_after_a_restart(real_database: str, seed: str) -> None:
    message = announce(topic="k1", numbers=frozenset({"xã", "phường", "tỉnh", "k1"}), request_key="k1")
    child = Child(announce_many, real_database, ["k1"], env={"PYTHONHASHSEED": seed})
    child.wait_ready()
    child.go()
    assert child.result() == [message.pk]
