"""Two processes for a build: one runs it, and one waits for its end or that of the daemon.

While Python computes in C (a regular expression, a sum), it holds the global lock, so none of its threads can
notice that the daemon has gone.  Another process can.  The first process is the one that waits, because the
first process of a container cannot be killed from inside it.
"""

from __future__ import annotations

import posix
import select
from _thread import start_new_thread

from pyfrontend.gateway import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Milliseconds that a build has to end by itself once the daemon has gone.
GRACE = 500
#: Milliseconds after which a build that has not begun is looked after: on a quiet machine it takes 100.
PAUSE = 1000
STDIN, STDOUT, STDERR = 0, 1, 2
LOST = "pyfrontend: BuildKit has gone before the build was done"
#: Not from `signal`, which makes enums of all of them: 3 ms.
SIGINT, SIGABRT, SIGKILL = 2, 6, 9
#: Why a process ends by a signal that nobody outside has sent.
REASONS = {
    SIGABRT: "gRPC gave up, as it does where there is too little memory or there are too few threads",
    SIGKILL: "most likely because there was too little memory for it",
}


def split() -> Callable[[], None] | None:
    """Go on as two processes, and return in the one that makes the build.

    It calls what is returned when the build begins: from then on it is killed soon after the daemon has gone.
    The other process never returns; it ends with the exit code of the first.  Where there can be no second
    process, there can be no threads either, which the build needs: then None is returned.
    """
    reports, reporter = posix.pipe()
    watched, watcher = posix.pipe()
    try:
        pid = posix.fork()
    except OSError:
        return None
    if pid:
        posix.close(reporter)
        posix.close(watched)
        try:
            code = wait(pid, reports)
        except KeyboardInterrupt:  # and with this process goes the other one
            code = 128 + SIGINT
        posix._exit(code)  # noqa: SLF001 - nothing to flush or to free
    posix.close(reports)
    posix.close(watcher)
    _die_with(watched)
    return lambda: _report(reporter)


def _die_with(watched: int) -> None:
    """Have the kernel kill this process when the other end of the pipe ``watched`` closes."""
    from fcntl import F_SETFL, F_SETOWN, F_SETSIG, fcntl

    fcntl(watched, F_SETOWN, posix.getpid())
    fcntl(watched, F_SETSIG, SIGKILL)
    fcntl(watched, F_SETFL, posix.O_NONBLOCK | 0o20000)


def _report(reporter: int) -> None:
    posix.write(reporter, b".")


def wait(pid: int, reports: int) -> int:
    """Wait for the end of the build's process ``pid``, and return the exit code that says what came of it.

    A byte comes over ``reports`` when the build begins.  From then on the process is killed if it is still
    there some time after the daemon has gone.
    """
    poller = select.poll()
    poller.register(reports, select.POLLIN)
    while not poller.poll(PAUSE):
        if not _can_start_thread():
            _kill(pid)
            return _give_up(limits.text(limits.TOO_FEW_THREADS), 1)
    if posix.read(reports, 1) and not _ended(reports):
        _kill(pid)
        _say(LOST)
        return 1
    code = posix.waitstatus_to_exitcode(posix.waitpid(pid, 0)[1])
    if code >= 0:
        return code
    reason = REASONS.get(-code, "which nobody expected")
    return _give_up(f"the Dockerfile frontend was ended by signal {-code}: {reason}", 128 - code)


def _ended(reports: int) -> bool:
    """Wait until the process behind ``reports`` ends; False if it does not although the daemon has gone."""
    poller = select.poll()
    for fd in (reports, STDIN, STDOUT):
        poller.register(fd, 0)  # nothing but its hangup
    if any(fd == reports for fd, _ in poller.poll()):
        return True
    for fd in (STDIN, STDOUT):
        poller.unregister(fd)
    return bool(poller.poll(GRACE))


def _can_start_thread() -> bool:
    """Return whether there is room for one more thread, within limits that this process may not even see."""
    try:
        start_new_thread(int, ())
    except RuntimeError:
        return False
    return True


def _kill(pid: int) -> None:
    posix.kill(pid, SIGKILL)
    posix.waitpid(pid, 0)


def _give_up(message: str, code: int) -> int:
    """Report an error that has ended the build's process, to the daemon too, which waits to hear of it."""
    from pyfrontend.gateway.last_words import return_error

    _say(f"pyfrontend: {message}")
    return_error(message, STDIN, STDOUT)
    return code


def _say(text: str) -> None:
    try:
        posix.write(STDERR, f"{text}\n".encode())
    except OSError:  # nobody reads it any more
        return
