"""Asks the frontend under test what a case asks, and writes its answers as the cases do."""

from __future__ import annotations

import json
import traceback
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from parity import graph
from parity.compare import normal
from parity.world import World, options
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.result import platform_id
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import conversions
from pyfrontend.driver.subrequests import lint
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import (
    FRONTEND_CAP_URL,
    SOURCE_URL,
    SUBREQUEST_URL,
    BridgeError,
    to_status,
)
from pyfrontend.lint.rules import all_rules
from pyfrontend.llb.marshal import marshal
from pyfrontend.oci.image_json import write_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from parity.cases import Case, Json
    from pyfrontend.driver.result import Converted
    from pyfrontend.gateway.requests import SolveRequest
    from pyfrontend.gateway.results import Attestation, Result
    from pyfrontend.lint.formats.report import Report
    from pyfrontend.llb.state import State
    from pyfrontend.lower.target import Lowered
    from pyfrontend.oci.image import ImageConfig
    from pyfrontend.span import Span

#: With this option a syntax line is not followed, as after a hand-over.
NOT_FORWARDED = {"cmdline": "parity"}


def ask(case: Case) -> Json:
    """Return the frontend's answers to a case, in the shape of ``expect``.

    A part has ``crash`` where the frontend breaks, ``unsupported`` where it says that it cannot do this yet.
    """
    world = World(case)
    answer = _settled(lambda: {"platforms": _platforms(world)}, _error)
    known, beyond = _split(world.warnings)
    answer["warnings"] = [_warning(call) for call in known]
    answer |= {"beyond": [_warning(call) for call in beyond]} if beyond else {}
    answer["lookups"] = world.lookups
    if "subrequests" in case.input:
        answer["subrequests"] = {name: _subrequest(case, name) for name in case.input["subrequests"]}
    if case.input.get("build"):
        answer["build"] = _build(World(case))
    return answer


def crash(error: BaseException) -> Json:
    """Return the answer that stands for a broken frontend: its last words and where it said them."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"
    # What a LookupError or NameError names is a word of the program, not of the case.
    words = str(error) if isinstance(error, LookupError | NameError | ImportError) else normal(str(error))
    text = f"crash: {type(error).__name__}: {words} at {place}"
    return {"crash": text, "trace": "".join(traceback.format_exception(error))[-6000:]}


def _settled(work: Callable[[], Json], failed: Callable[[Exception], Json]) -> Json:
    """Return what ``work`` gives, or what ``failed`` makes of the error that the user would see instead."""
    try:
        return work()
    except (DockerfileError, BridgeError) as error:
        return failed(error)
    except NotImplementedError as error:
        return {"unsupported": str(error) or "not yet"}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return crash(error)


def _request(world: World, extra: dict[str, str]) -> Request:
    """Return the request of a case; the options of the case win over ``extra``."""
    session = world.input.get("session_id", "parity-session")
    return Request(extra | options(world.input), session, world.workers, "", unique="parity-unique")


def _error(error: Exception) -> Json:
    """Return an error of the conversion, with its phase if the frontend tells one."""
    message = _words(error)
    phase = getattr(error, "phase", "")
    ranges = _groups(error.spans) if isinstance(error, DockerfileError) else []
    return {"error": {"message": message, "ranges": ranges, **({"phase": phase} if phase else {})}}


def _words(error: Exception) -> str:
    """Return the words of the reference in the message that users get: all of it but our help.

    That stands at the end, or before what only experts need.
    """
    message, help_ = to_status(error).message, getattr(error, "help", "")
    if not help_:
        return message
    detail = getattr(error, "detail", "")
    before, found, after = message.rpartition(f": {help_}")
    assert found, message
    assert after in ("", f" ({detail})"), message
    return f"{before}: {detail}" if after else before


def _status(error: Exception) -> Json:
    """Return an error of a whole request, as it goes over the wire."""
    status = to_status(error)
    answer: Json = {"error": _words(error)}
    sources = [json.loads(item.value) for item in status.details if item.type_url == SOURCE_URL]
    if sources:
        answer["error_ranges"] = [[_plain_range(item) for item in source["ranges"]] for source in sources]
    for url, name in ((SUBREQUEST_URL, "Subrequest"), (FRONTEND_CAP_URL, "FrontendCap")):
        if any(item.type_url == url for item in status.details):
            answer["error_type"] = name
    return answer


def _plain_range(item: Json) -> list[int]:
    """Return a range of an error detail, which leaves zeros out."""
    return [item[end].get(member, 0) for end in ("start", "end") for member in ("line", "character")]


def _groups(spans: Iterable[Span]) -> list[list[list[int]]]:
    """Return locations as the reference writes them: one range for each line of a location."""
    return [[[line, 0, line, 0] for line in span.lines] for span in spans]


def _split(calls: list[Json]) -> tuple[list[Json], list[Json]]:
    """Return the calls of Warn that the reference could make, and those of our own rules (docs/parity.md)."""
    ours = {name for name, rule in all_rules().items() if rule.advisory}
    beyond = [call for call in calls if call["call"]["short"].partition(":")[0] in ours]
    return [call for call in calls if call not in beyond], beyond


def _warning(call: Json) -> Json:
    """Return a call of Warn as the finding it was made from; text is ``Rule: message (line N)``."""
    text: str = call["call"]["short"]
    rule, _, rest = text.partition(": ")
    ranges = [line for group in _groups(call["spans"]) for line in group]
    end = f" (line {ranges[0][0]})" if ranges else ""
    return {
        "rule": rule,
        "message": rest.removesuffix(end),
        "url": call["call"]["url"],
        "description": "\n".join(call["detail"]),
        "text": text,
        "ranges": ranges,
    }


def _platforms(world: World) -> list[Json]:
    """Convert, and return the results of all platforms."""
    session = open_session(world, _request(world, NOT_FORWARDED))
    return [_platform(convert(), world) for convert in conversions(session)]


def _platform(item: Converted, world: World) -> Json:
    """Return the result of one platform."""
    lowered, (head, index) = item.lowered, graph.head(item.definition)
    result: Json = {"head": head, "head_index": index}
    result |= {"platform": platform_id(item.platform)} if item.platform else {}
    result |= {"epoch": lowered.epoch.seconds} if lowered.epoch is not None else {}
    result |= {"ignore_cache": True} if lowered.ignore_cache else {}
    result |= {"ops": graph.ops(item.definition), "source": graph.infos(item.definition)}
    result |= _config("config", lowered.image) | _config("base_config", lowered.base_image)
    if lowered.scans:
        extras = {name: _head(state, lowered, world) for name, state in lowered.scans.items()}
        result["sbom"] = {"core": _head(lowered.state, lowered, world), "extras": extras}
    return result


def _config(name: str, image: ImageConfig | None) -> Json:
    """Return an image config, and the digest of its bytes under ``<name>_sha256``."""
    if image is None:
        return {}
    data = write_image(image)
    return {name: json.loads(data), f"{name}_sha256": sha256(data).hexdigest()}


def _head(state: State, lowered: Lowered, world: World) -> str:
    """Return the digest of the op that made a state."""
    platform = lowered.lowering.target_platform
    return graph.head(marshal(state.output, caps=world.llb_caps, platform=platform))[0]


def _subrequest(case: Case, name: str) -> Json:
    """Return all metadata that the answer to a subrequest carries, or its error."""
    world, request = World(case), f"frontend.{name}"
    options = {**NOT_FORWARDED, "requestid": request}
    with mock.patch.object(lint, "check", lambda session: _without_ours(CHECK(session))):
        answer = _settled(lambda: _texts(serve(world, _request(world, options)).metadata), _status)
    if answer.pop("error_type", "") and case.expect["subrequests"][name].get("error") != answer["error"]:
        return {"unsupported": answer["error"]}
    return answer


CHECK = lint.check


def _without_ours(report: Report) -> Report:
    """Return a report without the findings of our own rules, which the reference does not have."""
    ours = {name for name, rule in all_rules().items() if rule.advisory}
    return report._replace(diagnostics=[found for found in report.diagnostics if found.code not in ours])


def _texts(metadata: Mapping[str, bytes]) -> Json:
    """Return metadata of a result as texts."""
    return {key: value.decode(errors="surrogateescape") for key, value in metadata.items()}


def _build(world: World) -> Json:
    """Return what a whole build request did."""
    answer = _settled(lambda: _result(serve(world, _request(world, {}))), _status)
    calls = [call["call"] for call in _split(world.warnings)[0]]
    answer |= {"lookups": world.lookups, "solves": [_solve(solve) for solve in world.solves]}
    return answer | ({"warn_calls": calls} if calls else {})


def _result(result: Result) -> Json:
    """Return the result of a build: its metadata, refs and attestations."""
    answer: Json = {"metadata": _texts(result.metadata)}
    if result.refs:
        answer["refs"] = {
            name: graph.head(ref.definition if ref else None)[0] for name, ref in result.refs.items()
        }
    else:
        answer["ref"] = graph.head(result.ref.definition if result.ref else None)[0]
    if result.attestations:
        answer["attestations"] = {
            name: [_attestation(item) for item in items] for name, items in result.attestations.items()
        }
    return answer


def _attestation(item: Attestation) -> Json:
    """Return an attestation with its graph."""
    definition = item.ref.definition if item.ref else None
    return {
        "kind": item.kind,
        "path": item.path,
        "predicate_type": item.predicate_type,
        "metadata": _texts(item.metadata),
        "head": graph.head(definition)[0],
        "ops": graph.ops(definition),
    }


def _solve(solve: SolveRequest) -> Json:
    """Return the parts of a Solve call that other frontends cannot do differently."""
    imports = [{"type": item.type, "attrs": dict(item.attrs)} for item in solve.cache_imports]
    parts: dict[str, Any] = {"frontend": solve.frontend, "frontend_opt": dict(solve.options)}
    parts |= {"cache_imports": imports, "evaluate": solve.evaluate}
    return {key: value for key, value in parts.items() if value}
