# Runs inside of the guest: an X display, and the agent of a live system that runs outside.
cd "$1" || exit 1
TRIAL=/run/trial
Xvfb :0 -screen 0 "$(cat $TRIAL/screen)x24" -nolisten tcp -ac > /tmp/xvfb.log 2>&1 &
PORT=$(cat $TRIAL/port)
# The server answers to names of its own machine only, and 10.0.2.2 is none: the agent dials a port of the guest's own.
busybox nc -ll -p "$PORT" -e busybox nc 10.0.2.2 "$PORT" &
while [ ! -e /tmp/.X11-unix/X0 ]; do sleep 0.2; done
export DISPLAY=:0 PATH="$1/examples/spice/guest-bin:$PATH"
exec node_modules/.bin/node examples/spice/qemu/guest.mjs agent --role guest --collector "http://127.0.0.1:$PORT" \
  --token-file $TRIAL/token --allow-hooks $(cat $TRIAL/options)
