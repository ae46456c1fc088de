"""Policies at work: a source in, the one that the build may take out, or an error that names the policy."""

from __future__ import annotations

from _thread import allocate_lock

from pyfrontend.errors import SOURCE_DENIED, DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.policies.sources import rewritten
from pyfrontend.policies.values import Allow, Deny, Rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pyfrontend.policies.values import NamedPolicy, Source

#: So often a source may be rewritten, by policies that each have another idea of where it comes from.
MOST_REWRITES = 10


class Judge:
    """Asks policies about sources, one at a time, and about each source once.

    Once for its platform and for what kind of instruction names it, that is.
    """

    def __init__(self, policies: Sequence[NamedPolicy]) -> None:
        """Ask nothing yet."""
        self._policies = policies
        self._verdicts: dict[tuple[object, ...], Source | DockerfileError] = {}
        self._lock = allocate_lock()
        #: What was rewritten, by the name that the Dockerfile means.
        self.rewrites: dict[str, Source] = {}

    def ask(self, source: Source) -> Source:
        """Return what the build may take for ``source``: itself, or what policies rewrote it to.

        Raises `DockerfileError` for one that is denied, and for a policy that fails.
        """
        key = (source.kind, source.ref, source.checksum, source.platform, source.instruction, source.context)
        with self._lock:
            if key not in self._verdicts:
                self._verdicts[key] = self._verdict(source)
            verdict = self._verdicts[key]
        if isinstance(verdict, DockerfileError):
            raise verdict.at() from verdict.__cause__  # one of its own for each line that names the source
        return verdict

    def _verdict(self, source: Source) -> Source | DockerfileError:
        try:
            found = self._settled(source)
        except DockerfileError as error:
            return error
        if found.rewritten:
            self.rewrites[source.ref] = found
        return found

    def _settled(self, source: Source) -> Source:
        """Follow rewrites until no policy has another: what they lead to is shown to all of them."""
        for _ in range(MOST_REWRITES):
            found = self._rewritten(source)
            if found is None:
                return source
            policy, made = found
            if made.ref in made.rewritten:
                way = " -> ".join((*made.rewritten, made.ref))
                raise _broken(policy, f"rewrites in a circle: {way}")
            source = made
        raise _broken(policy, f"does not stop rewriting {source.rewritten[0]}: it is {source.ref} by now")

    def _rewritten(self, source: Source) -> tuple[NamedPolicy, Source] | None:
        """Return the first policy that makes another source of ``source``, with that; None without one."""
        for policy in self._policies:
            verdict = _asked(policy, source)
            if isinstance(verdict, Deny):
                raise _denied(policy, source, verdict.message)
            if isinstance(verdict, Rewrite):
                made = _made(policy, source, verdict.ref)
                if made.ref != source.ref:
                    return policy, made
        return None


def _asked(policy: NamedPolicy, source: Source) -> Allow | Deny | Rewrite | None:
    try:
        verdict: Any = policy.function(source)
    except DockerfileError:
        raise
    except (Exception, SystemExit) as error:
        from traceback import format_exception_only

        told = "".join(format_exception_only(error)[-1:]).strip()
        failure = _broken(policy, f"failed for {source.ref}: {told}{_place(policy, error)}")
        raise failure from error
    if verdict is None or isinstance(verdict, Allow | Deny | Rewrite):
        return verdict
    shown = verdict.__name__ if isinstance(verdict, type) else repr(verdict)[:100]
    raise _broken(
        policy, f"returned {shown} for {source.ref}: return Allow(), Deny(message), Rewrite(ref) or None"
    )


def _made(policy: NamedPolicy, source: Source, ref: Any) -> Source:
    try:
        if not isinstance(ref, str):
            raise ValueError("it is no text")  # noqa: TRY004, TRY301 - reported like any other
        return rewritten(source, ref, policy.plugin)
    except ValueError as error:
        shown = go_quote(ref) if isinstance(ref, str) else repr(ref)[:100]
        raise _broken(policy, f"rewrites {source.ref} to {shown}: {error}") from error


def _denied(policy: NamedPolicy, source: Source, message: Any) -> DockerfileError:
    if not isinstance(message, str):
        return _broken(policy, f"denies {source.ref}, but not with a text: it is {repr(message)[:100]}")
    what = {"image": "the image ", "oci-layout": "the OCI layout of "}.get(source.kind, "")
    origin = f", rewritten from {source.rewritten[0]}," if source.rewritten else ""
    reason = f": {message}" if message.strip() else ""
    return DockerfileError(
        f"{what}{source.ref}{origin} is denied by the policy {policy.shown}{reason}",
        code=SOURCE_DENIED,
        written=source.written,
    )


def _broken(policy: NamedPolicy, text: str) -> DockerfileError:
    return DockerfileError(f"the policy {policy.shown} {text}", code="PolicyFailed")


def _place(policy: NamedPolicy, error: BaseException) -> str:
    """Return the innermost line in the file of the policy that an exception came through."""
    from traceback import walk_tb

    code = getattr(policy.function, "__code__", None)
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)][1:]
    own = [place for place in places if code is None or place[0] == code.co_filename] or places
    return f" ({own[-1][0]}, line {own[-1][1]})" if own else ""
