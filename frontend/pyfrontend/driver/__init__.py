"""One request from options to result: contexts, conversion for every platform, attestations, subrequests."""
