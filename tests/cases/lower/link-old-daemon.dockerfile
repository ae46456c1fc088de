#? without mergeop
# A daemon that cannot merge copies as if --link was not there.
FROM busybox
COPY --link app /app/
