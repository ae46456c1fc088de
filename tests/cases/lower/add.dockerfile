# Archives are unpacked, URLs downloaded, repositories checked out.
FROM busybox
ADD rootfs.tar /
ADD --unpack=false rootfs.tar /archives/
ADD --checksum=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 https://example.org/files/tool /bin/
ADD --keep-git-dir=true https://github.com/moby/buildkit.git#v0.10.1 /src
