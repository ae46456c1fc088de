"""Options for the processes of a build: hosts, ulimits, memory and CPU limits.

Text in, values of `pyfrontend.llb` out; errors are ValueError with the reference's text.
"""

from __future__ import annotations

from pyfrontend.golang.csv import parse_csv_fields
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import atoi, parse_int, parse_uint
from pyfrontend.golang.strings import to_lower, trim_space
from pyfrontend.llb.ops import LinuxResources, Ulimit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")


ULIMIT_NAMES = frozenset(
    [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ]
)
UNLIMITED = -1
#: The highest number of a processor or memory node in a set.
HIGHEST_CPU = 8192


def read_extra_hosts(text: str) -> list[tuple[str, str]]:
    """Read CSV ``host=ip``, lower-cased (OPT-005)."""
    return [_read_host(field) for field in parse_csv_fields(text)] if text else []


def _read_host(field: str) -> tuple[str, str]:
    host, equals, address = to_lower(field).partition("=")
    if not equals:
        raise ValueError(f"invalid key-value pair {field}")
    return host, _canonical_address(address)


def _canonical_address(text: str) -> str:
    """Return an address the way Go writes it: IPv6 shortened, IPv4 in IPv6 as IPv4."""
    import ipaddress  # 4 ms

    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        address = None
    if address is None or "%" in text:
        raise ValueError(f"failed to parse IP {text}")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def read_shm_size(text: str) -> int:
    """Read a number of bytes, 0 for none (OPT-006)."""
    return parse_int(text) if text else 0


def read_ulimits(text: str) -> list[Ulimit]:
    """Read CSV ``name=soft[:hard]`` (OPT-007)."""
    return [_read_ulimit(field) for field in parse_csv_fields(text)] if text else []


def _read_ulimit(field: str) -> Ulimit:
    name, equals, limits = field.partition("=")
    if not equals:
        raise ValueError(f"invalid ulimit argument: {field}")
    if name not in ULIMIT_NAMES:
        raise ValueError(f"invalid ulimit type: {name}")
    parts = limits.split(":")
    if len(parts) > 2:
        raise ValueError(f"too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`")
    hard = parse_int(parts[-1])
    soft = parse_int(parts[0])
    _check_limits(soft, hard)
    return Ulimit(name, soft, hard)


def _check_limits(soft: int, hard: int) -> None:
    if hard == UNLIMITED:
        return
    text = "ulimit soft limit must be less than or equal to hard limit: "
    if soft == UNLIMITED:
        raise ValueError(f"{text}soft: -1 (unlimited), hard: {hard}")
    if soft > hard:
        raise ValueError(f"{text}{soft} > {hard}")


class LimitError(ValueError):
    """An error in one of several options; ``option`` says in which."""

    def __init__(self, option: str, text: str, problem: object) -> None:
        """Say what is wrong with the ``text`` of ``option``."""
        super().__init__(f"invalid {option} value: {text}: {problem}")
        self.option = option


def _positive(number: int) -> str:
    return "" if number > 0 else "must be > 0"


def _positive_or_unlimited(number: int) -> str:
    return "" if number > 0 or number == UNLIMITED else "must be -1 (unlimited) or > 0"


#: Numbers by option: the field they set, how they are read, and what else they must be.
NUMBERS: dict[str, tuple[str, Callable[[str], int], Callable[[int], str]]] = {
    "memory": ("memory", parse_int, _positive),
    "memswap": ("memory_swap", parse_int, _positive_or_unlimited),
    "cpushares": ("cpu_shares", parse_uint, _positive),
    "cpuperiod": ("cpu_period", parse_uint, _positive),
    "cpuquota": ("cpu_quota", parse_int, _positive),
}
SETS = {"cpusetcpus": "cpuset_cpus", "cpusetmems": "cpuset_mems"}


def read_resources(options: Mapping[str, str]) -> LinuxResources | None:
    """Read memory and processor limits; None when none is given (OPT-008 to OPT-010)."""
    fields: dict[str, int | str] = {}
    for option, (field, read, problem) in NUMBERS.items():
        text = options.get(option, "")
        if text:
            number = _located(option, text, read)
            if problem(number):
                raise LimitError(option, text, problem(number))
            fields[field] = number
    for option, field in SETS.items():
        text = options.get(option, "")
        if text:
            fields[field] = _located(option, text, _read_cpuset)
    return LinuxResources(**fields) if fields else None  # type: ignore[arg-type] # by the tables above


def _located(option: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise LimitError(option, text, error) from None


def _read_cpuset(text: str) -> str:
    """Check a list such as ``0-3,5`` and return it as it is; spaces around numbers are fine."""
    for part in map(trim_space, text.split(",")):
        first, dash, last = part.partition("-")
        if not part:
            continue
        if dash:
            kind, numbers = "range", [_cpu(trim_space(first)), _cpu(trim_space(last))]
        else:
            kind, numbers = "element", [_cpu(part)]
        if numbers[0] < 0 or numbers[-1] < numbers[0]:
            raise ValueError(f"invalid cpuset {kind} {go_quote(part)}")
        if numbers[-1] > HIGHEST_CPU:
            raise ValueError(f"cpuset {kind} {go_quote(part)} exceeds maximum {HIGHEST_CPU}")
    return text


def _cpu(text: str) -> int:
    """Return a number, or one that is never valid."""
    try:
        return atoi(text)
    except ValueError:
        return -1
