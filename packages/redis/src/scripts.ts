import { createHash } from 'node:crypto'
import { SCORE_STEP } from './change.ts'

/** A Lua script, and the digest that the server knows it by. */
export interface Script {
  readonly source: string
  readonly digest: string
}

function script(source: string): Script {
  return { source, digest: createHash('sha1').update(source).digest('hex') }
}

/** The lease's token; a foreign type in its place is none, and goes. */
const HOLDER = `
local function holder(l)
  local token = redis.pcall('HGET', l, 't')
  if type(token) == 'table' then redis.call('DEL', l) return false end
  return token
end`

/** Tells each instance that waits. Without the right to publish they find out by asking again. */
const WAKE = `
local function wake(l, prefix, msg)
  local fields = redis.pcall('HKEYS', l)
  if fields.err then return end
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 1) == 'w' then redis.pcall('PUBLISH', prefix .. string.sub(field, 2), msg) end
  end
end`

/**
 * KEYS record, lease; ARGV token, lease ms, instance or '', rejected version or 'any' or '', awaited token or ''.
 * Flag 1, a hand-over, is for those alone who waited for its version; flag 2 says that nothing is to be shared. A lease that
 * never ends is not one of ours.
 */
export const ACQUIRE: Script = script(`${HOLDER}
local rec = redis.pcall('GET', KEYS[1])
if type(rec) == 'string' and string.sub(rec, 1, 3) == 'ST\\1' and #rec >= 24 then
  local flags, version = string.byte(rec, 4), string.sub(rec, 9, 24)
  if flags % 4 >= 2 then
    if version ~= ARGV[4] then return {'PASS', rec} end
  elseif version == ARGV[5] and version ~= ARGV[4] then return {'HIT', rec}
  elseif flags % 2 == 0 and ARGV[4] ~= 'any' and version ~= ARGV[4] then return {'HIT', rec} end
end
local token = holder(KEYS[2])
local left = token and redis.call('PTTL', KEYS[2])
if not token or token == ARGV[1] or left == -1 then
  redis.call('HSET', KEYS[2], 't', ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  return {'LEASE'}
end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'w' .. ARGV[3], '') end
return {'WAIT', token, left}`)

/** KEYS record, lease; ARGV token, record, ms, channel prefix. Sent twice, it says twice that it is stored. */
export const COMMIT: Script = script(`${HOLDER}${WAKE}
if holder(KEYS[2]) ~= ARGV[1] then
  local version = redis.pcall('GETRANGE', KEYS[1], 8, 23)
  return version == ARGV[1] and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
wake(KEYS[2], ARGV[4], 'C' .. ARGV[1])
redis.call('DEL', KEYS[2])
return 1`)

/** KEYS record, lease; ARGV token, channel prefix, message, marker or '', ms. */
export const RELEASE: Script = script(`${HOLDER}${WAKE}
if holder(KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[4] ~= '' then redis.pcall('SET', KEYS[1], ARGV[4], 'PX', ARGV[5]) end
wake(KEYS[2], ARGV[2], ARGV[3])
redis.call('DEL', KEYS[2])
return 1`)

/** KEYS record. Only what says that nothing is to be shared goes. */
export const ALLOW: Script = script(`
local rec = redis.pcall('GETRANGE', KEYS[1], 0, 3)
if type(rec) ~= 'string' or #rec < 4 or string.sub(rec, 1, 3) ~= 'ST\\1' then return 0 end
return string.byte(rec, 4) % 4 >= 2 and redis.call('DEL', KEYS[1]) or 0`)

/** KEYS lease; ARGV token, lease ms. */
export const RENEW: Script = script(`${HOLDER}
if holder(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

/** How long, ms, a change from outside is remembered for copies that come late. */
const TOMBSTONE_STAY = 60_000

const CHANGE = `${HOLDER}${WAKE}
local function changed()
  redis.call('SET', KEYS[3], '', 'PX', ${TOMBSTONE_STAY})
  local token = holder(KEYS[2])
  if token then
    wake(KEYS[2], ARGV[1], 'R' .. token)
    redis.call('DEL', KEYS[2])
  end
  return 1
end`

/** KEYS record, lease, tombstone; ARGV channel prefix. The lease goes too, so that who works on it is fenced. */
export const INVALIDATE: Script = script(`${CHANGE}
redis.call('DEL', KEYS[1])
return changed()`)

/** KEYS record, lease, tombstone; ARGV channel prefix, record, ms. */
export const SET: Script = script(`${CHANGE}
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return changed()`)

/**
 * KEYS record, lease, tombstone; ARGV record, ms, ms that the work took. Nobody was asked for this key's lease: where another
 * one has it, what that one makes is newer, and where the key was changed while the work went on, this is older than that.
 */
export const COPY: Script = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local left = redis.call('PTTL', KEYS[3])
if left >= 0 and ${TOMBSTONE_STAY} - left <= tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)

/** An entry of no more bytes than these is not long. */
const USUAL_BYTES = 1_024
/** Entries that the log has even where they are long. */
const LONG_ENTRIES = 1_000

/**
 * Adds to the log, which is shorter where what is added is long: who may send unsafe requests chooses that. Of a server at
 * its `maxmemory` a script may ask for more once it has written something: the log is cut first, and all that is added after
 * that is bounded.
 */
const ADD = `
local function add(log, length, text)
  local fitting = math.max(${LONG_ENTRIES}, math.floor(length * ${USUAL_BYTES} / math.max(1, #text)))
  redis.call('XTRIM', log, 'MAXLEN', '~', math.min(length, fitting))
  return redis.call('XADD', log, '*', 'o', text)
end`

/**
 * A position in the log as a score, which has 53 bits: its last 10 are the number within the ms. The floor of the marks is a
 * member without a name: a mark that is not listed was invalidated then at the latest. Of marks that are new, or were lost,
 * nothing is known of what was before.
 */
const FLOOR = `
local function scoreOf(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return (ms + math.floor(sequence / 65536)) * ${SCORE_STEP} + math.min(sequence % 65536, ${SCORE_STEP - 1})
end
local function floor(marks, id)
  local score = redis.pcall('ZSCORE', marks, '')
  if type(score) == 'string' then return tonumber(score) end
  redis.call('DEL', marks)
  redis.call('ZADD', marks, scoreOf(id), '')
  return scoreOf(id)
end`

/**
 * KEYS log, marks; ARGV length of the log, entry, channel, most marks, mark... The oldest marks go where there are too many,
 * and the floor rises to the last of those.
 */
export const LOG: Script = script(`${ADD}${FLOOR}
local last = redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if last.err then redis.call('DEL', KEYS[1]) last = {} end
local prev = last[1] and last[1][1] or '0-0'
local id = add(KEYS[1], ARGV[1], ARGV[2])
if #ARGV > 4 then
  local lowest = floor(KEYS[2], id)
  for i = 5, #ARGV do redis.call('ZADD', KEYS[2], scoreOf(id), ARGV[i]) end
  local over = redis.call('ZCARD', KEYS[2]) - 1 - ARGV[4]
  if over > 0 then
    local gone = redis.call('ZRANGE', KEYS[2], over, over, 'WITHSCORES')[2]
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, over)
    redis.call('ZADD', KEYS[2], math.max(lowest, gone), '')
  end
end
redis.pcall('PUBLISH', ARGV[3], prev .. ' ' .. id .. ' ' .. ARGV[2])
return {prev, id}`)

/** KEYS marks; ARGV mark... The floor, then of each mark when it was invalidated, or nothing. None where the floor was lost. */
export const MARKED: Script = script(`
local scores = {redis.pcall('ZSCORE', KEYS[1], '')}
if type(scores[1]) ~= 'string' then return {} end
for i = 1, #ARGV do scores[i + 1] = redis.call('ZSCORE', KEYS[1], ARGV[i]) or '' end
return scores`)

/** Bytes of entries after which no more are read at once: nobody else is served meanwhile, and the reply is to come in time. */
const READ_BYTES = 524_288
/** Entries that are looked at before their bytes are counted: more and more, as all may be as long as clients can make them. */
const READ_STEP = 16

/**
 * Entries of a log from one on, which is the first again of each step; none where it is no log. Says whether there may be
 * more.
 */
const READ = `
local function readLog(command, log, from, to, count)
  local entries, bytes, step = {}, 0, 1
  repeat
    local part = redis.pcall(command, log, from, to, 'COUNT', step + 1)
    if part.err then return {}, 0, part.err end
    for i = #entries == 0 and 1 or 2, #part do
      entries[#entries + 1] = part[i]
      bytes = bytes + #(part[i][2][2] or '')
    end
    if #part <= step then return entries, 0 end
    from = part[#part][1]
    step = math.min(2 * step, ${READ_STEP})
  until #entries >= tonumber(count) or bytes >= ${READ_BYTES}
  return entries, 1
end`

/** KEYS log; ARGV from, count. With the time of the log's node, one clock for the fleet, and whether there may be more. */
export const LISTEN: Script = script(`${READ}
local entries, more = readLog('XRANGE', KEYS[1], ARGV[1], '+', ARGV[2])
return {redis.call('TIME'), entries, more}`)

/**
 * KEYS log, marks...; ARGV count, first entry. Newest first; a log that is empty begins with an entry, so that its loss shows,
 * and marks that there are not begin now.
 */
export const LOAD: Script = script(`${ADD}${FLOOR}${READ}
local entries, _, err = readLog('XREVRANGE', KEYS[1], '+', '-', ARGV[1])
if err then redis.call('DEL', KEYS[1]) end
if #entries == 0 then
  add(KEYS[1], ARGV[1], ARGV[2])
  entries = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
end
for i = 2, #KEYS do floor(KEYS[i], entries[1][1]) end
return {redis.call('TIME'), entries}`)

/**
 * KEYS log; ARGV id, head... Of each entry 1 where it stands there, or is older than the log; 0 where the log lacks it.
 */
export const STANDING: Script = script(`
local standing = {}
for i = 1, #ARGV, 2 do
  local id, head = ARGV[i], ARGV[i + 1]
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local isThere
  if entry then isThere = string.sub(entry[2][2] or '', 1, #head) == head
  else isThere = #redis.call('XRANGE', KEYS[1], '-', id, 'COUNT', 1) == 0 end
  standing[#standing + 1] = isThere and 1 or 0
end
return standing`)
