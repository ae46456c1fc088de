"""Run independent calls at the same time: functions in, their results out, all at once or when asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Thread

T = TypeVar("T")

#: Calls that wait for the daemon at the same time; more would only queue up there.
LIMIT = 64


class Outcome(Generic[T]):
    """What a call came to: the value that it returned, or the exception that it raised."""

    __slots__ = ("_value", "error")

    def __init__(self, call: Callable[[], T]) -> None:
        """Make the call."""
        self.error: BaseException | None = None
        self._value: list[T] = []
        try:
            self._value.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again by `get`
            self.error = error

    def get(self) -> T:
        """Return the value, or raise what the call raised."""
        if self.error is not None:
            raise self.error
        return self._value[0]


class Promise(Generic[T]):
    """A call that is under way in a thread of its own."""

    __slots__ = ("_outcome", "_thread")

    def __init__(self, call: Callable[[], T]) -> None:
        """Begin the call."""
        self._outcome: list[Outcome[T]] = []
        self._thread = _start(lambda: self._outcome.append(Outcome(call)))

    def get(self) -> T:
        """Wait for the end of the call and return its value, or raise what it raised."""
        self._thread.join()
        return self._outcome[0].get()


def gather(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run ``calls`` at the same time and return their results in order.

    When calls fail, the error of the first of them in the list is raised, after all have ended
    (features.md ERR-020).
    """
    return [outcome.get() for outcome in settle(calls)]


def race(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run ``calls`` at the same time and return their results in order; nobody waits once one has failed.

    The error of the first to fail is raised at once, and calls that are under way are left to themselves.
    """
    if len(calls) < 2:
        return [call() for call in calls]
    from queue import SimpleQueue  # noqa: PLC0415 - most builds are for one platform

    ended: SimpleQueue[tuple[int, Outcome[T]]] = SimpleQueue()

    def run(index: int) -> None:
        ended.put((index, Outcome(calls[index])))

    for index in range(len(calls)):
        _start(partial(run, index))
    results: dict[int, T] = {}
    for _ in calls:
        index, outcome = ended.get()
        results[index] = outcome.get()
    return [results[index] for index in range(len(calls))]


def settle(calls: Sequence[Callable[[], T]], limit: int = LIMIT) -> list[Outcome[T]]:
    """Run ``calls`` at the same time, at most ``limit`` of them, and return what each came to, in order.

    A single call runs in the calling thread.
    """
    if len(calls) < 2:
        return [Outcome(call) for call in calls]
    outcomes: list[Outcome[T] | None] = [None] * len(calls)
    _run_threads(iter(enumerate(calls)), outcomes, min(limit, len(calls)))
    return [outcome for outcome in outcomes if outcome is not None]


def _run_threads(
    work: Iterator[tuple[int, Callable[[], T]]], outcomes: list[Outcome[T] | None], count: int
) -> None:
    from threading import Lock  # noqa: PLC0415 - not concurrent.futures, which drags logging in

    lock = Lock()

    def drain() -> None:
        while True:
            with lock:
                index, call = next(work, (-1, None))
            if call is None:
                return
            outcomes[index] = Outcome(call)

    threads = [_start(drain) for _ in range(count)]
    for thread in threads:
        thread.join()


def _start(work: Callable[[], object]) -> Thread:
    from threading import Thread  # noqa: PLC0415 - as in `_run_threads`

    # A daemon thread: a call stuck in a dead connection must not keep the process alive.
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread
