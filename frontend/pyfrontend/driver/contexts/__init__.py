"""Build contexts: main, remote and named ones, and the answers that lowering gets about them."""
