# syntax=ourorg/pyfrontend args=versions.env
# The second of two services that share a base stage, a fragment and one list of versions:
#   docker buildx build --file web.Dockerfile --tag web --load .
ARG ALPINE=edge
FROM ./base/tools.Dockerfile#tools AS build
COPY web/ /src/
RUN sed "s/@VERSION@/$(cat /tools/version)/" /src/hello.txt >/hello.txt

FROM alpine:$ALPINE
INCLUDE base/labels.inc
COPY --from=build /hello.txt /
CMD ["cat", "/hello.txt"]
