# Stand-in for eclipse-temurin where Docker Hub cannot be reached: Debian's OpenJDK, in the place where the
# official image has it. TAG is 21-jdk or 21-jre, or with another release that Debian has.
ARG TAG=21-jdk
FROM debian:trixie-slim AS jre
ARG TAG
# Java's packages link into the folder of manual pages, which a slim image has not.
RUN mkdir -p /usr/share/man/man1 && apt-get -qq update \
    && apt-get -qq install -y --no-install-recommends openjdk-${TAG%%-*}-jre-headless >/dev/null \
    && rm -rf /var/lib/apt/lists/* && mkdir -p /opt/java && ln -s /usr/lib/jvm/java-${TAG%%-*}-openjdk-* /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM jre AS jdk
ARG TAG
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends openjdk-${TAG%%-*}-jdk-headless >/dev/null \
    && rm -rf /var/lib/apt/lists/*
CMD ["jshell"]

FROM ${TAG#*-}
