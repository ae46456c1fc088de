"""Help for the options of a build: an error that says which one is wrong in, how it is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.spelling import nearest, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = "takes a whole number above 0"
#: What an option takes, by what its error calls it.
OPTIONS = {
    "image-resolve-mode": "image-resolve-mode is default, pull or local: docker build --pull asks for pull",
    "force-network-mode": "write --network=default, --network=none or --network=host",
    "multi-platform": "write BUILDKIT_MULTI_PLATFORM=true or BUILDKIT_MULTI_PLATFORM=false",
    "additional hosts": "write a name and an IP address: --add-host db=10.0.0.2",
    "shm size": "write a size in bytes, or with a unit: --shm-size=67108864 or --shm-size=64m",
    "memory": f"memory {NUMBERS}: a limit in bytes",
    "memswap": f"memswap {NUMBERS} (a limit in bytes), or is -1 for no limit",
    "cpushares": f"cpushares {NUMBERS}: a weight, where 1024 is the default",
    "cpuperiod": f"cpuperiod {NUMBERS}: microseconds",
    "cpuquota": f"cpuquota {NUMBERS}: microseconds of each cpuperiod",
    "cpusetcpus": "cpusetcpus is a list of processors, such as 0-3,5",
    "cpusetmems": "cpusetmems is a list of memory nodes, such as 0-1",
}


def _option(scene: Scene) -> Help | None:
    option, value = scene.facts["option"], scene.facts["value"]
    if option == "ulimit":
        return Help(_ulimit(value))
    text = OPTIONS.get(option)
    return Help(text) if text else None


def _ulimit(value: str) -> str:
    """Say how one of the limits in a list is written."""
    from pyfrontend.driver.options.resources import ULIMIT_NAMES

    names = sorted(ULIMIT_NAMES)
    for field in value.split(","):
        name, _, limits = field.strip('"').partition("=")
        if limits and name not in ULIMIT_NAMES:
            meant = nearest(name, names)
            return (
                f"did you mean --ulimit {meant}={limits}?" if meant else f"the limits are {', '.join(names)}"
            )
        soft, colon, hard = limits.partition(":")
        if colon and soft.isdecimal() and hard.isdecimal() and int(soft) > int(hard):
            return f"the soft limit comes first: --ulimit {name}={hard}:{soft}"
    return "write --ulimit NAME=SOFT:HARD, as in --ulimit nofile=1024:2048"


def _attestation(scene: Scene) -> Help:
    kind, value = scene.facts["kind"], scene.facts["value"]
    if kind == "scanner":
        return Help(
            "generator is the name of an image: --sbom=generator=docker/buildkit-syft-scanner:stable-1"
        )
    if kind == "parameters":
        return Help(f"write {value}=KEY=VALUE,KEY=VALUE, with double quotes only around a whole KEY=VALUE")
    return Help(f"the types are sbom and provenance{suggestion(nearest(value, ('sbom', 'provenance')))}")


def _cache_import(_scene: Scene) -> Help:
    return Help('cache-imports is a JSON list: [{"Type":"registry","Attrs":{"ref":"IMAGE"}}]')


def _removed(scene: Scene) -> Help:
    return Help(f"remove {scene.facts['option']}: files are copied by BuildKit itself")


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "InvalidAttestation": _attestation,
    "InvalidCacheImport": _cache_import,
    "InvalidOption": _option,
    "RemovedOption": _removed,
}
