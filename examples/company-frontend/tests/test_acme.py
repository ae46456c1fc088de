"""Tests of all that acme/ adds. They need neither Docker nor a network."""

from pathlib import Path

from pyfrontend.testing import Daemon, Tester

SAMPLE = Path(__file__).parents[1] / "Dockerfile"


def test_apt_is_what_we_wrote_by_hand(dockerfile: Tester) -> None:
    by_hand = r"""
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
            --mount=type=cache,target=/var/lib/apt,sharing=locked \
        rm -f /etc/apt/apt.conf.d/docker-clean \
        && apt-get update -q \
        && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends curl git
    """
    dockerfile.assert_same_graph("APT curl git", by_hand)


def test_apt_without_a_package_is_an_error(dockerfile: Tester) -> None:
    dockerfile.assert_error("APT", "APT needs a package", line=1)


def test_retry_wraps_the_command(dockerfile: Tester) -> None:
    loop = "RUN for try in $(seq 3); do { make; } && exit; sleep 1; done; exit 1\n"
    assert dockerfile.plain("RUN --retry=3 make\n") == loop


def test_retry_takes_a_number(dockerfile: Tester) -> None:
    dockerfile.assert_error("RUN --retry=often make", "--retry takes a number", line=1)
    dockerfile.assert_error('RUN --retry=3 ["make"]', "a command for the shell")


def test_an_image_says_which_team_it_belongs_to(dockerfile: Tester) -> None:
    dockerfile.assert_warning("FROM debian:13\n", "ACME001", line=1)
    dockerfile.assert_clean("FROM debian:13\nLABEL team=web\n")


def test_releases_get_security_updates(dockerfile: Tester) -> None:
    dockerfile.assert_denied("FROM debian:bullseye-slim", "supported_releases", "a newer release", line=1)
    dockerfile.assert_denied("COPY --from=node:18.2 /app /", "supported_releases", line=1)
    assert dockerfile.build("FROM node:24").looked_up == ("docker.io/library/node:24",)


def test_the_sample_is_clean_and_builds(dockerfile: Tester) -> None:
    dockerfile.assert_clean(SAMPLE)
    debian = {"config": {"Env": ["PATH=/usr/bin:/bin"]}}
    built = dockerfile.build(SAMPLE, daemon=Daemon(images={"debian:trixie-slim": debian}))
    assert built.image()["config"]["Labels"] == {"team": "web"}
    assert built.warnings == ()
