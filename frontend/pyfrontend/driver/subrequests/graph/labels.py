"""The text in the boxes of a drawing, in short lines: boxes in, `Line`s and badges out."""

from __future__ import annotations

from pyfrontend.display import one_line
from pyfrontend.driver.subrequests.graph.choice import FULL, OVERVIEW, STAGES, STEPS
from pyfrontend.driver.subrequests.graph.model import IMAGE, NAMED
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.inputs import CONTEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyfrontend.driver.subrequests.graph.model import DrawnStage, DrawnStep, Source
    from pyfrontend.driver.subrequests.graph.view import SourceBox, StageBox, View

#: The kind of a line: a step, an instruction that makes none, a comment in the Dockerfile, or one of ours.
STEP, QUIET, NOTE = "step", "quiet", "note"

#: Columns of a line, and how many lines a step may take unless everything is shown.
WIDTH = 52
MOST_LINES = 2
#: A picture is to be read at a glance: so many steps and badges of a stage, and names of a group.
MOST_STEPS = 10
MOST_BADGES = 4
MOST_NAMES = 5
#: No picture needs more of one instruction, whatever is chosen.
MOST_FULL_LINES = 40
MOST_NAME = 40
MOST_BADGE = 24
MOST_DIGEST = len("sha256:") + 12
DOTS = "…"
#: These two are not characters, and XML rejects them.
NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")
INDENT = "  "
#: Signs after which a long word is broken, the best first.
BREAKS = (",", "/&;:?", "=-_.")
PLURALS = {"http": "downloads", "git": "repositories", NAMED: "named contexts"}


class Line(NamedTuple):
    """One line below the title of a box."""

    kind: str
    text: str


class Badge(NamedTuple):
    """What the person who builds has to hand in, or what stays from build to build: see `DrawnMount`."""

    kind: str
    text: str


def plain(text: str) -> str:
    """Return ``text`` with escapes for control characters, and without what XML allows nowhere."""
    return one_line(text).translate(NO_CHARACTERS)


def cut(text: str, most: int) -> str:
    """Return ``text`` in at most ``most`` characters, safe to show."""
    text = plain(text)
    return text if len(text) <= most else text[: most - 1] + DOTS


def listed(texts: Sequence[str], most: int) -> str:
    """Return ``texts`` as a list in words, those after the first ``most`` as a number."""
    shown = ", ".join(plain(text) for text in texts[:most])
    if len(texts) <= most:
        return shown
    return f"{shown} and {len(texts) - most:,} more"


def headline(view: View) -> str:
    """Return what a drawing is of, and how many stages the target needs."""
    drawing = view.drawing
    total = len(drawing.stages)
    needed = sum(stage.reached for stage in drawing.stages)
    more = f" (first of {len(drawing.platforms)} platforms)" if len(drawing.platforms) > 1 else ""
    target = cut(view.target_name, MOST_NAME)
    return (
        f"{cut(drawing.filename, MOST_NAME)}: target {target} for {drawing.platform}{more}"
        f" needs {needed} of {_stages(total)}"
    )


def not_shown(view: View) -> list[str]:
    """Return what is not shown, and the options that show it."""
    lines = []
    hints = []
    if view.detail in {OVERVIEW, STAGES}:
        hints.append("steps (option steps)")
    if any(len(box.stages) > 1 for box in view.stages):
        hints.append("every stage by itself (option stages)")
    if view.hidden:
        hints.append(f"{_stages(view.hidden)} that the target does not need (option all)")
    if hints:
        lines.append(f"Not shown: {', '.join(hints)}")
    if view.left_out:
        lines.append(
            f"Too many for a picture: {_stages(view.left_out)} left out, those farthest from the target"
        )
    return lines


def _stages(count: int) -> str:
    return f"{count:,} stage{'s' if count != 1 else ''}"


def stage_title(box: StageBox) -> str:
    """Return the name of a stage, or how many stages a box stands for."""
    return cut(box.stages[0].name, MOST_NAME) if len(box.stages) == 1 else f"{len(box.stages)} stages"


def location(box: StageBox) -> str:
    """Return where the stages of a box are written."""
    files = {stage.file for stage in box.stages}
    lines = sorted(stage.line for stage in box.stages)
    numbers = f"lines {lines[0]} to {lines[-1]}" if len(lines) > 1 else f"line {lines[0]}"
    if files == {""}:
        return numbers
    return f"{numbers} of {plain(files.pop())}" if len(files) == 1 else f"in {len(files)} files"


def stage_lines(box: StageBox, view: View) -> list[Line]:
    """Return what a box says below its title: names of a group, else steps as far as they are shown."""
    if len(box.stages) > 1:
        names = listed([stage.name for stage in box.stages], MOST_NAMES)
        return [Line(NOTE, text) for text in wrapped(names, WIDTH, MOST_LINES)]
    [stage] = box.stages
    lines = []
    if stage.platform != view.drawing.platform:
        lines.append(Line(NOTE, stage.platform))
    if view.detail in {STEPS, FULL}:
        doc = f"# {stage.doc}" if stage.doc else ""
        lines += [Line(NOTE, text) for text in wrapped(doc, WIDTH, MOST_LINES)]
        lines += _all_steps(stage) if view.detail == FULL else _some_steps(stage)
    return lines


def badges(stages: Iterable[DrawnStage]) -> list[Badge]:
    """Return the secrets, ssh agents and caches of ``stages``, each once, the last ones as a number."""
    found: dict[Badge, None] = {}
    for stage in stages:
        for step in stage.steps:
            for mount in step.mounts:
                # Of a path the end says most.
                name = plain(mount.target if mount.kind == "cache" and mount.target else mount.id)
                text = name if len(name) <= MOST_BADGE else DOTS + name[1 - MOST_BADGE :]
                found[Badge(mount.kind, text)] = None
    ordered = sorted(found, key=lambda badge: badge.kind, reverse=True)  # ssh and secrets before caches
    if len(ordered) <= MOST_BADGES:
        return ordered
    return [*ordered[: MOST_BADGES - 1], Badge("", f"{len(ordered) - MOST_BADGES + 1} more mounts")]


def badge_text(badge: Badge) -> str:
    """Return a badge in words."""
    return f"{badge.kind} {badge.text}".strip()


def source_lines(box: SourceBox) -> list[str]:
    """Return name and platform or location of a source, or how many sources a box stands for."""
    if len(box.sources) > 1:
        plural = PLURALS.get(box.kind, f"{box.kind}s")
        names = listed([short_name(source) for source in box.sources], MOST_NAMES)
        return [f"{len(box.sources)} {plural}", *wrapped(names, MOST_NAME, MOST_LINES)]
    [source] = box.sources
    return [cut(text, MOST_NAME) for text in _source_texts(source) if text]


def _source_texts(source: Source) -> tuple[str, ...]:
    if source.kind == IMAGE:
        return short_name(source), source.platform, source.detail
    if source.kind == NAMED:
        return f"named context {source.name}", source.detail
    if source.kind == CONTEXT:
        return "build context", source.detail
    return source.name, source.detail


def short_name(source: Source) -> str:
    """Return the name of ``source`` for people, of its digest only so much as they compare."""
    name, at, digest = source.name.partition("@")
    return source.name if source.kind != IMAGE or not at else f"{name}@{digest[:MOST_DIGEST]}{DOTS}"


def without_mounts(step: DrawnStep) -> str:
    """Return a step without the mounts that badges show, and of the others only the types, each once."""
    return _with_types(step.text, {mount.kind for mount in step.mounts})


def with_mount_types(text: str) -> str:
    """Return a step with only the types of its mounts, each once: the details would hide the command."""
    return _with_types(text, frozenset())


def _with_types(text: str, hidden: set[str] | frozenset[str]) -> str:
    words = text.split(" ")
    mounts: dict[str, None] = {}
    position = 1
    while position < len(words) and words[position].startswith("--mount="):
        fields = dict(field.partition("=")[::2] for field in words[position][len("--mount=") :].split(","))
        kind = fields.get("type", "bind")
        if kind not in hidden:
            mounts[f"--mount={kind}"] = None
        position += 1
    return " ".join((words[0], *mounts, *words[position:]))


def marked(step: DrawnStep, text: str) -> str:
    """Return ``text`` of ``step``, with ONBUILD before that of a trigger, and marked if it is skipped."""
    if step.skipped:
        return f"skipped: {text}"
    return f"ONBUILD {text}" if step.triggered else text


def wrapped(text: str, width: int, most: int, indent: str = INDENT) -> list[str]:
    """Return ``text`` in lines of at most ``width`` signs, the last of ``most`` lines cut if there is more.

    Lines break between words; a word that is longer than a line breaks after a comma or slash.
    """
    # More than this cannot be shown: a step may have a million characters.
    text = plain(text[: (width + 1) * most + 1])
    start = text[: len(text) - len(text.lstrip())][: width // 2]
    below = start + indent
    lines, line = [], start
    for word in text.split():
        begun = line + " " * bool(line.strip())
        if len(begun + word) <= width:
            line = begun + word
            continue
        is_long = len(below + word) > width
        if line.strip() and not (is_long and len(begun) < width // 2):
            lines.append(line)
            begun = below
        *full, line = _broken(begun, word, width, below)
        lines += full
    lines += [line] if line.strip() else []
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(f"{lines[most - 1]} {lines[most].strip()}", width)]
    return lines


def _broken(begun: str, word: str, width: int, below: str) -> Iterator[str]:
    """Yield the lines that ``word`` makes of the line ``begun``, and of those below."""
    while len(begun + word) > width:
        room = width - len(begun)
        ends = [max(word.rfind(sign, room // 2, room) for sign in signs) + 1 for signs in BREAKS]
        end = next(filter(None, ends), room)
        yield begun + word[:end]
        begun, word = below, word[end:]
    yield begun + word


def _some_steps(stage: DrawnStage) -> Iterator[Line]:
    """Yield the steps of the progress, cut, and in short the other instructions."""
    counted = [step for step in stage.steps if step.number]
    for step in counted[: MOST_STEPS if len(counted) <= MOST_STEPS else MOST_STEPS - 1]:
        for text in wrapped(marked(step, without_mounts(step)), WIDTH, MOST_LINES):
            yield Line(STEP, text)
    if len(counted) > MOST_STEPS:
        yield Line(NOTE, f"{DOTS} {len(counted) - MOST_STEPS + 1} more steps")
    others = " · ".join(marked(step, step.text) for step in stage.steps if not step.number)
    for text in wrapped(others, WIDTH, MOST_LINES):
        yield Line(QUIET, text)


def _all_steps(stage: DrawnStage) -> Iterator[Line]:
    for step in stage.steps:
        kind = STEP if step.number else QUIET
        for text in full_texts(step):
            for line in wrapped(text, WIDTH, MOST_FULL_LINES):
                yield Line(kind, line)


def full_texts(step: DrawnStep) -> list[str]:
    """Return ``step`` uncut: the instruction, then the lines of its script."""
    return [
        marked(step, step.code),
        *(f"{INDENT}{line.rstrip().expandtabs(4)}" for line in step.script or ()),
    ]
