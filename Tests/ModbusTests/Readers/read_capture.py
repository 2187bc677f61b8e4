"""Reads a capture with scapy, which Cupel's authors did not write, and prints a line a packet:

SECONDS.NANOSECONDS SOURCE>TARGET FLAGS SEQUENCE ACKNOWLEDGED CHECKSUMS [MODBUS...]

CHECKSUMS is `ok` when scapy computes the same ones. The payload is read as Modbus whatever the port is.
"""

import sys

from scapy.contrib.modbus import ModbusADURequest, ModbusADUResponse
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.utils import RawPcapReader

server_port = int(sys.argv[2])

for data, meta in RawPcapReader(sys.argv[1]):
    layer = IPv6 if data[0] >> 4 == 6 else IP
    packet = layer(data)
    again = layer(data)
    if layer is IP:
        del again[IP].chksum
    del again[TCP].chksum
    right = bytes(again.__class__(bytes(again))) == data and meta.caplen == meta.wirelen == len(data)
    tcp = packet[TCP]
    line = [
        f"{meta.sec}.{meta.usec:09d}",
        f"{packet.src}:{tcp.sport}>{packet.dst}:{tcp.dport}",
        str(tcp.flags),
        str(tcp.seq),
        str(tcp.ack),
        "ok" if right else "wrong",
    ]
    payload = bytes(tcp.payload)
    if payload:
        kind = ModbusADURequest if tcp.dport == server_port else ModbusADUResponse
        adu = kind(payload)
        pdu = adu.payload
        line.append(f"{pdu.name.replace(' ', '')} transaction={adu.transId} unit={adu.unitId}")
        for field in ("startAddr", "quantity", "registerVal", "coilStatus", "exceptCode"):
            if hasattr(pdu, field):
                value = getattr(pdu, field)
                line.append(f"{field}={','.join(map(str, value)) if isinstance(value, list) else value}")
    print(" ".join(line))
