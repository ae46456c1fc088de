"""The facts that rules can subscribe to: what they mean, and who reports them.

The values of a fact are the parameters of its type; see `pyfrontend.lint.registry` for how a rule subscribes.
"""

from __future__ import annotations

from pyfrontend.lint.registry import Fact
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.instructions import Arg, From, Maintainer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pyfrontend.dockerignore import Matcher
    from pyfrontend.lint.strict.view import StageView, Step
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction, Line
    from pyfrontend.syntax.document import Dockerfile, Stage
    from pyfrontend.syntax.expand import Expanded
    from pyfrontend.syntax.instructions import Add, Copy, Env, Expose, Label, Run, Workdir

    #: Returns `` (did you mean X?)`` for a word and what it may have been.
    Suggest = Callable[[str, Iterable[str]], str]

# What the text shows; `pyfrontend.lint.checks` reports it in this order.

#: A continuation with an empty line in it ends here.
empty_continuation: Fact[[Span]] = Fact("syntax")

#: A line has the keyword of this class, whether its arguments are right or not (see `line_of`).
LINES: dict[type[Instruction] | None, Fact[[Line]]] = {
    cls: Fact("syntax", node=True) for cls in (From, Maintainer)
}

#: A line is an instruction of this class, and its arguments are right (see `instruction_of`).
INSTRUCTIONS: dict[type[Instruction] | None, Fact[[Line]]] = {
    cls: Fact("syntax", node=True) for cls in (From, Arg)
}


def line_of(cls: type[Instruction]) -> Fact[[Line]]:
    """Return the fact that a line has the keyword of ``cls``, whether its arguments are right or not."""
    return LINES.setdefault(cls, Fact(node=True))


def instruction_of(cls: type[Instruction]) -> Fact[[Line]]:
    """Return the fact that a line is an instruction of ``cls`` whose arguments are right."""
    return INSTRUCTIONS.setdefault(cls, Fact(node=True))


#: A stage of a file without errors, and the names of those before it.
stage_read: Fact[[Stage, Collection[str]]] = Fact("syntax")

#: A line looks like a JSON array, and is none.
array_broken: Fact[[Line]] = Fact("mistakes", node=True)

#: A line reads like a flag of its instruction, and is none.
flag_looks_off: Fact[[Line]] = Fact("lines", node=True)

#: A command of RUN may have no effect on anything that is kept.
effect_may_be_lost: Fact[[Line]] = Fact("lines", node=True)

#: A continued line may hold the keyword of an instruction.
keyword_within: Fact[[Line]] = Fact("lines", node=True)

#: A line may be written as in a shell or another language.
habit_of_others: Fact[[Line]] = Fact("habits", node=True)

#: A line has a heredoc with a carriage return in it.
heredoc_has_returns: Fact[[Line]] = Fact("mistakes", node=True)

#: The file may have lines that look like directives, and are none.
directives_in_doubt: Fact[[Dockerfile]] = Fact("mistakes")

#: A file without errors.
file_read: Fact[[Dockerfile]] = Fact("syntax")

# What the options of a build say about a file; `pyfrontend.driver.convert` reports it.

#: The build arguments that were given, if there are any.
arguments_given: Fact[[Dockerfile, Mapping[str, str]]] = Fact("options")

#: The names of the named contexts that were given, if there are any.
contexts_given: Fact[[Dockerfile, Collection[str]]] = Fact("options")

#: The platforms that were given; those in the file count too, so it is also reported for none.
platforms_given: Fact[[Dockerfile, Sequence[Platform]]] = Fact("options")

# What lowering sees before any step.

#: The platform arguments have these values, before the ARGs above the first FROM are evaluated.
platform_arguments_known: Fact[[Dockerfile, Mapping[str, str]]] = Fact("syntax")

#: The image or the platform of a FROM uses these variables, which have no value; the collection has the
#: declared ones.
from_variables_unset: Fact[[From, Iterable[str], Collection[str], Suggest]] = Fact("bases", node=True)

#: The ``--platform`` of a FROM came to this, in a stage of this name, with this value of TARGETPLATFORM.
platform_expanded: Fact[[From, str, Expanded, str]] = Fact("bases", node=True)

#: An image with files is for another platform than was expected: the lines that name it, if any do, its
#: name as written, the platform that was expected, and its own.
base_for_other_platform: Fact[[Span | None, str, Platform, Platform]] = Fact("bases")

# What lowering sees in a step.

#: An instruction uses variables that are neither set nor declared; these are set.
variables_unset: Fact[[Instruction, Iterable[str], Iterable[str], Suggest]] = Fact("values", node=True)


class Declared(NamedTuple):
    """A line that declares a variable by ``keyword``, and where it is, seen from the line that uses it."""

    keyword: str
    span: Span
    place: str


#: Places of a declaration that a line cannot see.
ABOVE_FROM, BELOW, OTHER_STAGE = "above the first FROM", "below", "in another stage"

#: An instruction may use variables that are declared out of its sight: their names, with the lines that
#: declare them, and the text to look at if that is not sure yet.
argument_out_of_scope: Fact[[Instruction, Mapping[str, Declared], str]] = Fact("values", node=True)

#: A command in exec form has a dollar sign in it, in a stage with these variables.
dollar_in_exec_form: Fact[[Instruction, Sequence[str], Collection[str]]] = Fact("commands", node=True)

#: ARG or ENV sets a variable of this name.
variable_set: Fact[[Instruction, str]] = Fact("values", node=True)

#: ENV or LABEL is written in its old form, without an equals sign.
old_form_used: Fact[[Env | Label]] = Fact("values", node=True)

#: The first WORKDIR of a stage and of those that it is based on is relative to what the base image has.
workdir_is_relative: Fact[[Workdir]] = Fact("commands", node=True)

#: CMD or ENTRYPOINT is in shell form, and no SHELL was set.
default_shell_used: Fact[[Instruction]] = Fact("commands", node=True)

#: The text of a heredoc uses variables that are neither set nor declared; these are declared.
heredoc_variables_unset: Fact[[Instruction, Iterable[str], Collection[str]]] = Fact("habits", node=True)

#: An instruction of which only the last one counts replaces the one at these lines.
instruction_replaced: Fact[[Instruction, Span]] = Fact("commands", node=True)

#: EXPOSE names a port, as written, with this protocol, and with this address or port of the host, if any.
port_exposed: Fact[[Expose, str, str, str]] = Fact("commands", node=True)

#: A word of EXPOSE expands to nothing, because its variables have no values.
port_empty: Fact[[Expose, str]] = Fact("commands", node=True)

#: COPY or ADD takes this path from the build context, for which there is an ignore file.
path_copied: Fact[[Instruction, str, Matcher]] = Fact("copy", node=True)

# What the driver finds out about a lock.


class LockUse(NamedTuple):
    """How a Dockerfile uses its lock; ``command`` is what refreshes it.

    - ``missing`` are references without an entry, ``unused`` entries without a reference, with their lines.
    - ``copied`` is a COPY that takes the lock file along, None where none does.
    - ``frontend_is_open`` says that a frozen build has a frontend without a digest; ``syntax`` is the line
      that names it, None without one.
    """

    name: str
    command: str
    missing: Sequence[tuple[str, Span]]
    unused: Sequence[tuple[str, Span | None]]
    copied: Span | None
    frontend_is_open: bool
    syntax: Span | None


#: A build uses a lock.
lock_used: Fact[[LockUse]] = Fact("lock")

#: COPY or ADD takes this path from the build context, whose ignore file has exceptions.
path_copied_with_exceptions: Fact[[Instruction, str, Matcher]] = Fact("copy", node=True)

#: COPY or ADD has several sources and a destination without a slash at its end: the destination as a path,
#: the working directory, and the instructions above and below.
copied_together: Fact[[Copy | Add, str, str, Iterable[str], Iterable[str]]] = Fact("copy", node=True)

#: COPY or ADD gives files to this owner, or USER names it, of which the user or the group is empty; or that
#: has a space in it.
owner_incomplete: Fact[[Instruction, str]] = Fact("copy", node=True)

#: COPY or ADD leaves out files by these patterns.
files_excluded: Fact[[Instruction, Sequence[str]]] = Fact("copy", node=True)

# What strict rules look at, in files without errors; `pyfrontend.lint.strict.report` reports it.

#: A stage, with what is known of it.
stage_viewed: Fact[[Stage, StageView]] = Fact("strict.stages", node=True)

#: FROM or a flag names an image, as it is with the defaults of arguments: the line, and the image.
image_named: Fact[[Stage | Instruction, str]] = Fact("strict.images", node=True)

#: A RUN, with the commands of its script.
run_viewed: Fact[[Run, Step]] = Fact("strict.runs", node=True)

#: A COPY or ADD.
copy_viewed: Fact[[Copy | Add, Step]] = Fact("strict.files", node=True)
