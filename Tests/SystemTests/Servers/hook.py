"""A web server that takes whatever is posted: hook.py PORT. Each body is a line in /run/hook-PORT."""
import socket
import sys

port = int(sys.argv[1])
listener = socket.create_server(("127.0.0.1", port))
while True:
    peer, _ = listener.accept()
    stream = peer.makefile("rwb")
    while stream.readline():
        length = 0
        while (line := stream.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        with open(f"/run/hook-{port}", "ab") as note:
            note.write(stream.read(length) + b"\n")
        stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        stream.flush()
    peer.close()
