"""Where the files of a build come from: main contexts, named contexts, and how much of them is sent."""
