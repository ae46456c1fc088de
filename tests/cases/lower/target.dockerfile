#? option target=tests
# The target is the stage asked for; what comes after it is left out.
FROM busybox AS base
FROM base AS tests
RUN test -d /
FROM base
RUN touch /never
