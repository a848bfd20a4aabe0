# Runs inside of the guest: an X display with something that moves, and our sender, which is steered through a port of its own.
cd "$1" || exit 1
PORTS=/dev/virtio-ports
Xvfb :0 -screen 0 320x240x24 -nolisten tcp -ac > /tmp/xvfb.log 2>&1 &
while [ ! -e /tmp/.X11-unix/X0 ]; do sleep 0.2; done
export DISPLAY=:0
xclock -update 1 -geometry 160x240+0+0 &
ico -faces -geometry 160x240+160+0 > /dev/null 2>&1 &
exec 3<> "$PORTS/encodelab.control"
# A port whose host is not there reads as ended: it is read again.
while cat <&3; do sleep 0.5; done | node_modules/.bin/node examples/spice/qemu/guest.mjs guest --source x11::0 --json framerate=10 bitrate=400k gop=50 >&3
