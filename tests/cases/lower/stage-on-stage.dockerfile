# A stage on top of another goes on with its files, environment, directory and user.
FROM busybox AS base
ENV LEVEL=base
WORKDIR /work
USER guest
FROM base
RUN id
