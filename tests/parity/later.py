"""What the reference does otherwise after 1.26, and we do already: rules that tell such cases from mistakes.

The cases record 1.26.  A case that a rule here explains counts as equal, and is shown with the rule's name.
docs/parity.md lists the changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.cases import Json


class Change(NamedTuple):
    """A later change: what it is, and whether it makes the difference between a recorded answer and ours."""

    name: str
    explains: Callable[[Json, Json], bool]


def change(expected: Json, got: Json) -> str:
    """Return the name of the later change that makes the difference, empty where it is none."""
    return next((rule.name for rule in CHANGES if rule.explains(expected, got)), "")


def _message(answer: Json) -> str:
    return str(answer.get("error", {}).get("message", ""))


def _device(expected: Json, got: Json) -> bool:
    labs = "device feature is only supported in Dockerfile frontend 1.14.0-labs or later"
    return _message(expected) == labs and "platforms" in got


def _owner(expected: Json, got: Json) -> bool:
    ours = _message(got)
    return "platforms" in expected and ours.startswith("--chown=") and " to look up the " in ours


CHANGES = (
    Change("RUN --device is stable (moby/buildkit#6999)", _device),
    Change("--chown by name is refused with --link and in empty stages (moby/buildkit#7134)", _owner),
)
