"""A mail server on aiosmtpd. Prints `port N`, then each message it takes as `mail [FROM, [TO...], TEXT]`.

Standard input says what it answers to a recipient from now on, such as "550 no such user"; confirmed by `set ...`.
"""
import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP

answer = "250 OK"


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print("mail " + json.dumps([envelope.mail_from, envelope.rcpt_tos, message.get_content()]), flush=True)
        return "250 OK"


async def main():
    global answer
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), hostname="mx.test"), "127.0.0.1", 0)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = line.strip()
        print("set " + answer, flush=True)


asyncio.run(main())
