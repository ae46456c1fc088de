# Stand-in for python where Docker Hub cannot be reached: Debian's python3 with pip and venv.
FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends python3 python3-pip python3-venv >/dev/null \
    && rm -rf /var/lib/apt/lists/* && ln -s python3 /usr/bin/python
CMD ["python3"]
