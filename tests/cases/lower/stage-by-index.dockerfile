# --from counts the stages from zero.
FROM busybox
RUN touch /made
FROM scratch
COPY --from=0 /made /
