from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pyfrontend.llb.caps import EXEC_META_SETS_DEFAULT_PATH, Capabilities
from pyfrontend.llb.execop import CacheMount
from pyfrontend.llb.fileop import copy, mkdir, mkfile
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import OpMeta
from pyfrontend.llb.sources import image, local
from pyfrontend.llb.state import State
from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from pyfrontend.pb import ops_pb2 as pb

IMAGE = "docker.io/library/busybox:latest@sha256:" + sha256(b"img").hexdigest()
CAPS = Capabilities([EXEC_META_SETS_DEFAULT_PATH])


class Golden(NamedTuple):
    """An op as the reference encodes it, recorded by running it."""

    name: str
    digest: str
    data: str
    caps: str


GOLDEN = (
    Golden(
        "FROM",
        "sha256:1cfcac8c281b80b7b1de6f2c1ef65e79eae8f69a4ef8b753adc062508512352a",
        "520e0a05616d64363412056c696e75785a001a790a77646f636b65722d696d6167653a2f2f646f636b65722e696f"
        "2f6c6962726172792f62757379626f783a6c6174657374407368613235363a623239383134636635373932653638"
        "34636437356436613766636537613637613131383837653331326638376361326163323439366438316633363566"
        "663732",
        "source.image",
    ),
    Golden(
        "WORKDIR",
        "sha256:ba670b29f5015ccc89fdd405d2ed048c0d392cabe9acd7f25de6b5a447692aab",
        "0a490a477368613235363a3163666361633863323831623830623762316465366632633165663635653739656165"
        "38663639613465663862373533616463303632353038353132333532615a002225122310ffffffffffffffffff01"
        "32160a042f61707010ed03180128ffffffffffffffffff01",
        "file.base",
    ),
    Golden(
        "RUN",
        "sha256:28c008f0a90091873b9fa55c5c101ea2fe906e3ce82eb3e76e477dea719cbeee",
        "0a490a477368613235363a6261363730623239663530313563636338396664643430356432656430343863306433"
        "3932636162653961636437663235646536623561343437363932616162520e0a05616d64363412056c696e75785a"
        "0012690a3c0a072f62696e2f73680a022d630a076563686f2068691212504154483d2f7573722f62696e3a2f6269"
        "6e1208464f4f3d626173651a042f617070580112031a012f122408ffffffffffffffffff011a022f6320ffffffff"
        "ffffffffff013003a201050a032f2f63",
        "exec.meta.base exec.meta.setsdefaultpath exec.mount.bind exec.mount.cache exec.mount.cache.sharing",
    ),
    Golden(
        "local context",
        "sha256:e35889ba6349305336316ad053fe3e0f8c03dbd740b08a6a73f07777b4690763",
        "5a001a620a0f6c6f63616c3a2f2f636f6e74657874121a0a116c6f63616c2e666f6c6c6f77706174687312055b22"
        "61225d121e0a136c6f63616c2e7368617265646b657968696e741207636f6e7465787412130a0c6c6f63616c2e75"
        "6e697175651203756964",
        "source.local source.local.followpaths source.local.sharedkeyhint source.local.unique",
    ),
    Golden(
        "COPY a",
        "sha256:11975024b963d15323b9f80fc0bc7e0901ad986bfb953163a0ca01dddb9e8184",
        "0a490a477368613235363a3238633030386630613930303931383733623966613535633563313031656132666539"
        "30366533636538326562336537366534373764656137313963626565650a490a477368613235363a653335383839"
        "62613633343933303533333633313661643035336665336530663863303364626437343062303861366137336630"
        "3737373762343639303736335a0022261224100122200a022f6112022f6220ed032801300140014801500158ffff"
        "ffffffffffffff01",
        "file.base",
    ),
    Golden(
        "mkfile heredoc",
        "sha256:ced620ad13ecf311ca8df11d94c901678b3f89726cbec93f9dcd39d4b8cd8f34",
        "5a002234123208ffffffffffffffffff0110ffffffffffffffffff012a1a0a042f454f4610a4031a046865790a28"
        "ffffffffffffffffff01",
        "file.base",
    ),
    Golden(
        "COPY heredoc",
        "sha256:e81826d58bb733f8e21965325077f6d33c9f2417c37152ccdefff35d7c5e3dc5",
        "0a490a477368613235363a3131393735303234623936336431353332336239663830666330626337653039303161"
        "64393836626662393533313633613063613031646464623965383138340a490a477368613235363a636564363230"
        "61643133656366333131636138646631316439346339303136373862336638393732366362656339336639646364"
        "3339643462386364386633345a0022281226100122220a042f454f4612022f7820ffffffffffffffffff01400158"
        "ffffffffffffffffff01",
        "file.base",
    ),
    Golden(
        "terminal",
        "sha256:5ca0582100b292de94182cdab16c4b1d6a48c90452df5de6a54a10d9981802ff",
        "0a490a477368613235363a6538313832366435386262373333663865323139363533323530373766366433336339"
        "6632343137633337313532636364656666663335643763356533646335",
        "constraints meta.description platform",
    ),
)


@pytest.fixture(scope="module")
def definition() -> pb.Definition:
    """The graph of FROM, WORKDIR, RUN with a cache mount, COPY --chmod=755 and COPY of a heredoc."""
    state = image(IMAGE, Platform("linux", "amd64"))
    state = state.with_env("PATH", "/usr/bin:/bin").with_env("FOO", "base").with_cwd("/app")
    state = state.file([mkdir("/app", make_parents=True)], OpMeta({"llb.customname": "WORKDIR"}))
    state = state.run(["/bin/sh", "-c", "echo hi"], mounts=[CacheMount("/c", None, "//c")])
    context = local("context", unique="uid", follow_paths=["a"], shared_key="context")
    copied = copy(
        context.output,
        "/a",
        "/b",
        mode=0o755,
        follow_symlink=True,
        dir_copy_contents=True,
        create_dest_path=True,
        allow_wildcard=True,
        allow_empty_wildcard=True,
    )
    state = state.file([copied])
    inline = State().file([mkfile("EOF", 0o644, "hey\n")])
    state = state.file([copy(inline.output, "EOF", "/x", create_dest_path=True)])
    return marshal(state.output, caps=CAPS)


@pytest.mark.parametrize("number", range(len(GOLDEN)), ids=[golden.name for golden in GOLDEN])
def test_op_has_the_bytes_of_the_reference(definition: pb.Definition, number: int) -> None:
    golden, data = GOLDEN[number], getattr(definition, "def")[number]
    assert data.hex() == golden.data
    assert "sha256:" + sha256(data).hexdigest() == golden.digest


@pytest.mark.parametrize("golden", GOLDEN, ids=[golden.name for golden in GOLDEN])
def test_op_asks_for_the_capabilities_of_the_reference(definition: pb.Definition, golden: Golden) -> None:
    assert sorted(definition.metadata[golden.digest].caps) == golden.caps.split()


def test_definition_has_nothing_else(definition: pb.Definition) -> None:
    assert len(getattr(definition, "def")) == len(GOLDEN)
    assert set(definition.metadata) == {golden.digest for golden in GOLDEN}
