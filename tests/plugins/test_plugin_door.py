"""The one door to the code of plugins: threads, tracebacks, and what passes through it as it is."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, NoReturn

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.plugins import calls
from pyfrontend.plugins.calls import Owner, Process, blaming, run

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = Owner("plugins", "APT", " (somewhere)")


def fail() -> NoReturn:
    raise ValueError("no luck")


def test_a_call_is_made_in_a_thread_of_its_own() -> None:
    assert run(OWNER, threading.get_ident) != threading.get_ident()
    assert run(OWNER, lambda *given, **named: (given, named), 1, a=2) == ((1,), {"a": 2})


def test_where_there_can_be_no_more_threads_the_call_is_made_in_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(calls, "start_new_thread", refuse)
    assert run(OWNER, threading.get_ident) == threading.get_ident()


@pytest.mark.parametrize("traces", [1, 0])
def test_tracebacks_are_printed_where_they_go_to_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], traces: int
) -> None:
    monkeypatch.setattr(Process, "traces", bool(traces))
    with pytest.raises(DockerfileError, match=r"APT of the plugin plugins failed: ValueError: no luck \("):
        run(OWNER, fail)
    assert ("Traceback" in capsys.readouterr().err) == bool(traces)


def test_an_exception_from_elsewhere_is_at_the_origin_of_the_part() -> None:
    with pytest.raises(DockerfileError) as caught:
        run(OWNER, int, "x")
    assert caught.value.message.endswith("literal for int() with base 10: 'x' (somewhere)")


@pytest.mark.parametrize("error", [DockerfileError("of the user"), BridgeError(2, "of the daemon")])
def test_errors_that_are_meant_pass_as_they_are(error: Exception) -> None:
    def fail() -> NoReturn:
        raise error

    with pytest.raises(type(error)) as caught:
        run(OWNER, fail)
    assert caught.value is error
    with pytest.raises(type(error)) as caught:
        blaming(["a"], fail)
    assert caught.value is error


def test_an_error_that_nobody_means_is_laid_at_the_door_of_the_plugins() -> None:
    with pytest.raises(DockerfileError) as caught:
        blaming(["plugins", "other"], fail)
    assert caught.value.message.startswith(
        "an internal error, to which a plugin may have led (plugins, other): ValueError: no luck ("
    )
    with pytest.raises(ValueError, match="no luck"):
        blaming([], fail)
    assert blaming(["a"], lambda: 1) == 1


def test_debuggers_see_a_plugin() -> None:
    seen: list[str] = []
    before = threading.gettrace()

    def trace(frame: object, _event: str, _arg: object) -> Callable[..., None] | None:
        seen.append(str(getattr(getattr(frame, "f_code", None), "co_name", "")))
        return None

    threading.settrace(trace)
    try:
        with pytest.raises(DockerfileError):
            run(OWNER, fail)
    finally:
        threading.settrace(before)
    assert "fail" in seen
    assert sys.gettrace() is not trace
