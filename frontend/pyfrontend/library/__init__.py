"""The implementation of the public names of `pyfrontend`; not part of the image."""
