"""Which files of a repository are Dockerfiles by their names: what every integration has to agree on."""

from __future__ import annotations

DOCKERFILES = (
    "Dockerfile",
    "Containerfile",
    "Dockerfile.dev",
    "Dockerfile.dev.old",
    "api.Dockerfile",
    "api/Dockerfile",
    "api/v2/dev.dockerfile",
    "api/dockerfile",
    "api/v2.Containerfile",
)
OTHERS = (
    ".dockerignore",
    "Dockerfile.dockerignore",
    "Dockerfile.dev.dockerignore",
    "api.Dockerfile.dockerignore",
    "Containerfile.containerignore",
    "Dockerfile.lock",
    "api.Dockerfile.lock",
    "Dockerfile.rego",
    "Dockerfile.j2",
    "Dockerfile.md",
    "docs/Dockerfile/README",
    "MyDockerfile",
    "Dockerfiles",
    "dockerfile.d/README",
    "docker-compose.yml",
)
