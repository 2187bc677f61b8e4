"""A webhook's server. Prints `port N`, then each request as one JSON line with the answer it gets.

usage: webhook.py PORT
Standard input says what it answers from the next request on: a status such as 204 or "301 http://elsewhere/", or
`garbage`, `silence` (until the other end hangs up), `close`. Each command is confirmed by a line of its own.
"""
import json
import socket
import sys
import threading

lock = threading.Lock()
answer = "204"


def say(**what):
    print(json.dumps(what), flush=True)


def request(stream):
    first = stream.readline()
    if not first:
        return None
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        if not line:
            return None
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    return first.decode().split()[1], headers, stream.read(int(headers.get("content-length", 0)))


def reply(connection, words):
    if words == "garbage":
        connection.sendall(b"\x00\x01 220 this is no HTTP\r\n\r\n")
    elif words == "silence":
        connection.recv(1)
    elif words != "close":
        status, *target = words.split()
        location = f"Location: {target[0]}\r\n" if target else ""
        connection.sendall(f"HTTP/1.1 {status} Said\r\n{location}Content-Length: 0\r\n\r\n".encode())
        return True
    return False


def serve(connection):
    try:
        with connection, connection.makefile("rb") as stream:
            while (asked := request(stream)) is not None:
                path, headers, body = asked
                with lock:
                    words = answer
                    say(answer=words, path=path, key=headers.get("idempotency-key"), body=body.decode())
                if not reply(connection, words):
                    return
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(f"port {listener.getsockname()[1]}", flush=True)


def accept():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
for line in sys.stdin:
    with lock:
        answer = line.strip()
        say(answer="set " + answer, path="", body="")
