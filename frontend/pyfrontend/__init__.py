"""pyfrontend, a BuildKit frontend in Python: the version and nothing else, since every build pays for it."""

__version__ = "0.1.0"
