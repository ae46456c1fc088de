"""The Dockerfile language: text to typed instructions, and the expansion of variables in them."""
