# A name that is no stage is an image, in COPY as in a mount.
FROM scratch
COPY --from=busybox:musl /bin/sh /bin/sh
RUN --mount=from=tools,target=/tools,source=/bin /tools/run
