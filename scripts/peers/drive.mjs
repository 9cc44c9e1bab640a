/** A client of the WHATWG API as Autobahn's clients are: it runs in Node and, as it stands, in a page. */

/**
 * Runs every case of `hotline verify --listen` at this URL, some at a time, and asks for the report.
 * @param {(url: string) => WebSocket} open
 * @param {string} base
 * @param {string} agent
 * @param {number} parallel
 */
export async function drive(open, base, agent, parallel) {
  /**
   * Resolves to the last message, when the line has closed.
   * @param {string} path
   * @param {boolean} echoes
   */
  const visit = (path, echoes) =>
    new Promise(resolve => {
      let last = ''
      const socket = open(base + path)
      socket.binaryType = 'arraybuffer'
      socket.onerror = () => {}
      socket.onclose = () => resolve(last)
      socket.onmessage = ({ data }) => {
        last = data
        if (echoes) socket.send(data)
      }
    })
  const count = Number(await visit('/getCaseCount', false))
  let next = 1
  const worker = async () => {
    while (next <= count) await visit(`/runCase?case=${next++}&agent=${encodeURIComponent(agent)}`, true)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  await visit(`/updateReports?agent=${encodeURIComponent(agent)}`, false)
}
