"""The Node.js example: a bundle from one stage, production dependencies from another, Express serves both."""

from __future__ import annotations

import os
from pathlib import Path

from engine.client import build, docker
from engine.serving import Answer, ask, need_images

#: What this machine trusts, which may be more than the certificates that npm brings along.
CERTIFICATES = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))


def secrets(folder: Path) -> list[str]:
    """Return the options that let npm, inside the build, trust what this machine trusts."""
    if not CERTIFICATES.exists():
        return []
    npmrc = folder / "npmrc"
    npmrc.write_text("cafile=/run/secrets/ca\n")
    return ["--secret", f"id=npmrc,src={npmrc}", "--secret", f"id=ca,src={CERTIFICATES}"]


def test_express_serves_the_bundle_without_development_dependencies(
    root: Path, image: str, tmp_path: Path
) -> None:
    need_images(root, "node:22-slim")
    tag = "pyfrontend-test-node-app"
    built = build(root / "examples/node-app", *secrets(tmp_path), "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")
    page, bundle, greeting = ask(tag, 3000, "/", "/main.js", "/api/greeting?name=you")
    assert page.status == 200
    assert 'src="main.js"' in page.body
    assert ", from a bundle" in bundle.body
    assert "import" not in bundle.body
    assert greeting == Answer(200, '{"greeting":"Hello you"}')
    packages = docker("run", "--rm", tag, "ls", "node_modules").split()
    assert "express" in packages
    assert "esbuild" not in packages
