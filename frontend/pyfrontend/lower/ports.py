"""The input of a lowering: its options, and protocols for everything that it must ask for."""

from __future__ import annotations

from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from pyfrontend.giturl import GitRef
    from pyfrontend.lint.linter import Linter
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.llb.ops import LinuxResources, Output, Ulimit
    from pyfrontend.llb.state import State
    from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.oci.image import ImageConfig
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.reference import Reference
    from pyfrontend.oci.timestamp import Moment
    from pyfrontend.policies.values import Use
    from pyfrontend.syntax.document import Dockerfile
else:
    Protocol = object


class Limits(NamedTuple):
    """What limits or equips the processes of a build.

    ``extra_hosts`` are pairs of host name and address; ``shm_size`` is in bytes, 0 for the default.
    """

    extra_hosts: Sequence[tuple[str, str]] = ()
    shm_size: int = 0
    ulimits: Sequence[Ulimit] = ()
    resources: LinuxResources | None = None


class Options(Protocol):
    """The build options that lowering reads; `BuildOptions` in `pyfrontend.driver.options` has them all."""

    @property
    def target(self) -> str:
        """The stage to build, empty for the last."""

    @property
    def args(self) -> Mapping[str, str]:
        """Build arguments by name."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels of the final image."""

    @property
    def multi_platform(self) -> bool:
        """Whether results and step names say their platform."""

    @property
    def network(self) -> str:
        """Network of every RUN: ``host``, ``none`` or empty."""

    @property
    def hostname(self) -> str:
        """Host name of every RUN."""

    @property
    def limits(self) -> Limits:
        """Hosts, memory and limits of every RUN."""

    @property
    def cgroup_parent(self) -> str:
        """Parent cgroup of every RUN."""

    @property
    def cache_mount_ns(self) -> str:
        """Prefix of the ids of cache mounts."""

    @property
    def resolve_mode(self) -> str:
        """How images are looked up: ``default``, ``pull`` or ``local``."""

    def is_no_cache(self, stage: str) -> bool:
        """Tell whether steps of ``stage`` (its name, empty for none) must run again."""


class LoadedContext(NamedTuple):
    """A named context as a filesystem, with the config of the image that it is, if it is one."""

    state: State
    image: ImageConfig | None


class NamedContext(Protocol):
    """A ``--build-context`` that replaces an image or a stage; loading it may ask the daemon."""

    @property
    def key(self) -> str:
        """Its name as the user gave it, with the platform if it is for one only."""

    @property
    def specification(self) -> str:
        """What the user gave it: a scheme and an address, after source policies."""

    def load(self) -> LoadedContext:
        """Return its filesystem and config; raises `DockerfileError` for a bad specification."""


class Images(Protocol):
    """Where images are looked up.  A wrapper, such as a lock or a policy, has the same method."""

    def resolve(self, query: ImageQuery) -> ImageMeta:
        """Return what is known of an image.

        Raises `DockerfileError` for one that is not there, and its subclass `NotAnImageError` of
        `pyfrontend.lookups` for one that has become another kind of source.
        """


class Sources(Protocol):
    """Where repositories and files of web servers are looked up; wrappers as for `Images`."""

    def resolve(self, query: SourceQuery) -> SourceMeta:
        """Return what is known of a source; raises `DockerfileError` for one that is not there."""


class Contexts(Protocol):
    """The build contexts of one lowering; `pyfrontend.driver.contexts.resolver` has the real ones."""

    def named_context(
        self, name: str, platform: Platform | None, used_paths: Callable[[], Sequence[str]]
    ) -> NamedContext | None:
        """Return the context that the user gave for ``name``, or None.

        ``used_paths`` returns, once all stages are lowered, the paths of it that the build needs; none: all.
        """

    def ignore_patterns(self) -> list[str]:
        """Return the patterns of the ignore file; empty for a context that is not local."""

    def main_context(self, used_paths: Sequence[str]) -> Output | None:
        """Return the build context, cut down to ``used_paths`` where there are any."""

    def source_time(self, source: Output | None, log_name: str) -> Moment | None:
        """Return the time of a git or http source, or None if it has none."""


class Policies(Protocol):
    """What may refuse or replace a source before it is looked up, where a build has such policies.

    All methods raise `DockerfileError` for a source that is denied.
    """

    def image(self, reference: Reference, platform: Platform | None, use: Use) -> Reference:
        """Return the image to look up for ``reference``."""

    def http(self, url: str, checksum: str, use: Use) -> str:
        """Return the address to download from in place of ``url``."""

    def git(self, ref: GitRef, checksum: str, use: Use) -> GitRef:
        """Return the repository to take in place of ``ref``."""

    def context(self, name: str, specification: str, platform: Platform | None) -> str:
        """Return the specification to load in place of that of the named context ``name``."""


class Request(NamedTuple):
    """One lowering: of one Dockerfile, for one platform.

    ``target_platform`` is None where the user named none; ``build_platforms`` lists those of the
    worker, the first of which runs the build.  With ``all_stages`` the stages that the target does
    not need are lowered too (STG-020).  ``gate`` is the stage to lower instead of the target, by name or
    index, where one is lowered that the build requires and does not contain.  ``policies`` are asked before
    each lookup, None where there are none.
    """

    dockerfile: Dockerfile
    options: Options
    images: Images
    contexts: Contexts
    caps: Capabilities
    linter: Linter
    target_platform: Platform | None = None
    build_platforms: Sequence[Platform] = ()
    all_stages: bool = False
    gate: str = ""
    policies: Policies | None = None

    def platforms(self) -> tuple[Platform, tuple[Platform, ...]]:
        """Return the target platform and the build platforms, defaults filled in."""
        build = tuple(self.build_platforms)
        if not build:
            build = (self.target_platform or default_platform(),)
        return self.target_platform or build[0], build
