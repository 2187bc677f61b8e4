"""Takes the place of journald: prints `ready` once its socket is there, then each datagram as a line of JSON.

usage: journald.py SOCKET
It reads a value only up to its newline: those of the tests have none."""
import json
import os
import socket
import sys

path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
print("ready", flush=True)
while True:
    entry = server.recv(1 << 20).decode()
    print(json.dumps(dict(line.split("=", 1) for line in entry.splitlines())), flush=True)
