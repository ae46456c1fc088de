# What the steps leave in the image besides files.
FROM scratch
MAINTAINER nobody
LABEL b=2 a="1 2"
ENV A=1
VOLUME ["/data", "/logs"]
STOPSIGNAL SIGUSR1
SHELL ["/bin/ash", "-c"]
HEALTHCHECK --interval=5s --retries=3 CMD curl -f localhost
ENTRYPOINT exec top -b
ONBUILD RUN echo later
