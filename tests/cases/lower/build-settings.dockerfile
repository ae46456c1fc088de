#? option force-network-mode=none
#? option add-hosts=db=10.0.0.5
#? option ulimit=nofile=1024:2048
#? option shm-size=67108864
#? option hostname=builder
#? option no-cache=late
# Settings of the build go into every RUN; steps of the named stage run again.
FROM busybox AS early
RUN one
FROM early AS late
RUN --network=host --security=insecure two
