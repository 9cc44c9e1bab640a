/**
 * What is done in Redis itself, each as a whole. Keys come first, then arguments; all keys of one call are of one topic.
 *
 * `place` is a hash: `epoch`, `offset` and `bytes` of what is kept, `run` and `durable` of the server that wrote it last, and
 * for each node `n:<node>` with `sequence offset time` of its last publication, so that one which is sent again is kept once.
 */

/** Milliseconds for which the last publication of a node is remembered: the exchange sends again within two minutes. */
const REMEMBERED = 300_000
/** Milliseconds for which epoch and offset outlive what is kept, and those of a topic in which nothing was published. */
const OUTLIVES = 86_400_000
/** Bytes that an entry takes beside its body. */
const OVERHEAD = 64
/** Bytes of bodies in one page of what is read, about; and the most entries. */
const PAGE = 262_144
const PAGE_ENTRIES = 256

/** Lua has doubles: without this, 1e15 is written as such. */
const COMMON = `
local function text(number) return string.format('%.0f', number) end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`

/**
 * What the hash says is believed while the server is the one that wrote it, or both times one that keeps all (durable). Else
 * something may be lost that somebody has seen: a new epoch, in which the offsets go on.
 */
const EPOCH = `
local function renewed(place, stream, was, run, durable)
  local epoch = string.sub(redis.sha1hex(place .. run .. clock[1] .. '.' .. clock[2] .. (was or '')), 1, 16)
  if not was then redis.call('DEL', stream) end
  redis.call('HSET', place, 'epoch', epoch, 'run', run, 'durable', durable)
  return epoch
end
local function believed(kept, run, durable)
  return kept[1] and (kept[2] == run or (kept[3] == '1' and durable == '1'))
end
local function epochOf(place, stream, kept, run, durable)
  if not believed(kept, run, durable) then return renewed(place, stream, kept[1], run, durable) end
  if kept[2] ~= run or kept[3] ~= durable then redis.call('HSET', place, 'run', run, 'durable', durable) end
  return kept[1]
end
`

/**
 * Keeps a publication, once, and tells it.
 *
 * `previous` is the sequence of the one before of this node, while it is not known what became of it: one that comes without
 * it is refused, so that what was kept is always a beginning of what was sent.
 */
const PUBLISH = `#!lua
${COMMON}${EPOCH}
local place, stream = KEYS[1], KEYS[2]
local run, durable, node, sequence, previous = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local size, age, most = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local channel, body = ARGV[9], ARGV[12]

local kept = redis.call('HMGET', place, 'epoch', 'run', 'durable', 'offset', 'bytes', 'n:' .. node)
local known = kept[1] and kept[6]
local last, at
if known then last, at = string.match(known, '^(%d+) (%d+) ') end
if last and tonumber(sequence) <= tonumber(last) then
  return {epochOf(place, stream, kept, run, durable), tonumber(sequence) == tonumber(last) and at or '0'}
end
if previous ~= '' and kept[1] and last ~= previous then
  return redis.error_reply('ORDER the publication before this one was not kept')
end

local epoch = epochOf(place, stream, kept, run, durable)
local offset = kept[1] and tonumber(kept[4] or '0') + 1 or 1
local function add()
  return redis.pcall('XADD', stream, '0-' .. text(offset), 'w', node .. ' ' .. sequence .. ' ' .. text(now), 'b', body)
end
if type(add()) ~= 'string' then
  -- What others have put there is in the way.
  redis.call('DEL', stream)
  epoch = renewed(place, stream, epoch, run, durable)
  add()
end
local count = redis.call('XLEN', stream)
local bytes = (count > 1 and tonumber(kept[5] or '0') or 0) + #body + ${OVERHEAD}

local function first() return redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1] end
local function tooOld(entry)
  return age > 0 and tonumber(string.match(entry[2][2], '(%d+)$')) < now - age
end
while count > 0 and (count > size or bytes > most or age > 0) do
  local entry = first()
  if not entry or not (count > size or bytes > most or tooOld(entry)) then break end
  redis.call('XDEL', stream, entry[1])
  count = count - 1
  bytes = bytes - #entry[2][4] - ${OVERHEAD}
end

redis.call('HSET', place, 'offset', text(offset), 'bytes', text(bytes), 'n:' .. node, sequence .. ' ' .. text(offset) .. ' ' .. text(now))
if age > 0 then
  redis.call('PEXPIRE', stream, age)
  redis.call('PEXPIRE', place, age + ${OUTLIVES})
else
  -- It may have had an age before.
  redis.call('PERSIST', stream)
  redis.call('PERSIST', place)
end
if offset % 256 == 0 then
  local all = redis.call('HGETALL', place)
  for i = 1, #all, 2 do
    local time = string.sub(all[i], 1, 2) == 'n:' and string.match(all[i + 1], '(%d+)$')
    if time and tonumber(time) < now - ${REMEMBERED} then redis.call('HDEL', place, all[i]) end
  end
end

local message = epoch .. ' ' .. text(offset) .. ' ' .. node .. ' ' .. sequence .. '\\n' .. body
redis.call(ARGV[10], channel, message)
if ARGV[11] ~= '' then redis.call(ARGV[11], channel, message) end
return {epoch, text(offset)}
`

/**
 * The place of a topic, and one page of what is kept: what follows a place that is known, the oldest first, where that is
 * wanted and all of it is there; else the newest, the newest first. Somebody who knows more than is kept has seen what was
 * lost: a new epoch. A Redis that is full has little to write for it.
 */
const READ = `#!lua flags=allow-oom
${COMMON}${EPOCH}
local place, stream = KEYS[1], KEYS[2]
local run, durable, knownEpoch, knownOffset, age = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local kept = redis.call('HMGET', place, 'epoch', 'run', 'durable', 'offset', 'bytes')
local offset = tonumber(kept[4] or '0')
local epoch = epochOf(place, stream, kept, run, durable)
if epoch == knownEpoch and offset < knownOffset then epoch = renewed(place, stream, epoch, run, durable) end
if age > 0 then redis.call('PEXPIRE', place, age + ${OUTLIVES})
elseif offset == 0 then redis.call('PEXPIRE', place, ${OUTLIVES}) end

local count = redis.call('XLEN', stream)
local average = count > 0 and math.max(1, tonumber(kept[5] or '0') / count) or 1
local page = math.max(1, math.min(${PAGE_ENTRIES}, math.floor(${PAGE} / average)))
local oldest = age > 0 and now - age or 0
if epoch == knownEpoch and ARGV[6] == '1' then
  if offset == knownOffset then return {epoch, text(offset), text(page), text(oldest), 1, {}} end
  local next = '0-' .. text(knownOffset + 1)
  local entries = redis.call('XRANGE', stream, next, '+', 'COUNT', page)
  if entries[1] and entries[1][1] == next then return {epoch, text(offset), text(page), text(oldest), 1, entries} end
end
return {epoch, text(offset), text(page), text(oldest), 0, redis.call('XREVRANGE', stream, '+', '-', 'COUNT', page)}
`

/** Keeps the word of a node, with the time in front, and tells it; an empty word takes it away. A full Redis takes it too. */
const ATTEND = `#!lua flags=allow-oom
${COMMON}
local words, terms = KEYS[1], KEYS[2]
local node, word, lasts = ARGV[1], ARGV[2], tonumber(ARGV[3])
local gone = redis.call('ZRANGEBYSCORE', terms, '-inf', '(' .. text(now))
if word == '' then gone[#gone + 1] = node end
for _, one in ipairs(gone) do
  redis.call('HDEL', words, one)
  redis.call('ZREM', terms, one)
end
local stamp = clock[1] .. string.rep('0', 6 - #clock[2]) .. clock[2]
if word ~= '' then
  redis.call('HSET', words, node, stamp .. '\\n' .. word)
  redis.call('ZADD', terms, text(now + lasts), node)
  redis.call('PEXPIRE', words, lasts)
  redis.call('PEXPIRE', terms, lasts)
end
redis.call(ARGV[4], ARGV[5], node .. ' ' .. stamp .. '\\n' .. word)
return 1
`

/** All words that count: node, milliseconds for which it counts, and the word with its time in front. */
const ATTENDANCE = `#!lua flags=no-writes
${COMMON}
local all = redis.call('ZRANGE', KEYS[2], text(now), '+inf', 'BYSCORE', 'WITHSCORES')
local found = {}
for i = 1, #all, 2 do
  local word = redis.call('HGET', KEYS[1], all[i])
  if word then found[#found + 1] = {all[i], text(all[i + 1] - now), word} end
end
return found
`

export const SCRIPTS = { publish: PUBLISH, read: READ, attend: ATTEND, attendance: ATTENDANCE } as const

export type ScriptName = keyof typeof SCRIPTS
