"""The ``cache-imports`` option: its JSON in, cache imports out (OPT-015)."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.requests import CacheImport
from pyfrontend.golang.json_reader import kind_of, loads
from pyfrontend.golang.quote import go_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# What Go calls the places that a value is put into.
LIST = "value of type []*moby_buildkit_v1.CacheOptionsEntry"
ENTRY = "value of type moby_buildkit_v1.CacheOptionsEntry"
TYPE_FIELD = "struct field CacheOptionsEntry.Type of type string"
ATTRS_FIELD = "struct field CacheOptionsEntry.Attrs of type map[string]string"
ATTR = "struct field CacheOptionsEntry.Attrs of type string"


def read_cache_imports(text: str) -> list[CacheImport]:
    """Read a JSON list of ``{"Type": ..., "Attrs": {...}}``; null and absent members are empty.

    Raises DockerfileError with the words of Go's decoder.
    """
    try:
        entries = _typed(loads(text), list, LIST) or []
        return [_read_entry(_typed(entry, dict, ENTRY) or {}) for entry in entries]
    except ValueError as error:
        message = f"failed to unmarshal cache-imports ({go_quote(text)}): {error}"
        raise DockerfileError(message, code="InvalidCacheImport") from None


def _read_entry(entry: dict[str, Any]) -> CacheImport:
    type_: str = ""
    attrs: dict[str, Any] = {}
    for name, value in entry.items():
        match name.lower():  # Go takes any case
            case "type":
                type_ = _typed(value, str, TYPE_FIELD) or ""
            case "attrs":
                attrs = _typed(value, dict, ATTRS_FIELD) or {}
    return CacheImport(type_, {name: _typed(value, str, ATTR) or "" for name, value in attrs.items()})


def _typed(value: Any, kind: type, place: str) -> Any:
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"json: cannot unmarshal {kind_of(value)} into Go {place}")
    return value
