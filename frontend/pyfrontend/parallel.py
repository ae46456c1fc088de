"""Run independent calls in parallel: functions in, their results out, all at once or on demand."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread

from pyfrontend.record import Generic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")
else:
    T = object


#: Calls that wait for the daemon in parallel; more would only queue up there.
LIMIT = 64
#: Seconds that calls have once another has failed: enough for those that fail for the same reason, so that
#: it does not take luck to see the first of them.
GRACE = 1.0


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
    """A call that runs in its own thread."""

    __slots__ = ("_call", "_done", "_outcome")

    def __init__(self, call: Callable[[], T]) -> None:
        """Begin the call; where there can be no more threads, make it."""
        self._call = call
        self._outcome: list[Outcome[T]] = []
        self._done = allocate_lock()
        self._done.acquire()
        if not _start(self._run):
            self._run()

    def _run(self) -> None:
        self._outcome.append(Outcome(self._call))
        self._done.release()

    def get(self) -> T:
        """Wait for the end of the call and return its value, or raise what it raised."""
        with self._done:
            return self._outcome[0].get()


def later(call: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    """Return a call of ``call`` with ``arguments``; `functools.partial` would be 2 ms of a build's start."""
    return lambda: call(*arguments)


def gather(calls: Sequence[Callable[[], T]], *, grace: float = GRACE) -> list[T]:
    """Run ``calls`` in parallel and return their results in order.

    When calls fail, the error of the first of them in the list is raised; others than those that fail
    within ``grace`` seconds of the first are not waited for (ERR-020).
    """
    outcomes = [outcome for outcome in settle(calls, grace=grace) if outcome is not None]
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
    return [outcome.get() for outcome in outcomes]


def race(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run ``calls`` in parallel and return their results in order; nobody waits once one has failed.

    Its error is raised at once, and calls that are under way are left to themselves.
    """
    return gather(calls, grace=0)


def settle(
    calls: Sequence[Callable[[], T]], limit: int = LIMIT, *, failed: bool = False, grace: float = GRACE
) -> list[Outcome[T] | None]:
    """Run ``calls`` in parallel, at most ``limit`` of them, and return the outcome of each, in order.

    Once a call has failed, the others have ``grace`` seconds left: a registry that does not answer
    must not hide that another has refused.  Those that take longer are left to themselves, and None.
    ``failed`` says that something else has failed already.  A single call runs in the calling thread.
    """
    if len(calls) < 2 and not failed:
        return [Outcome(call) for call in calls]
    return _Pool(calls, failed=failed).run(min(limit, len(calls)), grace)


class _Pool(Generic[T]):
    """Threads that make calls, and what these have come to so far."""

    __slots__ = ("_failed", "_guard", "_left", "_news", "_outcomes", "_work")

    def __init__(self, calls: Sequence[Callable[[], T]], *, failed: bool) -> None:
        self._work: Iterator[tuple[int, Callable[[], T]]] = iter(enumerate(calls))
        self._outcomes: list[Outcome[T] | None] = [None] * len(calls)
        self._left = len(calls)
        self._failed = failed
        self._guard = allocate_lock()
        # Free as long as there is an outcome that `run` has not looked at.
        self._news = allocate_lock()
        self._news.acquire()

    def run(self, threads: int, grace: float) -> list[Outcome[T] | None]:
        """Make all calls, or as many as end in time."""
        from time import monotonic

        if not sum(_start(self._drain) for _ in range(threads)):
            self._drain()
        deadline: float | None = None
        while self._left:
            if self._failed and deadline is None:
                deadline = monotonic() + grace
            wait = -1 if deadline is None else deadline - monotonic()
            if deadline is not None and wait <= 0:
                break
            self._news.acquire(timeout=wait)
        with self._guard:
            self._work = iter(())
            return list(self._outcomes)

    def _drain(self) -> None:
        while True:
            with self._guard:
                index, call = next(self._work, (-1, None))
            if call is None:
                return
            outcome = Outcome(call)
            with self._guard:
                self._outcomes[index] = outcome
                self._left -= 1
                self._failed |= outcome.error is not None
                if self._news.locked():
                    self._news.release()


def _start(work: Callable[[], object]) -> bool:
    """Start a thread that does ``work``; False if there can be no more of them.

    The process does not wait for it: a call that is stuck in a dead connection must not keep it alive.
    """
    try:
        start_new_thread(work, ())
    except RuntimeError:
        return False
    return True
