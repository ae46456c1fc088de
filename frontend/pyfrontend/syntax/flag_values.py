"""What flags take: name and text of a flag in, its value out.

Each function raises `DockerfileError` for a text that the flag does not take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_int
from pyfrontend.spelling import did_you_mean

if TYPE_CHECKING:
    from pyfrontend.syntax.mounts import Device, MountFlag

MILLISECOND = 1_000_000
NETWORKS = ("default", "none", "host")
SECURITIES = ("sandbox", "insecure")


def mount(name: str, text: str) -> MountFlag:
    """Read a ``--mount`` (MNT-001, MNT-002)."""
    from pyfrontend.syntax.mounts import read_mount  # noqa: PLC0415 - many files have none

    return read_mount(name, text)


def device(name: str, text: str) -> Device:
    """Read a ``--device`` (RUN-015)."""
    from pyfrontend.syntax.mounts import read_device  # noqa: PLC0415 - few files have one

    return read_device(name, text)


def network(_name: str, text: str) -> str:
    """Read the network of a RUN (RUN-011)."""
    if text not in NETWORKS:
        raise DockerfileError(
            f"invalid network mode {go_quote(text)}{did_you_mean(text, NETWORKS)}", code="InvalidNetwork"
        )
    return text


def security(_name: str, text: str) -> str:
    """Read the security of a RUN (RUN-013)."""
    if text not in SECURITIES:
        raise DockerfileError(
            f"security {go_quote(text)} is not valid{did_you_mean(text, SECURITIES)}", code="InvalidSecurity"
        )
    return text


def interval(name: str, text: str) -> int:
    """Return a time in nanoseconds, at least a millisecond or nothing."""
    if not text:
        return 0
    from pyfrontend.golang.durations import parse_duration  # noqa: PLC0415 - a rare flag

    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidDuration", value=text) from None
    if duration and duration < MILLISECOND:
        raise DockerfileError(f'Interval "{name}" cannot be less than 1ms', code="DurationTooShort")
    return duration


def retries(_name: str, text: str) -> int:
    """Return a number of 32 bits that is not negative."""
    if not text:
        return 0
    try:
        number = parse_int(text, bits=32)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidRetries") from None
    if number < 0:
        raise DockerfileError(f"--retries cannot be negative ({number})", code="InvalidRetries")
    return number
