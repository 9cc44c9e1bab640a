"""A client of hotline.1 over Debian's python3-websockets: it prints what it gets, for topics.test.ts to judge."""

import asyncio
import base64
import json
import sys

import websockets

TOKEN = "hotline.token." + base64.urlsafe_b64encode("s3cr3t ✓".encode()).decode().rstrip("=")


async def connect(url):
    line = await websockets.connect(url, subprotocols=["hotline.1", TOKEN])
    print(line.subprotocol, await line.recv())
    return line


async def ask(line, message, answers=1):
    await line.send(message if isinstance(message, bytes) else json.dumps(message))
    for _ in range(answers):
        got = await line.recv()
        if isinstance(got, bytes):
            head, _, data = got.partition(b"\n")
            print(head.decode(), data.hex())
        else:
            print(got)
            got = json.loads(got)
    return got


async def main(url):
    line = await connect(url)
    place = await ask(line, {"type": "subscribe", "id": 1, "topic": "py/a"})
    await ask(line, {"type": "publish", "id": 2, "topic": "py/a", "data": {"n": 1}}, 2)
    await line.close()

    other = await connect(url)
    await ask(other, {"type": "publish", "id": 1, "topic": "py/a", "data": "missed"})
    await other.close()

    line = await connect(url)
    since = {"epoch": place["epoch"], "offset": 1}
    await ask(line, {"type": "subscribe", "id": 1, "topic": "py/a", "since": since}, 2)
    await ask(line, b'{"type":"publish","topic":"py/a"}\n' + bytes([0, 10, 255]))
    await ask(line, {"type": "request", "id": 2, "name": "whoami"})
    await ask(line, {"type": "dance", "id": 3})
    await line.send("nonsense")
    try:
        await line.recv()
    except websockets.ConnectionClosed as end:
        print(end.rcvd.code, end.rcvd.reason)


asyncio.run(main(sys.argv[1]))
