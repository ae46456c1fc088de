# 3: dockerfile parse error on line 3: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed
FROM alpine
ONBUILD onbuild RUN x
