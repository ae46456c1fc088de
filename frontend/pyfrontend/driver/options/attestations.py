"""Attestation requests: options in, the parameters of each kind out (ATT-001 to ATT-005)."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.csv import parse_csv_fields
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES = ("attest:", "build-arg:BUILDKIT_ATTEST_")
GENERATOR = "generator"
#: Parameters that each kind has when the user names none; the kinds there are.
DEFAULTS = {
    "sbom": {GENERATOR: "docker/buildkit-syft-scanner:stable-1"},
    "provenance": {"version": "v1"},
}


class SBOM(NamedTuple):
    """A bill of materials to make: the scanner's image (with tag or digest), and parameters for it.

    ``resolve_mode`` is what the user says of lookups, empty where nothing is said (ATT-006).
    """

    generator: str
    parameters: dict[str, str]
    resolve_mode: str = ""


def read_sbom(options: Mapping[str, str]) -> SBOM | None:
    """Return what is asked of the scanner, None if nothing is.

    Other kinds of attestations are made by the daemon, and only checked here.
    Raises DockerfileError for unknown kinds, bad parameter lists and a bad image name.
    """
    attests = _read_attests(options)
    if "sbom" not in attests:
        return None
    parameters = attests["sbom"]
    generator = _scanner_image(parameters.pop(GENERATOR))
    return SBOM(generator, parameters, options.get("image-resolve-mode", ""))


def _read_attests(options: Mapping[str, str]) -> dict[str, dict[str, str]]:
    # In order, so that of a kind asked for both ways the build argument always counts.
    found = {
        to_lower(option.removeprefix(prefix)): options[option]
        for prefix in PREFIXES
        for option in sorted(options)
        if option.startswith(prefix)
    }
    attests = {kind: _read_parameters(kind, text) for kind, text in found.items()}
    for kind in attests:
        if kind not in DEFAULTS:
            raise DockerfileError(
                f"unknown attestation type {go_quote(kind)}",
                code="InvalidAttestation",
                kind="type",
                value=kind,
            )
    return attests


def _read_parameters(kind: str, text: str) -> dict[str, str]:
    """Read CSV ``key=value``; a key alone has an empty value."""
    parameters = dict(DEFAULTS.get(kind, {}))
    if text:
        try:
            fields = parse_csv_fields(text)
        except ValueError as error:
            raise DockerfileError(
                f"failed to parse {kind}: {error}", code="InvalidAttestation", kind="parameters", value=kind
            ) from None
        parameters.update((key, value) for key, _, value in (field.partition("=") for field in fields))
    return parameters


def _scanner_image(text: str) -> str:
    try:
        return str(tag_name_only(parse_normalized(text)))
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse sbom scanner {text}: {error}",
            code="InvalidAttestation",
            kind="scanner",
            value=text,
        ) from None
