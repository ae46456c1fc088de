"""The rule file of the command line: ``.pyfrontend.toml``, or ``[tool.pyfrontend]`` in ``pyproject.toml``.

Builds never read it: the meaning of a Dockerfile must not depend on files that are not sent with it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pyfrontend.display import one_line
from pyfrontend.errors import ERROR, NOTE, WARNING
from pyfrontend.lint.rules import all_rules
from pyfrontend.lint.rules.mistakes import SHELLCHECK
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, NoReturn

#: The names of rule files in the order in which a folder is searched for them.
OWN, SHARED = ".pyfrontend.toml", "pyproject.toml"
#: Severities in a rule file; `OFF` is for rules that are not wanted.
OFF = "off"
SEVERITIES = (ERROR, WARNING, NOTE, OFF)


class Settings(NamedTuple):
    """What a rule file says; ``shellcheck`` is None where it says nothing of it."""

    strict: bool = False
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, str] = {}
    shellcheck: bool | None = None


class SettingsError(Exception):
    """A rule file that cannot be used; the text begins with its name and the line."""


def settings_for(folder: Path, named: str | None = None, plugged: Collection[str] = ()) -> Settings:
    """Return what the rule file for ``folder`` says: the one that is ``named``, or the nearest one above.

    The search ends at the root of a repository.  Without a file there are no settings.  ``plugged`` are the
    names of rules that plugins bring.  Raises `SettingsError`.
    """
    if named is not None:
        return _read(Path(named), plugged)
    for place in (folder.absolute(), *folder.absolute().parents):
        if (place / OWN).is_file():
            return _read(place / OWN, plugged)
        if (place / SHARED).is_file():
            found = _shared(place / SHARED, plugged)
            if found is not None:
                return found
        if (place / ".git").exists():
            break
    return Settings()


def check_rule_name(name: str, plugged: Collection[str] = ()) -> None:
    """Raise `ValueError`, with the rule that may be meant, if no rule is called ``name``.

    ``plugged`` are the names of those that plugins bring.
    """
    known = [*all_rules(), *plugged]
    if name not in known and not SHELLCHECK.fullmatch(name):
        alike = next((other for other in known if other.lower() == name.lower()), "")
        hint = f" (did you mean {alike}?)" if alike else did_you_mean(name, known)
        raise ValueError(f"no rule is called {one_line(name)}{hint}")


def _read(path: Path, plugged: Collection[str]) -> Settings:
    """Read a file that is meant for us."""
    text = _text(path)
    table: object = _table(path, text)
    if path.name == SHARED:
        table = _of_tool(_table(path, text)) or {}
    return _Reader(path, text, plugged).settings(table)


def _shared(path: Path, plugged: Collection[str]) -> Settings | None:
    """Read a file that other tools share; None if it has nothing for us, or is wrong elsewhere."""
    text = _text(path)
    if "pyfrontend" not in text:
        return None
    table = _of_tool(_table(path, text))
    return None if table is None else _Reader(path, text, plugged).settings(table)


def _of_tool(table: dict[str, Any]) -> Any:
    tool = table.get("tool")
    return tool.get("pyfrontend") if isinstance(tool, dict) else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"cannot read {one_line(str(path))}: {reason}") from None


def _table(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{one_line(str(path))}:{line[1]}" if line else one_line(str(path))
        raise SettingsError(f"{where}: this is not TOML: {one_line(str(error))}") from None


class _Reader:
    """Reads the values of a rule file, and knows their positions."""

    def __init__(self, path: Path, text: str, plugged: Collection[str]) -> None:
        self.plugged = plugged
        self.path = path
        self.lines = text.split("\n")

    def settings(self, table: object) -> Settings:
        """Check the keys and types of ``table``."""
        if not isinstance(table, dict):
            self._refuse("pyfrontend", "[tool.pyfrontend] must be a table")
        values: dict[str, Any] = {}
        for key, value in table.items():
            reader = _KEYS.get(key)
            if reader is None:
                known = ", ".join(_KEYS)
                self._refuse(key, f"unknown key {one_line(key)}{did_you_mean(key, _KEYS)}: there are {known}")
            try:
                values[key] = reader(value, self.plugged)
            except ValueError as error:
                self._refuse(key, f"{key}: {error}", value)
        return Settings(**values)

    def _refuse(self, key: str, message: str, value: object = None) -> NoReturn:
        """Raise the error at the line of ``key``, or of the name in its ``value`` that the error is about."""
        names = [str(name) for name in value] if isinstance(value, list | dict) else []
        wanted = next((name for name in names if one_line(name) in message), key)
        pattern = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])")
        found = (
            number for number, line in enumerate(self.lines, 1) if pattern.search(line.partition("#")[0])
        )
        raise SettingsError(f"{one_line(str(self.path))}:{next(found, 1)}: {message}")


def _boolean(value: object, _plugged: Collection[str]) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004 - the caller takes one kind
    return value


def _rules(value: object, plugged: Collection[str]) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError('expected a list of names, such as ["LatestTag"]')
    for name in value:
        check_rule_name(name, plugged)
    return frozenset(value)


def _severities(value: object, plugged: Collection[str]) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError('expected a table, such as { LatestTag = "error" }')  # noqa: TRY004 - as above
    for name, severity in value.items():
        check_rule_name(name, plugged)
        if severity not in SEVERITIES:
            raise ValueError(f"{name} must be one of {', '.join(SEVERITIES)}")
    return value


_KEYS: dict[str, Callable[[object, Collection[str]], object]] = {
    "strict": _boolean,
    "ignore": _rules,
    "severity": _severities,
    "shellcheck": _boolean,
}
