"""Everything that is in the frontend image, and why: what has no reason has no place in it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from engine.files import files_of_image

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES, PYTHON = "usr/lib/*-linux-gnu", "usr/lib/python3.*"


def modules(reason: str, names: str) -> dict[str, str]:
    """Return patterns for the modules and packages ``names`` of the standard library."""
    patterns = {f"{PYTHON}/{name}.pyc": reason for name in names.split() if not name.endswith("/")}
    return patterns | {f"{PYTHON}/{name}*.pyc": reason for name in names.split() if name.endswith("/")}


#: Pattern to reason.
CONTENTS = {
    "usr/bin/python3": "the interpreter",
    "usr/bin/pyfrontend": "the command line, as derived images call it",
    f"{LIBRARIES}/ld-linux*": "loads programs",
    f"{LIBRARIES}/lib[cm].so.6": "the C library, for everything",
    f"{LIBRARIES}/libexpat.so.1": "Debian's interpreter is linked to it",
    f"{LIBRARIES}/libz.so.1": "the same",
    f"{LIBRARIES}/libpthread.so.0": "gRPC is linked to it",
    f"{LIBRARIES}/librt.so.1": "the same",
    f"{LIBRARIES}/libstdc++.so.6": "the same",
    f"{LIBRARIES}/libgcc_s.so.1": "libstdc++ is linked to it",
    f"{PYTHON}/pyfrontend/*.pyc": "the frontend",
    f"{PYTHON}/google/_upb/_message.*.so": "the core of protobuf",
    f"{PYTHON}/google/protobuf/message.pyc": "that imports it",
    f"{PYTHON}/google/protobuf/internal/enum_type_wrapper.pyc": "enumerations of messages",
    f"{PYTHON}/google/protobuf/__init__.pyc": "the packages that hold these",
    f"{PYTHON}/google/protobuf/internal/__init__.pyc": "the same",
    f"{PYTHON}/grpc/_cython/cygrpc.*.so": "the core of gRPC",
    f"{PYTHON}/grpc/_grpcio_metadata.pyc": "its release, which cores.py checks",
    f"{PYTHON}/lib-dynload/_contextvars.*.so": "the core of gRPC imports it",
    f"{PYTHON}/lib-dynload/resource.*.so": "the limits of a process",
    f"{PYTHON}/lib-dynload/_[bl]z*.so": "archives that SOURCE_DATE_EPOCH takes its time from",
    f"{LIBRARIES}/libbz2.so.1.0": "the same",
    f"{LIBRARIES}/liblzma.so.5": "the same",
    "etc/debian_version": "scanners: the release of the packages",
    "usr/lib/os-release": "the same, where every system says so",
    "var/lib/dpkg/status": "scanners: the packages of Debian of which something is here",
    "usr/share/doc/*/copyright": "their licences",
    "usr/share/common-licenses/*": "texts that these refer to",
    f"{PYTHON}/*.dist-info/METADATA": "scanners: the wheels of which something is here, and our package",
    f"{PYTHON}/*.dist-info/RECORD": "which files are theirs",
    f"{PYTHON}/*.dist-info/WHEEL": "for which platform they are",
    f"{PYTHON}/*.dist-info/*LICENSE": "their licences",
    **modules(
        "Python's own start, and -m",
        "abc codecs encodings/ io os posixpath genericpath stat _collections_abc runpy zipimport importlib/",
    ),
    **modules(
        "a plain build loads it, see tests/test_startup.py",
        "__future__ _weakrefset collections/ contextlib contextvars copy copyreg datetime enum functools"
        " hashlib keyword linecache operator reprlib"
        " threading token tokenize traceback types warnings weakref _colorize",
    ),
    **modules(
        "late imports of ours: limits, archives, links, several platforms",
        "ipaddress tarfile secrets base64",
    ),
    **modules(
        "behind tarfile and secrets",
        "shutil fnmatch struct bisect bz2 gzip lzma _compression random hmac stringprep",
    ),
    **modules("the command line, and its rule file", "argparse gettext glob locale ntpath pathlib/ tomllib/"),
    **modules(
        "cores.py keeps these out of a build, and loads them should gRPC or protobuf ask after all",
        "logging/ heapq pkgutil",
    ),
    **modules("builds that need more than a plain one", "json/ re/ string textwrap typing"),
}

#: What docker itself puts into a container.
NOT_OURS = (".dockerenv", "dev/*", "etc/host*", "etc/mtab", "etc/resolv.conf", "proc/*", "sys/*")


@pytest.fixture(scope="module")
def files(image_name: str) -> list[str]:
    return sorted(_files(image_name))


@pytest.fixture(scope="module")
def image_name() -> str:
    from engine.conftest import IMAGE  # noqa: PLC0415 - the fixture of this name serves one test only

    return IMAGE


def _files(image: str) -> Iterator[str]:
    names = files_of_image(image)
    yield from (name for name in names if not any(fnmatchcase(name, pattern) for pattern in NOT_OURS))


def test_every_file_has_a_reason(files: list[str]) -> None:
    assert [name for name in files if not any(fnmatchcase(name, pattern) for pattern in CONTENTS)] == []


def test_every_reason_has_a_file(files: list[str]) -> None:
    patterns = [pattern for pattern in CONTENTS if not any(fnmatchcase(name, pattern) for name in files)]
    assert patterns == []
