"""The request as the daemon hands it over, and the build options read from it."""
