# 3: dockerfile parse error on line 3: HEALTHCHECK NONE takes no arguments
FROM alpine
HEALTHCHECK --what none x
