"""Platforms: ``linux/arm64/v8`` and related forms, parsed, normalized, written and matched as in containerd.

Text in, `Platform` out; errors are `ValueError` with the reference's text (areas FROM and OPT).
"""

from __future__ import annotations

import os
import sys

from pyfrontend.golang.paths import clean
from pyfrontend.golang.quote import go_quote
from pyfrontend.memo import cache
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import nearest

#: Names that may stand alone.
KNOWN_SYSTEMS = frozenset((
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
    "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
))  # fmt: skip
KNOWN_ARCHITECTURES = frozenset((
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "ppc64", "ppc64le", "loong64", "mips",
    "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "riscv", "riscv64", "s390", "s390x",
    "sparc", "sparc64", "wasm",
))  # fmt: skip

#: What a misspelt name may have meant.
COMMON_SYSTEMS = ("linux", "windows", "darwin", "freebsd")
#: What people call architectures elsewhere, and what they are called here.
OTHER_NAMES = {
    "x64": "amd64", "x8664": "amd64", "intel64": "amd64", "amd": "amd64", "x86": "386", "x86-32": "386",
    "x86_32": "386", "i486": "386", "i586": "386", "i686": "386", "ia32": "386", "armv5": "arm/v5",
    "armv6": "arm/v6", "armv6l": "arm/v6", "arm32v6": "arm/v6", "armv7": "arm/v7", "armv7l": "arm/v7",
    "arm32v7": "arm/v7", "arm32": "arm/v7", "armv8": "arm64", "armv8l": "arm64", "arm64v8": "arm64",
    "aarch": "arm64", "m1": "arm64", "apple": "arm64", "ppc64el": "ppc64le", "powerpc64le": "ppc64le",
}  # fmt: skip
COMMON_ARCHITECTURES = ("amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "s390x", "mips64le", "loong64")

#: What the kernel calls a processor, where Go has another name for it.
MACHINES = {
    "x86_64": "amd64",
    "i386": "386",
    "i586": "386",
    "i686": "386",
    "aarch64": "arm64",
    "loongarch64": "loong64",
}

#: Other names and needless variants; an empty key stands for any variant not listed.
ARCHITECTURE_NAMES = {"i386": "386", "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
VARIANT_NAMES = {
    "amd64": {"v1": ""},
    "arm64": {"8": "", "v8": "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"},
    "arm": {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"},
}
FIXED_VARIANTS = {"i386": ("386", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}

#: The patterns that error texts name.
OS_PATTERN = r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$"
PART_PATTERN = r"^[A-Za-z0-9_.-]+$"
INVALID = "invalid argument"

OPTION_ESCAPES = {ord("%"): "%25", ord("+"): "%2B", ord("("): "%28", ord(")"): "%29", ord("/"): "%2F"}


class Platform(NamedTuple):
    """An operating system and a processor; ``os_version`` and ``os_features`` matter on Windows."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()


def parse(text: str) -> Platform:
    """Read ``os[(version+feature...)]/arch[/variant]``, or an OS or architecture alone.

    Raises `ValueError` for wildcards, unknown single words and characters out of place.
    """
    if "*" in text:
        raise ValueError(f"{go_quote(text)}: wildcards not yet supported: {INVALID}")
    parts = text.split("/", 3)
    system, version, features = _parse_os(text, parts[0])
    for part in parts[1:]:
        if not part or not _only(part, "_.-"):
            raise ValueError(
                f"{go_quote(part)} is an invalid component of {go_quote(text)}: "
                f"platform specifier component must match {go_quote(PART_PATTERN)}: {INVALID}"
            )
    if len(parts) == 1:
        return _parse_single(text, Platform(system, "", "", version, features))
    if len(parts) > 3:
        raise ValueError(f"{go_quote(text)}: cannot parse platform specifier: {INVALID}")
    architecture, variant = _normalize_architecture(parts[1], parts[2] if len(parts) == 3 else "")
    if len(parts) == 2 and (architecture, variant) == ("arm", "v7"):
        variant = ""
    if len(parts) == 3 and (architecture, variant) == ("arm64", ""):
        variant = "v8"
    return Platform(system, architecture, variant, version, features)


@cache
def normalize(platform: Platform) -> Platform:
    """Return ``platform`` under its canonical names: ``x86_64`` is ``amd64``, ``arm64/v8`` is ``arm64``."""
    architecture, variant = _normalize_architecture(platform.architecture, platform.variant)
    features = tuple(sorted(set(platform.os_features))) if platform.os_features else ()
    return Platform(_normalize_os(platform.os), architecture, variant, platform.os_version, features)


def format_platform(platform: Platform) -> str:
    """Write ``os/arch[/variant]``; ``unknown`` without an OS."""
    return _join(platform.os, platform) if platform.os else "unknown"


def format_all(platform: Platform) -> str:
    """Write ``os[(version+feature...)]/arch[/variant]``; ``unknown`` without an OS."""
    if not platform.os:
        return "unknown"
    options = platform.os_version.translate(OPTION_ESCAPES)
    for feature in sorted(set(platform.os_features) - {""}):
        options += "+" + feature.translate(OPTION_ESCAPES)
    return _join(f"{platform.os}({options})" if options else platform.os, platform)


def default() -> Platform:
    """Return the platform this process runs on, normalized."""
    architecture = _machine()
    variant = _processor_variant() if architecture in {"arm", "arm64"} else ""
    return normalize(Platform(_system(), architecture, variant))


def nearest_platform(platform: Platform) -> str:
    """Return what an unknown platform was meant to be, such as ``linux/amd64``; an empty text for others."""
    system, architecture = platform.os, platform.architecture
    if system not in KNOWN_SYSTEMS:
        system = _nearest(system, COMMON_SYSTEMS)
    if architecture not in KNOWN_ARCHITECTURES:
        other = OTHER_NAMES.get(architecture.lower(), "")
        architecture = other or _nearest(architecture, COMMON_ARCHITECTURES)
    if not (system and architecture) or (system, architecture) == (platform.os, platform.architecture):
        return ""
    variant = platform.variant if platform.variant and "/" not in architecture else ""
    return "/".join(filter(None, (system, architecture, variant)))


def platform_meant(text: str) -> str:
    """Return the platform that an invalid text probably means (``linux/amd64`` for ``x64``), or nothing."""
    word, slash, rest = text.strip().lower().partition("/")
    if not slash:
        return _nearest(word, COMMON_SYSTEMS) or nearest_platform(Platform("linux", word))
    architecture, _, variant = rest.partition("/")
    return nearest_platform(Platform(word, architecture, variant))


def _nearest(name: str, names: tuple[str, ...]) -> str:
    """Return the nearest of ``names``; very short names have none."""
    return nearest(name.lower(), names) if len(name) > 3 else ""


def _only(text: str, others: str) -> bool:
    """Tell whether ``text`` has nothing but ASCII letters, digits and ``others``."""
    return all(character.isalnum() or character in others for character in text) and text.isascii()


def _parse_os(text: str, part: str) -> tuple[str, str, tuple[str, ...]]:
    """Read ``name ["(" [version] *("+" feature) ")"]``."""
    name, opening, options = part.partition("(")
    version, *features = options.removesuffix(")").split("+")
    bad = (
        not name
        or not _only(name, "_-")
        or (opening and not options.endswith(")"))
        or not _only(version, "_.%-")
        or not all(feature and _only(feature, "_.%-") for feature in features)
    )
    if bad:
        raise ValueError(
            f"{go_quote(part)} is an invalid OS component of {go_quote(text)}: OSAndVersion specifier "
            f"component must match {go_quote(OS_PATTERN)}: {INVALID}"
        )
    return (
        _normalize_os(name),
        _decode_option(version, f"{go_quote(text)} has an invalid OS version {go_quote(version)}"),
        tuple(
            _decode_option(
                feature, f"{go_quote(text)} has invalid OS features: invalid os feature {go_quote(feature)}"
            )
            for feature in features
        ),
    )


def _decode_option(text: str, failure: str) -> str:
    """Undo the percent signs of a version or feature; ``failure`` starts the error text."""
    first, *rest = text.split("%")
    if not rest:
        return text
    decoded = bytearray(first, "ascii")
    for piece in rest:
        try:
            decoded.append(int(piece[:2], 16) if piece[:2].isalnum() and len(piece) > 1 else -1)
        except ValueError:
            raise ValueError(f"{failure}: invalid URL escape {go_quote('%' + piece[:2])}") from None
        decoded += piece[2:].encode()
    return decoded.decode("utf-8", "surrogateescape")


def _parse_single(text: str, platform: Platform) -> Platform:
    """Complete an OS or an architecture alone with the other half of this process's platform."""
    if platform.os in KNOWN_SYSTEMS:
        architecture = _machine()
        variant = _processor_variant() if architecture == "arm" else ""
        return platform._replace(architecture=architecture, variant="" if variant == "v7" else variant)
    architecture, variant = _normalize_architecture(text, "")
    if architecture not in KNOWN_ARCHITECTURES:
        raise ValueError(f"{go_quote(text)}: unknown operating system or architecture: {INVALID}")
    if (architecture, variant) == ("arm", "v7"):
        variant = ""
    return platform._replace(os=_system(), architecture=architecture, variant=variant)


def _normalize_os(name: str) -> str:
    lower = name.lower()
    return {"": _system(), "macos": "darwin"}.get(lower, lower)


def _normalize_architecture(name: str, variant: str) -> tuple[str, str]:
    name, variant = name.lower(), variant.lower()
    if name in FIXED_VARIANTS:
        return FIXED_VARIANTS[name]
    name = ARCHITECTURE_NAMES.get(name, name)
    return name, VARIANT_NAMES.get(name, {}).get(variant, variant)


def _join(system: str, platform: Platform) -> str:
    """Join the parts that are not empty; a part that is itself a path (``..``) is cleaned as one."""
    joined = "/".join(part for part in (system, platform.architecture, platform.variant) if part)
    if "." not in joined and "//" not in joined and not joined.endswith("/"):
        return joined
    return clean(joined)


def _system() -> str:
    return "windows" if sys.platform == "win32" else sys.platform.rstrip("0123456789")


def _machine() -> str:
    """Return the architecture of this process under Go's name for it."""
    machine = os.uname().machine.lower() if hasattr(os, "uname") else "amd64"
    machine = "arm" if machine.startswith("armv") else MACHINES.get(machine, machine)
    if sys.maxsize < 1 << 32:
        # A process of 32 bits on a kernel of 64 bits, such as an arm/v7 image on an arm64 host.
        return {"arm64": "arm", "amd64": "386"}.get(machine, machine)
    return machine


def _processor_variant() -> str:
    """Return the variant of an ARM processor from the kernel's description of it."""
    version = _processor_field("cpu architecture")
    if not version:
        machine = os.uname().machine.lower()
        version = "8" if machine == "aarch64" else machine.removeprefix("armv")[:1]
    # The first Raspberry Pi calls itself a 7, but is none.
    if version == "7" and _machine() == "arm":
        model = _processor_field("model name").lower()
        version = "6" if model.startswith("armv6-compatible") else version
    if version.startswith("?("):
        return "v7"
    return f"v{version[:1]}" if version[:1] in set("345678") else "v8" if version == "aarch64" else "unknown"


def _processor_field(name: str) -> str:
    """Return the first value of ``name`` (in lower case) in the kernel's list of processors."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib costs
            for line in file:
                key, _, value = line.partition(":")
                if key.strip().lower() == name:
                    return value.partition(":")[0].strip()
    except OSError:
        pass
    return ""
