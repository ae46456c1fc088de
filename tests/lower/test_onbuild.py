"""ONBUILD: when triggers run, and what is wrong with them."""

from __future__ import annotations

import pytest

from fakes import CAPS, Conversion, DictResolver, Lines, complaint, config, history, lines, lower
from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.marshal import marshal
from pyfrontend.pb import ops_pb2 as pb


def base(*triggers: str) -> DictResolver:
    image = {"os": "linux", "architecture": "amd64", "config": {"OnBuild": list(triggers)}}
    return DictResolver({"base": {"config": image | {"rootfs": {"diff_ids": ["sha256:1"]}}}})


@pytest.mark.parametrize(
    ("text", "triggers", "expected"),
    [
        pytest.param("FROM base\nENV B=1", ["ENV A=1"], ["ENV A=1", "ENV B=1"], id="before the first step"),
        pytest.param("FROM base", ["ENV A=1", "ENV B=1"], ["ENV A=1", "ENV B=1"], id="in their order"),
        pytest.param("FROM base AS x\nFROM x", ["ENV A=1"], ["ENV A=1"], id="once, in the first stage"),
        pytest.param(
            "FROM base AS x\nONBUILD ENV B=1\nFROM x", [], ["ENV B=1"], id="of a stage in the stage on top"
        ),
        pytest.param(
            "FROM base AS x\nONBUILD ENV B=1\nFROM x AS y\nFROM y", [], ["ENV B=1"], id="not in the one after"
        ),
        pytest.param(
            "FROM base AS x\nONBUILD ENV B=1\nFROM base\nCOPY --from=x / /",
            [],
            ["COPY / / # buildkit"],
            id="not where it is only copied from",
        ),
        pytest.param("FROM base", ["RUN <<E\na\nE"], ["RUN /bin/sh -c a\n # buildkit"], id="with a heredoc"),
    ],
)
def test_triggers_run_in_the_stage_on_top(text: str, triggers: list[str], expected: list[str]) -> None:
    assert history(lower(text, resolver=base(*triggers))) == expected


def test_triggers_wait_in_the_image_of_a_stage_that_declares_them() -> None:
    found = lower("FROM base\nONBUILD RUN a $B\nONBUILD COPY . /", resolver=base("ENV A=1"))
    assert config(found)["OnBuild"] == ["RUN a $B", "COPY . /"]


def test_a_trigger_may_name_an_image_that_has_triggers_of_its_own_which_do_not_run() -> None:
    resolver = base("COPY --from=other / /")
    resolver.images = {**resolver.images, "other": base("RUN never").images["base"]}
    conversion = Conversion("FROM base", resolver=resolver)
    assert history(conversion.lower()) == ["COPY / / # buildkit"]
    assert [name for name, *_ in resolver.asked] == [
        "docker.io/library/base:latest",
        "docker.io/library/other:latest",
    ]


def test_triggers_of_an_image_that_is_only_mounted_do_not_run_but_are_read() -> None:
    text = "FROM scratch\nRUN --mount=from=base,target=/b x"
    assert history(lower(text, resolver=base("RUN never"))) == ["RUN /bin/sh -c x # buildkit"]
    assert complaint(text, resolver=base("NONSENSE")) == ("unknown instruction: NONSENSE", [], (2, 2))


def test_an_image_of_a_stage_that_only_a_trigger_reaches_is_taken_by_its_name() -> None:
    resolver = base("COPY --from=late / /")
    resolver.images = {**resolver.images, "other": base().images["base"]}
    found = lower("FROM scratch AS late\nCOPY --from=other / /\nFROM base", resolver=resolver)
    identifiers = [
        pb.Op.FromString(data).source.identifier
        for data in getattr(marshal(found.state.output, caps=CAPS), "def")
    ]
    assert "docker-image://docker.io/library/other:latest" in identifiers
    assert [name for name, *_ in resolver.asked] == ["docker.io/library/base:latest"]


def test_triggers_are_counted_all_of_them_and_marked() -> None:
    found = lower("FROM base\nRUN b", resolver=base("RUN a", "ENV A=1"))
    names = []
    output = found.state.output
    while output is not None:
        names.append(output.vertex.meta.description["llb.customname"])
        output = next(iter(output.vertex.inputs()), None)
    assert names[:2] == ["[3/4] RUN b", "[2/4] ONBUILD RUN a"]


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        pytest.param("NONSENSE x", "unknown instruction: NONSENSE", id="no instruction"),
        pytest.param("", "file with no instructions", id="nothing"),
        pytest.param("COPY --from=7 / /", "invalid stage index 7", id="no stage"),
        pytest.param("EXPOSE x", "invalid containerPort: x", id="a bad value"),
        pytest.param(
            "COPY --from=late / /",
            'cannot copy from stage "late", it needs to be defined before current stage "x"',
            id="a stage that comes later",
        ),
    ],
)
def test_a_bad_trigger_is_reported_at_the_from_line(trigger: str, message: str) -> None:
    text = "# first line\nFROM base AS x\nFROM scratch AS late"
    assert complaint(text, resolver=base(trigger), target="x")[:2] == (message, [(2, 2)])


IMAGE = "triggers of docker.io/library/base:latest"


def related(text: str, *triggers: str) -> list[tuple[str, Lines]]:
    """Return the files and lines that the error of ``text`` points at beside its own location."""
    with pytest.raises(DockerfileError) as caught:
        lower(text, resolver=base(*triggers))
    return [(span.file.name, lines(span)) for span in caught.value.related]


@pytest.mark.parametrize("trigger", ["NONSENSE", "EXPOSE x", "COPY --from=9 / /"])
def test_an_error_of_a_trigger_points_at_its_onbuild(trigger: str) -> None:
    text = f"FROM scratch AS a\nONBUILD ENV x=1\nONBUILD {trigger}\nFROM a"
    assert related(text) == [("Dockerfile", (3, 3))]
    [(name, place)] = related("FROM base", "RUN <<X\na\nX", trigger)
    assert (name.partition("@")[0], place) == (IMAGE, (4, 4))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("FROM base", 1, id="of the base of a stage"),
        pytest.param("FROM scratch\nCOPY --from=base / /", 2, id="of an image to copy from"),
        pytest.param("FROM scratch\nRUN --mount=from=base x", 2, id="of an image to mount"),
    ],
)
def test_triggers_that_lead_back_to_their_own_image_are_an_error(text: str, line: int) -> None:
    resolver = base("COPY --from=between / /")
    resolver.images = {**resolver.images, "between": base("RUN --mount=from=base x").images["base"]}
    message, places, hint = complaint(text, resolver=resolver)
    assert message.startswith("circular dependency detected on image: docker.io/library/b")
    assert [*places, hint][0] == (line, line)


def test_an_image_may_stand_beside_a_trigger_of_its_own_stage() -> None:
    text = "FROM base\nCOPY --from=base /a /"
    expected = ["COPY / / # buildkit", "COPY /a / # buildkit"]
    assert history(lower(text, resolver=base("COPY --from=other / /"))) == expected


def test_triggers_may_lead_from_image_to_image_only_so_far() -> None:
    resolver = base("COPY --from=image1 / /")
    for number in range(1, limits.TRIGGER_DEPTH + 1):
        trigger = f"COPY --from=image{number + 1} / /"
        resolver.images = {**resolver.images, f"image{number}": base(trigger).images["base"]}
    lower("FROM scratch\nCOPY --from=image2 / /", resolver=resolver)
    message, places, _ = complaint("FROM scratch\nCOPY --from=base / /", resolver=resolver)
    assert message == (
        "ONBUILD triggers take files from images whose triggers do so too, more than 16 images deep"
    )
    assert places == [(2, 2)]


def test_a_build_takes_over_so_many_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TRIGGERS", 3)
    text = "FROM scratch AS a\nONBUILD ENV A=1\nONBUILD ENV B=1\nFROM a AS b\nFROM a\n"
    assert history(lower(text)) == ["ENV A=1", "ENV B=1"]
    message, places, _ = complaint(text + "COPY --from=b / /\n")
    assert (message, places) == ("the ONBUILD triggers of this build are more than 3", [(5, 5)])
