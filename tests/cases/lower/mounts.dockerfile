#? option build-arg:BUILDKIT_CACHE_MOUNT_NS=team
FROM busybox AS tools
FROM alpine
WORKDIR /work
RUN --mount=type=bind,target=.,rw --mount=from=tools,source=bin,target=/tools \
    --mount=type=cache,target=/root/.cache,sharing=locked,id=home --mount=type=cache,target=/var/tmp,uid=5,mode=700 \
    --mount=type=tmpfs,target=/scratch,size=64m --mount=type=secret,id=token,required \
    --mount=type=secret,id=key,env=KEY --mount=type=ssh \
    make install
