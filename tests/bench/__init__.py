"""Measurements of speed and size; `hack/bench` runs them, the tests do not."""
