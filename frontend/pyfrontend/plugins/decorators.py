"""The decorators of `pyfrontend.api`: each adds a record to what it decorates, and changes nothing else."""

from __future__ import annotations

from pyfrontend.errors import WARNING
from pyfrontend.lint.facts import file_read
from pyfrontend.lint.registry import Rule
from pyfrontend.plugins.calls import place_of_function
from pyfrontend.plugins.classes import checked_grammar, guard
from pyfrontend.plugins.declared import (
    Call,
    Declaration,
    LineFlag,
    Macro,
    Part,
    Policy,
    RuleOf,
    Scheme,
    attach,
)
from pyfrontend.plugins.signature import HEREDOCS, signature
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import REGISTRY, Instruction, declare
from pyfrontend.syntax.fields import flag, word
from pyfrontend.syntax.instructions import From, Onbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar, dataclass_transform, overload

    from pyfrontend.lint.registry import Fact
    from pyfrontend.plugins.declared import Body
    from pyfrontend.syntax.declare import Grammar

    F = TypeVar("F", bound=Callable[..., Any])
    C = TypeVar("C", bound=type[Instruction])
else:
    from pyfrontend.syntax.declare import dataclass_transform

SMALL, CAPITAL, DIGIT = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
#: What names begin with, and what may follow; `re` would be 5 ms of a build.
KEYWORD = CAPITAL, f"{CAPITAL}{DIGIT}_"
FLAG = SMALL, f"{SMALL}{DIGIT}-"
RULE = SMALL + CAPITAL, SMALL + CAPITAL + DIGIT
NAME = SMALL, f"{SMALL}{DIGIT}.-"


if TYPE_CHECKING:

    @overload
    def macro(
        keyword: str,
        grammar: Grammar = ...,
        *,
        heredocs: bool = ...,
        flags: Mapping[str, object] | None = ...,
    ) -> Callable[[F], F]: ...
    @overload
    def macro(
        keyword: str,
        grammar: Grammar = ...,
        *,
        heredocs: bool = ...,
        flags: Mapping[str, object] | None = ...,
        body: str,
    ) -> Macro: ...


def macro(
    keyword: str,
    grammar: Grammar = grammars.word_list,
    *,
    heredocs: bool = False,
    flags: Mapping[str, object] | None = None,
    body: str = "",
) -> Any:
    """Declare the function below as a macro: an instruction ``keyword`` that expands to other lines.

    The words of a line are the positional arguments of the function, its flags the keyword-only ones.  Their
    defaults determine the kind: a boolean is a switch, a tuple a flag that may be repeated, anything else
    takes one text.  The function returns one or several lines of a Dockerfile.

    - ``grammar`` splits the text of a line into words
    - ``heredocs``: ``<<EOF`` attaches files to it; the function gets them in its argument ``heredocs``
    - ``flags``: names and defaults, instead of those of the function
    - ``body``: ``"module:function"`` instead of a function below, imported when the macro is first used

    Raises ValueError for an invalid keyword, TypeError for a function that cannot be called like this.
    """
    _check(KEYWORD, keyword, "the keyword of a macro is written in capitals, as in APT")

    grammar = checked_grammar(grammar, keyword)

    def declared(function: Body) -> Macro:
        part = Part(keyword, function, origin=_origin(function))
        return Macro(part, keyword, grammar, heredocs, flags)

    if body:
        return declared(_body(body))

    def decorate(function: F) -> F:
        wants = signature(function, flags).heredocs
        if wants != heredocs:
            says = "no" if heredocs else "an"
            raise TypeError(
                f"{function.__name__} has {says} argument {HEREDOCS}, which goes together with"
                " @macro(..., heredocs=True)"
            )
        attach(declared(function), function)
        return function

    return decorate


class extend:  # noqa: N801 - reads as a verb: `@extend("RUN").flag("retry")`
    """Declare additions to a built-in instruction."""

    def __init__(self, keyword: str) -> None:
        """Extend the instruction ``keyword``; raises ValueError for one that cannot be extended."""
        known = REGISTRY.keys() - {From.keyword, Onbuild.keyword}
        if keyword not in known:
            raise ValueError(f"{keyword} cannot be extended: these can be: {', '.join(sorted(known))}")
        self.keyword = keyword

    if TYPE_CHECKING:

        @overload
        def flag(self, name: str, *, default: object = ...) -> Callable[[F], F]: ...
        @overload
        def flag(self, name: str, *, default: object = ..., body: str) -> LineFlag: ...

    def flag(self, name: str, *, default: object = "", body: str = "") -> Any:
        """Declare the function below as the flag ``--name``, which rewrites a line to a plain one.

        The function gets the text after the flags of the line, and the value of the flag; it returns the text
        that replaces it, which may begin with flags.  ``default`` determines the kind, as for `macro`: for a
        switch, the function is called if it is on; for a tuple, once for each flag.  ``body`` is
        ``"module:function"`` instead of a function below.

        Raises ValueError for an invalid name.
        """
        _check(FLAG, name, "a flag is written in small letters and without dashes before it, as in retry")

        def declared(function: Body) -> LineFlag:
            part = Part(f"{self.keyword} --{name}", function, origin=_origin(function))
            return LineFlag(part, self.keyword, name, default)

        return _decorator(declared, body)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(word, flag))
def instruction(
    keyword: str,
    grammar: Grammar = grammars.word_list,
    *,
    heredocs: bool = False,
    step: bool = False,
    lower: str = "",
) -> Callable[[C], C]:
    """Declare the class below as the instruction ``keyword``; its fields are words and flags.

    Its method ``lower(self, stage)`` defines what it does, or the function that ``lower`` names
    (``"module:function"``), which is imported when the first one is lowered.  A class derived from a built-in
    one needs neither.

    - ``grammar`` splits the text of a line into words
    - ``heredocs``: ``<<EOF`` attaches files to it
    - ``step``: it counts in ``[2/5]``

    Raises ValueError for an invalid keyword, TypeError for a class that is not an instruction.
    """
    _check(KEYWORD, keyword, "the keyword of an instruction is written in capitals, as in TITLE")

    grammar = checked_grammar(grammar, keyword)

    def decorate(cls: C) -> C:
        if not isinstance(cls, type) or not issubclass(cls, Instruction):
            raise TypeError(f"{cls.__name__} is not based on Instruction")
        declare(cls, keyword, grammar, heredocs=heredocs, step=step)
        guard(cls, _body(lower) if lower else None)
        attach(Declaration(Part(keyword, cls), cls, lower), cls)
        return cls

    return decorate


if TYPE_CHECKING:

    @overload
    def rule(
        name: str, description: str, *facts: Fact[...], severity: str = ..., url: str = ...
    ) -> Callable[[F], F]: ...
    @overload
    def rule(
        name: str, description: str, *facts: Fact[...], severity: str = ..., url: str = ..., body: str
    ) -> RuleOf: ...


def rule(
    name: str, description: str, *facts: Fact[...], severity: str = WARNING, url: str = "", body: str = ""
) -> Any:
    """Declare the function below as a rule: it examines facts and yields findings.

    - ``name``: its name in check options; ``description``: what should be the case, in one sentence
    - ``facts``: what it examines, from `facts`; by default ``file_read``, a file without errors
    - ``severity``: ``warning``, ``note``, or ``error``, whose findings fail the build
    - ``url``: a page that describes the rule
    - ``body``: ``"module:function"`` instead of a function below

    Raises ValueError for an invalid name, or an unknown severity.
    """
    _check(RULE, name, "the name of a rule has letters and digits only, as in ACME001")
    if severity not in ("error", "warning", "note"):
        raise ValueError(f"{name}: a severity is error, warning or note, and not {severity}")

    def declared(function: Body) -> RuleOf:
        part = Part(f"the rule {name}", function, origin=_origin(function))
        return RuleOf(part, Rule(name, description, severity=severity, page=url), facts or (file_read,))

    return _decorator(declared, body)


if TYPE_CHECKING:

    @overload
    def policy(function: F) -> F: ...
    @overload
    def policy(*, name: str = ...) -> Callable[[F], F]: ...
    @overload
    def policy(*, body: str, name: str = ...) -> Policy: ...


def policy(function: Any = None, *, body: str = "", name: str = "") -> Any:
    """Declare the function below as a policy: it is called for every source before the source is looked up.

    It returns ``Allow()``, ``Deny(message)``, ``Rewrite(ref)``, or None for no opinion.  ``body`` is
    ``"module:function"`` instead of a function below; ``name`` is by default that of the function.
    """

    def declared(given: Body) -> Policy:
        known = given.partition(":")[2] if isinstance(given, str) else given.__name__
        return Policy(Part(f"the policy {name or known}", given, origin=_origin(given)), name or known)

    decorate = _decorator(declared, body)
    return decorate if function is None else decorate(function)


if TYPE_CHECKING:

    @overload
    def call(name: str, help: str) -> Callable[[F], F]: ...
    @overload
    def call(name: str, help: str, *, body: str) -> Call: ...


def call(name: str, help: str, *, body: str = "") -> Any:  # noqa: A002 - what it is, in the author's words
    """Declare the function below as a call: ``--call=name``, and ``pyfrontend name``.

    It gets a `Question`, and returns text, or a document of dicts and lists that is printed as JSON.
    Raises ValueError for an invalid name.
    """
    _check(NAME, name, "the name of a call is written in small letters, as in licences")

    def declared(function: Body) -> Call:
        return Call(Part(f"the call {name}", function, origin=_origin(function)), name, help)

    return _decorator(declared, body)


if TYPE_CHECKING:

    @overload
    def context(scheme: str) -> Callable[[F], F]: ...
    @overload
    def context(scheme: str, *, body: str) -> Scheme: ...


def context(scheme: str, *, body: str = "") -> Any:
    """Declare the function below as a kind of ``--build-context name=scheme:...``.

    It gets the text after the colon, and returns another specification, such as ``docker-image://alpine``, or
    a state of `llb`.  Raises ValueError for an invalid scheme.
    """
    _check(NAME, scheme, "a scheme is written in small letters, as in mirror")

    def declared(function: Body) -> Scheme:
        return Scheme(Part(f"the context {scheme}", function, origin=_origin(function)), scheme)

    return _decorator(declared, body)


def _decorator(declared: Callable[[Any], Any], body: str) -> Any:
    """Return the record of a body that is named, or else a decorator that attaches the record."""
    if body:
        return declared(_body(body))

    def decorate(function: F) -> F:
        if not callable(function):
            raise TypeError(f"{function!r} is no function")
        attach(declared(function), function)
        return function

    return decorate


def _body(text: str) -> str:
    module, colon, name = text.partition(":")
    if not (module and colon and name):
        raise ValueError(f'{text!r}: a body is "module:function"')
    return text


def _check(characters: tuple[str, str], name: str, message: str) -> None:
    first, following = characters
    if not isinstance(name, str) or name[:1] not in tuple(first) or not set(name) <= set(following):
        raise ValueError(f"{name!r}: {message}")


def _origin(function: Body) -> str:
    return "" if isinstance(function, str) else place_of_function(function)
