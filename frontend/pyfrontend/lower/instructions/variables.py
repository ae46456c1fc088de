"""ARG and ENV: what they set for later steps, in the image, and in its history."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lower.dispatch import lower
from pyfrontend.lower.scope import ArgInfo
from pyfrontend.syntax.instructions import Arg, ArgPair, Env

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState


@lower.register(Arg)
def _arg(node: Arg, stage: StageState) -> None:
    """``ARG name[=default]...``, left to right; later names see earlier ones (INS-001, VAR-021)."""
    texts = [_declare(node, pair, stage) for pair in node.pairs]
    stage.commit("ARG " + " ".join(texts))


def _declare(node: Arg, pair: ArgPair, stage: StageState) -> str:
    key = pair.key
    stage.report(facts.variable_set, node, key)
    value, inherited = _value(node, pair, stage)
    if not inherited:
        stage.usage.args[key] = ArgInfo(pair._replace(value=value), value or "", node.span)
    stage.usage.used[key] = None
    stage.add_argument(key, value)
    return key if value is None else f"{key}={value}"


def _value(node: Arg, pair: ArgPair, stage: StageState) -> tuple[str | None, bool]:
    """Return the value in effect, and whether a bare ARG took it from the global scope (ARG-003, ARG-006)."""
    lowering = stage.lowering
    if pair.key in lowering.args:
        return lowering.args[pair.key], False
    if pair.value is not None:
        return stage.expand(pair.value, node), False
    value = lowering.globals.values.get(pair.key)
    return value, value is not None


@lower.register(Env)
def _env(node: Env, stage: StageState) -> None:
    """``ENV key=value...`` sets variables for the steps below and for the image (INS-012 to INS-016)."""
    state = stage.state
    if node.legacy:
        stage.report(facts.old_form_used, node)
    for key, value in node.pairs:
        stage.report(facts.variable_set, node, key)
        state = state.with_env(key, value)
        stage.image.set_env(key, value)
    stage.state = state
    stage.commit("ENV " + " ".join(f"{key}={value}" for key, value in node.pairs))
