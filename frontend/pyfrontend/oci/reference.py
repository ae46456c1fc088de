"""Image references: ``busybox`` is ``docker.io/library/busybox:latest``; parsed, completed and written.

Text in, `Reference` out; errors are `ValueError` with the reference implementation's text (area FROM).

reference = name [":" tag] ["@" digest]; name = [domain "/"] path
"""

from __future__ import annotations

from pyfrontend.golang.strings import to_lower
from pyfrontend.memo import cache
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

DEFAULT_DOMAIN = "docker.io"
LEGACY_DOMAIN = "index.docker.io"
OFFICIAL = "library/"
LONGEST_PATH = 255
HEX = "0123456789abcdef"
DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

WORD = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
DOMAIN = rf"(?:{WORD}(?:\.{WORD})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"

_patterns: dict[str, re.Pattern[str]] = {}


class Reference(NamedTuple):
    """An image by name and, when known, ``tag`` and ``digest``; ``domain`` may be empty for odd names."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The full name without tag and digest: ``docker.io/library/busybox``."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    def familiar_name(self) -> str:
        """Return the name as users write it, without tag and digest: ``busybox``."""
        if self.domain != DEFAULT_DOMAIN:
            return self.name
        rest = self.path.removeprefix(OFFICIAL)
        return self.path if "/" in rest else rest

    def familiar(self) -> str:
        """Return the whole reference as users write it: ``busybox:latest``."""
        return self.familiar_name() + self._suffix()

    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.name + self._suffix()


@cache
def parse_normalized(text: str) -> Reference:
    """Read a reference as users write it; the domain and ``library/`` are filled in.

    Raises `ValueError` when ``text`` is a bare image id, has capitals in its path, or is not a reference.
    """
    if len(text) == 64 and not text.strip(HEX):
        raise ValueError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    domain, rest = _split_domain(text)
    path = rest.partition(":")[0]
    if to_lower(path) != path:
        raise ValueError(f"invalid reference format: repository name ({path}) must be lowercase")
    return parse(f"{domain}/{rest}")


def parse(text: str) -> Reference:
    """Read a reference that is written out; nothing is filled in.

    Raises `ValueError` when it is none, or its path is too long, or its digest is not valid.
    """
    usual = _usual(text)
    if usual is not None:
        return usual
    match = _match("reference", text)
    if match is None:
        if not text:
            raise ValueError("repository name must have at least one component")
        if _match("reference", to_lower(text)):
            raise ValueError("repository name must be lowercase")
        raise ValueError("invalid reference format")
    domain, path, tag, digest = match.groups("")
    if len(path) > LONGEST_PATH:
        raise ValueError(f"repository name must not be more than {LONGEST_PATH} characters")
    if digest:
        check_digest(digest)
    return Reference(domain, path, tag, digest)


def _usual(text: str) -> Reference | None:
    """Read ``domain/path[:tag]`` without anything unusual; None for any other text, right or wrong.

    For `re` and the pattern of all references, a build would wait 3 ms.
    """
    name, slash, last = text.rpartition("/")
    last, colon, tag = last.partition(":")
    domain, _, path = f"{name}{slash}{last}".partition("/")
    words = (*domain.replace("_", " ").split("."), *path.split("/"))
    fits = path and len(path) <= LONGEST_PATH and len(tag) < 128 and text.isascii() and name == name.lower()
    if not fits or (colon and not _is_word(tag)) or last != last.lower() or not all(map(_is_word, words)):
        return None
    return Reference(domain, path, tag)


def _is_word(text: str) -> bool:
    """Return whether ``text`` is letters and digits, with single points, ``_`` or hyphens among them."""
    return all(part.isalnum() for part in text.replace(".", "-").replace("_", "-").split("-"))


def tag_name_only(ref: Reference) -> Reference:
    """Return ``ref`` with the tag ``latest`` if it has neither tag nor digest."""
    return ref if ref.tag or ref.digest else ref._replace(tag="latest")


def with_digest(ref: Reference, digest: str) -> Reference:
    """Return ``ref`` pinned to ``digest``; raises `ValueError` when that does not look like one."""
    usual = len(digest) == 71 and digest.startswith("sha256:") and not digest[7:].strip(HEX)
    if not usual and not _match("digest", digest):
        raise ValueError("invalid digest format")
    return ref._replace(digest=digest)


def trim(ref: Reference) -> Reference:
    """Return ``ref`` without tag and digest."""
    return ref._replace(tag="", digest="")


def check_digest(text: str) -> None:
    """Raise `ValueError` unless ``text`` is a digest of a known algorithm in lower-case digits."""
    algorithm, colon, encoded = text.partition(":")
    if not algorithm or not colon or not encoded:
        raise ValueError("invalid checksum digest format")
    if algorithm not in DIGEST_LENGTHS:
        known_form = _match("loose digest", text)
        raise ValueError("unsupported digest algorithm" if known_form else "invalid checksum digest format")
    if len(encoded.encode("utf-8", "surrogateescape")) != DIGEST_LENGTHS[algorithm]:
        raise ValueError("invalid checksum digest length")
    if encoded.strip(HEX):
        raise ValueError("invalid checksum digest format")


def _split_domain(text: str) -> tuple[str, str]:
    """Tell the domain from the rest: it has a dot, a colon or a capital, or is ``localhost``."""
    first, slash, rest = text.partition("/")
    if not slash:
        return DEFAULT_DOMAIN, OFFICIAL + text
    if first == LEGACY_DOMAIN:
        domain = DEFAULT_DOMAIN
    elif first == "localhost" or "." in first or ":" in first or first.lower() != first:
        domain = first
    else:
        domain, rest = DEFAULT_DOMAIN, text
    if domain == DEFAULT_DOMAIN and "/" not in rest:
        rest = OFFICIAL + rest
    return domain, rest


def _match(kind: str, text: str) -> re.Match[str] | None:
    """Match all of ``text``; each pattern is compiled at its first use (0.6 ms for the largest)."""
    if kind not in _patterns:
        import re

        expression = {
            "reference": rf"(?:({DOMAIN})/)?({COMPONENT}(?:/{COMPONENT})*)(?::({TAG}))?(?:@({DIGEST}))?",
            "digest": DIGEST,
            "loose digest": "[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+",
        }[kind]
        _patterns[kind] = re.compile(expression)
    return _patterns[kind].fullmatch(text)
