#!/usr/bin/env python3
"""Clients of the control socket as one would not like to have them.

   control_clients.py SOCKET KIND COUNT

   silent   connect, and send nothing
   trickle  send a request a byte at a time, and take the answer
   deaf     ask for all routes, and read nothing
   garbage  send bytes at random
   huge     send a request of 10 MB
   leave    ask for all routes, and leave in the middle
   flood    ask on and on

Prints "ready" when they are at it, then how many came to their end, and stays until it is killed.
"""
import random
import signal
import socket
import sys
import time

PATH = sys.argv[1]
ROUTES = b'{"show": "routes"}\n'
STATUS = b'{"show": "status"}\n'


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(PATH)
    return client


def say(*words):
    print(*words, flush=True)


def answer_of(client, last=None):
    """What comes until the end, or until `last` is in it; None if it ends by a reset."""
    text = b""
    try:
        while last is None or last not in text:
            piece = client.recv(65536)
            if not piece:
                return text if last is None else None
            text += piece
    except OSError:
        return None
    return text


def silent(count):
    clients = [connect() for _ in range(count)]
    say("ready")
    return clients


def trickle(count):
    clients = [connect() for _ in range(count)]
    say("ready")
    for byte in STATUS:
        for client in clients:
            client.send(bytes([byte]))
        time.sleep(0.3)
    answers = [answer_of(client, b'"end":true') for client in clients]
    say("answered", sum(answer is not None for answer in answers))
    return clients


def deaf(count):
    clients = [connect() for _ in range(count)]
    for client in clients:
        client.send(ROUTES)
    say("ready")
    return clients


def garbage(count):
    dice = random.Random(1)
    answered = 0
    say("ready")
    for _ in range(count):
        with connect() as client:
            try:
                client.sendall(dice.randbytes(dice.randrange(1, 4000)) + b"\n")
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # hung up on already
            answer = answer_of(client)
            answered += answer is None or b'"error"' in answer
    say("answered", answered)
    return []


def huge(count):
    refused = 0
    say("ready")
    for number in range(count):
        with connect() as client:
            request = b'{"show": "' + b"x" * 10000000 + b'"}\n' if number % 2 else b" " * 10000000
            try:
                client.sendall(request)
            except OSError:
                refused += 1
    say("refused", refused)
    return []


def leave(count):
    left = 0
    say("ready")
    for _ in range(count):
        with connect() as client:
            client.send(ROUTES)
            left += len(client.recv(1000)) > 0
    say("left", left)
    return []


def flood(count):
    clients = [connect() for _ in range(count)]
    for client in clients:
        client.setblocking(False)
    say("ready")
    while True:
        for client in clients:
            try:
                client.send(STATUS * 100)
            except BlockingIOError:
                pass
            try:
                client.recv(65536)
            except BlockingIOError:
                pass


def main():
    kinds = [silent, trickle, deaf, garbage, huge, leave, flood]
    kept = {kind.__name__: kind for kind in kinds}[sys.argv[2]](int(sys.argv[3]))
    signal.pause()
    del kept


main()
