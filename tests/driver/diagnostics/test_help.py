"""Help that stands after the words of the reference, in the same error."""

from __future__ import annotations

import re

import pytest

from fakes import FakeBridge, help_of
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import to_status

BELONGS = "belongs to a stage; FROM sees only ARGs above the first FROM"
QUOTE = "the quote opened above does not continue onto this line"
ENDS = "the heredoc ends at a line that contains only EOF"
GOES_ON = "is a line continuation missing at the end of the line above? (line 3)"
MODES = "--chmod takes an octal mode such as 755 or a symbolic one such as u=rwX,go=rX"
ROWS = {
    "an indented end": (
        "FROM a\nRUN <<EOF\n  echo\n  EOF\nUSER x\n",
        f"{ENDS}: remove the spaces around this one, or write <<-EOF to allow leading tabs (line 4)",
    ),
    "an end with blanks after it": (
        "FROM a\nRUN <<-EOF\n\techo\n\tEOF \n",
        f"{ENDS}: remove the spaces around this one (line 4)",
    ),
    "a misspelt end": (
        "FROM a\nRUN <<EOF\necho a\nEFO\nUSER x\n",
        f"{ENDS} (is EFO on this line a typo?) (line 4)",
    ),
    "no end at all": ("FROM a\nRUN <<EOF\necho a\n", f"{ENDS} (line 2)"),
    "the end of a quoted name": ("FROM a\nRUN <<'EOF'\necho a\n", f"{ENDS} (line 2)"),
    "the second of two heredocs": (
        "FROM a\nCOPY <<EOT <<EOF /x/\n1\nEOT\nEOF.\n",
        f"{ENDS} (is EOF. on this line a typo?) (line 5)",
    ),
    "a line that is too long": (
        f"FROM a\nENV A=\\\n{'x' * 65_536}\nUSER x\n",
        "this line has 65536 bytes, at most 65535 are allowed: copy long data from a file (line 3)",
    ),
    "after &&": ("FROM a\nRUN b &&\ncurl d\n", GOES_ON),
    "an indented line": ("FROM a\nRUN b\n  curl d\n", GOES_ON),
    "a word like an instruction after &&": ("FROM a\nRUN b &&\ncd e\n", GOES_ON),
    "an operator": ("FROM a\nRUN b\n&& c d\n", GOES_ON),
    "a comment of another language": ("FROM a\n// b\n", "comments begin with # (line 2)"),
    "a conflict": (
        "FROM a\n<<<<<<< HEAD\nUSER b\n",
        "this is an unresolved merge conflict of git (line 2)",
    ),
    "a file of another kind": (
        "# x\n\nall: build\n",
        "a Dockerfile begins with FROM or ARG; is this a Dockerfile? (line 3)",
    ),
    "a file of many lines of another kind": (
        "services:\n  web:\n    image: x\n",
        "3 lines do not start with an instruction; is this a Dockerfile? (line 1)",
    ),
    "a mount without a target": (
        "FROM a\nRUN --mount=type=cache b\n",
        "the mount has no target: add target=/path (line 2)",
    ),
    "a mode that is none": (
        "FROM a\nCOPY --chmod=rwx b c\n",
        f"{MODES}, not rwx (line 2)",
    ),
    "a comment after a pair": ("FROM a\nENV b=c # d\n", "put the comment on its own line (line 2)"),
    "a blank after =": ("FROM a\nENV b= c\n", "remove the spaces around = (line 2)"),
    "a blank before =": ("FROM a\nENV b=c d =e\n", "remove the spaces around = (line 2)"),
    "a value of two words": (
        "FROM a\nLABEL b=c d\n",
        'quote a value that contains spaces: name="two words" (line 2)',
    ),
    "quotes of a word processor": (
        "FROM a\nENV b=\u201cc d\u201d\n",
        "curly quotes are not quotes here: use \" or ' (line 2)",
    ),
    "the address of an image": (
        "FROM https://quay.io/a/b\n",
        "an image name starts with its registry, not with a URL: remove https:// (line 1)",
    ),
    "a path that is outside the build context": (
        "FROM ../base/Dockerfile#tools\n",
        (
            "an image, or a Dockerfile of the build context as ./path#stage: paths begin at its root, and"
            " may not lead out of it (line 1)"
        ),
    ),
    "a name with capital letters": (
        "FROM BusyBox\n",
        "image names are in lower case: busybox (line 1)",
    ),
    "an ARG of a stage in FROM": (
        "FROM a\nARG BASE=b\nFROM $BASE\n",
        f"ARG BASE on line 2 {BELONGS}: move it above line 1 (line 2)",
    ),
    "an ARG of a stage in the middle of a name": (
        "FROM a\nARG BASE=b\nFROM x/${BASE}-\n",
        f"ARG BASE on line 2 {BELONGS}: move it above line 1 (line 2)",
    ),
    "an ARG of a stage in --platform": (
        "FROM a\nARG ON=linux/arm64\nFROM --platform=$ON b\n",
        f"ARG ON on line 2 {BELONGS}: move it above line 1 (line 2)",
    ),
    "an ARG without a value": (
        "ARG BASE\nFROM $BASE\n",
        "ARG BASE has no value: pass --build-arg BASE=..., or write ARG BASE=default (line 1)",
    ),
    "an ARG that is nowhere": (
        "FROM $BASE\n",
        "declare it above the first FROM: ARG BASE=value (line 1)",
    ),
    "a step before FROM": (
        "ARG a\nRUN b\nFROM c\n",
        "RUN comes before the first FROM, where only ARG is allowed: start with FROM (line 2)",
    ),
    "the number of no stage": (
        "FROM a\nFROM b\nCOPY --from=7 c d\n",
        "stages are numbered 0 to 1, in the order of their FROM lines (line 3)",
    ),
    "a stage that comes later": (
        "FROM a AS x\nCOPY --from=1 c d\nFROM b\nFROM x\n",
        "move that stage above this one: a stage can only take files from stages above it (line 2)",
    ),
    "a space in a mount": (
        "FROM a\nRUN --mount=type=cache, target=/x b\n",
        "remove the space after the comma: --mount=type=cache,target=/x (line 2)",
    ),
    "a comma at the end of a mount": (
        "FROM a\nRUN --mount=type=cache,target=/x, b\n",
        "remove the comma that nothing follows (line 2)",
    ),
    "a flag without =": (
        "FROM a\nCOPY --from b c d\n",
        "write the value after =, without spaces: --from=b (line 2)",
    ),
    "a mount without =": (
        "FROM a\nRUN --mount type=cache,target=/x b\n",
        "write the value after =, without spaces: --mount=type=cache,target=/x (line 2)",
    ),
    "a flag like another": ("FROM a\nCOPY --chwn=1 b c\n", "write --chown (line 2)"),
    "a flag like no other": (
        "FROM a\nRUN --xyzzy=b c\n",
        "the flags of RUN are --device, --mount, --network, --security (line 2)",
    ),
    "a variable in a switch": (
        "FROM a\nCOPY --link=$L b c\n",
        "--link does not expand variables: write --link, --link=false, or leave it out (line 2)",
    ),
    "a variable as the network": (
        "FROM a\nRUN --network=$N b\n",
        "--network does not expand variables: $N is taken literally (line 2)",
    ),
    "a variable as a duration": (
        "FROM a\nHEALTHCHECK --interval=$I CMD b\n",
        "--interval, --timeout and the like do not expand variables: $I is taken literally (line 2)",
    ),
    "a shell that is no array": (
        "FROM a\nSHELL /bin/bash -c\n",
        'write a JSON array: SHELL ["/bin/bash", "-c"] (line 2)',
    ),
    "a number in an array": (
        'FROM a\nCMD ["b", 80]\n',
        'put every member in double quotes: ["program", "8080"] (line 2)',
    ),
    "a space after <<-": (
        "FROM a\nRUN <<- EOF\nhello\nEOF\n",
        "remove the space after <<-: write <<-EOF; this heredoc is not recognized as one (line 2)",
    ),
    "a backslash where ` continues": (
        "# escape=`\nFROM a\nRUN b \\\n  c\n",
        "line 1 makes ` the continuation character, so the \\ above does not continue the line (line 4)",
    ),
    "a ` where a backslash continues": (
        "FROM a\nRUN b `\n  c\n",
        "the continuation character is \\, unless the file begins with # escape=` (line 3)",
    ),
    "a quote over several lines": (
        'FROM a\nRUN echo "b\nc\nUSER d\n',
        f"{QUOTE}: continue the lines with \\, or use a heredoc (RUN <<EOF) (line 3)",
    ),
    "lines that end with CR": (
        "FROM a\rRUN b\r",
        "the lines of this file end with CR alone: save it with LF (line 1)",
    ),
    "a duration without a unit": (
        "FROM a\nHEALTHCHECK --interval=5 CMD b\n",
        "a duration needs a unit, as in 5s (line 2)",
    ),
}


@pytest.mark.parametrize(("dockerfile", "text"), ROWS.values(), ids=ROWS)
def test_the_help_says_how_to_fix_it(dockerfile: str, text: str) -> None:
    assert help_of(dockerfile) == [text]


TARGETS = {
    "like a name": ("fooo", "use --target foo (line 3)"),
    "like no name": ("zzzz", "--target is one of: bar, foo"),
    "a stage without a name": ("stage-1", "this stage has no name: add AS stage-1 to its FROM (line 2)"),
    "the number of a stage": ("2", "use --target foo (line 3)"),
    "the number of no stage": ("7", "--target is one of: bar, foo"),
}


@pytest.mark.parametrize(("target", "text"), TARGETS.values(), ids=TARGETS)
def test_an_unknown_target_comes_with_those_that_there_are(target: str, text: str) -> None:
    assert help_of("FROM a AS bar\nFROM b\nFROM bar AS foo\n", target=target) == [text]


def test_a_named_context_is_suggested_where_an_image_is_not_found() -> None:
    bridge = FakeBridge("FROM deps\n", images={"deps": {"error": "denied"}})
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request(**{"context:dep": "docker-image://b"}))
    assert caught.value.helped == "deps: denied: did you mean the build context dep?"


def test_a_file_whose_stages_have_no_names_is_told_how_to_name_one() -> None:
    text = "no stage of this file has a name: add one, as in FROM image AS prod"
    assert help_of("FROM a\nFROM b\n", target="prod") == [text]


SAID = "failed to resolve source metadata for docker.io/library/{}:latest"
NOISE = "failed to do request: no such host"
MISSING = {
    "a context that is nearly called so": ("FROM deps\n", "did you mean the build context dep?"),
    "a stage that is nearly called so": (
        "FROM a AS build\nFROM a\nCOPY --from=biuld b c\n",
        "did you mean the stage build?",
    ),
    "a stage without a name": (
        "FROM a\nFROM a\nCOPY --from=stage-0 b c\n",
        "a stage without a name has a number: --from=0",
    ),
    "a stage that is called otherwise": (
        "FROM a AS build\nFROM a\nCOPY --from=compile b c\n",
        "no stage is called compile, so it is taken for an image; the stages are: build",
    ),
}


@pytest.mark.parametrize(("dockerfile", "text"), MISSING.values(), ids=MISSING)
def test_what_was_meant_by_an_image_stands_before_what_the_registry_said(dockerfile: str, text: str) -> None:
    name = re.findall(r"(?:FROM|from=)\s*(\S+)", dockerfile)[-1]
    images = {"a": {}, name: {"error": f"{SAID.format(name)}: {NOISE}"}}
    bridge = FakeBridge(dockerfile, images=images)
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request(**{"context:dep": "docker-image://b"}))
    error = caught.value
    assert error.message.startswith(f"{name}: {SAID.format(name)}: {NOISE}")
    assert error.helped.startswith(f"{name}: {SAID.format(name)}: {text} ({NOISE}")
    assert to_status(error).message == error.helped


#: What daemons say of an image, and the help.
ANSWERS = {
    "no match for platform in manifest: not found": (
        "there is no b/c:1 for linux/arm64; docker buildx imagetools inspect b/c:1 lists its platforms"
    ),
    "pull access denied, repository does not exist or may require authorization": (
        "b/c:1 does not exist, or is private: check the name, or log in with docker login"
    ),
    "not found": "check the name and the tag: the registry has no b/c:1",
    "dial tcp: lookup registry.example on 10.0.0.2:53: no such host": (
        "the builder cannot reach the registry of b/c:1: check the name, the network and its proxy"
    ),
    "tls: failed to verify certificate": (
        "the builder does not trust the registry of b/c:1: add its certificate, or configure it as insecure"
    ),
    "something else": "",
}


@pytest.mark.parametrize(("answer", "text"), ANSWERS.items(), ids=ANSWERS)
def test_what_a_registry_answers_comes_with_what_to_do_about_it(answer: str, text: str) -> None:
    said = "failed to resolve source metadata for docker.io/b/c:1"
    bridge = FakeBridge("FROM b/c:1\n", images={"b/c:1": {"error": f"{said}: {answer}"}})
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request(platform="linux/arm64"))
    assert caught.value.message == f"b/c:1: {said}: {answer}"
    assert caught.value.helped == f"b/c:1: {said}: {f'{text} ({answer})' if text else answer}"


def test_a_common_image_is_suggested_before_what_the_registry_said() -> None:
    said = f"{SAID.format('ubunut')}: "
    bridge = FakeBridge("FROM ubunut\n", images={"ubunut": {"error": said + NOISE}})
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request())
    hint = "did you mean ubuntu?"
    assert caught.value.message == f"ubunut: {said}{NOISE} ({hint})"
    assert caught.value.helped == f"ubunut: {said}{hint} ({NOISE} ({hint}))"


def test_a_byte_order_mark_within_a_file_is_named() -> None:
    bridge = FakeBridge("FROM a\n\ufeffRUN b\n")
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request())
    assert caught.value.help == "this line contains a byte order mark, which is invisible: remove it"


def test_an_image_of_a_registry_is_not_taken_for_a_stage() -> None:
    bridge = FakeBridge(
        "FROM a AS build\nFROM a\nCOPY --from=b/c:1 d e\n", images={"a": {}, "b/c:1": {"error": "denied"}}
    )
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request())
    assert caught.value.help == ""


SILENT = {
    "a word that hints at itself": "FROM a\nCOPPY a b\n",
    "a word like no other": "FROM a\nINCLUDE b\nUSER x\n",
    "a misspelt FROM is the only mistake": "FORM a\nUSER x\n",
    "the same in small letters": "form a\nuser x\n",
    "a target that is not allowed": "FROM a\nRUN --mount=type=cache,target=/ b\n",
    "a mode with too many digits": "FROM a\nCOPY --chmod=99999 b c\n",
    "a build that is right": "FROM scratch\nUSER a\n",
}


@pytest.mark.parametrize("dockerfile", SILENT.values(), ids=SILENT)
def test_nothing_is_added_to_an_error_that_says_it_all(dockerfile: str) -> None:
    assert help_of(dockerfile) == []
