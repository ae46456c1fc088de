"""What a build returns: conversions and solved filesystems in, the `Result` that exporters read out."""

from __future__ import annotations

from pyfrontend.gateway.results import Result
from pyfrontend.golang.json import json_text
from pyfrontend.oci.image_json import write_image
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.oci.platforms import format_all, normalize
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyfrontend.gateway.results import Attestation, Ref
    from pyfrontend.lower.target import Lowered
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb.ops_pb2 import Definition


class Converted(NamedTuple):
    """The build for one platform before it is solved; ``platform`` is None where the user named none."""

    platform: Platform | None
    definition: Definition
    lowered: Lowered


class Solved(NamedTuple):
    """The build for one platform as a handle of the daemon's."""

    converted: Converted
    ref: Ref | None


def gathered(
    solved: Sequence[Solved],
    attestations: Mapping[str, list[Attestation]],
    *,
    multi_platform: bool,
    keys: Sequence[str] = (),
) -> Result:
    """Return refs, configs and platforms as the exporter reads them (WIRE-10).

    ``keys`` are the names of the ``solved`` in the result, if these are not their platforms.
    """
    result = Result(attestations=dict(attestations))
    platforms = []
    for key, (converted, ref) in zip(keys or map(_key, solved), solved, strict=True):
        platforms.append({"ID": key, "Platform": _platform_json(export_platform(converted))})
        if multi_platform:
            result.refs[key] = ref
        else:
            result.ref = ref
        _add_metadata(result.metadata, converted.lowered, f"/{key}" if multi_platform else "")
    result.metadata["refs.platforms"] = json_text({"Platforms": platforms}).encode()
    return result


def _key(solved: Solved) -> str:
    return platform_id(solved.converted.platform)


def platform_id(platform: Platform | None) -> str:
    """Return the key of a platform in results (RES-004, RES-005)."""
    return format_all(normalize(platform or default_platform()))


def export_platform(converted: Converted) -> Platform:
    """Return the platform that the exporter should write, Windows details from the image (RES-007)."""
    platform = normalize(converted.platform or default_platform())
    image = converted.lowered.image.platform
    if platform.os == image.os == "windows":
        platform = platform._replace(
            os_version=platform.os_version or image.os_version,
            os_features=platform.os_features or image.os_features,
        )
    return normalize(platform)


def _add_metadata(metadata: dict[str, bytes], lowered: Lowered, suffix: str) -> None:
    metadata[f"containerimage.config{suffix}"] = write_image(lowered.image)
    if lowered.base_image is not None:
        metadata[f"containerimage.base.config{suffix}"] = write_image(lowered.base_image)
    if lowered.epoch is not None:
        metadata[f"source.date.epoch{suffix}"] = str(lowered.epoch.seconds).encode()


def _platform_json(platform: Platform) -> dict[str, object]:
    members = {
        "architecture": platform.architecture,
        "os": platform.os,
        "os.version": platform.os_version,
        "os.features": list(platform.os_features),
        "variant": platform.variant,
    }
    return {name: value for name, value in members.items() if value or name in ("architecture", "os")}
