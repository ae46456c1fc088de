"""The plugins of one build: records in, one value that flows with the request out.

Nothing is registered anywhere, so two builds in one process may have different plugins.  Two plugins with one
name for two things are refused, and so is a name that is built in.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.declared import Call, Declaration, LineFlag, Macro, Policy, RuleOf, Scheme
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import REGISTRY, Instruction, declare
from pyfrontend.syntax.extended import FLAGS, INCLUDE, NO_FLAGS, Language

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyfrontend.lint.registry import Fact, Rule
    from pyfrontend.plugins.declared import Record


class Plugins(NamedTuple):
    """What the plugins of a build bring.

    - ``language``: the instructions of a file, with the keywords, macros and flags of plugins
    - ``instructions`` and ``macros`` by keyword; ``flags`` by keyword and name
    - ``rules``: by the fact that they look at
    - ``policies`` in their order, ``calls`` by name, ``contexts`` by scheme
    - ``names``: the names of the plugins; ``records``: all that they declare, in order
    """

    names: tuple[str, ...]
    records: tuple[Record, ...]
    language: Language
    instructions: Mapping[str, Declaration]
    macros: Mapping[str, Macro]
    flags: Mapping[str, Mapping[str, LineFlag]]
    rules: Mapping[Fact[...], Sequence[Rule]]
    policies: tuple[Policy, ...]
    calls: Mapping[str, Call]
    contexts: Mapping[str, Scheme]


def gather(plugins: Iterable[tuple[str, Sequence[Record]]]) -> Plugins:
    """Return what plugins bring, each given by its name and records; a record given twice counts once.

    Raises `DockerfileError` for two with one name, and for a name that is built in.
    """
    gathering = _Gathering()
    names = []
    for name, records in plugins:
        names.append(name)
        for record in records:
            gathering.add(name, record)
    return gathering.done(tuple(dict.fromkeys(names)))


class _Gathering:
    """Takes one record after the other; ``taken`` says which plugin has what."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, str], tuple[str, Record]] = {}
        self.macros: dict[str, Macro] = {}
        self.flags: dict[str, dict[str, LineFlag]] = {}
        self.instructions: dict[str, Declaration] = {}
        self.rules: dict[Fact[...], list[Rule]] = {}
        self.records: list[Record] = []
        self.policies: list[Policy] = []
        self.calls: dict[str, Call] = {}
        self.contexts: dict[str, Scheme] = {}

    def add(self, plugin: str, record: Record) -> None:
        """Take a record; raises `DockerfileError` where its name is taken."""
        kind, name = record.identity
        title, place = _titled(kind, name), record.part.origin
        if is_built_in(kind, name):
            raise DockerfileError(
                f"the plugin {plugin} cannot declare {title}: it is built in{place}", code="PluginConflict"
            )
        other, known = self.taken.setdefault((kind, name), (plugin, record))
        if known is not record:
            by = (
                f"by the plugins {other} and {plugin}" if other != plugin else f"twice in the plugin {plugin}"
            )
            places = f"{known.part.origin}{place}".replace(") (", "; ")
            raise DockerfileError(
                f"{title} is declared {by}{places}: rename one of them, or leave it out",
                code="PluginConflict",
            )
        if other == plugin:
            self._keep(record._replace(part=record.part._replace(plugin=plugin)))

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        if isinstance(record, Macro):
            self.macros[record.keyword] = record
        elif isinstance(record, LineFlag):
            self.flags.setdefault(record.keyword, {})[record.flag] = record
        elif isinstance(record, Declaration):
            self.instructions[record.cls.keyword] = record
        elif isinstance(record, RuleOf):
            rule = record.checked()
            for fact in record.facts:
                self.rules.setdefault(fact, []).append(rule)
        elif isinstance(record, Policy):
            self.policies.append(record)
        elif isinstance(record, Call):
            self.calls[record.name] = record
        else:
            self.contexts[record.scheme] = record

    def done(self, names: tuple[str, ...]) -> Plugins:
        """Return all that was taken."""
        own: dict[str, type[Instruction]] = {key: one.cls for key, one in self.instructions.items()}
        own |= {key: _stand_in(macro) for key, macro in self.macros.items()}
        language = Language(
            {**REGISTRY, **own},
            self.macros,
            self.flags,
            frozenset(own),
            frozenset(one.rule.name for one in self.records if isinstance(one, RuleOf)),
        )
        return Plugins(
            names,
            tuple(self.records),
            language,
            self.instructions,
            self.macros,
            self.flags,
            self.rules,
            tuple(self.policies),
            self.calls,
            self.contexts,
        )


def _stand_in(macro: Macro) -> type[Instruction]:
    """Return a class by which the parser knows the keyword of a macro."""
    cls = type(macro.keyword.title(), (Instruction,), {})
    return declare(cls, macro.keyword, macro.grammar, heredocs=macro.heredocs)


def _titled(kind: str, name: str) -> str:
    """Return what messages call a name of a kind."""
    if kind == "instruction":
        return f"the instruction {name}"
    if kind.startswith("flag of "):
        return f"{kind[8:]} --{name}"
    return f"the {kind} {name}"


def is_built_in(kind: str, name: str) -> bool:
    """Tell whether a name of a kind is one of ours."""
    if kind == "instruction":
        return name in REGISTRY or name == INCLUDE
    if kind.startswith("flag of "):
        keyword = kind[8:]
        return name in REGISTRY[keyword].plan.flags or name in FLAGS.get(keyword, NO_FLAGS)
    if kind == "policy":
        return False
    from pyfrontend.plugins.reserved import NAMES

    return name in NAMES[kind]
