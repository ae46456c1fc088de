"""Check options: the text of the directive, the build argument or a comment in, a `CheckConfig` out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.golang.strings import trim_space
from pyfrontend.lint.registry import CheckConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Options beyond this many stay, unread, in the last one (LINT-001).
MAX_OPTIONS = 3
#: What the check directive's own grammar takes for white space.
_SPACE = " \t\n\f\r"


def parse_check_config(text: str, *, source: str = "check options") -> CheckConfig:
    """Read ``options = option *2(";" option)``, ``option = ("skip" | "experimental" | "error") "=" value``.

    ``source`` names in the error where the text came from. A key given twice counts with its last list.
    Raises DockerfileError for an unknown key or a bad boolean (LINT-001, SARG-005).
    """
    try:
        return _read_options(trim_space(text))
    except ValueError as error:
        message = f"failed to parse {source}: {error}"
        key = getattr(error, "key", "")
        raise DockerfileError(message, code="InvalidCheckOption", key=key) from None


class _OptionError(ValueError):
    """An option that cannot be read; ``key`` is what stands before its equals sign."""

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


def _read_options(text: str) -> CheckConfig:
    config = CheckConfig()
    for option in text.split(";", MAX_OPTIONS - 1) if text else ():
        key, equals, value = option.partition("=")
        if not equals:
            raise _OptionError(f"invalid check option {go_quote(option)}", option)
        config = _with_option(config, option, trim_space(key), trim_space(value))
    return config


def _with_option(config: CheckConfig, option: str, key: str, value: str) -> CheckConfig:
    names = frozenset(map(trim_space, value.split(",")))
    match key:
        case "skip":
            return config._replace(skip_all=True) if value == "all" else config._replace(skip=names)
        case "experimental":
            if value == "all":
                return config._replace(experimental_all=True)
            return config._replace(experimental=names)
        case "error":
            return config._replace(error=_read_error_option(option, value))
        case _:
            raise _OptionError(f"invalid check option {go_quote(key)}", key)


def _read_error_option(option: str, value: str) -> bool:
    try:
        return parse_bool(value)
    except ValueError as error:
        raise _OptionError(f"failed to parse check option {go_quote(option)}: {error}", "error") from None


def config_of_comments(comments: Sequence[str]) -> CheckConfig | None:
    """Return what the first ``check=`` comment of an instruction asks for (LINT-004).

    ``comments`` are the lines above the instruction, without ``#``. None when no line is such a comment,
    or when its options cannot be read, which is not an error there.
    """
    for comment in comments:
        name, _, value = comment.partition("=")
        if name.strip(_SPACE).lower() == "check" and name.isascii() and value:
            try:
                return _read_options(trim_space(value.strip(_SPACE).partition(" ")[0]))
            except ValueError:
                return None
    return None
