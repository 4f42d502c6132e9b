#!/bin/busybox sh
# Process 1: makes a small system of busybox, then runs /script, or a shell,
# and switches the machine off.
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
export HOME=/root PS1='guest# '
cd /root
if [ -e /script ]; then
    /script
else
    echo "$(uname -sr) on $(uname -m), $(grep -c ^processor /proc/cpuinfo) CPUs. The end of this shell switches the machine off."
    setsid cttyhack sh
fi
poweroff -f
