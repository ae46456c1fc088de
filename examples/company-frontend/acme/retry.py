"""A flag: ``RUN --retry=3 make`` runs the command again when it fails, three times at most."""

from pyfrontend.api import DockerfileError, extend


@extend("RUN").flag("retry")
def retry(command: str, times: str) -> str:
    """Return the command that stands behind the flags in place of ``command``."""
    if not times.isdecimal() or int(times) < 1:
        raise DockerfileError(f"--retry takes a number, as in --retry=3, and not {times}")
    if command.startswith(("[", "<<")):
        raise DockerfileError("--retry takes a command for the shell, in the same line")
    return f"for try in $(seq {times}); do {{ {command}; }} && exit; sleep 1; done; exit 1"
