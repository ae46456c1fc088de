# A separate Dockerfile, whose stages are used by name, as in FROM ./base/tools.Dockerfile#tools
ARG ALPINE=edge
FROM alpine:$ALPINE AS tools
ARG TOOLS
RUN mkdir /tools && echo "tools $TOOLS" >/tools/version
