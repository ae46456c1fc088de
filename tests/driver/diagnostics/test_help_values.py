"""Help for values, mounts, flags and names that an instruction cannot use: the text, and the line shown."""

from __future__ import annotations

import pytest

from fakes import FakeBridge, help_of
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError

PLATFORMS = "a platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7"
CHECKSUM = "a checksum is sha256: and 64 hexadecimal digits, as sha256sum FILE prints them"
#: Dockerfile to the help in its error, and the first line that is shown with it.
ROWS = {
    "FROM a\nARG FOO = 1\n": "remove the spaces around =: FOO=1 (line 2)",
    "FROM a\nENV FOO\n": "write ENV FOO=VALUE (line 2)",
    "FROM a\nLABEL a=$(b c)\n": "LABEL does not run commands: pass the output with --build-arg (line 2)",
    "FROM a\nLABEL a\n": "write LABEL a=VALUE (line 2)",
    "FROM a\nARG =1\n": "write a name before the = (line 2)",
    "FROM a\nENV A=${B\n": "close the brace: ${B} (line 2)",
    "FROM a\nENV A=${B:x}\n": (
        "for a default value, write ${NAME:-default}; the modifiers are :-, -, :+, +, :?, ?, #,"
        " ##, %, %%, / and // (line 2)"
    ),
    "FROM a\nENV A=${C:?must}\n": "give C a value: ARG C, and --build-arg C=VALUE (line 2)",
    'FROM a\nLABEL a="b\n': 'close the ", or write \\" for the character itself (line 2)',
    "FROM a\nCOPY 'a b' c\n": (
        'write paths that contain spaces as a JSON array: COPY ["a path", "/to/"] (line 2)'
    ),
    "FROM a\nSHELL [\"bash\", '-c']\n": 'write a JSON array: SHELL ["bash", "-c"] (line 2)',
    "FROM a\nEXPOSE 80,443\n": "separate ports with spaces: EXPOSE 80 443 (line 2)",
    "FROM a\nEXPOSE [80, 443]\n": "separate ports with spaces: EXPOSE 80 443 (line 2)",
    "FROM a\nEXPOSE http\n": (
        "a port is a number, or a range such as 8000-8010, with /tcp or /udp after it if needed (line 2)"
    ),
    "FROM a\nEXPOSE 70000\n": "ports go up to 65535, and a range begins with the lower one (line 2)",
    "FROM a\nEXPOSE 80/tpc\n": "write 80/tcp (line 2)",
    "FROM a\nEXPOSE 80/xyzzy\n": "the protocols are tcp, udp and sctp (line 2)",
    "FROM a\nHEALTHCHECK\n": "write HEALTHCHECK CMD COMMAND, or HEALTHCHECK NONE (line 2)",
    "FROM a\nHEALTHCHECK curl localhost\n": "write HEALTHCHECK CMD curl localhost (line 2)",
    "FROM a\nHEALTHCHECK CMD\n": "write the command, or HEALTHCHECK NONE (line 2)",
    "FROM a\nHEALTHCHECK --interval=5 s CMD a\n": "remove the space: --interval=5s (line 2)",
    "FROM a\nHEALTHCHECK --retries=x CMD a\n": "--retries takes a whole number, such as --retries=3 (line 2)",
    "FROM a\nHEALTHCHECK --interval=x CMD a\n": "a duration is a number with a unit: ms, s, m or h (line 2)",
    "FROM a\nRUN --mount=type=secret,id= x\n": (
        "name the secret: add id=NAME, and pass --secret id=NAME,src=FILE (line 2)"
    ),
    "FROM a\nRUN --mount=type=xyzzy,target=/x x\n": (
        "type is one of: bind, cache, tmpfs, secret, ssh (line 2)"
    ),
    "FROM a\nRUN --mount=type=volume,target=/x x\n": "did you mean type=cache? (line 2)",
    "FROM a\nRUN --mount=type=cache,xyzzy=1,target=/x x\n": (
        "the keys of a cache mount are: type, from, gid, id, mode, readonly, sharing, source,"
        " target, uid (line 2)"
    ),
    "FROM a\nRUN --mount=type=cache,path=/x x\n": "did you mean target? (line 2)",
    "FROM a\nRUN --mount=type=cache,size=1,target=/x x\n": (
        "the keys of a cache mount are: type, from, gid, id, mode, readonly, sharing, source,"
        " target, uid (line 2)"
    ),
    "FROM a\nRUN --mount=type=secret,id=a,source=b x\n": (
        "source is another name for id: remove one of them (line 2)"
    ),
    "FROM a\nRUN --mount=secret,id=x x\n": "write type=secret (line 2)",
    "FROM a\nRUN --mount=type=cache,tagret x\n": "write target=VALUE (line 2)",
    "FROM a\nRUN --mount=type=secret,id=x,required=yes x\n": "write required, or required=false (line 2)",
    "FROM a\nRUN --mount=type=secret,id=x,mode=0999 x\n": (
        "a mode is an octal number, such as mode=0755 (line 2)"
    ),
    "FROM a\nRUN --mount=type=secret,id=x,uid=root x\n": "uid takes a number, not a name (line 2)",
    "FROM a\nRUN --mount=type=tmpfs,target=/x,size=1Q x\n": (
        "a size is a number of bytes, or a number with a unit, such as size=64m (line 2)"
    ),
    "FROM a\nRUN --mount=type=cache,target=/x,sharing=xyzzy x\n": (
        "sharing is one of: shared, private, locked (line 2)"
    ),
    "FROM a\nCOPY --if-exist a b\n": "write --if-exists (line 2)",
    "FROM a\nRUN --no-cahce x\n": "write --no-cache (line 2)",
    "FROM a\nRUN --secret=id=x x\n": "use --mount=type=secret,id=NAME (line 2)",
    "FROM a\nRUN --privileged x\n": "use --security=insecure (line 2)",
    "FROM a\nADD --from=x a b\n": "--from is a flag of COPY, not of ADD (line 2)",
    "FROM a\nCOPY --checksum=sha256:1 a b\n": "--checksum is a flag of ADD, not of COPY (line 2)",
    "FROM a\nCOPY --from=a --from=b a b\n": "keep one --from (line 2)",
    "FROM a\nRUN --no-cache --no-cache b\n": "keep one --no-cache (line 2)",
    "FROM a\nRUN --if=TARGETOS --if=TARGETARCH b\n": "keep one --if (line 2)",
    "FROM a\nCOPY --if-exists --if-exists a b\n": "keep one --if-exists (line 2)",
    "FROM a\nENV --file=a --file=b\n": "keep one --file (line 2)",
    "FROM a\nLABEL --file=a --if=TARGETOS --file=b\n": "keep one --file (line 2)",
    "FROM a\nUSER --x y\n": "USER has no flags (line 2)",
    "FROM a\nCOPY a\n": "add the destination: COPY a . (line 2)",
    "FROM a\nCOPY\n": "write COPY SOURCE DESTINATION (line 2)",
    "FROM a\nCOPY <<EOF\nx\nEOF\n": "add the destination: COPY <<EOF /path (line 2)",
    "FROM a\nCOPY a <<EOF\nx\nEOF\n": "the heredoc is the source: COPY <<EOF /path (line 2)",
    "FROM a\nCOPY https://example.com/x /y\n": "use ADD for URLs and git repositories (line 2)",
    "FROM a\nADD\n": "write ADD SOURCE DESTINATION (line 2)",
    "FROM a\nSTOPSIGNAL SIGTRM\n": "did you mean SIGTERM? (line 2)",
    "FROM a\nSTOPSIGNAL xyzzy\n": "use a name such as SIGTERM, or a number (line 2)",
    "FROM a\nCMD <<EOF\nx\nEOF\n": (
        "CMD does not take a heredoc: copy the text to a file with COPY <<EOF /path (line 2)"
    ),
    "FROM a\nENV A=1 \\\n  B=2 \\\nRUN y\n": (
        "RUN is part of the line above: remove the continuation character at its end (line 4)"
    ),
    "FROM a\nexport A=1\n": "write ENV A=1 (line 2)",
    "FROM a\ncd /x\n": "write WORKDIR /x (line 2)",
    "FROM a\napt-get update\n": "write RUN apt-get update (line 2)",
    "FROM a\nCOMMAND x\n": "write CMD x (line 2)",
    "FROM a\nRUN\u00a0x\n": (
        "this line contains a no-break space, or another special one: replace it with a plain space (line 2)"
    ),
    "FROM a\nINCLUD ./x\n": "did you mean INCLUDE? (line 2)",
    "FROM a\nRUN <<EOF\nx\neof\n": (
        "the heredoc ends at a line that contains only EOF (is eof on this line a typo?) (line 4)"
    ),
    "FROM a\nONBUILD\n": "write ONBUILD and an instruction, as in ONBUILD RUN COMMAND (line 2)",
    "FROM a\nONBUILD FROM b\n": (
        "a trigger runs in the stage that starts from this image: write FROM without ONBUILD (line 2)"
    ),
    "FROM a\nONBUILD ONBUILD RUN b\n": "write ONBUILD once: ONBUILD RUN b (line 2)",
    "FROM a\nWORKDIR\n": "write WORKDIR /PATH (line 2)",
    "FROM a\nUSER\n": "write USER NAME, or USER NAME:GROUP (line 2)",
    "FROM a\nEXPOSE 53:udp\n": "write the protocol after a slash: 53/udp (line 2)",
    "FROM a\nEXPOSE 53/tcp/udp\n": "write a port for each protocol: 53/tcp 53/udp (line 2)",
    'FROM a\nSTOPSIGNAL ["SIGTERM"]\n': "write STOPSIGNAL SIGTERM (line 2)",
    "FROM a\nSHELL /bin/bash\n": 'write a JSON array: SHELL ["/bin/bash", "-c"] (line 2)',
    "FROM a\nSHELL pwsh\n": 'write a JSON array: SHELL ["pwsh", "-Command"] (line 2)',
    "FROM a AS b\nFROM a\nCOPY --from = b c d\n": (
        "write the value after =, without spaces: --from=b (line 3)"
    ),
    "FROM a\nHEALTHCHECK --retry=3 CMD b\n": "write --retries (line 2)",
    "FROM a\nCOPY --owner=b c d\n": "write --chown (line 2)",
    "FROM a : b\n": "remove the spaces around the colon: FROM a:b (line 1)",
    "FROM platform=linux/arm64 a\n": "a flag begins with two dashes: FROM --platform=linux/arm64 a (line 1)",
    "FROM :a\n": "write the name of the image before the colon (line 1)",
    "FROM a\nEXPOSE 80 # web\n": "put the comment on its own line (line 2)",
    f"FROM a\nADD --checksum=sha256:{'0' * 64} b /\n": (
        "remove --checksum, which is for downloads and Git repositories (line 2)"
    ),
    "FROM a;\n": "write FROM a (line 1)",
    "FROM \u201ca\u201d\n": "write FROM a (line 1)",
    "FROM a@sha256:1\n": "a digest is sha256: and 64 hexadecimal digits (line 1)",
    "FROM a\nEXPOSE=80\n": "write EXPOSE 80 (line 2)",
    "FROM=a\n": "write FROM a (line 1)",
    "FROM a\nfoo=80\n": "",
    "FROM a\nRUN b \\ # c\n  && d\n": (
        "nothing may follow the \\ that continues a line: remove # c above (line 3)"
    ),
    "FROM\n": "name an image, or scratch for an empty one: FROM IMAGE (line 1)",
    "FROM a as\n": "add the name of the stage: FROM a AS NAME (line 1)",
    "FROM a b\n": "to name the stage, write FROM a AS b (line 1)",
    "FROM a SA b\n": "to name the stage, write FROM a AS b (line 1)",
    "FROM a AS b c\n": "the name of a stage is one word: FROM a AS b-c (line 1)",
    "FROM a b c d\n": "write FROM IMAGE, or FROM IMAGE AS NAME (line 1)",
    "FROM a # b\n": "put the comment on its own line (line 1)",
    "FROM a --platform=linux/amd64\n": "flags go before the image: FROM --platform=linux/amd64 a (line 1)",
    "FROM a AS 1x\n": "write AS stage-1x (line 1)",
    "FROM a AS b/c\n": "write AS b-c (line 1)",
    "FROM a:\n": "write the tag after the colon, or remove the colon (line 1)",
    "FROM a:1:2\n": "an image has one tag: IMAGE:TAG (line 1)",
    "FROM a@sha256:abc\n": "a digest is sha256: and 64 hexadecimal digits (line 1)",
    "FROM --platform=x64 a\n": "did you mean linux/amd64? (line 1)",
    "FROM --platform=xyzzy a\n": f"{PLATFORMS} (line 1)",
    "FROM a AS b\nCOPY --from=b c d\n": "a stage cannot take files from itself: name another stage (line 2)",
    "FROM a AS b\nCOPY --from=c d e\nFROM a AS c\nCOPY --from=b d e\n": (
        "each of these lines depends on the stage of the next: remove one of them (line 2)"
    ),
    "# check=skip\nFROM a\n": "write skip=RuleName,OtherRule (line 1)",
    "# check=error=ja\nFROM a\n": "write error=true or error=false (line 1)",
    "# check=skpi=x\nFROM a\n": "did you mean skip? (line 1)",
    "# check=warn=x\nFROM a\n": (
        "the options of check are written as in check=skip=RuleName,OtherRule;error=true (line 1)"
    ),
    "FROM a\nADD --checksum=sha256:abc http://a/b /\n": (f"{CHECKSUM}; these are 3 (line 2)"),
    f"FROM a\nADD --checksum={'0' * 64} http://a/b /\n": f"write --checksum=sha256:{'0' * 64} (line 2)",
    f"FROM a\nADD --checksum=sha256:{'A' * 64} http://a/b /\n": (
        f"write it in lower case: --checksum=sha256:{'a' * 64} (line 2)"
    ),
    f"FROM a\nADD --checksum=md5:{'0' * 32} http://a/b /\n": f"{CHECKSUM} (line 2)",
    "# escape=/\nFROM a\n": "write # escape=`, or remove the line (line 1)",
}


@pytest.mark.parametrize(("dockerfile", "text"), ROWS.items(), ids=ROWS)
def test_the_help_is_the_text_to_write_at_the_line_to_change(dockerfile: str, text: str) -> None:
    assert help_of(dockerfile) == ([text] if text else [])


FOLLOWING = {
    "lines up to the end of a heredoc that is none": "FROM a\nCMD <<EOF\nx\ny\nEOF\nUSER b\n",
    "lines up to the end of one with a space": "FROM a\nRUN cat <<- EOF > /h\nhello\nEOF\n",
    "lines up to the end of a quote": 'FROM a\nRUN echo "b\nc\nd"\n',
}


@pytest.mark.parametrize("dockerfile", FOLLOWING.values(), ids=FOLLOWING)
def test_errors_that_only_follow_from_the_first_are_left_out(dockerfile: str) -> None:
    bridge = FakeBridge(dockerfile)
    with pytest.raises(DockerfileError):
        serve(bridge, bridge.request())
    assert bridge.warnings == []
    report = serve(bridge, bridge.request(requestid="frontend.lint")).metadata["result.txt"]
    assert b"ERROR" not in report


def test_an_error_below_those_that_follow_is_shown() -> None:
    bridge = FakeBridge("FROM a\nCMD <<EOF\nx\nEOF\nRNU b\n")
    with pytest.raises(DockerfileError):
        serve(bridge, bridge.request())
    assert [call["call"]["short"] for call in bridge.warnings] == [
        "SyntaxError: unknown instruction: RNU (did you mean RUN?) (line 5)"
    ]
