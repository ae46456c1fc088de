"""Functions that must behave exactly as in Go: numbers, quoting, CSV, JSON, patterns, durations, paths."""
