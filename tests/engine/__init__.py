"""Real builds: `docker buildx build` against a Docker Engine that has the frontend image."""
