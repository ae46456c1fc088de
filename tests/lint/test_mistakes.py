"""What looks like a mistake, and what only resembles one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.driver.subrequests.lint import check
from pyfrontend.lint.formats import text as text_format
from pyfrontend.lint.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = {name for name, rule in all_rules().items() if rule.advisory}
BASE: Mapping[str, object] = {"a": {"config": {"config": {"Env": ["PATH=/bin", "KNOWN=1"]}}}}


def found(dockerfile: str, **given: Any) -> list[str]:
    """Return the findings of our own rules in a build."""
    bridge = FakeBridge(dockerfile, images=BASE, **given)
    serve(bridge, bridge.request())
    texts = [call["call"]["short"] for call in bridge.warnings]
    return [text for text in texts if text.partition(":")[0] in OURS]


ARRAYS = {
    "RUN ['a', 'b']": "strings need double quotes",
    'RUN ["a", "b",]': "there is a comma before the ]",
    'CMD ["a" "b"]': "a comma is missing between two words",
    'CMD ["a", "b"': "the ] is missing",
    'ENTRYPOINT ["a"] # b': "nothing may follow the ]",
    "CMD [\u201ca\u201d]": 'curly quotes are not quotes here: use "',
    'CMD ["C:\\Program"]': "a backslash must be doubled",
    "HEALTHCHECK CMD ['a']": "strings need double quotes",
    "VOLUME [/a, /b]": "strings need double quotes",
    "COPY ['a', '/b']": "strings need double quotes",
}


@pytest.mark.parametrize(("code", "reason"), ARRAYS.items(), ids=ARRAYS)
def test_a_broken_array_is_reported_with_what_is_wrong(code: str, reason: str) -> None:
    (text,) = found(f"FROM a\n{code}\n")
    assert text.startswith(f"BrokenJsonArray: this is not valid JSON ({reason}), so ")
    assert text.endswith(" (line 2)")


SILENT = {
    "a test of a shell": 'RUN [ -f a ] && [ "$KNOWN" = "b" ]',
    "a test of two texts": 'RUN [ "a" = "b" ] || true',
    "a test of bash": 'RUN [[ "$KNOWN" == 1 ]]',
    "a pattern": "RUN [a-z]* b",
    "an array": 'CMD ["a", "b"]',
    "files into the working directory": "WORKDIR /b\nCOPY a.txt b.txt /b",
    "files into a directory made above": "RUN mkdir /b\nCOPY a.txt b.txt /b",
    "files into a directory of each image": "COPY a.txt b.txt /etc",
    "files with a slash": "COPY a.txt b.txt /b/",
    "files to a dot": "COPY a.txt b.txt .",
    "directories": "COPY a b /c",
    "a shell in exec form": 'ENV P=1\nCMD ["sh", "-c", "a $P"]',
    "a field of awk": 'CMD ["awk", "{print $1}"]',
    "a variable that the stage does not have": 'CMD ["a", "$OTHER"]',
    "a variable of the base image": "RUN echo $KNOWN",
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_only_resembles_a_mistake_is_silent(code: str) -> None:
    assert found(f"ARG KNOWN=2\nFROM a\n{code}\n") == []


SCOPES = {
    "LABEL v=$V": True,
    "RUN echo $V": True,
    "RUN echo ${V}": True,
    "RUN V=1; echo $V": False,
    "RUN for V in a b; do echo $V; done": False,
    "RUN echo ${V:-1}": False,
    "RUN echo \\$V": False,
    "RUN echo $VV": False,
    "ARG V\nRUN echo $V": False,
    "ENV V=2\nRUN echo $V": False,
}


@pytest.mark.parametrize(("code", "reported"), SCOPES.items(), ids=SCOPES)
def test_an_argument_above_the_first_from_is_reported_where_a_stage_uses_it(
    code: str, *, reported: bool
) -> None:
    text = "V is empty here: ARG V is above the first FROM (line 1); repeat it in this stage"
    assert found(f"ARG V=1\nFROM a\n{code}\n") == [f"ArgOutOfScope: {text} (line 3)"] * reported


def test_a_name_that_a_pattern_would_take_for_its_own_signs_is_only_a_name() -> None:
    assert found("ARG V(=1\nFROM a\nRUN echo $V( $W\n") == []


OTHER = "is in another stage (line 2); repeat it in this one (line 4)"
OUT_OF_SIGHT = {
    "FROM a\nRUN echo $W\nARG W=1\n": "ARG W comes later (line 3); move it above this line (line 2)",
    "FROM a AS b\nARG W\nFROM a\nRUN echo $W\n": f"ARG W {OTHER}",
    "FROM a AS b\nENV W=1\nFROM a\nLABEL v=$W\n": f"ENV W {OTHER}",
    # The stage sees these, or sets them itself.
    "FROM a AS b\nARG W=1\nFROM b\nLABEL v=$W\n": "",
    "FROM a AS b\nENV W=1\nFROM b\nLABEL v=$W\n": "",
    "FROM a\nENV W=1:$W\nENV W=2:$W\n": "",
    "FROM a AS b\nENV W=1\nFROM a\nRUN . /env && echo $W\n": "",
    "FROM a AS b\nARG W\nFROM a\nRUN W=1; echo $W\n": "",
    "FROM a AS b\nARG W\nFROM a\nARG W\nRUN echo $W\n": "",
}


@pytest.mark.parametrize(("dockerfile", "text"), OUT_OF_SIGHT.items(), ids=OUT_OF_SIGHT)
def test_a_variable_that_is_declared_elsewhere_is_reported_with_its_line(dockerfile: str, text: str) -> None:
    assert found(dockerfile) == ([f"ArgOutOfScope: W is empty here: {text}"] if text else [])


def test_a_variable_is_reported_once_for_an_instruction() -> None:
    assert len(found("ARG V\nFROM a\nLABEL a=$V b=$V c=$V\n")) == 1


NO_JSON = "BrokenJsonArray: this is not valid JSON"
AS_TEXT = "so a shell runs it as is"
LITERAL = "ExecFormVariable: $KNOWN is not expanded in exec form: use a shell, as in"
OVERWRITES = "CopyToOneFile: unless c is a directory already, each source overwrites the one before"
OWNED = "IncompleteOwner: --chown={} gives the files to the {} root: write {}"
ALONE = 'SpacesAroundEquals: the value of A is "{}": remove the spaces around =, as in {} A=b'
RUNS_NONE = "CommandInValue: {} does not run commands, so {} is kept as is: pass the value with --build-arg"
MISTAKES = {
    'CMD "a", "b"': f"{NO_JSON} (an array needs [ ]), {AS_TEXT}",
    'ENTRYPOINT {"a", "b"}': f"{NO_JSON} (an array needs [ ]), {AS_TEXT}",
    "ONBUILD CMD ['a']": f"{NO_JSON} (strings need double quotes), {AS_TEXT}",
    'USER ["app"]': "BrokenJsonArray: USER does not take a JSON array: write USER app",
    'WORKDIR ["/app"]': "BrokenJsonArray: WORKDIR does not take a JSON array: write WORKDIR /app",
    'ONBUILD CMD ["a"]': "",
    'CMD "a b"': "",
    "CMD {1,2}": "",
    "RUN -mount=type=cache,target=/x y": "MisplacedFlag: -mount is not a flag here: write --mount",
    "RUN \u2014mount=type=cache,target=/x y": "MisplacedFlag: \u2014mount is not a flag here: write --mount",
    "RUN -x y": "",
    "COPY -from=b x y": "MisplacedFlag: -from is not a flag here: write --from",
    "RUN cd /x": "NoLastingEffect: the next instruction starts in the old directory again: write WORKDIR /x",
    "RUN export A=b": "NoLastingEffect: the variable is gone after this instruction: write ENV A=b",
    "RUN cd /x && make": "",
    "RUN cd .": "",
    "RUN cd $D": "",
    "RUN export A=$(date)": "",
    "CMD cd /x": "",
    "ENV A = b": ALONE.format("= b", "ENV"),
    "LABEL A =b": ALONE.format("=b", "LABEL"),
    "ENV A b": "",
    "COPY --chown=5: b /c": OWNED.format("5:", "group", "5:GROUP, or 5 alone"),
    "COPY --chown=:5 b /c": OWNED.format(":5", "user", "USER:5"),
    "COPY --chown=5 b /c": "",
    "COPY a.txt b.txt c\nRUN cat /c": f"{OVERWRITES}: write c/ for a directory",
    "COPY a.txt b.txt /c\nRUN cd /c && ls": "",
    "COPY a.txt b.txt /c\nRUN cat /c/a.txt": "",
    "COPY *.jar app.jar": "",
    'CMD ["$KNOWN/b"]': f'{LITERAL} CMD ["sh", "-c", "exec b ..."]',
    'CMD ["g", "-c", "d", "$KNOWN"]': f'{LITERAL} CMD ["sh", "-c", "exec g ..."]',
    'HEALTHCHECK CMD ["g", "$KNOWN"]': f'{LITERAL} HEALTHCHECK CMD ["sh", "-c", "exec g ..."]',
    'RUN ["g", "$KNOWN"]': f'{LITERAL} RUN ["sh", "-c", "exec g ..."]',
    'CMD ["tini", "--", "sh", "-c", "$KNOWN"]': "",
    "ENV A=`date`": RUNS_NONE.format("ENV", "`date`"),
    "LABEL a=x b=$(date)": RUNS_NONE.format("LABEL", "$(date)"),
    "ARG A=$(date)": RUNS_NONE.format("ARG", "$(date)"),
    'ENV A="$(date)"': RUNS_NONE.format("ENV", "$(date)"),
    "ENV A='$(date)' B=\\$(date)": "",
    'ENV PS1="$(whoami)@host"': "",
    'LABEL a="for `docker run`"': "",
    "RUN echo $(date)": "",
    "ENV A=b; C=d": "StrayPunctuation: the ; is part of b;: ENV separates words with spaces only",
    "VOLUME /a, /b": "StrayPunctuation: the , is part of /a,: VOLUME separates words with spaces only",
    "LABEL author: me": "StrayPunctuation: the name author: includes the colon: write LABEL author=me",
    'ENV A="b, c"': "",
    'VOLUME ["/a", "/b"]': "",
    "COPY ~/a /b": (
        "TildeInPath: ~ is not expanded in ~/a: write the path of the home directory, such as /root"
    ),
    "COPY a~ /b": "",
    "RUN ls ~/a": "",
    "ENTRYPOINT a &": (
        "BackgroundCommand: the shell exits at once, and the container with it: remove the & at the end"
    ),
    "CMD a && b": "",
    "CMD a & wait": "",
    'ENTRYPOINT ["/run.sh --x"]': (
        'ExecFormOneWord: there is no program called "/run.sh --x": write ENTRYPOINT ["/run.sh", "--x"]'
    ),
    'ENTRYPOINT ["/my program"]': "",
    'CMD ["Hello world"]': "",
    'CMD ["npm", "run it"]': "",
    "COPY <<E /b\na\n$KNOWN\nE": "",
    "COPY <<'E' /b\na\n$V\nE": "",
    "ARG V\nCOPY <<E /b\na\n$V\nE": "",
    "COPY <<E /b\na\n${V:-b}\nE": "",
    'CMD ["su", "b", "-c", "$KNOWN"]': "",
    'ENTRYPOINT ["$HOME/b"]': (
        "ExecFormVariable: $HOME is not expanded in exec form: use a shell, as in"
        ' ENTRYPOINT ["sh", "-c", "exec b ..."]'
    ),
    'ENTRYPOINT ["b", "$HOME"]': "",
    "COPY b /c --chown=5": "MisplacedFlag: --chown=5 is a path here: flags must come before the paths",
    "COPY b --x /c": "",
    "HEALTHCHECK CMD b --interval=5s": (
        "MisplacedFlag: --interval=5s is part of the command: flags must come before CMD"
    ),
    "HEALTHCHECK --interval=5s CMD b --timeout=3": "",
    "ARG A=1 # one": "StrayPunctuation: # does not begin a comment here: put the comment on its own line",
    "ARG A=# B": "",
    'VOLUME [ "/a" "/b" ]': (
        f"{NO_JSON} (a comma is missing between two words), so its words are the names of the volumes"
    ),
    "USER 5:": "IncompleteOwner: the group of 5: is empty: write USER 5:GROUP, or USER 5",
    "USER :5": "IncompleteOwner: the user of :5 is empty, which is root: write USER USER:5",
    "USER 5 6": "IncompleteOwner: USER takes one word and no space: write USER 5:6",
    "USER b # as usual": "IncompleteOwner: USER takes one word and no space: write USER b",
    'USER "NT AUTHORITY\\SYSTEM"': "",
    "USER 5:6": "",
    "EXPOSE $PORT 80": (
        "ExposeNothing: $PORT is empty, so no port is exposed: give it a value, as in ARG PORT=8080"
    ),
    "EXPOSE ${PORT:-80}": "",
    "ARG PORT=80\nEXPOSE $PORT": "",
    "COPY {b,c} /d": (
        "BracesInPath: the braces in {b,c} are not expanded, since there is no shell: write out each path"
    ),
    "COPY ${KNOWN:-b,c} /d": "",
    "COPY {b} /d": "",
    'COPY ["{b,c}", "/d"]': "",
    'RUN ["b", "&&", "c"]': (
        "ExecFormOperator: && is just an argument of b here: use a shell, as in"
        ' RUN ["sh", "-c", "... && ..."]'
    ),
    'RUN ["bash", "-c", "b", "&&"]': "",
    'CMD ["find", "b", "-exec", "c", ";"]': "",
    'RUN ["b c"]': 'ExecFormOneWord: there is no program called "b c": write RUN ["b", "c"]',
    'RUN ["/my program"]': "",
    'CMD "npm start"': 'ExecFormOneWord: there is no program called "npm start": write CMD ["npm", "start"]',
    'CMD "/my program/b" c': "",
    "VOLUME b/c": "VolumePath: b/c is a relative path, and no container starts with it: write VOLUME /b/c",
    "VOLUME ./b": "VolumePath: ./b is a relative path, and no container starts with it: write VOLUME /b",
    "VOLUME /b:/c": (
        "VolumePath: VOLUME cannot name a directory of the host: write VOLUME /c, and mount the directory"
        " with docker run -v /b:/c"
    ),
    'VOLUME ["b"]': "VolumePath: b is a relative path, and no container starts with it: write VOLUME /b",
    'VOLUME "C:/b" c:\\d $KNOWN /e': "",
    'SHELL ["/bin/bash"]': (
        "IncompleteShell: /bin/bash takes the text of a RUN as the name of a script:"
        ' write SHELL ["/bin/bash", "-c"]'
    ),
    'SHELL ["/run-it"]': "",
    'SHELL ["bash", "-c"]': "",
}


@pytest.mark.parametrize(("code", "text"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_reported_at_its_line_and_its_neighbor_is_not(code: str, text: str) -> None:
    assert found(f"FROM a\n{code}\n") == ([f"{text} (line 2)"] if text else [])


GUARDS = {
    "LABEL b=${V:-c}": True,
    "LABEL b=${V+c}": True,
    "LABEL b=${V#c}": False,
    "LABEL b=$V": False,
}


@pytest.mark.parametrize(("code", "guarded"), GUARDS.items(), ids=GUARDS)
def test_a_check_explains_why_a_variable_with_a_default_is_reported(code: str, *, guarded: bool) -> None:
    help_ = "the default applies; ARG V above declares it, if a build may set it"
    bridge = FakeBridge(f"FROM scratch\n{code}\n")
    report = check(open_session(bridge, bridge.request(requestid="frontend.lint")))
    (undefined,) = (one for one in report.diagnostics if one.code == "UndefinedVar")
    assert undefined.message == "Usage of undefined variable '$V'"
    assert undefined.help == (help_ if guarded else "")
    assert (f"'$V'\n{help_}\n" in text_format.render([report])) == guarded
    # The answer to a client has the words of the reference.
    shown = serve(bridge, bridge.request(requestid="frontend.lint")).metadata["result.txt"]
    assert help_.encode() not in shown


def test_a_variable_that_a_heredoc_loses_is_shown_at_its_own_line() -> None:
    text = "quote the heredoc's name, as in <<'EOF', to keep it"
    assert found("FROM a\nCOPY <<E /b\nx\necho $HOST\nE\n") == [
        f"HeredocVariable: $HOST expands to nothing here: {text} (line 4)"
    ]


def test_a_backtick_may_be_the_escape() -> None:
    assert found("# escape=`\nFROM a\nENV A=b`c` D=e\n") == []


SWALLOWED = {
    "RUN a && \\\nRUN b\n": "RUN is part of the RUN above: remove the \\ at the end of line 2 (line 3)",
    "RUN a \\\n  b \\\nCOPY c d\n": (
        "COPY is part of the RUN above: remove the \\ at the end of line 3 (line 4)"
    ),
    "RUN echo \\\n  RUN b\n": "",
    "RUN echo RUN b\n": "",
    "RUN <<EOF\necho \\\nRUN b\nEOF\n": "",
}


@pytest.mark.parametrize(("code", "text"), SWALLOWED.items(), ids=SWALLOWED)
def test_an_instruction_that_continues_another_is_reported(code: str, text: str) -> None:
    assert found(f"FROM a\n{code}") == ([f"SwallowedInstruction: {text}"] if text else [])


TOP = "move it to the top of the file, above other comments and empty lines"
DIRECTIVES = {
    "#syntax a/b:1": "this is a comment, not a directive: write # syntax=a/b:1",
    "# syntax: a/b:1": "this is a comment, not a directive: write # syntax=a/b:1",
    "# check skip=all": "this is a comment, not a directive: write # check=skip=all",
    "# syntax of this file": "",
    "# escape: see below": "",
    "# check=skip=JSONArgsRecommended, UndefinedVar": (
        "the options end at the first space, so 'UndefinedVar' has no effect: remove the space"
    ),
    "# check=skip=JSONArgsRecommended error=true": (
        "the options end at the first space, so 'error=true' has no effect: remove the space"
    ),
    "# check=skip=all since it is generated": "",
    "# one\n# check=skip=JSONArgsRecommended": (
        f"this check directive applies to the next instruction only: {TOP}"
    ),
    "# one\n# check=skip=FromAsCasing": "",
    "\n# syntax=a/b": f"this syntax directive has no effect: {TOP}",
}


@pytest.mark.parametrize(("head", "text"), DIRECTIVES.items(), ids=DIRECTIVES)
def test_a_directive_without_effect_is_reported_with_the_right_one(head: str, text: str) -> None:
    line = head.count("\n") + 1
    assert found(f"{head}\nFROM a\n") == ([f"IgnoredDirective: {text} (line {line})"] if text else [])


def test_an_option_after_a_comma_is_no_rule() -> None:
    text = "UnknownRule: options are separated by ;, not by a comma: write ;error=true (line 1)"
    assert found("# check=skip=UndefinedVar,error=true\nFROM a\n") == [text]


HIDDEN = {
    "*\n!keep\n": True,
    "*\n!b.env.d/x\n": True,
    "*\n!b.env\n": False,
    "*\n!b.env/x\n": False,
    "*\n!**/*.env\n": False,
    "c\n!d\n": False,
}


@pytest.mark.parametrize(("ignore", "reported"), HIDDEN.items(), ids=HIDDEN)
def test_a_file_is_reported_where_no_exception_can_bring_it_back(ignore: str, *, reported: bool) -> None:
    texts = found("FROM a\nCOPY b.env /\n", dockerignore=ignore)
    assert [text.partition(":")[0] for text in texts] == ["CopyHiddenFile"] * reported


def test_a_windows_directory_is_one_too() -> None:
    assert found("# escape=`\nFROM a\nCOPY a.txt b.txt c\\\n") == []


def test_findings_of_ours_leave_the_exit_code_of_a_check_alone() -> None:
    bridge = FakeBridge("FROM scratch\nVOLUME [/a]\n")
    result = serve(bridge, bridge.request(requestid="frontend.lint"))
    assert b"BrokenJsonArray" in result.metadata["result.txt"]
    assert result.metadata["result.statuscode"] == b"0"
