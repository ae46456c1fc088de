"""Source policies on the wire: rules as plain values in, messages of the daemon's own policies out."""

from __future__ import annotations

from pyfrontend.pb import gateway_pb2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pyfrontend.lookups import SourceRule

#: The version of the messages, and how an identifier is matched: with wildcards, or as it is.
VERSION = 1
WILDCARD, EXACT = 0, 1


def add(request: Any, policies: Iterable[Iterable[SourceRule]]) -> None:
    """Let the daemon heed ``policies`` in the ``request``, of a solve or a lookup; old daemons do not."""
    for rules in policies:
        request.SourcePolicies.append(gateway_pb2.Policy(version=VERSION, rules=map(_rule, rules)))


def _rule(rule: SourceRule) -> gateway_pb2.Rule:
    selector = gateway_pb2.Selector(identifier=rule.identifier, match_type=EXACT if rule.exact else WILDCARD)
    made = gateway_pb2.Rule(action=rule.action, selector=selector)
    if rule.convert_to:
        made.updates.identifier = rule.convert_to
        made.updates.attrs.update(dict(rule.attrs))
    return made
