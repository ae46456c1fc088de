"""The stage graph: its model, and one renderer for each output format."""
