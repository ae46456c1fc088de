# 2: dockerfile parse error on line 2: ARG requires at least one argument
ARG --x
