"""OCI images and their names: references, platforms, image configs, timestamps."""
