/** A promise with its two ends in hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

/** A rejection of it that nobody listens to is not unhandled: no peer may end the process that way. */
export function deferred<T>(): Deferred<T> {
  let ends: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject }
  })
  promise.catch(ignore)
  return { promise, ...(ends as Pick<Deferred<T>, 'resolve' | 'reject'>) }
}

/** A rejected promise that is safe to leave alone. */
export function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error)
  promise.catch(ignore)
  return promise
}

/** What `send()` returns when nothing has to be waited for: one promise for all, and known by identity. */
export const SENT: Promise<void> = /* @__PURE__ */ Promise.resolve()

const ignore = (): void => {}
