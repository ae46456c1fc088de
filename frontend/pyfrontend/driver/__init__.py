"""One build from options to result: contexts, conversion for every platform, attestations, questions."""
