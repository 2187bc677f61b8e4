"""A listener whose queue is full: whoever connects waits."""
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0), backlog=0)
waiting = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    waiting.append(client)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
