/** What joins nodes, by its kind. */

/** Servers of this process share it. @type {Promise<import('hotline/backplane').Backplane> | undefined} */
let memory

/** @param {import('./words.mjs').Joined} joined */
export async function openBackplane({ kind, url = '' }) {
  switch (kind) {
    case 'memory':
      memory ??= import('hotline/backplane').then(({ memoryBackplane }) => memoryBackplane())
      return memory
    case 'cluster':
      return (await import('hotline/cluster')).clusterBackplane()
    case 'redis':
      return (await import('hotline/redis')).redisBackplane(url)
    case 'nats':
      return (await import('hotline/nats')).natsBackplane(url)
  }
}
