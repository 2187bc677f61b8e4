"""A service manager as far as descriptors go: starts a daemon, keeps what it hands over (FDSTORE=1) and gives it to the
next process, as systemd does. Commands on standard input: `start`, `kill` (SIGKILL), `term`. Says `ready`, `ended CODE`.

    keeper.py NOTIFY-SOCKET LOG PROGRAM ARGUMENT...
"""
import array
import os
import select
import signal
import socket
import sys

path, log, command = sys.argv[1], sys.argv[2], sys.argv[3:]
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(path)
kept = {}
pid = None


def say(*words):
    print(*words, flush=True)


def start():
    child = os.fork()
    if child:
        return child
    os.environ["NOTIFY_SOCKET"] = path
    if kept:
        # Above all others first: the places from 3 on may be taken by those that are to be moved.
        high = [os.dup2(kept[name], 100 + index) for index, name in enumerate(kept)]
        for index, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + index, inheritable=True)
        os.environ["LISTEN_PID"] = str(os.getpid())
        os.environ["LISTEN_FDS"] = str(len(kept))
        os.environ["LISTEN_FDNAMES"] = ":".join(kept)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 2)
    os.execv(command[0], command)


def hear():
    text, control, _, _ = notify.recvmsg(65536, socket.CMSG_SPACE(4 * 8))
    fields = dict(line.split("=", 1) for line in text.decode().splitlines() if "=" in line)
    received = array.array("i")
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            received.frombytes(data[: len(data) - len(data) % received.itemsize])
    name = fields.get("FDNAME", "stored")
    if "FDSTOREREMOVE" in fields and name in kept:
        os.close(kept.pop(name))
    if "FDSTORE" in fields:
        kept[name] = received[0]
        say("kept", name)
    if "READY" in fields:
        say("ready")


def end(number):
    global pid
    os.kill(pid, number)
    _, status = os.waitpid(pid, 0)
    pid = None
    say("ended", os.waitstatus_to_exitcode(status))


signal.signal(signal.SIGPIPE, signal.SIG_DFL)
try:
    while True:
        ready, _, _ = select.select([notify, sys.stdin], [], [])
        if notify in ready:
            hear()
            continue
        word = sys.stdin.readline().strip()
        if word == "start":
            pid = start()
        elif word == "kill":
            end(signal.SIGKILL)
        elif word == "term":
            end(signal.SIGTERM)
        else:
            break
finally:
    if pid:
        os.kill(pid, signal.SIGKILL)
