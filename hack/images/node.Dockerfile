# Stand-in for node where Docker Hub cannot be reached: Debian's Node.js and npm, whatever release the tag
# asks for, and the user `node` of the official image.
FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends nodejs npm >/dev/null \
    && rm -rf /var/lib/apt/lists/* && useradd --uid 1000 --create-home --shell /bin/bash node
CMD ["node"]
