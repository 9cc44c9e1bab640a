/** What a listener throws is its own: whoever calls it goes on, and the error is nobody's. */
export function guard(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
