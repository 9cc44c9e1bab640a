/** The threads of zlib: a few jobs at a time. The others wait, without the memory that they will need. */

/** Node has four threads unless it is told else; twice as many keep them busy. */
const MOST = 8

let running = 0
const waiting: (() => void)[] = []

/** Begins the job when it is its turn. */
export async function inThread<T>(job: () => Promise<T>): Promise<T> {
  if (running < MOST) running++
  else await new Promise<void>(resolve => waiting.push(resolve))
  try {
    return await job()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
