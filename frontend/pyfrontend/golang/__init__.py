"""What this frontend must do exactly as Go does: numbers, quoting, CSV, JSON, patterns, durations, paths."""
