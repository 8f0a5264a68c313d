#!/bin/sh
# Installs a release of meshsynth: downloads the archive for this machine, verifies its checksum, and puts the command
# into a folder of yours. It compiles nothing and does not need root.
#
#   curl --proto '=https' --tlsv1.2 -fsSL https://github.com/meshsynth/meshsynth/releases/latest/download/install.sh | sh
#   curl … | sh -s -- --version 0.1.0 --to ~/bin

set -eu

usage() {
    cat <<'END'
Installs a release of meshsynth.

Usage: install.sh [OPTIONS]

Options:
  --version VERSION     the version, such as 0.1.0; by default the latest
  --to DIR              the folder of the command; by default ~/.local/bin
  --target TARGET       the target of the archive; by default that of this machine
  --verify-attestation  also verify the build provenance, by `gh attestation verify`
  --help                print this text

Environment:
  MESHSYNTH_RELEASES    the address of the releases, such as a mirror;
                        by default https://github.com/meshsynth/meshsynth/releases

Exit codes:
  0  the command is installed
  1  nothing is installed: a download, the checksum or the attestation failed
  2  nothing is installed: an option or this machine is not supported
END
}

fail() {
    code=$1
    shift
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do
        printf '   = help: %s\n' "$line" >&2
    done
    exit "$code"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# The target of the archive for this machine.
machine() {
    system=$(uname -s)
    processor=$(uname -m)
    case $processor in
        x86_64 | amd64) processor=x86_64 ;;
        aarch64 | arm64) processor=aarch64 ;;
        *) processor='' ;;
    esac
    # A shell under Rosetta says `x86_64` on an ARM machine.
    if [ "$system" = Darwin ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null || true)" = 1 ]; then
        processor=aarch64
    fi
    case $system-$processor in
        Linux-?*) echo "$processor-unknown-linux-musl" ;;
        Darwin-?*) echo "$processor-apple-darwin" ;;
        # Windows on ARM runs programs for x86-64.
        MINGW*-?* | MSYS*-?* | CYGWIN*-?*) echo x86_64-pc-windows-msvc ;;
        *)
            fail 2 "there is no release for $(uname -s) on $(uname -m)" \
                'install by cargo: cargo install --locked meshsynth-cli'
            ;;
    esac
}

# download URL FILE
download() {
    if has curl; then
        curl --proto "=$scheme" --fail --silent --show-error --location --retry 3 --output "$2" "$1"
    elif has wget; then
        wget --quiet --tries=3 --output-document="$2" "$1"
    else
        fail 2 'neither curl nor wget is installed' 'install one of them'
    fi || fail 1 "cannot download $1" 'look for the version at https://github.com/meshsynth/meshsynth/releases'
}

# The SHA-256 checksum of a file, in lower case.
checksum() {
    if has sha256sum; then
        sha256sum "$1"
    elif has shasum; then
        shasum -a 256 "$1"
    else
        openssl dgst -sha256 -r "$1"
    fi | cut -d ' ' -f 1
}

main() {
    version=''
    to=''
    target=''
    attest=no
    while [ $# -gt 0 ]; do
        case $1 in
            --version | --to | --target)
                [ $# -ge 2 ] && [ -n "$2" ] || fail 2 "$1 needs a value" 'see install.sh --help'
                case $1 in
                    --version) version=${2#v} ;;
                    --to) to=$2 ;;
                    --target) target=$2 ;;
                esac
                shift
                ;;
            --verify-attestation) attest=yes ;;
            --help)
                usage
                exit 0
                ;;
            *) fail 2 "$1 is not an option" 'see install.sh --help' ;;
        esac
        shift
    done
    case $version in
        *[!0-9A-Za-z.-]*) fail 2 "$version is not a version" 'name one such as 0.1.0' ;;
    esac
    if [ -z "$to" ]; then
        [ -n "${HOME:-}" ] || fail 2 'HOME is not set' 'name a folder: --to DIR'
        to=$HOME/.local/bin
    fi
    releases=${MESHSYNTH_RELEASES:-https://github.com/meshsynth/meshsynth/releases}
    case $releases in
        https://*) scheme=https ;;
        http://127.0.0.1:* | http://localhost:*) scheme=http ;;
        *) fail 2 "$releases is not an address with https" 'correct the variable MESHSYNTH_RELEASES' ;;
    esac
    has sha256sum || has shasum || has openssl ||
        fail 2 'there is no sha256sum, shasum or openssl, so the checksum cannot be verified' 'install one of them'
    if [ "$attest" = yes ] && ! has gh; then
        fail 2 'gh is not installed, which verifies attestations' 'install it from https://cli.github.com'
    fi
    [ -n "$target" ] || target=$(machine)
    case $target in
        *windows*) archive=meshsynth-$target.zip suffix=.exe ;;
        *) archive=meshsynth-$target.tar.gz suffix='' ;;
    esac
    from=$releases/latest/download
    [ -z "$version" ] || from=$releases/download/v$version

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    download "$from/SHA256SUMS" "$work/SHA256SUMS"
    download "$from/$archive" "$work/$archive"
    wanted=$(awk -v file="$archive" '$2 == file || $2 == "*" file { print $1; exit }' "$work/SHA256SUMS")
    [ -n "$wanted" ] || fail 1 "SHA256SUMS has no checksum of $archive" 'report it to the project'
    actual=$(checksum "$work/$archive")
    [ "$actual" = "$wanted" ] ||
        fail 1 "$archive has the checksum $actual, want $wanted" 'download it again; report it if this repeats'
    if [ "$attest" = yes ]; then
        gh attestation verify "$work/$archive" --repo meshsynth/meshsynth \
            --signer-workflow meshsynth/meshsynth/.github/workflows/release.yml >&2 ||
            fail 1 "the build provenance of $archive cannot be verified" 'report it to the project'
    fi

    case $archive in
        *.zip) unzip -q "$work/$archive" -d "$work" ;;
        *) tar -xzf "$work/$archive" -C "$work" ;;
    esac
    folder=$work/meshsynth-$target
    [ -f "$folder/meshsynth$suffix" ] || fail 1 "there is no meshsynth$suffix in $archive" 'report it to the project'
    mkdir -p "$to" || fail 1 "cannot create the folder $to" 'specify another folder: --to DIR'
    for program in "$folder/meshsynth"*; do
        name=${program##*/}
        # A command that runs is replaced at once: the new file is whole before it gets the name.
        { cp "$program" "$to/.$name.new" && chmod 755 "$to/.$name.new" && mv -f "$to/.$name.new" "$to/$name"; } ||
            fail 1 "cannot write $to/$name" 'name another folder: --to DIR'
    done
    said=$("$to/meshsynth$suffix" --version) || fail 1 "$to/meshsynth$suffix does not run on this machine" \
        'install by cargo: cargo install --locked meshsynth-cli'
    printf 'installed %s -> %s\n' "$said" "$to/meshsynth$suffix" >&2
    case :${PATH:-}: in
        *":$to:"*) ;;
        *)
            printf 'note: %s is not in PATH; add this line to the profile of your shell:\n' "$to" >&2
            printf "  export PATH=\"%s:\$PATH\"\n" "$to" >&2
            ;;
    esac
}

# The last line: nothing runs when the download of this script is cut off.
main "$@"
