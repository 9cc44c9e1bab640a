/** A socket as a pair of Web Streams, for bulk: each chunk is a message. */
import { CloseCode, type Closed } from '../protocol/close.ts'
import type { Message } from './inbox.ts'

export interface MessageStreams {
  readonly readable: ReadableStream<Message>
  readonly writable: WritableStream<string | ArrayBufferView | ArrayBuffer>
}

/** What the streams need of a socket. */
interface Duplex extends AsyncIterable<Message> {
  send(data: string | ArrayBufferView | ArrayBuffer): Promise<void>
  close(code?: number, reason?: string): Promise<unknown>
  readonly closed: Promise<Closed>
}

/** Streams that hold nothing back themselves: the queues of the socket are the only ones. */
export function messageStreams(socket: Duplex): MessageStreams {
  let messages: AsyncIterator<Message> | undefined
  const readable = new ReadableStream<Message>(
    {
      async pull(controller) {
        messages ??= socket[Symbol.asyncIterator]()
        const { done, value } = await messages.next()
        if (!done) {
          controller.enqueue(value)
          return
        }
        const { clean, error } = await socket.closed
        if (clean) controller.close()
        else controller.error(error)
      },
      cancel: async () => {
        await socket.close()
      },
    },
    { highWaterMark: 0 },
  )
  return {
    readable,
    writable: new WritableStream({
      write: chunk => socket.send(chunk),
      close: async () => {
        await socket.close()
      },
      abort: async () => {
        await socket.close(CloseCode.internalError, 'the stream was aborted')
      },
    }),
  }
}
