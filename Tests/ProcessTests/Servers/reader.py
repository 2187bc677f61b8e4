"""Reads the alarm stream: prints each line as it comes, and ends when the stream does.

usage: reader.py SOCKET HELLO [BYTES]
HELLO is sent as it stands. If it has `"acks":true`, each event is acknowledged once it is printed. With BYTES, it says
`closed` after so many bytes and goes, in the middle of whatever comes."""
import json
import socket
import sys

stream = socket.socket(socket.AF_UNIX)
stream.connect(sys.argv[1])
hello = sys.argv[2]
stream.sendall(hello.encode())
if len(sys.argv) > 3:
    left = int(sys.argv[3])
    while left > 0 and (part := stream.recv(left)):
        left -= len(part)
    stream.close()
    print("closed", flush=True)
    sys.exit()
acks = '"acks":true' in hello
for line in stream.makefile("r", encoding="utf-8"):
    print(line, end="", flush=True)
    number = json.loads(line).get("seq", 0)
    if acks and number:
        try:
            stream.sendall(b'{"ack":%d}\n' % number)
        except OSError:
            acks = False
