"""The policies of a build at all doors by which something comes in from elsewhere.

A `Guard` is made before anything is read.  It answers lowering (`pyfrontend.lower.ports.Policies`), wraps the
daemon and the ports, and looks through every graph once more before it is built.
"""

from __future__ import annotations

from pyfrontend.errors import SOURCE_DENIED, DockerfileError
from pyfrontend.giturl import GitRef, parse_git_ref
from pyfrontend.llb.sources import git
from pyfrontend.oci.reference import Reference, parse, parse_normalized, tag_name_only, with_digest
from pyfrontend.policies.configured import configured
from pyfrontend.policies.judge import Judge
from pyfrontend.policies.sources import git_source, http_source, image_source, other_source
from pyfrontend.policies.values import (
    BUILD_CONTEXT,
    GIT,
    HTTP,
    LAYOUT,
    LOCAL,
    LOCK,
    MAIN_CONTEXT,
    SCANNER,
    SYNTAX,
    TARGET,
    Use,
)
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.lookups import ImageMeta
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.policies.configured import Configured
    from pyfrontend.policies.values import NamedPolicy
    from pyfrontend.span import Span

    #: A source of a graph: identifier and attributes.
    Op = tuple[str, Mapping[str, str]]

IMAGES, LAYOUTS = "docker-image", "oci-layout"
FULL_URL = "git.fullurl"
#: What the daemon's own source policies are called where they have made another image of one.
DAEMON = "BuildKit"


def open_guard(variables: Mapping[str, str], plugins: Sequence[NamedPolicy], request_id: str | None) -> Guard:
    """Return the guard of a build: the policies of ``plugins``, then those that ``variables`` configure.

    Raises `DockerfileError` for a variable that cannot be read.
    """
    return Guard(configured(variables), plugins, locks=(request_id or "").startswith("frontend.lock"))


class Rewritten(NamedTuple):
    """A source that policies have replaced, by what, and the plugin or variable of the last of them."""

    source: str
    taken: str
    policy: str


class Guard:
    """The policies of one build, and what they have let in."""

    def __init__(self, settings: Configured, plugins: Sequence[NamedPolicy], *, locks: bool) -> None:
        """Let nothing in yet; with ``locks`` only digests are looked up, for a lock."""
        self.settings = settings
        self.judge = Judge([*plugins, *settings.policies])
        #: What names a source that nobody has asked about before its lookup.
        self.asking = LOCK if locks else ""
        self._let_in: set[tuple[str, ...]] = set()

    def rewrites(self) -> list[Rewritten]:
        """Return what was replaced so far, by name."""
        found = self.judge.rewrites.items()
        return sorted(Rewritten(name, source.ref, source.rewritten_by) for name, source in found)

    # What lowering asks.

    def image(self, reference: Reference, platform: Platform | None, use: Use) -> Reference:
        """Return the image to look up for ``reference``."""
        found = parse_normalized(self.judge.ask(image_source(reference, platform, use)).ref)
        self.let_in_image(str(found))
        # What is not rewritten stays as it is written: a reference may have a tag and a digest, or neither.
        return reference if found == tag_name_only(reference) else found

    def http(self, url: str, checksum: str, use: Use) -> str:
        """Return the address to download from in place of ``url``."""
        found = self.judge.ask(http_source(url, checksum, use)).ref
        self._let_in.add((HTTP, found, checksum))
        return found

    def git(self, ref: GitRef, checksum: str, use: Use) -> GitRef:
        """Return the repository to take in place of ``ref``."""
        found = self.repository(use.written, ref, checksum, use)
        return ref if found == use.written else parse_git_ref(found) or ref

    # What the command line names.

    def context(self, name: str, specification: str, platform: Platform | None) -> str:
        """Return the specification of a named context to take in place of this one."""
        return self._specified(specification, platform, Use(specification, BUILD_CONTEXT, context=name))

    def main_context(self, options: ContextOptions) -> ContextOptions:
        """Return the options with the address of the main context that may be read."""
        if not options.address:
            return options
        use = Use(options.address, MAIN_CONTEXT)
        return options._replace(address=self._specified(options.address, None, use))

    def scanner(self, name: str, platform: Platform | None) -> str:
        """Return the SBOM scanner to run in place of the image ``name``."""
        return str(self.image(parse_normalized(name), platform, Use(name, SCANNER)))

    def frontend(self, name: str, place: Span | None) -> str:
        """Return the frontend to hand the build over to in place of the image ``name``."""
        try:
            reference = parse_normalized(name)
        except ValueError:
            return name  # the daemon reports it
        found = self.image(reference, None, Use(name, SYNTAX, span=place))
        return name if found == reference else str(found)

    def _specified(self, text: str, platform: Platform | None, use: Use) -> str:
        """Return the address of a context to take in place of ``text``; what cannot be read is for others."""
        scheme, _, rest = text.partition(":")
        rest = rest.removeprefix("//")
        try:
            if scheme == IMAGES:
                return text if rest == "scratch" else f"{IMAGES}://{self._context_image(rest, platform, use)}"
            if scheme == LAYOUTS:
                self._layout(parse(rest), platform, use)
                return text
            ref = parse_git_ref(text)
        except ValueError:
            return text
        if ref is not None:
            return self.repository(text, ref, "", use)
        if scheme in ("http", "https"):
            return self.http(text, "", use)
        if use.context:
            kind = TARGET if scheme == "input" else scheme
            self.judge.ask(other_source(kind, rest, use))
        return text

    def _context_image(self, text: str, platform: Platform | None, use: Use) -> str:
        reference = parse_normalized(text)
        found = self.image(reference, platform, use)
        return text if found == reference else str(found)

    def _layout(self, store: Reference, platform: Platform | None, use: Use) -> None:
        """Ask about an image in the folder ``store`` of the client."""
        source = image_source(store, platform, use, kind=LAYOUT)
        self.judge.ask(source._replace(ref=f"{LAYOUTS}://{store}", registry="", repository=store.name))
        self._let_in.add((LAYOUTS, store.name, store.digest))

    def repository(self, text: str, ref: GitRef, checksum: str, use: Use) -> str:
        """Return the address of the repository to take in place of ``text``, which is ``ref``."""
        found = self.judge.ask(git_source(text, ref, checksum, use)).ref
        made = ref if found == text else parse_git_ref(found)
        if made is not None:
            self._let_in.add(_key(*_op(made, made.checksum or checksum)))
        return found

    # What is looked up and built.

    def looked_up(self, name: str, platform: Platform | None, store: str) -> str:
        """Return the image to look up for ``name``: one that was let in, or what policies make of it now."""
        reference = parse_normalized(name)
        if store:
            if (LAYOUTS, store, reference.digest) not in self._let_in:
                layout = Reference("", store, digest=reference.digest)
                self._layout(layout, platform, Use(str(layout), self.asking))
        elif (IMAGES, name) not in self._let_in:
            return str(self.image(reference, platform, Use(name, self.asking)))
        return name

    def answered(self, name: str, meta: ImageMeta, platform: Platform | None) -> None:
        """Let in what the daemon has found; its own policies may have made another image of ``name``."""
        if meta.name != name:
            found = image_source(parse_normalized(meta.name), platform, Use(name, DAEMON))
            self.judge.ask(found._replace(rewritten=(name,), rewritten_by=DAEMON))
        self.let_in_image(meta.name)
        if meta.digest:
            try:
                self.let_in_image(str(with_digest(parse_normalized(meta.name), meta.digest)))
            except ValueError:
                return  # lowering reports it

    def let_in_image(self, name: str) -> None:
        """Ask no more about the image ``name``."""
        self._let_in.add((IMAGES, name))

    def op(self, identifier: str, attrs: Mapping[str, str], platform: Platform | None, by: str) -> Op | None:
        """Return the source to put in the place of one in a graph; None where it may stay as it is.

        ``by`` says what has named it.
        """
        scheme, _, rest = identifier.partition("://")
        if _key(identifier, attrs) in self._let_in or scheme == LOCAL:
            return None
        use = Use(identifier, by)
        try:
            made = self._made(scheme, rest, attrs, platform, use)
        except ValueError as error:
            # It is for the daemon to say what is wrong with it, but policies cannot be asked about it.
            raise DockerfileError(
                f"{identifier} is denied: no policy can be asked about it: {error}",
                code=SOURCE_DENIED,
                written=identifier,
            ) from error
        return None if made is None or made == (identifier, attrs) else made

    def _made(
        self, scheme: str, rest: str, attrs: Mapping[str, str], platform: Platform | None, use: Use
    ) -> Op | None:
        if scheme.startswith(IMAGES):
            reference = parse_normalized(rest)
            found = self.image(reference, platform, use)
            return None if found == reference else (f"{scheme}://{found}", attrs)
        if scheme.startswith(LAYOUTS):
            digest = rest.rpartition("@")[2]
            self._layout(Reference("", attrs.get("oci.store", ""), digest=digest), platform, use)
        elif scheme == GIT:
            return self._git_op(rest, attrs, use)
        elif scheme in ("http", "https"):
            return self.http(use.written, attrs.get("http.checksum", ""), use), attrs
        else:
            self.judge.ask(other_source(scheme, use.written, use))
        return None

    def _git_op(self, rest: str, attrs: Mapping[str, str], use: Use) -> Op:
        place, mark, fragment = rest.partition("#")
        name, _, subdir = fragment.partition(":")
        ref = GitRef(attrs.get(FULL_URL) or f"https://{place}", name, subdir=subdir)
        text = f"{ref.remote}{mark}{fragment}"
        found = self.repository(text, ref, attrs.get("git.checksum", ""), use)
        made = parse_git_ref(found) if found != text else None
        if made is None:
            return f"{GIT}://{rest}", attrs
        identifier, changed = _op(made, "")
        return identifier, {**attrs, FULL_URL: changed[FULL_URL]}


def _op(ref: GitRef, checksum: str) -> Op:
    output = git(ref, checksum=checksum).output
    vertex: Any = output.vertex if output else None
    return vertex.identifier, vertex.attrs


def _key(identifier: str, attrs: Mapping[str, str]) -> tuple[str, ...]:
    """Return what tells a source of a graph from others."""
    scheme, _, rest = identifier.partition("://")
    if scheme == GIT:
        return GIT, identifier, attrs.get(FULL_URL, ""), attrs.get("git.checksum", "")
    if scheme == LAYOUTS:
        return LAYOUTS, attrs.get("oci.store", ""), rest.rpartition("@")[2]
    return (IMAGES, rest) if scheme == IMAGES else (HTTP, identifier, attrs.get("http.checksum", ""))
