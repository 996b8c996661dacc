#!/usr/bin/env python3
"""Clients of the HTTP server as one would not like to have them.

   http_clients.py HOST PORT KIND COUNT

   idle     connect, and send nothing
   drip     send a request a byte a second
   deaf     listen to events, and read nothing
   listen   listen to events, and read them

Prints "ready" when they are at it; then, but for the deaf, "gone SECONDS" when the server has hung up on
all of them, so long after the first came. Stays until it is killed.
"""
import select
import signal
import socket
import sys
import time

HOST, PORT = sys.argv[1], int(sys.argv[2])
REQUEST = b"GET /api/state HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 100
LISTEN = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(small=False):
    client = socket.socket()
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((HOST, PORT))
    return client


def say(*words):
    print(*words, flush=True)


def send_some(client, bytes_):
    try:
        client.send(bytes_)
    except OSError:
        pass  # hung up on already


def is_at_end(client):
    try:
        return not client.recv(65536)
    except BlockingIOError:
        return False
    except OSError:
        return True


def wait_for_the_end(clients, began, each_second):
    """Reads what comes until all are hung up on; every second something is done with the rest."""
    poll = select.epoll()
    left = {client.fileno(): client for client in clients}
    for number, client in left.items():
        client.setblocking(False)
        poll.register(number, select.EPOLLIN)
    second = 0
    while left:
        for number, _ in poll.poll(max(0, began + second - time.monotonic())):
            if is_at_end(left[number]):
                poll.unregister(number)
                left.pop(number).close()
        if time.monotonic() >= began + second:
            for client in left.values():
                each_second(client, second)
            second += 1
    say("gone", round(time.monotonic() - began, 1))


def main():
    kind, count = sys.argv[3], int(sys.argv[4])
    began = time.monotonic()
    clients = [connect(kind == "deaf") for _ in range(count)]
    if kind in ("deaf", "listen"):
        for client in clients:
            client.send(LISTEN)
        for client in clients:
            client.recv(1, socket.MSG_PEEK)  # it is answered
    say("ready")
    if kind == "idle" or kind == "listen":
        wait_for_the_end(clients, began, lambda client, second: None)
    if kind == "drip":
        wait_for_the_end(clients, began, lambda client, second: send_some(client, REQUEST[second:second + 1]))
    signal.pause()


main()
