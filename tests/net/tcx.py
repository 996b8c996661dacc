#!/usr/bin/env python3
"""Attaches a program that drops all to a device by tcx (Linux 6.6), and keeps it until it ends.

   tcx.py DEVICE ingress|egress

By bpf(2) itself, since Debian 12's bpftool does not know tcx. Prints "attached", or fails and says
why.
"""
import ctypes
import os
import signal
import socket
import struct
import sys

SYS_BPF = 321 if os.uname().machine == "x86_64" else 280
PROG_LOAD, LINK_CREATE, SCHED_CLS = 5, 28, 3
TCX = {"ingress": 46, "egress": 47}
DROP = struct.pack("<BBhiBBhi", 0xB7, 0, 0, 2, 0x95, 0, 0, 0)  # r0 = TC_ACT_SHOT; exit
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    memory = ctypes.create_string_buffer(attributes.ljust(128, b"\0"), 128)
    result = LIBC.syscall(SYS_BPF, command, memory, 128)
    if result < 0:
        sys.exit(f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result


def main():
    device, side = sys.argv[1:]
    instructions = ctypes.create_string_buffer(DROP, len(DROP))
    licence = ctypes.create_string_buffer(b"GPL")
    program = bpf(PROG_LOAD, struct.pack("<IIQQ", SCHED_CLS, len(DROP) // 8,
                                         ctypes.addressof(instructions),
                                         ctypes.addressof(licence)))
    bpf(LINK_CREATE, struct.pack("<IIII", program, socket.if_nametoindex(device), TCX[side], 0))
    print("attached", flush=True)
    signal.pause()


main()
