#!/bin/sh
# Installs system packages where a command (or a file, when it begins with /; it may be a pattern) is missing:
# `system_packages.sh command:package[,package...] ...`
# Quiet when all is there. Without permission it prints the one line that a person must run, and fails.
missing=""
PATH="$PATH:/usr/sbin:/sbin"
for pair in "$@"; do
    # shellcheck disable=SC2086  # the pattern is to be filled in
    ls -d ${pair%%:*} >/dev/null 2>&1 || command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing $(echo "${pair#*:}" | tr ',' ' ')"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install with your system's package manager:$missing"
    exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        echo "Please run once: sudo apt-get install$missing"
        exit 1
    fi
fi
echo "Installing$missing ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086  # the package names are separate words
if $as_root apt-get update -qq >"$log" 2>&1 && $as_root apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
else
    echo "apt-get could not install$missing; its last words:"
    tail -n 5 "$log"
    rm -f "$log"
    exit 1
fi
