"""Policies that variables of the frontend's image configure: registries, mirrors, what must be pinned.

Texts of variables go in; policies come out, and rules that say the same to the daemon as far as it can.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.lookups import ALLOW, DENY, SourceRule
from pyfrontend.oci.reference import parse
from pyfrontend.policies.sources import registry_of
from pyfrontend.policies.values import (
    GIT,
    HTTP,
    IMAGE,
    LAYOUT,
    LOCK,
    Deny,
    NamedPolicy,
    Rewrite,
)
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyfrontend.policies.values import Source

PREFIX = "DOCKERFILE_FRONTEND_"
REGISTRIES, MIRRORS, REQUIRE = f"{PREFIX}REGISTRIES", f"{PREFIX}MIRRORS", f"{PREFIX}REQUIRE"
VARIABLES = (REGISTRIES, MIRRORS, REQUIRE)
#: Variables of the image that are not for policies, but that a misspelt one may be meant for.
OTHERS = (f"{PREFIX}EXTENSIONS", f"{PREFIX}PLUGINS")
#: An entry among the registries: images on the disk of whoever builds.
LAYOUTS = "oci-layout://"
IMAGES = "docker-image://"


class Configured(NamedTuple):
    """Policies in the order in which they are asked, and policies of rules for the daemon.

    It is told of the ``lookups`` of images, and of the graphs that it builds.
    """

    policies: tuple[NamedPolicy, ...] = ()
    for_lookups: tuple[tuple[SourceRule, ...], ...] = ()
    for_graphs: tuple[tuple[SourceRule, ...], ...] = ()


def configured(variables: Mapping[str, str]) -> Configured:
    """Return what the ``variables`` configure.

    Raises `DockerfileError` for one that is unknown, which may be a misspelt one, or that cannot be read.
    """
    for name in variables:
        if name not in VARIABLES:
            hint = did_you_mean(name, (*VARIABLES, *OTHERS)) or f": there are {', '.join(VARIABLES)}"
            raise DockerfileError(
                f"the frontend's image sets {name}, which is no variable of it{hint}",
                code="InvalidPolicyVariable",
            )
    found: list[NamedPolicy] = []
    lookups: tuple[tuple[SourceRule, ...], ...] = ()
    graphs: tuple[tuple[SourceRule, ...], ...] = ()
    mirrors = dict(_mirrors(variables[MIRRORS])) if MIRRORS in variables else {}
    if REGISTRIES in variables:
        allowed = [_allowed(entry) for entry in _entries(REGISTRIES, variables[REGISTRIES])]
        found.append(NamedPolicy("registries", REGISTRIES, _registries(allowed)))
        lookups = (tuple(_registry_rules([*allowed, *mirrors.values()])),)
    graphs = lookups
    for word in _entries(REQUIRE, variables[REQUIRE]) if REQUIRE in variables else ():
        if word not in REQUIREMENTS:
            hint = did_you_mean(word, REQUIREMENTS) or f": it takes {', '.join(REQUIREMENTS)}"
            raise _bad(REQUIRE, word, f"is no requirement{hint}")
        found.append(NamedPolicy(word, REQUIRE, REQUIREMENTS[word]))
        if word == "digest":
            graphs = (*graphs, (SourceRule(DENY, f"{IMAGES}*"), SourceRule(ALLOW, f"{IMAGES}*@*")))
    if mirrors:
        found.append(NamedPolicy("mirrors", MIRRORS, _to_mirrors(mirrors)))
    return Configured(tuple(found), lookups, graphs)


def _bad(variable: str, entry: str, what: str) -> DockerfileError:
    return DockerfileError(
        f"{variable} of the frontend's image: {go_quote(entry)} {what}", code="InvalidPolicyVariable"
    )


def _entries(variable: str, text: str) -> list[str]:
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not entries:
        raise DockerfileError(
            f"{variable} of the frontend's image is empty: an empty variable switches no policy off",
            code="InvalidPolicyVariable",
        )
    return entries


def _allowed(entry: str) -> str:
    return entry if entry == LAYOUTS else _place(REGISTRIES, entry, entry)


def _place(variable: str, entry: str, text: str) -> str:
    """Read ``registry[/path]`` into the form that the names of sources have."""
    text = text.removesuffix("/")
    if "://" in text:
        raise _bad(variable, entry, "has a scheme: begin with the registry")
    domain, slash, path = text.partition("/")
    if "*" in text:
        raise _bad(variable, entry, "has a wildcard: a registry or a path stands for all that is below it")
    if not ("." in domain or ":" in domain or domain.lower() == "localhost"):
        raise _bad(variable, entry, f"names no registry: is docker.io/{text} meant?")
    try:
        # Of a registry alone the reading of references would make a path.
        reference = parse(f"{domain.lower()}/{path if slash else 'any'}")
    except ValueError as error:
        raise _bad(variable, entry, f"is no registry with a path: {error}") from None
    if reference.tag or reference.digest:
        raise _bad(variable, entry, "has a tag or a digest: name a registry or a path")
    return registry_of(reference.domain) + (f"/{path}" if slash else "")


def _mirrors(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is mirrored, and where."""
    seen = set()
    for entry in _entries(MIRRORS, text):
        source, equals, target = entry.partition("=")
        if not equals:
            raise _bad(MIRRORS, entry, "has no mirror: write REGISTRY=MIRROR")
        place, mirror = _place(MIRRORS, entry, source.strip()), _place(MIRRORS, entry, target.strip())
        if f"{mirror}/".startswith(f"{place}/"):
            raise _bad(MIRRORS, entry, "is a mirror of itself")
        if place in seen:
            raise _bad(MIRRORS, entry, f"is the second mirror of {place}")
        seen.add(place)
        yield place, mirror


def _registries(allowed: Sequence[str]) -> Callable[[Source], Deny | None]:
    shown = ", ".join(allowed)

    def registries(source: Source) -> Deny | None:
        if source.kind == LAYOUT:
            more = f"add {LAYOUTS} to it to allow images on the disk of whoever builds"
            return None if LAYOUTS in allowed else Deny(f"it allows {shown}; {more}")
        if source.kind != IMAGE or source.rewritten_by == MIRRORS or source.is_within(*allowed):
            return None
        return Deny(f"it allows {shown}")

    return registries


def _registry_rules(allowed: Sequence[str]) -> Iterator[SourceRule]:
    """Yield the same for the daemon: of the rules for an image the last one counts."""
    yield SourceRule(DENY, f"{IMAGES}*")
    for place in allowed:
        if place != LAYOUTS:
            # Behind a registry alone a colon would begin a port.
            ends = ("/*", ":*", "@*") if "/" in place else ("/*",)
            yield from (SourceRule(ALLOW, f"{IMAGES}{place}{end}") for end in ends)


def _digest(source: Source) -> Deny | None:
    if source.kind != IMAGE or source.digest or source.instruction == LOCK:
        return None
    return Deny(f"write {source.ref}@sha256:... with its digest, or lock the file with --call=lock")


def _checksum(source: Source) -> Deny | None:
    if source.kind not in (HTTP, GIT) or source.checksum or source.instruction != "ADD":
        return None
    if source.kind == HTTP:
        return Deny("write ADD --checksum=sha256:... with the digest of the file")
    return Deny("write ADD --checksum=COMMIT, or #COMMIT behind the address, with all digits of the commit")


def _no_latest(source: Source) -> Deny | None:
    if source.kind != IMAGE or source.digest or source.tag != "latest" or source.instruction == LOCK:
        return None
    implicit = not source.written.endswith(":latest")
    return Deny(f"{'without a tag it is latest: ' if implicit else ''}write the tag of a version")


def _to_mirrors(places: Mapping[str, str]) -> Callable[[Source], Rewrite | None]:
    # The longest first: what is mirrored elsewhere than the rest of its registry.
    ordered = sorted(places.items(), key=lambda item: -len(item[0]))

    def mirrors(source: Source) -> Rewrite | None:
        for place, mirror in ordered if source.kind == IMAGE else ():
            if source.is_within(place):
                rest = source.name.removeprefix(place)
                suffix = f":{source.tag}" if source.tag else ""
                digest = f"@{source.digest}" if source.digest else ""
                return Rewrite(f"{mirror}{rest}{suffix}{digest}")
        return None

    return mirrors


REQUIREMENTS: dict[str, Callable[[Source], Deny | None]] = {
    "digest": _digest,
    "checksum": _checksum,
    "no-latest": _no_latest,
}
