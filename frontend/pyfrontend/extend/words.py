"""Words on the syntax line: ``# syntax=ourorg/pyfrontend lock args=versions.env``."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.span import Span
    from pyfrontend.syntax.directives import Syntax

PINNED, FROZEN, OFF = "pinned", "frozen", "off"
LOCK_MODES = (PINNED, FROZEN, OFF)
#: The build argument that wins over the word ``lock``.
LOCK_ARGUMENT = "BUILDKIT_DOCKERFILE_LOCK"


class Words(NamedTuple):
    """What the syntax line asks for: the mode of the lock, ``off`` for none, and files of values.

    ``span`` is that line, None where the words come from elsewhere.
    """

    lock: str = OFF
    value_files: tuple[str, ...] = ()
    span: Span | None = None


def read_words(cmdline: str, syntax: Syntax | None) -> Words:
    """Return the words of a build.

    ``cmdline`` is the option of that name, the syntax line as BuildKit hands it over; where it holds the
    image alone, the words are those of the file's own line, if that names the same repository.
    Raises `DockerfileError` at the syntax line for a word that is unknown.
    """
    image, _, text = cmdline.strip().partition(" ")
    span = syntax.span if syntax else None
    if syntax and not text.strip():
        own_image, _, own_text = syntax.cmdline.strip().partition(" ")
        if _repository(own_image) == _repository(image) or (not image and not _is_reference(own_image)):
            text = own_text
    found = Words(span=span)
    with located(span):
        for word in text.split():
            if word.startswith("#"):
                break  # a comment, as people write it there
            found = _with_word(found, word)
    return found


def lock_mode(words: Words, argument: str | None) -> str:
    """Return the mode of the lock: ``argument``, the build argument, wins over the syntax line.

    Raises `DockerfileError` for an unknown mode.
    """
    return words.lock if argument is None else _mode(argument, f"--build-arg {LOCK_ARGUMENT}")


def _with_word(words: Words, word: str) -> Words:
    name, equals, value = word.partition("=")
    if name == "lock":
        return words._replace(lock=_mode(value, "lock") if equals else PINNED)
    files = tuple(filter(None, value.split(",")))
    if name == "args" and files:
        return words._replace(value_files=(*words.value_files, *files))
    hint = did_you_mean(to_lower(name), ("lock", "args"))
    if word in LOCK_MODES:
        hint = f" (did you mean lock={word}?)"
    raise DockerfileError(
        f"unknown word {go_quote(word)} on the syntax line{hint}; the words are lock, lock=frozen"
        " and args=FILE",
        code="InvalidSyntaxWord",
    )


def _mode(value: str, asker: str) -> str:
    if value not in LOCK_MODES:
        raise DockerfileError(
            f"unknown lock mode {asker}={value}{did_you_mean(to_lower(value), LOCK_MODES)};"
            f" known are {', '.join(LOCK_MODES)}",
            code="InvalidSyntaxWord",
        )
    return value


def _is_reference(image: str) -> bool:
    """Tell whether ``image`` is docker/dockerfile, which reads no words."""
    return _repository(image).startswith("docker.io/docker/dockerfile")


def _repository(image: str) -> str:
    """Return the repository of an image name; the name itself where it is none."""
    try:
        return parse_normalized(image).name
    except ValueError:
        return image
