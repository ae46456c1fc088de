"""The one door to the code of plugins: a call goes in, its value or an error that names the plugin comes out.

Whatever a plugin does, the user sees the line of the Dockerfile, and its author the line in Python: an
exception, an end of the process and a loop without end all become a `DockerfileError`.  One that the plugin
raises itself passes as it is: it is meant for the user.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock, start_new_thread

from pyfrontend.errors import DockerfileError
from pyfrontend.limits import PLUGIN_SECONDS
from pyfrontend.parallel import Outcome
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any, TypeVar

    T = TypeVar("T")


#: Of a call that may wait for the daemon, for as long as that takes.
FOREVER = -1


class Owner(NamedTuple):
    """Whose code is called: the name of the ``plugin``, and which ``part`` of it, such as ``APT``.

    ``origin`` is where it is written, as `place_of_function` has it, for errors that come from elsewhere.
    """

    plugin: str
    part: str
    origin: str = ""

    @property
    def text(self) -> str:
        """What messages call it."""
        return f"{self.part} of the plugin {self.plugin}"


class Process:
    """What process plugins run in: a build, whose standard error is the daemon's log, or the command line.

    ``traces``: tracebacks are printed.  ``aside``: what plugins print goes to standard error, since the
    answer of a command is on standard output.
    """

    traces = False
    aside = False


def run(
    owner: Owner, function: Callable[..., T], *given: Any, seconds: float = PLUGIN_SECONDS, **named: Any
) -> T:
    """Return what ``function`` of a plugin returns.

    Raises `DockerfileError` without a span for any exception that is none of ours, and for a call that takes
    more than ``seconds``.
    """
    found: list[Outcome[T]] = []
    done = allocate_lock()
    done.acquire()

    def work() -> None:
        _trace()
        found.append(Outcome(lambda: function(*given, **named)))
        done.release()

    output = sys.stdout
    if Process.aside:
        sys.stdout = sys.stderr
    try:
        place = _place_after(work, done, seconds, owner.plugin)
    finally:
        if Process.aside:
            sys.stdout = output
    if not found:
        raise DockerfileError(
            f"{owner.text} has not ended after {seconds:g} seconds{place}", code="PluginFailed"
        )
    error = found[0].error
    if error is None or is_ours(error):
        return found[0].get()
    message = f"{owner.text} failed: {explained(error, owner.plugin, owner.origin)}"
    raise DockerfileError(message, code="PluginFailed") from error


def _place_after(work: Callable[[], None], done: LockType, seconds: float, plugin: str) -> str:
    """Do ``work`` until it is ``done``, or return after ``seconds`` where in the ``plugin`` it is by then."""
    try:
        # In a thread of its own, which nobody waits for at the end: nothing else can be left while it runs.
        thread = start_new_thread(work, ())
    except RuntimeError:  # there can be no more of them
        work()
        return ""
    if done.acquire(timeout=seconds):
        return ""
    frames = sys._current_frames()  # noqa: SLF001 - documented, and there is nothing else for this
    return _place_of_frame(frames.get(thread), plugin)


def _trace() -> None:
    """Let debuggers and the measurement of coverage into the thread, as the module `threading` does."""
    threading = sys.modules.get("threading")
    hook = threading.gettrace() if threading else None
    if hook is not None:
        sys.settrace(hook)


def blaming(plugins: Sequence[str], work: Callable[[], T]) -> T:
    """Return what ``work`` gives; an error that nobody means is laid at the door of ``plugins``.

    What a plugin has left behind in a stage or a file can break what comes after it.
    Raises `DockerfileError`.
    """
    try:
        return work()
    except Exception as error:
        if is_ours(error) or not plugins:
            raise
        text = f"an internal error, to which a plugin may have led ({', '.join(plugins)})"
        raise DockerfileError(f"{text}: {explained(error, plugins[0])}", code="PluginFailed") from error


def explained(error: BaseException, plugin: str, origin: str = "") -> str:
    """Return what an exception says, and its place in the ``plugin``; print its traceback if it is wanted.

    ``origin`` stands in for the place where the exception did not come through the plugin.
    """
    if Process.traces:
        from pyfrontend.display import print_exception

        print_exception(error)
    return described(error) + (place_of(error, plugin) or origin)


def is_ours(error: BaseException) -> bool:
    """Tell whether an exception is one that we raise on purpose, such as `DockerfileError`."""
    return type(error).__module__.startswith("pyfrontend.") or isinstance(error, KeyboardInterrupt)


def described(error: BaseException) -> str:
    """Return the kind and the text of an exception, in one line."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place_of(error: BaseException, plugin: str) -> str:
    """Return the innermost place in the code of ``plugin`` that an exception came through, in parentheses."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f" ({error.filename}, line {error.lineno})"
    trace, own, other = error.__traceback__, "", ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__"))
        place = f" ({trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno})"
        if _is_within(module, plugin):
            own = place
        elif not any(_is_within(module, other) for other in ("pyfrontend", "importlib")):
            other = other or place
        trace = trace.tb_next
    return own or other


def place_of_function(function: Callable[..., object]) -> str:
    """Return where a function or class is written, in parentheses; empty where nobody knows."""
    code = getattr(function, "__code__", None)
    return f" ({code.co_filename}, line {code.co_firstlineno})" if code else ""


def _place_of_frame(frame: FrameType | None, plugin: str) -> str:
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if any(_is_within(module, one) for one in plugin.split(", ")):
            return f" ({frame.f_code.co_filename}, line {frame.f_lineno})"
        frame = frame.f_back
    return ""


def _is_within(module: str, plugin: str) -> bool:
    """Tell whether ``module`` is part of the package that ``plugin`` is in."""
    return module.partition(".")[0] == plugin.partition(".")[0]
