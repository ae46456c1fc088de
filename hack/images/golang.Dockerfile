# Stand-in for golang where Docker Hub cannot be reached: Debian's Go, in the place where the official image
# has it. Without a C compiler, so for CGO_ENABLED=0.
FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends golang-go >/dev/null \
    && rm -rf /var/lib/apt/lists/* && ln -s /usr/lib/go-* /usr/local/go && mkdir -p /go/bin /go/src
ENV GOPATH=/go GOTOOLCHAIN=local \
    PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /go
CMD ["bash"]
