# shellcheck shell=bash disable=SC2016,SC2034
# Shared by the scripts in this directory; sourced, not run. Needs bash with `set -euo pipefail`.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state=${PYFRONTEND_STATE:-${XDG_STATE_HOME:-/var/lib}/pyfrontend}
# The Debian release that the programs of our engine are of; each has an engine of its own, all may run at once.
release=${PYFRONTEND_RELEASE:-sid}
engine=$state/engine
[[ $release == sid ]] || engine=$state/engine-$release
image=${PYFRONTEND_IMAGE:-ourorg/pyfrontend}
export DEBIAN_FRONTEND=noninteractive

# The version of this tree, from the one place that has it.
version() { sed -n 's/^__version__ = "\(.*\)"/\1/p' "$repo/frontend/pyfrontend/__init__.py"; }

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

# die MESSAGE [WAY OUT ...]: one clear message on stderr, and out.
die() {
    printf '\033[1;31mstopped: %s\033[0m\n' "$1" >&2
    shift
    if (($#)); then printf '         %s\n' "$@" >&2; fi
    exit 1
}

# help_for "$@": asked with -h or --help, show the comment on top of the script and end; a word that is none
# of WORDS is no reason to start anything:  help_for "one two" "$@"
help_for() {
    local words=$1 word
    shift
    for word in "$@"; do
        [[ $word != -h && $word != --help ]] || { about && exit 0; }
        [[ " $words " == *" $word "* ]] || { about >&2 && die "${0##*/} does not know '$word'"; }
    done
}

# about: the comment on top of the script.
about() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

need_root() {
    [[ $(id -u) == 0 ]] || die "$1 needs root" "run the same command with sudo, or in a root shell"
}

# need_packages WHY PACKAGE...: install what is missing, through the machine's own apt.
need_packages() {
    local why=$1 missing=() package
    shift
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    need_root "installing ${missing[*]} ($why)"
    say "installing ${missing[*]} ($why)"
    # A machine fresh from the factory, or from last year, does not know the packages of today.
    apt-cache show "${missing[@]}" >/dev/null 2>&1 || apt_get update || true
    apt_get install -y --no-install-recommends "${missing[@]}" ||
        { apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; } ||
        die "apt-get could not install ${missing[*]}" "is there a network, and does 'apt-get update' work here?"
}

# need_mermaid: Mermaid as files for a browser, the version that most code hosts have and a newer one.
need_mermaid() {
    export PYFRONTEND_MERMAID=$state/mermaid
    local version
    mkdir -p "$PYFRONTEND_MERMAID"
    for version in 11.12.0 12.3.0; do
        [[ ! -e $PYFRONTEND_MERMAID/mermaid-$version.js ]] || continue
        command -v npm >/dev/null || need_packages "to fetch Mermaid" npm
        say "fetching Mermaid $version"
        (cd "$PYFRONTEND_MERMAID" && npm pack --silent "mermaid@$version" >/dev/null &&
            tar xzf "mermaid-$version.tgz" --strip-components=2 package/dist/mermaid.min.js &&
            mv mermaid.min.js "mermaid-$version.js" && rm "mermaid-$version.tgz") ||
            die "npm could not fetch mermaid@$version" "is there a network, and does npm work here?"
    done
}

# Quiet but for errors; a lock held by another apt (unattended upgrades) is waited for.
apt_get() { apt-get -qq -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null; }

# The Debian mirror this machine uses, as `URI KEYRING`, found in its own apt sources.
debian_mirror() {
    command -v apt-get >/dev/null || die "this machine has no apt: the scripts know Debian only"
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg uri
    [[ -e $keyring ]] || need_packages "keys of Debian's archive" debian-archive-keyring
    uri=$(known_debian_mirror)
    # A machine fresh from the factory has sources but has never read them.
    [[ $uri ]] || { need_root "apt-get update" && apt_get update && uri=$(known_debian_mirror); }
    [[ $uri ]] || die "found no Debian mirror in the apt sources of this machine" "try: apt-get update"
    echo "$uri" "$keyring"
}

known_debian_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' |
        awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }'
}

# unpack_debian FOLDER RELEASE PACKAGE ...: unpack packages of that Debian release into the folder, those that are
# not there yet; nothing is installed.
unpack_debian() {
    local root=$1 from=$2 package missing=() uri keyring apt=$1/.apt deb
    shift 2
    for package in "$@"; do
        [[ -e $root/.unpacked/$package ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    read -r uri keyring < <(debian_mirror)
    say "fetching ${missing[*]} from $uri ($from)"
    rm -rf "$apt"
    mkdir -p "$root/.unpacked" "$apt"/{lists,cache,debs}
    echo "deb [signed-by=$keyring] $uri $from main" >"$apt/sources.list"
    local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=- -o APT::Sandbox::User=root
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none)
    apt_get "${options[@]}" update || die "cannot read Debian $from from $uri" "is there a network?"
    (cd "$apt/debs" && apt_get "${options[@]}" download "${missing[@]}") || die "download from $uri failed"
    for deb in "$apt"/debs/*.deb; do dpkg-deb -x "$deb" "$root"; done
    rm -rf "$apt"
    for package in "${missing[@]}"; do touch "$root/.unpacked/$package"; done
}

# Is the engine that hack/engine manages up?
own_engine_up() { [[ -S $engine/docker.sock ]] && own_docker version >/dev/null 2>&1; }
# own_docker ARGUMENT...: docker, talking to our engine.
own_docker() { (export_own_engine && docker "$@"); }

export_own_engine() {
    export PATH=$engine/root/usr/bin:$engine/root/usr/sbin:$PATH:/usr/sbin:/sbin
    export DOCKER_HOST=unix://$engine/docker.sock DOCKER_CONFIG=$engine/config
    unset DOCKER_CONTEXT DOCKER_TLS_VERIFY
}

# Does docker talk to our engine?
ours() { [[ ${DOCKER_HOST:-} == "unix://$engine/docker.sock" ]]; }

# An engine that is already there will do if it can build the frontend image, and then finds it without a registry.
users_engine_fits() { [[ -z $(unfit) ]]; }

# unfit: say why the engine that is already here will not do; nothing where it will. With PYFRONTEND_STORE=containerd
# it has to be able to build for several platforms and to write image layouts, as the tests do.
unfit() {
    local known version
    if ! command -v docker >/dev/null; then
        echo "there is no docker command"
    elif ! known=$(docker info --format '{{.ServerVersion}} {{.DriverStatus}}' 2>&1); then
        # The client's last line has the reason: no daemon, no permission, a bad context.
        echo "docker info: ${known##*$'\n'}"
    elif version=${known%% *} && ((${version%%.*} < 23)); then
        echo "it is version $version, and building the frontend image takes 23.0"
    elif [[ ${PYFRONTEND_STORE:-} == containerd && $known != *io.containerd.snapshotter* ]]; then
        echo "it does not use the containerd image store (https://docs.docker.com/engine/storage/containerd/)"
    elif ! docker buildx version >/dev/null 2>&1; then
        echo "it has no docker buildx"
    fi
}

# use_engine: point docker at our engine if it is up, else at the user's if it fits, else start ours.
use_engine() {
    if [[ ${PYFRONTEND_ENGINE:-} != user ]] && own_engine_up; then
        export_own_engine
        export PYFRONTEND_ENGINE=own
    elif [[ ${PYFRONTEND_ENGINE:-} != own ]] && users_engine_fits; then
        [[ ${PYFRONTEND_ENGINE:-} ]] ||
            say "using the Docker Engine that is already here ($(docker version --format '{{.Server.Version}}'))"
        export PYFRONTEND_ENGINE=user
    else
        [[ ${PYFRONTEND_ENGINE:-} != user ]] ||
            die "the Docker Engine here will not do" "$(unfit)"
        ours || ! command -v docker >/dev/null ||
            say "the Docker Engine here will not do, so one of our own starts beside it: $(unfit)"
        "$repo/hack/engine" up
        export_own_engine
        export PYFRONTEND_ENGINE=own
    fi
    # A builder of another driver has no access to the engine's image store.
    export BUILDX_BUILDER=${PYFRONTEND_BUILDER:-default} DOCKER_CLI_HINTS=false
}

# use_venv: .venv with the package (editable) and its development tools, refreshed when pyproject.toml changes.
use_venv() {
    local venv=$repo/.venv key python=${PYTHON:-python3}
    key=$(sha256sum "$repo/pyproject.toml" | cut -c1-16)
    if [[ $(cat "$venv/.made-for" 2>/dev/null) != "$key" ]]; then
        [[ ! ${PYTHON:-} ]] || command -v "$python" >/dev/null || die "there is no $python, which PYTHON names"
        command -v "$python" >/dev/null || need_packages "to run the package and its tests" python3
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
            die "Python 3.11 or newer is needed, and $python is $("$python" --version)" "name another one: PYTHON=python3.13 $0"
        "$python" -c 'import ensurepip' 2>/dev/null || need_packages "to make a virtual environment" python3-venv
        say "making the Python environment .venv"
        [[ -x $venv/bin/python ]] || "$python" -m venv "$venv" ||
            die "the Python environment could not be made" "may $(id -un) write to $repo?"
        "$venv/bin/python" -m pip --quiet --disable-pip-version-check --retries 2 install --editable "${repo}[dev]" ||
            die "pip could not install the development tools" "is there a network, and does pip work here?"
        echo "$key" >"$venv/.made-for"
    fi
    export PATH=$venv/bin:$PATH
    "$repo/hack/proto"
}
