# Stand-in for alpine where Docker Hub cannot be reached: Debian inside, with an `apk` that installs the
# Debian package of the same name. Good for `apk add openssl`; it is no Alpine Linux.
FROM debian:trixie-slim
COPY --chmod=755 <<'SH' /sbin/apk
#!/bin/sh
# apk [OPTION ...] add|del|update|upgrade [OPTION ...] [PACKAGE ...], done by apt
set -eu
command= packages=
while [ $# -gt 0 ]; do
    case $1 in
    -t | --virtual | -X | --repository) shift ;;
    -*) ;;
    *) if [ -z "$command" ]; then command=$1; else packages="$packages ${1%%[<>=~@]*}"; fi ;;
    esac
    shift
done
export DEBIAN_FRONTEND=noninteractive
case $command in
update) exec apt-get -qq update ;;
add) apt-get -qq update && apt-get -qq install -y --no-install-recommends $packages >/dev/null && rm -rf /var/lib/apt/lists/* ;;
del) exec apt-get -qq purge -y --auto-remove $packages ;;
upgrade) apt-get -qq update && exec apt-get -qq upgrade -y ;;
*) echo "apk stand-in: '$command' is not known, only add, del, update, upgrade" >&2 && exit 1 ;;
esac
SH
CMD ["/bin/sh"]
