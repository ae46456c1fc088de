"""Run independent calls at the same time: a list of functions in, the list of their results out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

#: Calls that wait for the daemon at the same time; more would only queue up there.
LIMIT = 64


def gather(calls: Sequence[Callable[[], T]], limit: int = LIMIT) -> list[T]:
    """Run ``calls`` at the same time, at most ``limit`` of them, and return their results in order.

    When calls fail, the error of the first of them in the list is raised, after all have ended
    (features.md FROM-027, ERR-020).  A single call runs in the calling thread.
    """
    if len(calls) < 2:
        return [call() for call in calls]
    outcomes: list[T | _Failure] = [_Failure(RuntimeError("not run"))] * len(calls)
    work = iter(enumerate(calls))
    _run_threads(work, outcomes, min(limit, len(calls)))
    return [_unwrap(outcome) for outcome in outcomes]


class _Failure:
    """The exception that a call ended with."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _run_threads(
    work: Iterator[tuple[int, Callable[[], T]]], outcomes: list[T | _Failure], count: int
) -> None:
    import threading  # noqa: PLC0415 - only when there are several calls; concurrent.futures drags logging in

    lock = threading.Lock()

    def drain() -> None:
        while True:
            with lock:
                index, call = next(work, (-1, None))
            if call is None:
                return
            try:
                outcomes[index] = call()
            except BaseException as error:  # noqa: BLE001 - handed to the caller by `_unwrap`
                outcomes[index] = _Failure(error)

    # Daemon threads: a call stuck in a dead connection must not keep the process alive.
    threads = [threading.Thread(target=drain, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _unwrap(outcome: T | _Failure) -> T:
    if isinstance(outcome, _Failure):
        raise outcome.error
    return outcome
