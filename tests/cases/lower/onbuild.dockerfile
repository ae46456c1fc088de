#? image base {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]}, "config": {"OnBuild": ["COPY . /src", "RUN make"]}}
# Triggers of the base image are the first steps; those of a stage wait for the stage on top of it.
FROM base AS middle
ONBUILD ENV MADE=here
ONBUILD COPY --from=tools /bin/tool /bin/
FROM middle
RUN env
