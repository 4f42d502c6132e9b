#!/bin/sh
# Tells how it was loaded and on what; the first time, uses much storage, wants
# to be loaded from a device with a load parameter, and reboots.
type=$(cat /sys/firmware/ipl/ipl_type)
storage=$(awk '/^MemTotal/ {print $2}' /proc/meminfo)
machine=$(awk '/^machine/ {print $3; exit}' /proc/cpuinfo)
echo "type $type, storage $storage, CPUs $(nproc), machine $machine"
if [ "$type" = ccw ]; then
    echo "device $(cat /sys/firmware/ipl/device), parameter $(cat /sys/firmware/ipl/loadparm)"
    echo "it was loaded again"
    # Time for somebody to look at the machine.
    sleep 3
    exit
fi
dd if=/dev/urandom of=/tmp/storage bs=1M count=128 2>/dev/null
echo ccw > /sys/firmware/reipl/reipl_type
echo 0.0.4711 > /sys/firmware/reipl/ccw/device
echo 1 > /sys/firmware/reipl/ccw/clear
echo LOWCORE1 > /sys/firmware/reipl/ccw/loadparm
echo "it reboots"
sleep 3
reboot -f
