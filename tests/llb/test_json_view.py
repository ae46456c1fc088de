from __future__ import annotations

from llb.graphs import BASE, NEW, digests
from pyfrontend.llb.execop import CacheMount
from pyfrontend.llb.fileop import mkfile
from pyfrontend.llb.json_view import definition_to_json, op_to_json
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import LinuxResources, OpMeta
from pyfrontend.llb.sources import image, local
from pyfrontend.llb.state import State
from pyfrontend.oci.platforms import Platform
from pyfrontend.span import SourceFile, Span


def test_numbers_of_64_bits_are_text_enums_are_names_and_defaults_are_left_out() -> None:
    made = BASE.run(["x"], proxy={"no_proxy": "n"}, mounts=[CacheMount("/c", None, "//c", "locked")])
    data = getattr(marshal(made.output, caps=NEW), "def")[1]
    found = op_to_json(data)["exec"]
    assert found["mounts"][0] == {"dest": "/"}
    assert found["mounts"][1] == {
        "input": "-1",
        "dest": "/c",
        "output": "-1",
        "mountType": "CACHE",
        "cacheOpt": {"ID": "//c", "sharing": "LOCKED"},
    }
    assert found["meta"]["proxy_env"] == {"no_proxy": "n"}
    assert op_to_json(data, proto_names=False)["exec"]["meta"]["proxyEnv"] == {"noProxy": "n"}


def test_bytes_are_base64_and_an_owner_of_zero_is_shown() -> None:
    made = State().file([mkfile("/f", 0o644, "hey\n", owner="root")])
    found = op_to_json(getattr(marshal(made.output, caps=NEW), "def")[0])["file"]["actions"][0]
    assert (found["mkfile"]["data"], found["mkfile"]["owner"]) == ("aGV5Cg==", {"user": {"byID": 0}})


def test_maps_are_sorted() -> None:
    made = local("c", unique="u", follow_paths=["a"], shared_key="k", differ="none")
    found = op_to_json(getattr(marshal(made.output, caps=NEW), "def")[0])["source"]["attrs"]
    assert list(found) == sorted(found)


def test_a_value_that_no_enum_knows_stays_a_number() -> None:
    # Op.exec (field 2) with ExecOp.network (field 3) of 7.
    assert op_to_json(bytes.fromhex("12021807")) == {"exec": {"network": 7}}


def test_a_definition_is_shown_as_the_subrequest_answers() -> None:
    meta = OpMeta(
        {"llb.customname": "n"},
        spans=(Span(SourceFile("Dockerfile", b"F"), 1, 1),),
        resources=LinuxResources(memory=5),
    )
    made = image("x", Platform("linux", "amd64"), meta=meta)
    definition = marshal(made.output, caps=NEW)
    digest, terminal = digests(definition)
    line = {"line": 1}
    assert definition_to_json(definition) == {
        "def": {
            digest: {
                "source": {"identifier": "docker-image://x"},
                "platform": {"Architecture": "amd64", "OS": "linux"},
                "constraints": {},
            },
            terminal: {"inputs": [{"digest": digest}]},
        },
        "metadata": {
            digest: {
                "description": {"llb.customname": "n"},
                "caps": {"source.image": True},
                "linux_resources": {"memory": 5},
            },
            terminal: {"caps": {"constraints": True, "meta.description": True, "platform": True}},
        },
        "source": {
            "locations": {digest: {"locations": [{"ranges": [{"start": line, "end": line}]}]}},
            "infos": [{"filename": "Dockerfile", "data": "Rg==", "language": "Dockerfile"}],
        },
    }


def test_the_empty_filesystem_has_nothing_to_show() -> None:
    assert definition_to_json(marshal(None, caps=NEW)) == {"def": {}, "metadata": {}, "source": {}}
