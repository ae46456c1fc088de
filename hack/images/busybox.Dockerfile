# Stand-in for busybox where Docker Hub cannot be reached: Debian's static busybox and its applets.
FROM debian:trixie-slim AS install
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends busybox-static >/dev/null
RUN mkdir -p /rootfs/bin /rootfs/etc /rootfs/root /rootfs/home /rootfs/var && mkdir -m 1777 /rootfs/tmp \
    && cp /bin/busybox /rootfs/bin/ && chroot /rootfs /bin/busybox --install /bin \
    && printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >/rootfs/etc/passwd \
    && printf 'root:x:0:\nnobody:x:65534:\n' >/rootfs/etc/group

FROM scratch
COPY --from=install /rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
