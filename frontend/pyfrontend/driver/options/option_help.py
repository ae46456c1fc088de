"""How options of a build are written: what is wrong with one in, the text of the help out."""

from __future__ import annotations

from pyfrontend.driver.options.resources import ULIMIT_NAMES
from pyfrontend.spelling import nearest, suggestion

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
IMPORTS = 'cache-imports is a JSON list: [{"Type":"registry","Attrs":{"ref":"IMAGE"}}]'


def option(name: str, value: str) -> str:
    """Say what the option ``name``, as its error calls it, accepts instead of ``value``."""
    return _ulimit(value) if name == "ulimit" else OPTIONS.get(name, "")


def _ulimit(value: str) -> str:
    """Say how one of the limits in a list is written."""
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


def attestation(kind: str, value: str) -> str:
    """Say how a request for an attestation is written, of which the ``kind`` of thing is wrong."""
    if kind == "scanner":
        return "generator is the name of an image: --sbom=generator=docker/buildkit-syft-scanner:stable-1"
    if kind == "parameters":
        return f"write {value}=KEY=VALUE,KEY=VALUE, with double quotes only around a whole KEY=VALUE"
    return f"the types are sbom and provenance{suggestion(nearest(value, ('sbom', 'provenance')))}"
