"""What a plugin declares, one record for each thing; a module goes in, its records come out.

A decorator of `pyfrontend.api` puts its record on what it decorates (`attach`), and no registry knows of it:
`declared` finds the records by looking at the attributes of a module.  Where the body of a declaration is
named as a text (``"module:function"``), the record itself is the attribute, and the module is imported when
the function is first called.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.lint.registry import Finding, Rule
from pyfrontend.plugins.calls import FOREVER, Owner, explained, place_of_function, run
from pyfrontend.plugins.signature import flag_fields, signature
from pyfrontend.record import NamedTuple
from pyfrontend.span import Span
from pyfrontend.syntax.fields import read_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType
    from typing import Any, TypeVar

    from pyfrontend.lint.registry import Fact
    from pyfrontend.plugins.signature import Signature
    from pyfrontend.syntax.declare import Grammar, Instruction, Line

    T = TypeVar("T")
    #: A function, or where it is: ``"module:function"``.
    Body = Callable[..., Any] | str

#: The attribute in which functions and classes hold their records.
MARK = "__pyfrontend__"


class Part(NamedTuple):
    """The code of one declaration: its ``body``, the ``plugin`` that it is of, and what messages call it.

    ``origin`` is where it is declared, as a text in parentheses, empty where nobody knows.
    """

    name: str
    body: Body
    plugin: str = ""
    origin: str = ""

    @property
    def owner(self) -> Owner:
        """Whose code it is."""
        return Owner(self.plugin, self.name, self.origin)

    def function(self) -> Callable[..., Any]:
        """Return the function, which is imported now if it is named; raises `DockerfileError`."""
        return named_function(self.body, self.owner) if isinstance(self.body, str) else self.body

    def call(self, *given: Any, **named: Any) -> Any:
        """Call the function; see `pyfrontend.plugins.calls.run`."""
        return run(self.owner, self.function(), *given, **named)

    def checked_text(self, text: str) -> str:
        """Return ``text``, which the function returned; raises `DockerfileError` if no file can hold it."""
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise self.wrong(f"a text that cannot be written as UTF-8 ({error.reason})") from None
        return text

    def wrong(self, what: str) -> DockerfileError:
        """Return the error for a function that has returned ``what``."""
        place = place_of_function(self.function())
        return DockerfileError(f"{self.owner.text} failed: it returned {what}{place}", code="PluginFailed")


class Macro(NamedTuple):
    """An instruction that stands for others: a function makes their text of its words and flags."""

    part: Part
    keyword: str
    grammar: Grammar
    heredocs: bool
    flags: Mapping[str, object] | None

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "instruction", self.keyword

    def expand(self, line: Line) -> str:
        """Return the text that ``line`` stands for; raises `DockerfileError`."""
        function = self.part.function()
        asked = self.signature(function)
        words, named = asked.arguments(self.keyword, line)
        text = self.part.call(*words, **named)
        if isinstance(text, (list, tuple)) and all(isinstance(one, str) for one in text):
            return self.part.checked_text("\n".join(text))
        if not isinstance(text, str):
            raise self.part.wrong(f"{kind_of(text)}, and not the text of instructions")
        return self.part.checked_text(text)

    def signature(self, function: Callable[..., Any]) -> Signature:
        """Return what ``function`` asks for; raises `DockerfileError` for what is no plain function."""
        try:
            return signature(function, self.flags)
        except TypeError as error:
            message = f"{self.part.owner.text} failed: {explained(error, self.part.plugin)}"
            raise DockerfileError(message, code="PluginFailed") from error


class LineFlag(NamedTuple):
    """A flag of a built-in instruction: a function changes the rest of its line."""

    part: Part
    keyword: str
    flag: str
    default: object

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return f"flag of {self.keyword}", self.flag

    @property
    def is_repeated(self) -> bool:
        """Tell whether the flag may be given several times."""
        return isinstance(self.default, tuple)

    def apply(self, rest: str, value: str | None) -> str:
        """Return what becomes of ``rest``, the text behind the flags; raises `DockerfileError`."""
        (field,) = flag_fields({self.flag: self.default}).values()
        given = f"--{self.flag}" if value is None else f"--{self.flag}={value}"
        read = read_flags({self.flag: field}, (given,))[field.name]
        if read is False:
            return rest
        text = self.part.call(rest, read[0] if isinstance(read, tuple) else read)
        if not isinstance(text, str) or "\n" in text:
            what = kind_of(text) if not isinstance(text, str) else "several lines"
            raise self.part.wrong(f"{what}, and not the rest of one line")
        return self.part.checked_text(text)


class Declaration(NamedTuple):
    """An instruction with a meaning of its own; ``cls`` knows all else.

    ``lower`` names the function that lowers it, empty where that is a method.
    """

    part: Part
    cls: type[Instruction]
    lower: str

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "instruction", self.cls.keyword


class RuleOf(NamedTuple):
    """A rule, and the facts that it looks at."""

    part: Part
    rule: Rule
    facts: tuple[Fact[...], ...]

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "rule", self.rule.name

    def checked(self) -> Rule:
        """Return the rule with a check whose errors name the plugin, and the line that it looked at."""
        part, rule = self.part, self.rule

        def check(*values: Any, **named: Any) -> list[Finding]:
            with located(_place_of(values)):
                function = part.function()
                return run(part.owner, lambda: [_finding(one) for one in function(*values, **named) or ()])

        return Rule(rule.name, rule.description, check, severity=rule.severity, page=rule.page)


class Policy(NamedTuple):
    """A function that is shown sources before they are looked up (`pyfrontend.policies`)."""

    part: Part
    name: str

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "policy", self.name

    @property
    def plugin(self) -> str:
        """The plugin that it is of."""
        return self.part.plugin

    def function(self, source: Any) -> Any:
        """Return what the policy says of ``source``; raises `DockerfileError`."""
        return self.part.call(source)


class Call(NamedTuple):
    """A subrequest: ``--call=name``."""

    part: Part
    name: str
    help: str

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "call", self.name

    def answer(self, question: Any) -> Any:
        """Return what the function answers, however long that takes; raises `DockerfileError`."""
        return run(self.part.owner, self.part.function(), question, seconds=FOREVER)


class Scheme(NamedTuple):
    """A kind of ``--build-context name=scheme:...``."""

    part: Part
    scheme: str

    @property
    def identity(self) -> tuple[str, str]:
        """The kind of name that it takes, and the name."""
        return "context", self.scheme

    def specification(self, rest: str) -> str:
        """Return the specification that ``scheme:rest``, or ``scheme://rest``, stands for.

        Raises `DockerfileError`.
        """
        found = self.part.call(rest.removeprefix("//"))
        if not isinstance(found, str):
            raise self.part.wrong(f"{kind_of(found)}, and not a specification such as docker-image://alpine")
        return found


RECORDS = (Macro, LineFlag, Declaration, RuleOf, Policy, Call, Scheme)
if TYPE_CHECKING:
    Record = Macro | LineFlag | Declaration | RuleOf | Policy | Call | Scheme


def attach(record: Record, decorated: Callable[..., Any]) -> None:
    """Put a record on the function or class that it is about; raises TypeError for one that holds none."""
    if not hasattr(decorated, "__dict__"):
        raise TypeError(f"{decorated!r} is no function that is written with def")
    setattr(decorated, MARK, (*vars(decorated).get(MARK, ()), record))


def declared(module: ModuleType) -> tuple[Record, ...]:
    """Return the records of a module, in the order of its attributes, each once."""
    found: dict[int, Record] = {}
    for value in vars(module).values():
        if isinstance(value, RECORDS):
            found[id(value)] = value
            continue
        found.update({id(record): record for record in _attached(value)})
    return tuple(found.values())


def _attached(value: object) -> Sequence[Record]:
    """Return the records on a function or class itself, not those on what it is based on."""
    try:
        return vars(value).get(MARK, ()) if callable(value) else ()
    except Exception:  # noqa: BLE001 - an object may answer with anything to the question for an attribute
        return ()


def named_function(text: str, owner: Owner) -> Callable[..., Any]:
    """Return the function that a text such as ``"house.apt:expand"`` names, with its module imported.

    Raises `DockerfileError` for what is not there.
    """
    module, _, name = text.partition(":")
    found: Callable[..., Any] | None = getattr(run(owner, _imported, module, owner), name, None)
    if not callable(found):
        what = "there is no such function" if found is None else "that is no function"
        raise DockerfileError(f"{owner.text} failed: its body is {text}, and {what}", code="PluginFailed")
    return found


def _imported(module: str, owner: Owner) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(module)
    except Exception as error:
        message = f"the body of {owner.text} cannot be loaded: {explained(error, module, owner.origin)}"
        raise DockerfileError(message, code="PluginFailed") from error


def _finding(value: object) -> Finding:
    """Return a finding as rules may give it: itself, its text, or text and span."""
    if isinstance(value, Finding) and isinstance(value.text, str) and isinstance(value.span, Span | None):
        return value
    if isinstance(value, str):
        return Finding(value)
    if isinstance(value, Finding):
        raise TypeError(f"a Finding has a text and a span, and not {value.text!r} and {value.span!r}")
    raise TypeError(f"a rule yields Finding(text) or a text, and not {kind_of(value)}")


def _place_of(values: tuple[Any, ...]) -> Span | None:
    """Return the lines that a rule looks at, None for a whole file."""
    span = getattr(values[0], "span", None) if values else None
    return span if isinstance(span, Span) else None


def kind_of(value: object) -> str:
    """Return what messages call a value that should be another one."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
