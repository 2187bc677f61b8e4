"""A mail server on aiosmtpd that prints each message it takes as one JSON line.

usage: mail.py OPTIONS, a JSON object:
  replies   what it says to a recipient, by address: "550 no such user"
  sender, data   what it says to MAIL and to the message; "" as data stays silent, "cut" closes the connection
  quit      true: says nothing to QUIT, and prints a line when it is asked
  greeting  what it says instead of a greeting, and nothing after it; "" stays silent
  tls       "starttls" or "tls", with certificate and key
  login     [user, password]
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = json.loads(sys.argv[1])


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        reply = options.get("sender", "250 OK")
        if reply.startswith("2"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = options.get("replies", {}).get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "helo": session.host_name,
            "secure": server.transport.get_extra_info("sslcontext") is not None, "user": (session.auth_data or LoginPassword(b"", b"")).login.decode()
            if session.authenticated else None,
            "names": message.keys(), "headers": {name: str(value) for name, value in message.items()},
            "text": message.get_content().replace("\r\n", "\n"), "defects": [repr(defect) for defect in message.defects],
            "longest": max(len(line) for line in envelope.content.split(b"\r\n")),
            "ascii": envelope.content.isascii(),
        }), flush=True)
        if options.get("data") == "cut":
            server.transport.abort()
        if not options.get("data", "250"):
            await asyncio.Event().wait()
        return options.get("data", "250 2.0.0 Ok: queued as 4711")


class Server(SMTP):
    async def smtp_QUIT(self, argument):
        if not options.get("quit"):
            return await super().smtp_QUIT(argument)
        print("{}", flush=True)
        await asyncio.Event().wait()


def authenticate(server, session, envelope, mechanism, data):
    wanted = [word.encode() for word in options["login"]]
    return AuthResult(success=[data.login, data.password] == wanted, auth_data=data, handled=False)


async def greet(reader, writer):
    print("{}", flush=True)
    if options["greeting"]:
        writer.write(options["greeting"].encode() + b"\r\n")
        await writer.drain()
    await reader.read()


async def main():
    context = None
    if "tls" in options:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["certificate"], options["key"])
    words = {"hostname": "mx.test", "ident": "test"}
    if options.get("tls") == "starttls":
        words |= {"tls_context": context, "require_starttls": True}
    if "login" in options:
        words |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    loop = asyncio.get_running_loop()
    if "greeting" in options:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
    else:
        server = await loop.create_server(
            lambda: Server(Handler(), **words), "127.0.0.1", 0,
            ssl=context if options.get("tls") == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
