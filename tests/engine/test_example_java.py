"""The Java examples: a WAR in Tomcat, and a JAR on a JRE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.client import build, docker
from engine.serving import Answer, ask, need_images

if TYPE_CHECKING:
    from pathlib import Path


def test_tomcat_serves_the_war_that_the_jdk_stage_made(root: Path, image: str) -> None:
    need_images(root, "eclipse-temurin:21-jdk", "tomcat:10.1-jre21")
    tag = "pyfrontend-test-java-war"
    built = build(root / "examples/java-war", "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")
    page, greeting = ask(tag, 8080, "/", "/hello?name=Duke")
    assert page.status == 200
    assert "A WAR in Tomcat" in page.body
    assert greeting == Answer(200, "Hello Duke from a WAR\n")


def test_jre_runs_the_jar_that_the_jdk_stage_made(root: Path, image: str) -> None:
    need_images(root, "eclipse-temurin:21-jdk", "eclipse-temurin:21-jre")
    tag = "pyfrontend-test-java-jar"
    built = build(root / "examples/java-jar", "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")
    assert (
        docker("run", "--rm", "--interactive", tag, text="to be or not to be\n")
        == "2 be\n1 not\n1 or\n2 to\n"
    )
    compiler = docker("run", "--rm", "--entrypoint", "sh", tag, "-c", "command -v javac || echo none")
    assert compiler == "none\n"
