"""Tests of the lowering; a package, since other folders have modules of the same names."""
