"""A shop that knows what things cost."""
