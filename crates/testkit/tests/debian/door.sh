#!/bin/busybox sh
# Process 1 of a guest that is interrupted from outside: executes lines from
# the console, and tells of the signal that Linux sends it when power fails.
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
exec </dev/console >/dev/console 2>&1
trap 'echo "SIGPWR has come"' PWR
echo "guest# "
while :; do
    read -r line && { eval "$line"; echo "guest# "; }
done
