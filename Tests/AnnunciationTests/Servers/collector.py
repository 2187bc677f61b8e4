"""A collector of logs that does what standard input says, and prints each whole message as one JSON line.

usage: collector.py [CERTIFICATE KEY]
"close" ends the connection of the moment, "chatter" makes it talk; until the first "read" it accepts and does not read.
"""
import json
import socket
import ssl
import sys
import threading

reading = threading.Event()
connections = []
lock = threading.Lock()


def tell(**what):
    with lock:
        print(json.dumps(what), flush=True)


def frames(connection, number):
    rest = b""
    while True:
        reading.wait()
        try:
            part = connection.recv(65536)
        except OSError:
            part = b""
        if not part:
            tell(connection=number, left=len(rest))
            return
        rest += part
        while b" " in rest:
            count, after = rest.split(b" ", 1)
            if not count.isdigit():
                tell(connection=number, torn=rest[:80].decode(errors="replace"))
                return
            if len(after) < int(count):
                break
            tell(connection=number, message=after[:int(count)].decode())
            rest = after[int(count):]


def accept(listener, context):
    while True:
        connection, _ = listener.accept()
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
        except OSError:
            continue
        connections.append(connection)
        threading.Thread(target=frames, args=(connection, len(connections)), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
context = None
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
print(listener.getsockname()[1], flush=True)
threading.Thread(target=accept, args=(listener, context), daemon=True).start()
for command in sys.stdin:
    if command.strip() == "read":
        reading.set()
    elif command.strip() == "close":
        # Not `close` alone: a thread that reads from it holds it open.
        connections[-1].shutdown(socket.SHUT_RDWR)
        connections[-1].close()
        tell(closed=len(connections))
    elif command.strip() == "chatter":
        try:
            connections[-1].sendall(b"x" * 100000)
        except OSError:
            pass
