/** Finds the services that tests and measurements start: Redis, NATS and proxies. */
import { find } from './programs.mjs'

/** @param {string} name @param {string} title */
const service = (name, title, variable = `${name.toUpperCase().replaceAll('-', '_')}_PATH`) => ({
  title,
  variable,
  package: name,
  names: [name],
})

export const findRedis = () => find(service('redis-server', 'Redis'))
export const findNats = () => find(service('nats-server', 'NATS'))
export const findNginx = () => find(service('nginx', 'nginx'))
export const findHaproxy = () => find(service('haproxy', 'HAProxy'))
export const findCaddy = () => find(service('caddy', 'Caddy'))
