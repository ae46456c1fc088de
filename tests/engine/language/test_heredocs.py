"""Heredocs of RUN, COPY and ADD, in all their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.built import Built, Fact, build_image
from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

#: Tabs are written as <TAB>, so that no editor takes them away.
DOCKERFILE = """
FROM busybox
ENV NAME=world
WORKDIR /w
RUN <<EOF
mkdir /run-shell
echo "hello $NAME" >/run-shell/expanded
echo 'hello $NAME' >/run-shell/quoted
EOF
RUN <<'EOF'
echo "hello $NAME" >/run-shell/delimiter
EOF
RUN <<-EOF
<TAB>echo tabs >/run-shell/tabs
<TAB>EOF
RUN <<EOF
#!/bin/awk -f
BEGIN { print "awk", ARGV[0] > "/shebang" }
EOF
RUN <<-EOF
<TAB>#!/bin/sh
<TAB>echo "$0 $NAME" >/shebang-tabs
<TAB>EOF
RUN cat >/command <<EOF
for $NAME and "$NAME"
EOF
RUN cat >/command-quoted <<"EOF"
for $NAME
EOF
RUN cat >/command-tabs <<-EOF
<TAB>no tabs
<TAB>EOF
RUN cat <<ONE >/both && cat <<TWO >>/both
first
ONE
second
TWO
RUN 3<<EOF cat <&3 >/descriptor
through three
EOF
RUN <<EOF sed s/in/out/ >/piped
in
EOF
RUN cat >/in-a-heredoc <<OUTER && true
cat <<INNER
not nested
INNER
OUTER
RUN echo "<<EOF is text here" >/text
SHELL ["/bin/sh", "-xc"]
RUN <<EOF
echo "$-" >/other-shell
EOF
COPY <<file.txt <<second.txt /copied/
name: $NAME and "${NAME}" 'and $NAME'
unset: [$UNSET] [${UNSET:-default}] escaped: \\$NAME
file.txt
more
second.txt
COPY <<"quoted.txt" <<'single.txt' /copied/
name: $NAME \\$NAME
quoted.txt
single: ${NAME
single.txt
COPY <<-tabs.txt /copied/
<TAB>one
<TAB><TAB>two
<TAB>tabs.txt
COPY <<EOF /copied/renamed
renamed
EOF
COPY <<empty.txt local.txt /copied/
empty.txt
COPY --chown=7:8 --chmod=750 <<EOF /copied/owned
owned
EOF
COPY --link <<EOF /linked
linked
EOF
COPY <<EOF relative
relative
EOF
ADD <<EOF /added/file
added for $NAME
EOF
ADD --chmod=u+x,go= <<EOF /added/program
#!/bin/sh
EOF
"""

FACTS = [
    Fact("RUN: the shell expands the body", "/run-shell/expanded", "hello world\n"),
    Fact("RUN: the shell knows quotes in the body", "/run-shell/quoted", "hello $NAME\n"),
    Fact("RUN: a quoted delimiter does not keep the shell from it", "/run-shell/delimiter", "hello world\n"),
    Fact("RUN <<-: leading tabs go", "/run-shell/tabs", "tabs\n"),
    Fact("RUN: the body may name its program", "/shebang", "awk awk\n"),
    Fact("RUN <<-: the body may name its program", "/shebang-tabs", "/dev/pipes/EOF world\n"),
    Fact("RUN with a command: the shell expands", "/command", 'for world and "world"\n'),
    Fact("RUN with a command: a quoted delimiter keeps it from that", "/command-quoted", "for $NAME\n"),
    Fact("RUN with a command: <<- takes tabs away", "/command-tabs", "no tabs\n"),
    Fact("RUN with two heredocs", "/both", "first\nsecond\n"),
    Fact("RUN with a file descriptor", "/descriptor", "through three\n"),
    Fact("RUN with the heredoc in front of the command", "/piped", "out\n"),
    Fact(
        "RUN: a heredoc in a body is text",
        "/in-a-heredoc",
        "cat <<INNER\nnot nested\nINNER\n",
    ),
    Fact("RUN: what is quoted is no heredoc", "/text", "<<EOF is text here\n"),
    Fact(
        "COPY: variables are expanded, quotes stay",
        "/copied/file.txt",
        "name: world and \"world\" 'and world'\nunset: [] [default] escaped: $NAME\n",
        owner="0:0",
        mode=0o644,
    ),
    Fact("COPY: two heredocs", "/copied/second.txt", "more\n"),
    Fact('COPY <<"X": nothing is expanded', "/copied/quoted.txt", "name: $NAME \\$NAME\n"),
    Fact("COPY <<'X': nothing is expanded", "/copied/single.txt", "single: ${NAME\n"),
    Fact("COPY <<-: leading tabs go", "/copied/tabs.txt", "one\ntwo\n"),
    Fact("COPY: the destination names the file", "/copied/renamed", "renamed\n"),
    Fact("COPY: a body may be empty", "/copied/empty.txt", ""),
    Fact("COPY: a file beside a heredoc", "/copied/local.txt", "local"),
    Fact("COPY --chown --chmod", "/copied/owned", "owned\n", owner="7:8", mode=0o750),
    Fact("COPY --link", "/linked", "linked\n"),
    Fact("COPY: relative destination", "/w/relative", "relative\n"),
    Fact("ADD: variables are expanded", "/added/file", "added for world\n"),
    Fact("ADD --chmod", "/added/program", "#!/bin/sh\n", mode=0o700),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Built:
    context = tmp_path_factory.mktemp("context")
    (context / "local.txt").write_text("local")
    return build_image(context, syntax + DOCKERFILE.replace("<TAB>", "\t"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_a_heredoc_builds(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


def test_heredoc_script_runs_in_the_shell_of_the_stage(built: Built) -> None:
    assert "x" in built.text("/other-shell")


def test_heredoc_script_is_not_left_in_the_image(built: Built) -> None:
    assert not built.below("/dev/pipes")


def test_the_history_has_the_script_of_a_heredoc(built: Built) -> None:
    assert "RUN /bin/sh -c cat >/command-tabs <<-EOF\n\tno tabs\nEOF # buildkit" in built.history
    assert "COPY <<file.txt <<second.txt /copied/ # buildkit" in built.history


def test_heredoc_in_the_context_of_an_unset_program_fails_at_its_lines(tmp_path: Path, syntax: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM busybox\nRUN <<EOF\n#!/no/such/program\ntrue\nEOF\n")
    assert built.code != 0
    assert built.marked == [3, 4, 5, 6]
