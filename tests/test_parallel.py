from __future__ import annotations

from threading import Barrier, Event, Lock, current_thread, get_ident
from typing import TYPE_CHECKING

import pytest

from pyfrontend.parallel import LIMIT, Outcome, Promise, gather, race, settle

if TYPE_CHECKING:
    from collections.abc import Callable

#: Longer than any of these calls takes, and short enough to wait for one that hangs.
SECONDS = 10


def failing(text: str) -> Callable[[], int]:
    def call() -> int:
        raise LookupError(text)

    return call


def test_results_come_in_the_order_of_the_calls() -> None:
    first_may_go = Event()

    def first() -> int:
        assert first_may_go.wait(SECONDS)
        return 1

    def second() -> int:
        first_may_go.set()
        return 2

    assert gather([first, second]) == [1, 2]


def test_calls_run_at_the_same_time() -> None:
    meeting = Barrier(LIMIT, timeout=SECONDS)
    assert sorted(gather([meeting.wait] * LIMIT)) == list(range(LIMIT))


def test_no_more_calls_than_the_limit_run_at_the_same_time() -> None:
    running, most, lock = 0, 0, Lock()

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        Event().wait(0.001)
        with lock:
            running -= 1

    settle([call] * 40, limit=3)
    assert most <= 3


def test_the_error_is_that_of_the_first_call_in_the_list() -> None:
    second_has_failed = Event()

    def first() -> int:
        assert second_has_failed.wait(SECONDS)
        raise LookupError("one")

    def second() -> int:
        second_has_failed.set()
        raise LookupError("two")

    with pytest.raises(LookupError, match=r"^one$"):
        gather([first, second], grace=SECONDS)


def test_a_call_that_does_not_end_is_not_waited_for_once_another_has_failed() -> None:
    never = Event()

    def endless() -> int:
        never.wait(SECONDS)
        return 1

    outcomes = settle([endless, failing("one"), endless, endless], limit=2, grace=0.01)
    never.set()
    assert [outcome and str(outcome.error) for outcome in outcomes] == [None, "one", None, None]


def test_a_single_call_is_not_waited_for_where_something_else_has_failed() -> None:
    never = Event()
    assert settle([lambda: never.wait(SECONDS)], failed=True, grace=0.01) == [None]
    never.set()


def test_a_race_has_its_results_in_the_order_of_the_calls() -> None:
    second_is_done = Event()

    def first() -> int:
        assert second_is_done.wait(SECONDS)
        return 1

    def second() -> int:
        second_is_done.set()
        return 2

    assert race([first, second]) == [1, 2]


def test_a_race_does_not_wait_once_a_call_has_failed() -> None:
    never = Event()

    def endless() -> int:
        never.wait(SECONDS)
        return 1

    with pytest.raises(LookupError, match=r"^one$"):
        race([endless, failing("one")])
    never.set()


def test_nothing_to_do_gives_nothing() -> None:
    assert gather([]) == []


def test_a_single_call_needs_no_thread() -> None:
    assert gather([get_ident]) == [get_ident()]


def test_an_outcome_keeps_the_error_for_whoever_asks() -> None:
    outcome = Outcome(failing("x"))
    for _ in range(2):
        with pytest.raises(LookupError, match=r"^x$"):
            outcome.get()


def test_a_promise_is_kept_in_a_thread_of_its_own() -> None:
    asked = Event()

    def call() -> tuple[bool, bool]:
        return asked.wait(SECONDS), current_thread().daemon

    promise = Promise(call)
    asked.set()
    assert promise.get() == (True, True)
    assert promise.get() == (True, True)


def test_a_promise_that_fails_fails_where_it_is_asked_for() -> None:
    promise = Promise(failing("later"))
    with pytest.raises(LookupError, match=r"^later$"):
        promise.get()
