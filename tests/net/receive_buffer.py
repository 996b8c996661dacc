#!/usr/bin/env python3
"""Gives the netlink sockets by which a daemon follows the kernel another receive buffer.

   receive_buffer.py PID BYTES

From outside, by pidfd_getfd(2) (Linux 5.6), so that what is tested is the daemon as it is. Prints
how many sockets it found, those with memberships of groups; fails where that is denied.
"""
import ctypes
import errno
import os
import socket
import sys

SYS_PIDFD_GETFD = 438
SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS = 270, 9
LIBC = ctypes.CDLL(None, use_errno=True)


def taken(pidfd, number):
    return LIBC.syscall(SYS_PIDFD_GETFD, pidfd, number, 0)


def follows(end):
    groups = end.getsockopt(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 64)
    return any(groups)


def main():
    pid, size = int(sys.argv[1]), int(sys.argv[2])
    pidfd = os.pidfd_open(pid)
    found = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        number = taken(pidfd, int(name))
        if number < 0 and ctypes.get_errno() != errno.EBADF:
            sys.exit(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
        if number < 0:
            continue  # the daemon closed it meanwhile
        try:
            end = socket.socket(fileno=number)
        except OSError:
            os.close(number)
            continue
        if end.family == socket.AF_NETLINK and follows(end):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            found += 1
        end.close()
    print(found)


main()
