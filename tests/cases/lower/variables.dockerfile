#? option build-arg:VERSION=2
#? option build-arg:HTTP_PROXY=http://proxy:3128
# Build arguments beat defaults; a proxy is there for RUN and nowhere else.
ARG VERSION=1 BASE=alpine
FROM ${BASE}:3.$VERSION
ARG VERSION
ARG NAME=app-${VERSION:?}
ENV FULL=$NAME-full PATH=/opt:$PATH
RUN echo $FULL
LABEL version=$VERSION
EXPOSE 80-82 53/udp
