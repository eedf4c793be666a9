import { TOMBSTONE_RETENTION } from './change.ts'
import { script, type Script } from './script.ts'

/** How far the server's clock may go back without ending a lease, milliseconds. */
const CLOCK_ERROR = 1_000

/** The token of the lease; a value of another type is no lease, and is removed. */
const HOLDER = `
local function holder(l)
  local token = redis.pcall('HGET', l, 't')
  if type(token) == 'table' then redis.call('DEL', l) return false end
  return token
end`

/** Wakes each waiting instance. Without the right to publish, they find out by polling. */
const WAKE = `
local function wake(l, prefix, msg)
  local fields = redis.pcall('HKEYS', l)
  if fields.err then return end
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 1) == 'w' then redis.pcall('PUBLISH', prefix .. string.sub(field, 2), msg) end
  end
end`

/**
 * KEYS record, lease; ARGV token, lease ms, instance or '', rejected version or 'any' or '', awaited token or '', ms
 * of a renewal. Flag 1, a hand-over, is only for processes that waited for its version; flag 2 states that the key is
 * not shared. A lease without end is foreign; one with more time left than a renewal gives is from before the server's
 * clock went back.
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
local most = token and (tonumber(redis.call('HGET', KEYS[2], 'm')) or math.huge)
if not token or token == ARGV[1] or left == -1 or left > most + ${CLOCK_ERROR} then
  redis.call('HSET', KEYS[2], 't', ARGV[1], 'm', ARGV[6])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  return {'LEASE'}
end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'w' .. ARGV[3], '') end
return {'WAIT', token, left}`)

/**
 * KEYS record, lease; ARGV token, record, ms, channel prefix. Idempotent: sent twice, it replies twice that the record
 * is stored.
 */
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

/** KEYS record. Removes only a marker. */
export const ALLOW: Script = script(`
local rec = redis.pcall('GETRANGE', KEYS[1], 0, 3)
if type(rec) ~= 'string' or #rec < 4 or string.sub(rec, 1, 3) ~= 'ST\\1' then return 0 end
return string.byte(rec, 4) % 4 >= 2 and redis.call('DEL', KEYS[1]) or 0`)

/** KEYS lease; ARGV token, lease ms. */
export const RENEW: Script = script(`${HOLDER}
if holder(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

const CHANGE = `${HOLDER}${WAKE}
local function fence()
  local token = holder(KEYS[2])
  if not token then return end
  wake(KEYS[2], ARGV[1], 'R' .. token)
  redis.call('DEL', KEYS[2])
end
local function changed()
  redis.call('SET', KEYS[3], '', 'PX', ${TOMBSTONE_RETENTION})
  fence()
  return 1
end`

/** KEYS record, lease, tombstone; ARGV channel prefix. Removes the lease too, which fences the work in progress. */
export const INVALIDATE: Script = script(`${CHANGE}
redis.call('DEL', KEYS[1])
return changed()`)

/**
 * KEYS record, lease, tombstone; ARGV channel prefix, record, ms. The record's version was left in the tombstone
 * before. If the key was changed since, the command is late and stores nothing; while another process is about to
 * store, the stored record is older than both.
 */
export const SET: Script = script(`${CHANGE}
local held = redis.pcall('GET', KEYS[3])
if held == '' then return 0 end
if held ~= string.sub(ARGV[2], 9, 24) then
  redis.call('DEL', KEYS[1])
  fence()
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return changed()`)

/**
 * KEYS record, lease, tombstone; ARGV record, ms, ms of the work. This key's lease was not requested: if another
 * process holds it, that result will be newer; if the key was changed during the work, this record is older than the
 * change.
 */
export const COPY: Script = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local left = redis.call('PTTL', KEYS[3])
if left >= 0 and ${TOMBSTONE_RETENTION} - left <= tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)
