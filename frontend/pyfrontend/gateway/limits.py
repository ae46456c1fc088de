"""Resources of this process: checked before gRPC is imported, because its core aborts if they are too small.

The limits of the process and of its container in, a text that says what is missing out.  Threads are not
checked here, because their limit may not be visible: `supervisor` notices if there are too few.
"""

from __future__ import annotations

import posix
import resource

MIB = 1 << 20
#: What the process may take itself (as data: memory that it writes to, stacks included).
MEMORY = 4096 * MIB
#: What a plain build takes of each, twice over: open files, data and address space without stacks, memory.
FILES, DATA, ADDRESSES, RESIDENT = 32, 64 * MIB, 320 * MIB, 64 * MIB
#: Threads of gRPC and ours, each with a stack, in addition to gRPC's pool of one per processor.
THREADS, POOL, STACK = 5, (4, 16), 8 * MIB
#: Where the kernel says how much memory a container may have: control groups of version 2 and 1.
CONTAINER = (b"/sys/fs/cgroup/memory.max", b"/sys/fs/cgroup/memory/memory.limit_in_bytes")
OUT_OF_MEMORY = (
    f"the Dockerfile frontend has used up the memory that it may have, at most {MEMORY // MIB} MiB"
)
TOO_FEW_THREADS = "can start no more threads, and needs about a dozen of them"
#: More than anything that is limited.
ENDLESS = 1 << 64


def shortage() -> str:
    """Return which resources are too small for a build, with numbers; empty if there are enough."""
    stacks = STACK * (THREADS + min(max(posix.cpu_count() or 1, POOL[0]), POOL[1]))
    for allowed, floor, unit, name in (
        (_soft(resource.RLIMIT_NOFILE), FILES, 1, "open files"),
        (_soft(resource.RLIMIT_DATA), DATA + stacks, MIB, "MiB of data"),
        (_soft(resource.RLIMIT_AS), ADDRESSES + stacks, MIB, "MiB of address space"),
        (_of_container(), RESIDENT, MIB, "MiB of memory"),
    ):
        if allowed < floor:
            return text(f"may have {allowed // unit} {name}, and needs {floor // unit}")
    return ""


def text(what: str) -> str:
    """Return the error for a frontend that ``what`` is said of."""
    return f"the Dockerfile frontend {what}: raise the limit of the BuildKit daemon or of its containers"


def limit_memory() -> None:
    """Let this process have no more than `MEMORY`: beyond, it gets a MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if _number(soft) > MEMORY:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, hard))


def _soft(limit: int) -> int:
    return _number(resource.getrlimit(limit)[0])


def _number(limit: int) -> int:
    return ENDLESS if limit == resource.RLIM_INFINITY else limit


def _of_container() -> int:
    """Return how many bytes of memory the container may have."""
    for file in CONTAINER:
        try:
            fd = posix.open(file, posix.O_RDONLY | posix.O_CLOEXEC)
        except OSError:
            continue
        read = posix.read(fd, 32).strip()
        posix.close(fd)
        return int(read) if read.isdigit() else ENDLESS
    return ENDLESS
