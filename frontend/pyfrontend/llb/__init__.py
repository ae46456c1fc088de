"""LLB, the graph language of BuildKit: states and ops on the one side, a `pb.Definition` on the other."""
