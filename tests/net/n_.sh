. "$(dirname "$0")/lib.sh"
host r a
link r r0 a a0
router r
rm -f /tmp/notify.sock; socat -u UNIX-RECVFROM:/tmp/notify.sock,fork STDOUT > /tmp/notify.out & S=$!
sleep 0.3
NOTIFY_SOCKET=/tmp/notify.sock start_heddle r --all
sleep 3; stop_heddle TERM; sleep 0.3; kill $S; cat -A /tmp/notify.out | head
