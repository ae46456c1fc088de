"""``frontend.convertllb``: the graph of a build in JSON."""

from __future__ import annotations

from pyfrontend.driver.convert import Converter
from pyfrontend.gateway.results import Result
from pyfrontend.golang.json import indented_json
from pyfrontend.llb.json_view import definition_to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session


def respond(session: Session) -> Result:
    """Return ops and their metadata by digest, and the source map (SUB-010)."""
    converter = Converter(session, session.warnings.show, session.platform)
    definition = converter.marshal(converter.lower(session.platform))
    if converter.document.has_gates:
        from pyfrontend.driver.gates import report_lost

        report_lost(session, converter.document)
    document = indented_json(definition_to_json(definition))
    return Result(metadata={"result.json": document.encode(errors="replace")})
