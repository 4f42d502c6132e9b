#!/bin/sh
# Builds the demonstration's guest image: build.sh OUTPUT
# Needs the s390x cross binutils (Debian: binutils-s390x-linux-gnu).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
s390x-linux-gnu-as -m64 -march=z900 -mzarch --fatal-warnings -I "$here" -o "$work/guest.o" "$here/guest.S"
s390x-linux-gnu-ld -T "$here/guest.lds" -o "$work/guest.elf" "$work/guest.o"
s390x-linux-gnu-objcopy -O binary "$work/guest.elf" "$1"
