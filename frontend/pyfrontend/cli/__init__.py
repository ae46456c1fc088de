"""The command line of the image."""
