"""Controllers that count: counter.py PORT...

Each answers "read holding registers" (function 3). Register 0 is the number of the reply, from 1 on; register 1 is 200,
which is hot; others are 0. The number of the newest reply of each port is in /run/counter-PORT.
"""
import socket
import struct
import sys
import threading


def serve(port, listener):
    count = 0
    lock = threading.Lock()

    def talk(peer):
        nonlocal count
        data = b""
        while True:
            more = peer.recv(4096)
            if not more:
                return
            data += more
            while len(data) >= 12:
                transaction, _, _, unit, function, first, wanted = struct.unpack(">HHHBBHH", data[:12])
                data = data[12:]
                with lock:
                    if first == 0:
                        count += 1
                    words = [count % 65536 if first + i == 0 else 200 if first + i == 1 else 0 for i in range(wanted)]
                    with open(f"/run/counter-{port}", "w") as note:
                        note.write(str(count))
                body = struct.pack(">BBB", unit, function, 2 * wanted) + b"".join(struct.pack(">H", w) for w in words)
                peer.sendall(struct.pack(">HHH", transaction, 0, len(body)) + body)

    while True:
        peer, _ = listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=lambda: quietly(talk, peer), daemon=True).start()


def quietly(body, *arguments):
    try:
        body(*arguments)
    except OSError:
        pass


threads = []
for port in map(int, sys.argv[1:]):
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", port))
    listener.listen(64)
    threads.append(threading.Thread(target=serve, args=(port, listener)))
for thread in threads:
    thread.start()
