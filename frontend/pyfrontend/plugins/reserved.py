"""Names that are built in, so that no plugin can take them; tests compare them with what there is."""

from __future__ import annotations

#: Rules of the linter, and what check options call several of them.
RULES = """
    AddInsteadOfCopy AddWithoutChecksum AptInsteadOfAptGet ArgOutOfScope AssumeYesMissing
    BackgroundCommand BracesInPath BrokenJsonArray BuildToolsKept CacheMountMissing CdInRun
    CommandInValue ConsistentInstructionCasing CopyBeforeInstall CopyHiddenFile CopyIgnoredFile
    CopyOverwritten CopyToOneFile DebianFrontendKept DownloadPipedToShell DuplicateStageName
    ExecFormOneWord ExecFormOperator ExecFormVariable ExposeInvalidFormat ExposeNothing
    ExposeProtoCasing FlagTakesNoVariable FromAsCasing FromPlatformFlagConstDisallowed
    FrontendNotLocked HeredocLineEndings HeredocVariable IgnoredDirective ImageNotPinned
    IncompleteOwner IncompleteShell InvalidBaseImagePlatform InvalidDefaultArgInFrom
    InvalidDefinitionDescription JSONArgsRecommended LatestTag LegacyKeyValueFormat LockCopied
    LockUnused MaintainerDeprecated MisplacedFlag MoreWarnings MultipleInstructionsDisallowed
    NoEmptyContinuation NoLastingEffect NotLocked OwnerChangedAfterCopy PackageCacheKept
    PackageListsKept PackageNotPinned PipefailMissing RecommendsInstalled
    RedundantTargetPlatform RemovedInLaterLayer ReservedStageName RunRepeated RunsAsRoot
    SecretCopied SecretsUsedInArgOrEnv ServiceStarted SpacesAroundEquals StageNameCasing
    StageNotBuilt StrayPunctuation SudoInRun SwallowedInstruction SyntaxError TildeInPath
    UndefinedArgInFrom UndefinedVar UnknownBuildArg UnknownBuildContext UnknownPlatform
    UnknownRule UpdateAlone VolumePath WorkdirRelativePath all strict
"""
#: Subrequests, what clients call them, and commands of the command line.
CALLS = """
    check check-github check-gitlab check-sarif completion convertllb fix graph graph-dot
    graph-mermaid graph-svg help lint llb lock lock-check lock-policy outline plain plugins
    subrequests.describe targets test
"""
#: Schemes of named contexts.
SCHEMES = """
    docker-image git http https input local oci-layout target
"""

#: By the kind of thing that they name.
NAMES = {
    "rule": frozenset(RULES.split()),
    "call": frozenset(CALLS.split()),
    "context": frozenset(SCHEMES.split()),
}
