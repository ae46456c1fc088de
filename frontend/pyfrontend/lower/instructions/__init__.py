"""How each instruction is lowered: every module registers its functions in `pyfrontend.lower.dispatch`."""
