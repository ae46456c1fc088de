"""The request as received from the daemon, and the build options parsed from it."""
