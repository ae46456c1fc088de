# shellcheck shell=bash disable=SC2034
# The sources of the frontend image, for the scripts that build it; sourced after lib.sh, not run.

# How layers are compressed: the same everywhere, so that they are the same bytes.
compression=compression=gzip,compression-level=9

# frontend_sources [ARCHITECTURE ...]: sets `sources` to the options of buildx that name all that goes into the image
# (for this machine, or for those architectures), `epoch` to its time in seconds since 1970, empty if unknown, and
# `unpinned` to a sentence about what is not pinned, if anything.
frontend_sources() {
    local base folder revision
    unpinned=
    sources=(--file "$repo/Dockerfile.frontend" --build-arg VERSION="$(version)")
    base=$(sed -n 's/^ARG BASE=//p' "$repo/Dockerfile.frontend")
    "$repo/hack/baseimages" "$base"
    if ! docker image inspect "$base" >/dev/null 2>&1; then
        unpinned="the base image is a stand-in, so nothing of Debian is pinned; the image's dpkg status has the versions"
        say "$unpinned"
        sources+=(--build-arg BASE="${base%@*}" --build-arg SNAPSHOT=)
    fi
    folder=$(wheels "$@")
    sources+=(--build-context wheels="$folder")
    # A commit always gives the same image. The files have a time of their own, so that layers stay the same from
    # commit to commit.
    epoch=${SOURCE_DATE_EPOCH:-$(git -C "$repo" log -1 --format=%ct 2>/dev/null || true)}
    if revision=$(git -C "$repo" describe --always --abbrev=40 --exclude '*' --dirty 2>/dev/null); then
        sources+=(--build-arg REVISION="$revision")
    fi
}

# wheels [ARCHITECTURE ...]: the folder with the wheels of the image. They come from outside the build, since pip in a
# build container may know neither the network's proxy nor its certificates. One folder per set of pins, made again
# only when these change.
wheels() {
    local key folder
    key=$(cat "$repo"/requirements/*.txt "$repo/hack/wheels" | sha256sum | cut -c1-16)
    folder=$state/wheels/$key$(printf -- '-%s' "$@" | sed 's/^-$//')
    if [[ ! -e $folder/.complete ]]; then
        python3 -m pip --version >/dev/null 2>&1 ||
            need_packages "to download wheels" python3 python3-pip >&2
        say "downloading wheels into $folder" >&2
        rm -rf "$folder"
        "$repo/hack/wheels" "$folder" "$@" >&2 ||
            die "the wheels could not be downloaded" "is there a network, and does pip work here?"
        touch "$folder/.complete"
    fi
    echo "$folder"
}
