"""Takes the place of journald: reads datagrams of its native protocol and prints each as a line of JSON.

Written from systemd.io/JOURNAL_NATIVE_PROTOCOL, not from the sender. Reads only when told to: `read N` on standard
input; so the kernel's queue fills. Prints `ready` once the socket is there."""
import json
import os
import socket
import struct
import sys


def fields(datagram):
    found = []
    at = 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        line = datagram[at:end]
        at = end + 1
        if b"=" in line:
            name, value = line.split(b"=", 1)
        else:
            name = line
            (size,) = struct.unpack_from("<Q", datagram, at)
            value = datagram[at + 8 : at + 8 + size]
            at += 8 + size
            if datagram[at : at + 1] != b"\n":
                raise ValueError("no newline after a value of %d bytes" % size)
            at += 1
        name = name.decode("ascii")
        if not name or name[0] in "_0123456789" or any(c not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_" for c in name):
            raise ValueError("bad name " + name)
        found.append([name, value.decode("utf-8")])
    return found


path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
print("ready", flush=True)
for command in sys.stdin:
    for _ in range(int(command.split()[1])):
        try:
            print(json.dumps(fields(server.recv(1 << 20))), flush=True)
        except ValueError as error:
            print("error: %s" % error, flush=True)
