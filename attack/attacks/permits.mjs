/** What the limits of `hotline serve` let one peer pin, by docs/guide/limits.md: an attack may cost that beside its 32 MiB. */

export const KIB = 1024
export const MIB = 1024 * KIB

/** The objects of Node and of hotline for a connection whose request is not complete, and 16 KiB of headers. */
const asking = 32 * KIB
/** The objects of an open line, at most; an idle one takes 6.5 KiB. */
const open = 16 * KIB
/** The objects of a TLS connection, with its buffers of OpenSSL. */
const tls = 64 * KIB
/** maxMessage and what waits behind it: the buffer that grows, and the message that is made of it. */
const message = 2 * MIB
/** highMark both ways, and a chunk of at most 256 KiB that a busy handler left. */
const unread = 384 * KIB

/** @param {number} each @param {string} by */
const permit = (each, by) => ({ each, by })

export const permits = {
  none: permit(0, 'nothing: each ends at once'),
  asking: permit(asking, '16 KiB of headers and 16 KiB of objects for each connection'),
  open: permit(open, '16 KiB of objects for each open line'),
  tls: permit(tls, '64 KiB of OpenSSL for each TLS connection'),
  message: permit(message + open, 'maxMessage twice (1 MiB that grows, 1 MiB that is made of it) for each line'),
  unread: permit(unread + open, 'highMark both ways (128 KiB) and a chunk (256 KiB) for each line'),
  queued: permit(4 * MIB + open, 'maxQueued of a room (4 MiB) for each line that does not read'),
  window: permit(256 * KIB + open, 'zlib at work for each line, at most (deflateBudget: 64 MiB in all)'),
}
