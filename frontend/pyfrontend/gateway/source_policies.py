"""Source policies on the wire: rules as plain values in, messages of the daemon's own policies out."""

from __future__ import annotations

from pyfrontend.pb import gateway_pb2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pyfrontend.lookups import SourceRule

#: The version of the messages, and how an identifier is matched.
VERSION = 1
WILDCARD, REGEX = 0, 2
SPECIAL = frozenset("\\.+*?()|[]{}^$")


def add(request: Any, policies: Iterable[Iterable[SourceRule]]) -> None:
    """Let the daemon heed ``policies`` in the ``request``, of a solve or a lookup; old daemons do not."""
    for rules in policies:
        request.SourcePolicies.append(gateway_pb2.Policy(version=VERSION, rules=map(_rule, rules)))


def _rule(rule: SourceRule) -> gateway_pb2.Rule:
    # Not the type EXACT, under which BuildKit converts a source to itself.
    identifier = f"^{_quoted(rule.identifier)}$" if rule.exact else rule.identifier
    match_type = REGEX if rule.exact else WILDCARD
    selector = gateway_pb2.Selector(identifier=identifier, match_type=match_type)
    made = gateway_pb2.Rule(action=rule.action, selector=selector)
    if rule.convert_to:
        made.updates.identifier = rule.convert_to.replace("$", "$$")  # else it names a group
        made.updates.attrs.update(dict(rule.attrs))
    return made


def _quoted(text: str) -> str:
    """Return a regular expression for ``text``; `re.escape` writes escaped spaces, which Go does not read."""
    return "".join(f"\\{sign}" if sign in SPECIAL else sign for sign in text)
