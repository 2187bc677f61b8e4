"""A Modbus/TCP server that Cupel's authors did not write: pymodbus, told over standard input what to serve.

Standard input, a line each:
  words TABLE ADDRESS HEX...     registers (holding, input) as four hex digits each
  bits TABLE ADDRESS 0|1...      coils, discrete
  only FIRST LAST                holding registers outside are refused with exception 2; may be given several times
  serve UNIT                     binds 127.0.0.1 port 0 and prints `port N`
  write ADDRESS HEX...           changes holding registers while serving, prints `written`
"""

import asyncio
import sys

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.datastore import (
    ModbusDeviceContext,
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSparseDataBlock,
)
from pymodbus.server import ModbusTcpServer

# Every register the test did not set reads as this, so that a wrong address shows.
UNSET = 0xDEAD


async def main() -> None:
    loop = asyncio.get_running_loop()
    tables = {
        "holding": [UNSET] * 65535,
        "input": [UNSET] * 65535,
        "coil": [False] * 65535,
        "discrete": [False] * 65535,
    }
    client = None
    unit = 1
    only = []
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        words = line.split()
        if not words:
            return
        if words[0] in ("words", "bits"):
            table, address = tables[words[1]], int(words[2])
            values = [int(word, 16) for word in words[3:]]
            if words[0] == "bits":
                values = [value == 1 for value in values]
            table[address : address + len(values)] = values
        elif words[0] == "only":
            only.append(range(int(words[1]), int(words[2]) + 1))
        elif words[0] == "serve":
            unit = int(words[1])
            holding = ModbusSequentialDataBlock(1, tables["holding"])
            if only:
                # Unlike a sequential one, a sparse block counts from 0 (3.16.1, tried).
                holding = ModbusSparseDataBlock({at: tables["holding"][at] for places in only for at in places})
            device = ModbusDeviceContext(
                di=ModbusSequentialDataBlock(1, tables["discrete"]),
                co=ModbusSequentialDataBlock(1, tables["coil"]),
                ir=ModbusSequentialDataBlock(1, tables["input"]),
                hr=holding,
            )
            server = ModbusTcpServer(
                ModbusServerContext(devices={unit: device}, single=False), address=("127.0.0.1", 0)
            )
            await server.serve_forever(background=True)
            port = server.transport.sockets[0].getsockname()[1]
            client = AsyncModbusTcpClient("127.0.0.1", port=port)
            await client.connect()
            print("port", port, flush=True)
        elif words[0] == "write":
            values = [int(word, 16) for word in words[2:]]
            reply = await client.write_registers(int(words[1]), values, device_id=unit)
            print("written" if not reply.isError() else f"error {reply}", flush=True)


asyncio.run(main())
