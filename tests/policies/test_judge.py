"""Policies are asked once for each source, in their order, until one denies it; answers are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.oci.platforms import Platform
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.policies.judge import Judge
from pyfrontend.policies.sources import http_source, image_source, other_source
from pyfrontend.policies.values import Allow, Deny, NamedPolicy, Rewrite, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.policies.values import Source

LINUX = Platform("linux", "amd64")
ALPINE = image_source(parse_normalized("alpine"), LINUX, Use("alpine", "FROM"))
NAME = "docker.io/library/alpine:latest"


def judge(*functions: Callable[[Source], Any]) -> Judge:
    return Judge([NamedPolicy(f"p{number}", "house", one) for number, one in enumerate(functions)])


def complaint(source: Source, *functions: Callable[[Source], Any]) -> str:
    with pytest.raises(DockerfileError) as caught:
        judge(*functions).ask(source)
    assert caught.value.code == "PolicyFailed"
    return caught.value.message


def to(ref: Any) -> Callable[[Source], Rewrite]:
    return lambda _source: Rewrite(ref)


def test_who_has_no_opinion_lets_others_decide() -> None:
    seen: list[str] = []

    def allow(source: Source) -> Allow:
        seen.append(source.written)
        return Allow()

    assert judge(allow, lambda _: None, allow).ask(ALPINE) is ALPINE
    assert seen == ["alpine", "alpine"]


def test_the_first_denial_wins() -> None:
    with pytest.raises(DockerfileError) as caught:
        judge(lambda _: Allow(), lambda _: Deny("no"), lambda _: Deny("never")).ask(ALPINE)
    assert caught.value.message == f"the image {NAME} is denied by the policy p1 (house): no"
    assert caught.value.code == "SourceDenied"


def test_a_denial_without_a_reason_denies() -> None:
    with pytest.raises(DockerfileError) as caught:
        judge(lambda _: Deny(" ")).ask(ALPINE)
    assert caught.value.message == f"the image {NAME} is denied by the policy p0 (house)"


def test_a_reason_that_is_no_text_blames_the_policy() -> None:
    reason: Any = ["no"]
    told = f"the policy p0 (house) denies {NAME}, but not with a text: it is ['no']"
    assert complaint(ALPINE, lambda _: Deny(reason)) == told


def test_a_source_is_asked_about_once_for_each_platform() -> None:
    seen: list[str] = []
    asked = judge(lambda source: seen.append(source.platform))
    for platform in ("amd64", "arm64", "amd64"):
        asked.ask(ALPINE._replace(platform=platform))
    asked.ask(ALPINE._replace(instruction="COPY", platform="amd64"))
    assert seen == ["amd64", "arm64", "amd64"]


def test_a_denial_is_an_error_of_its_own_for_each_line() -> None:
    asked = judge(lambda _: Deny("no"))
    errors = []
    for _ in range(2):
        with pytest.raises(DockerfileError) as caught:
            asked.ask(ALPINE)
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    assert errors[0].spans is not errors[1].spans


def test_what_is_rewritten_is_shown_to_all_policies_again() -> None:
    def on_mirror(source: Source) -> Deny | None:
        return Deny(f"by {source.rewritten_by}") if source.is_within("b.com") else None

    def mirror(source: Source) -> Rewrite | None:
        return Rewrite(f"b.com/{source.repository}") if source.registry == "docker.io" else None

    found = judge(mirror).ask(ALPINE)
    assert (found.ref, found.rewritten, found.rewritten_by) == (
        "b.com/library/alpine:latest",
        (NAME,),
        "house",
    )
    assert (found.written, found.instruction, found.platform) == ("alpine", "FROM", "linux/amd64")
    for policies in ((on_mirror, mirror), (mirror, on_mirror)):
        with pytest.raises(DockerfileError) as caught:
            judge(*policies).ask(ALPINE)
        assert (
            f"the image b.com/library/alpine:latest, rewritten from {NAME}, is denied" in caught.value.message
        )
        assert caught.value.message.endswith("by house")


def test_a_rewrite_to_the_same_is_no_opinion() -> None:
    assert judge(to("alpine:latest"), to(NAME)).ask(ALPINE) is ALPINE


def test_rewrites_go_round_in_no_circle_and_on_for_ever() -> None:
    def swap(source: Source) -> Rewrite:
        return Rewrite("b.com/x" if source.registry == "docker.io" else "alpine")

    assert complaint(ALPINE, swap) == (
        f"the policy p0 (house) rewrites in a circle: {NAME} -> b.com/x:latest -> {NAME}"
    )
    found = complaint(ALPINE, lambda source: Rewrite(f"b.com/{source.repository}/x"))
    assert found.startswith(
        f"the policy p0 (house) does not stop rewriting {NAME}: it is b.com/library/alpine/x"
    )


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("", '"": invalid reference format'),
        ("UPPER/x:", '"UPPER/x:": invalid reference format'),
        ("scratch", '"scratch": it is no image'),
        ("docker-image://x", '"docker-image://x": invalid reference format'),
        (None, "None: it is no text"),
    ],
)
def test_a_rewrite_to_what_is_none_blames_the_policy(ref: Any, told: str) -> None:
    assert complaint(ALPINE, to(ref)) == f"the policy p0 (house) rewrites {NAME} to {told}"


def test_a_source_stays_of_its_kind() -> None:
    download = http_source("https://a.com/x", "", Use("", "ADD"))
    told = ": it is no address of a download"
    assert complaint(download, to("https://b.com/x.git")).endswith(f'"https://b.com/x.git"{told}')
    assert complaint(download, to("http://")).endswith(f'"http://"{told}')
    assert complaint(download, to("http://b c/x")).endswith(f'"http://b c/x"{told}')
    assert complaint(download, to("http://b.com/x\n")).endswith(f'"http://b.com/x\\n"{told}')
    assert judge(to("https://b.com/x y")).ask(download).ref == "https://b.com/x y"
    folder = other_source("local", "x", Use("", "--build-context"))
    told = "only images, downloads and repositories can be rewritten, not local"
    assert complaint(folder, to("y")).endswith(told)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("yes", "'yes'"), (False, "False"), (Deny, "Deny"), (Allow, "Allow"), (("no",), "('no',)")],
)
def test_what_is_no_verdict_blames_the_policy(value: Any, shown: str) -> None:
    told = "return Allow(), Deny(message), Rewrite(ref) or None"
    assert complaint(ALPINE, lambda _: value) == f"the policy p0 (house) returned {shown} for {NAME}: {told}"


def test_a_policy_that_fails_is_named_with_its_line() -> None:
    def broken(source: Source) -> None:
        raise KeyError(source.kind)

    def ends(_source: Source) -> None:
        raise SystemExit(1)

    line = broken.__code__.co_firstlineno + 1
    place = f"({__file__}, line {line})"
    told = f"the policy p0 (house) failed for {NAME}: KeyError: 'image' {place}"
    assert complaint(ALPINE, broken) == told
    assert "SystemExit: 1" in complaint(ALPINE, ends)


def test_an_error_for_the_user_passes_as_it_is() -> None:
    def refuse(_source: Source) -> None:
        raise DockerfileError("not today", code="House")

    with pytest.raises(DockerfileError, match=r"^not today$"):
        judge(refuse).ask(ALPINE)


def test_rewrites_are_remembered_by_their_first_name() -> None:
    asked = judge(to("b.com/x"))
    asked.ask(ALPINE)
    assert {name: source.ref for name, source in asked.rewrites.items()} == {NAME: "b.com/x:latest"}
