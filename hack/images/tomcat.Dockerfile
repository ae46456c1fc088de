# Stand-in for tomcat where Docker Hub cannot be reached: Debian's Tomcat 10 and OpenJDK, laid out as the
# official image is (all below /usr/local/tomcat, no web applications, Tomcat in the foreground).
FROM debian:trixie-slim
# Java's packages link into the folder of manual pages, which a slim image has not. The package tomcat10
# itself would bring a service manager: only its configuration is taken out of it.
RUN mkdir -p /usr/share/man/man1 && apt-get -qq update \
    && apt-get -qq install -y --no-install-recommends libtomcat10-java openjdk-21-jre-headless tomcat10-common >/dev/null \
    && cd /tmp && apt-get -qq download tomcat10 && dpkg-deb -x tomcat10_*.deb tomcat10 && mkdir -p /opt/java \
    && ln -s /usr/lib/jvm/java-21-openjdk-* /opt/java/openjdk \
    && mkdir -p /usr/local/tomcat && cd /usr/local/tomcat && mkdir logs temp webapps work \
    && cp -rL /usr/share/tomcat10/bin /usr/share/tomcat10/lib . && cp -r /tmp/tomcat10/usr/share/tomcat10/etc conf \
    && rm -rf /tmp/tomcat10* /var/lib/apt/lists/*
ENV JAVA_HOME=/opt/java/openjdk CATALINA_HOME=/usr/local/tomcat \
    PATH=/usr/local/tomcat/bin:/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/local/tomcat
EXPOSE 8080
CMD ["catalina.sh", "run"]
