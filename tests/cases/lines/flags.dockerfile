FROM alpine
COPY --chown="a b":'c' --link --from=x a b
COPY --chown=a\ b -- --from=x a b
RUN --mount=type=cache,target=/x --mount=from=y --network=none make --flag
RUN --not-a -flag
ARG --ignored a
STOPSIGNAL --ignored 9
HEALTHCHECK --interval=1s --retries=2 CMD --x
ADD --keep-git-dir=false --unpack a b
