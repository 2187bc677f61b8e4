"""Answers each request as the script says, and prints what it was asked as one JSON line.

usage: webhook.py SCRIPT [CERTIFICATE KEY]
SCRIPT is a JSON list, one answer for each request, the last one for all that follow:
{"status": 204, "headers": {...}, "body": "..."}, with "poison": "word" only for bodies that contain the word (204 for
the others), or {"do": "garbage" | "silence" | "close" | "cut" | "endless"}.
"""
import hashlib
import hmac
import json
import socket
import ssl
import sys
import threading

KEY = b"the key of the tests"
script = json.loads(sys.argv[1])
lock = threading.Lock()


def signed(headers, body):
    header = dict(part.split("=", 1) for part in headers.get("x-cupel-signature", "").split(",") if "=" in part)
    if "t" not in header:
        return None
    code = hmac.new(KEY, header["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(code, header.get("v1", ""))


def request(stream):
    first = stream.readline()
    if not first:
        return None
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return first.decode().strip(), headers, body


def answer(connection, step):
    what = step.get("do")
    if what == "garbage":
        connection.sendall(b"\x00\x01 220 this is no HTTP\r\n\r\n")
    elif what == "silence":
        connection.recv(1)
    elif what == "cut":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    elif what == "endless":
        connection.sendall(b"HTTP/1.1 %d Endless\r\n\r\n" % step.get("status", 200))
        while True:
            connection.sendall(b"x" * 4096)
    if what:
        return False
    body = step.get("body", "").encode()
    head = f"HTTP/1.1 {step['status']} {step.get('reason', 'Said')}\r\nContent-Length: {len(body)}\r\n"
    for name, value in step.get("headers", {}).items():
        head += f"{name}: {value}\r\n"
    connection.sendall(head.encode() + b"\r\n" + body)
    return True


def serve(connection, number):
    stream = connection.makefile("rb")
    try:
        while (asked := request(stream)) is not None:
            first, headers, body = asked
            with lock:
                step = script.pop(0) if len(script) > 1 else script[0]
                print(json.dumps({
                    "connection": number, "request": first, "headers": headers, "body": body.decode(),
                    "signed": signed(headers, body),
                }), flush=True)
            if "poison" in step and step["poison"] not in body.decode():
                step = {"status": 204}
            if not answer(connection, step):
                break
    except OSError:
        pass
    # With the stream open, the connection would stay open.
    stream.close()
    connection.close()


listener = socket.create_server(("127.0.0.1", 0))
context = None
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
print(listener.getsockname()[1], flush=True)
number = 0
while True:
    connection, _ = listener.accept()
    number += 1
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
    except OSError:
        continue
    threading.Thread(target=serve, args=(connection, number), daemon=True).start()
