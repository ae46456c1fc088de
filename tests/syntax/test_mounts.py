"""The values of RUN --mount and --device."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax.mounts import (
    BindMount,
    CacheMount,
    Device,
    Mount,
    SecretMount,
    SSHMount,
    TmpfsMount,
    expand_mount,
    read_device,
    read_mount,
)

MOUNTS = [
    ("target=/a", BindMount(target="/a"), "bind is the default, and read-only"),
    ("Type=BIND,Src=b,dst=/a,from=s", BindMount("s", "b", "/a"), "keys and types in any case"),
    ("type=bind,target=/a,rw", BindMount(target="/a", readonly=False), "rw alone"),
    ("target=/a,rw=false", BindMount(target="/a"), "rw with a value"),
    ("target=/a,rw,ro=0,readonly", BindMount(target="/a"), "the last word on access wins"),
    ("target=/a,id=x,env=y", BindMount(target="/a"), "what means nothing is dropped"),
    ("type=cache,destination=/a", CacheMount(target="/a"), "caches are writable"),
    (
        "type=cache,target=/a,shar\u0130ng=pr\u0130vate",
        CacheMount(target="/a", sharing="private"),
        "a Turkish capital is an i",
    ),
    (
        "type=cache,id=i,sharing=LOCKED,mode=0755,uid=1,gid=2",
        CacheMount(id="i", sharing="locked", mode=0o755, uid=1, gid=2),
        "all of a cache",
    ),
    ("type=tmpfs,target=/a,size=1k", TmpfsMount(target="/a", size=1024), "tmpfs with its size"),
    (
        "type=secret,id=i,required,env=E,mode=400",
        SecretMount(id="i", required=True, env="E", mode=0o400),
        "all of a secret",
    ),
    ("type=secret,target=/t,env=", SecretMount(target="/t", env=""), "an empty env is given"),
    ("type=ssh,id=i,required=1,uid=007", SSHMount(id="i", required=True, uid=7), "all of ssh"),
    ('"target=/a,b",ro', BindMount(target="/a,b"), "CSV quotes"),
    ("target=$x", BindMount(target="<$x>"), "values are expanded"),
]


def expand(text: str) -> str:
    return f"<{text}>" if "$" in text else text


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row[:2], id=row[2]) for row in MOUNTS])
def test_a_mount_is_read(text: str, expected: Mount) -> None:
    found = expand_mount(read_mount("mount", text), expand)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "failed to parse csv mounts: EOF"),
        ("type=cahe", 'unsupported mount type "cahe" (did you mean cache?)'),
        ("type=CAHE", 'unsupported mount type "CAHE"'),
        ("type=", 'unsupported mount type ""'),
        ("target", "invalid field 'target' must be a key=value pair"),
        ("targt=/a", "unexpected key 'targt' in 'targt=/a' (did you mean target?)"),
        ("Ro=maybe", "invalid value for ro: maybe"),
        ("rw=", "invalid value for rw: "),
        ("required", "unexpected key 'required' for mount type 'bind'"),
        ("required=true,type=secret", "unexpected key 'required' for mount type 'bind'"),
        ("type=ssh,required=x", "invalid value for required: x"),
        ("size=1", "unexpected key 'size' for mount type 'bind'"),
        ("type=tmpfs,size=big", "invalid value for size: big"),
        ("type=cache,sharing=locket", 'unsupported sharing value "locket" (did you mean locked?)'),
        ("sharing=shared", "invalid cache sharing set for bind mount"),
        ("mode=7", 'mode not allowed for "bind" type mounts'),
        ("type=tmpfs,gid=7,uid=7", 'uid not allowed for "tmpfs" type mounts'),
        ("type=cache,mode=8", "invalid value 8 for mode"),
        ("type=cache,mode=40000000000", "invalid value 40000000000 for mode"),
        ("type=cache,uid=4294967296", "invalid value 4294967296 for uid"),
        ("type=cache,gid=+1", "invalid value +1 for gid"),
        ("type=cache,uid=", "invalid value  for uid"),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,from=a,id=b", "secret mount should not have a from"),
        ("type=secret,id=b,sharing=shared", "secret mount should not define sharing"),
        ("type=secret,id=b,src=c", "both source and id can't be set"),
    ],
)
def test_a_bad_mount_fails(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        expand_mount(read_mount("mount", text), expand)
    assert (caught.value.message, caught.value.spans) == (message, [])


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param("type=$t,FROM=a,required,what", "a", id="only from is looked at"),
        pytest.param("from=a,from=b", "b", id="the last one counts"),
        pytest.param("from=a$", "a$", id="a dollar at the end is none"),
        pytest.param("target=/a,from", "", id="without one there is none"),
    ],
)
def test_what_a_mount_names_is_known_before_variables_are(text: str, source: str) -> None:
    assert read_mount("mount", text).from_ == source


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("type=bind,src=$a", "$a", id="in any spelling, variables as they are"),
        pytest.param("source=a,SRC=b", "b", id="the last one counts"),
        pytest.param("source,target=/a", "", id="a word alone has no value"),
        pytest.param("target=/a", "", id="without one it is empty"),
    ],
)
def test_the_fields_of_a_mount_can_be_asked_for_as_written(text: str, written: str) -> None:
    assert read_mount("mount", text).written("source") == written


def test_the_source_of_a_mount_cannot_vary() -> None:
    with pytest.raises(DockerfileError, match="'from' doesn't support variable expansion"):
        read_mount("mount", "from=a$b")


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("vendor.com/a=b", Device("vendor.com/a=b")),
        ("vendor.com/a=b,required", Device("vendor.com/a=b", required=True)),
        ("required=false,name=a", Device("a")),
        ("required", Device("", required=True)),
        ("name", Device("name")),
    ],
)
def test_a_device_is_read(text: str, device: Device) -> None:
    assert read_device("device", text) == device
