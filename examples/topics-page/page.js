/** The page: what is published in a room stands in a list. */
import { TopicsClient } from './client.js'

/** @param {string} id */
const byId = id => /** @type {HTMLElement} */ (document.getElementById(id))

const client = new TopicsClient(`${location.origin.replace(/^http/, 'ws')}/line`, {
  state: state => (byId('state').textContent = state),
})

client.subscribe('rooms/lobby', {
  last: 20,
  publication: data => byId('messages').append(Object.assign(document.createElement('li'), { textContent: data })),
  presence: ({ count }) => (byId('count').textContent = `${count}`),
  missed: () => byId('messages').replaceChildren(),
})

const form = /** @type {HTMLFormElement} */ (document.querySelector('form'))
form.addEventListener('submit', event => {
  event.preventDefault()
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('text'))
  client.publish('rooms/lobby', input.value).then(() => form.reset(), alert)
})

Object.assign(globalThis, { client }) // for the console
