#!/bin/busybox sh
# First program of the guest: loads the modules, takes the host's files as its own (read-only), and runs a script of theirs.
B=/bin/busybox
$B mount -t proc none /proc
$B mount -t sysfs none /sys
$B mount -t devtmpfs none /dev
while read -r module; do $B insmod "/lib/modules/$module" || echo "guest: $module was not loaded"; done < /lib/modules/order
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /root || { echo "guest: no host files"; $B poweroff -f; }
for folder in dev proc sys; do $B mount --bind "/$folder" "/root/$folder"; done
for word in $($B cat /proc/cmdline); do
  case "$word" in
    encodelab.home=*) home="${word#*=}" ;;
    encodelab.script=*) script="${word#*=}" ;;
  esac
done
$B mkdir -p /home
$B mount --bind "/root$home" /home
for folder in tmp run var/tmp; do $B mount -t tmpfs none "/root/$folder"; done
# A checkout in one of these folders would be out of sight now.
if [ ! -e "/root$home/package.json" ]; then
  $B mkdir -p "/root$home"
  $B mount --bind /home "/root$home"
fi
$B mkdir -p /dev/pts /dev/shm
$B mount -t devpts none /dev/pts
$B mount -t tmpfs none /dev/shm
# Names for the ports, as udev would make them.
$B mkdir -p /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do
  [ -f "$port/name" ] && $B ln -sf "../${port##*/}" "/dev/virtio-ports/$($B cat "$port/name")"
done
$B hostname guest
$B ip link set lo up
# Where QEMU gives it a network: the address that its own network has for the first guest.
if [ -e /sys/class/net/eth0 ]; then
  $B ip addr add 10.0.2.15/24 dev eth0
  $B ip link set eth0 up
fi
# A folder of this trial, where there is one.
$B mkdir -p /root/run/trial
$B mount -t 9p -o trans=virtio,version=9p2000.L,ro trial /root/run/trial 2> /dev/null
echo "guest: up $($B cut -d' ' -f1 /proc/uptime) s"
$B env - PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp $B chroot /root /bin/sh "$home/examples/spice/qemu/$script" "$home"
echo "guest: over"
$B poweroff -f
