/** A process of its own whose functions are called: its CPU time and its memory are nobody else's. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a process answers to. Arguments and results go as JSON. */
export type Api = Readonly<Record<string, (argument: never) => unknown>>

interface Call {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string }

export class Remote<A extends Api> implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #last = 0

  /** @param signal - ends the process when it is aborted; calls that wait reject then */
  constructor(file: URL, signal: AbortSignal, execArgv: readonly string[] = []) {
    this.#child = fork(file, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', message => this.#settle(message as Answer))
    this.#child.once('exit', (code, by) => this.#fail(new Error(`a process of the comparison ended: ${code ?? by}`)))
    const cut = (): void => void this.#child.kill('SIGKILL')
    signal.addEventListener('abort', cut, { once: true })
    this.#child.once('exit', () => signal.removeEventListener('abort', cut))
    if (signal.aborted) cut()
  }

  call<N extends keyof A & string>(name: N, argument: Parameters<A[N]>[0]): Promise<Awaited<ReturnType<A[N]>>> {
    const id = ++this.#last
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#child.send({ id, name, argument } satisfies Call, error => {
      if (error) this.#settle({ id, error: error.message })
    })
    return answered as Promise<Awaited<ReturnType<A[N]>>>
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** The other end: answers calls until the parent goes. */
export function answerCalls(api: Api): void {
  process.on('message', async ({ id, name, argument }: Call) => {
    let answer: Answer
    try {
      answer = { id, value: await api[name]?.(argument as never) }
    } catch (error) {
      answer = { id, error: error instanceof Error ? error.message : String(error) }
    }
    if (process.connected) process.send?.(answer)
  })
  process.once('disconnect', () => process.exit())
  // Ctrl+C goes to the whole group; the parent says when it is over.
  process.on('SIGINT', () => {})
}
