import { SCORE_STEP } from './change.ts'
import { script, type Script } from './script.ts'

/** An entry of at most this many bytes is short. */
const USUAL_BYTES = 1_024
/** Entries that the log keeps even if they are long, and their bytes: longer entries leave room for fewer. */
const LONG_ENTRIES = 1_000
const LONG_BYTES = 65_536_000

/**
 * Appends to the log, and trims it more if entries are long, since clients with unsafe requests choose their length.
 * On a server at its `maxmemory`, a script may allocate once it has written: the log is trimmed first, and what is
 * added afterwards is bounded. A log whose last id is the greatest one accepts no entries: it starts anew, with all
 * marks.
 */
const ADD = `
local function add(log, length, text)
  local usual, long = length * ${USUAL_BYTES} / math.max(1, #text), ${LONG_BYTES} / math.max(1, #text)
  local fitting = math.floor(math.max(math.min(${LONG_ENTRIES}, long), usual))
  redis.call('XTRIM', log, 'MAXLEN', '~', math.min(length, fitting))
  local id = redis.pcall('XADD', log, '*', 'o', text)
  if not id.err then return id end
  if string.find(id.err, 'last possible ID', 1, true) then redis.call('DEL', unpack(KEYS)) end
  return redis.call('XADD', log, '*', 'o', text)
end`

/**
 * A position in the log as a score, which has 53 bits: the last 10 are the number within the millisecond. The floor of
 * the marks is a member without a name: a mark that is not listed was invalidated then at the latest. The past of
 * marks that are new, or were lost, is unknown.
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
 * KEYS log, marks, marks of the other space; ARGV length of the log, entry, channel, maximum marks, mark... Too many
 * marks: the oldest are removed, and the floor rises to the last of those.
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

/**
 * KEYS marks; ARGV mark... Returns the floor, then the last invalidation of each mark, or nothing. Nothing if the
 * floor was lost.
 */
export const MARKED: Script = script(`
local scores = {redis.pcall('ZSCORE', KEYS[1], '')}
if type(scores[1]) ~= 'string' then return {} end
for i = 1, #ARGV do scores[i + 1] = redis.call('ZSCORE', KEYS[1], ARGV[i]) or '' end
return scores`)

/**
 * Bytes of entries after which one command stops reading: other clients wait meanwhile, and the reply must arrive in
 * time.
 */
const READ_BYTES = 524_288
/**
 * Entries that are read before their bytes are counted. The number grows, because all may be as long as clients can
 * make them.
 */
const READ_STEP = 16

/**
 * Entries of a log from one on, which is the first of each step again; nothing for a key that is no log. Returns
 * whether there may be more.
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

/** In a cluster, a number that rises with each failover, as soon as there is an election; otherwise nothing. */
const EPOCH = `
local function epoch(isAsked)
  if isAsked == '' then return '' end
  local info = redis.pcall('CLUSTER', 'INFO')
  return type(info) == 'string' and string.match(info, 'cluster_current_epoch:(%d+)') or ''
end`

/**
 * KEYS log; ARGV from, count, whether there is a cluster. Returns the time of the log's node, which is the clock of
 * the fleet, whether there may be more, and the epoch of the cluster.
 */
export const LISTEN: Script = script(`${READ}${EPOCH}
local entries, more = readLog('XRANGE', KEYS[1], ARGV[1], '+', ARGV[2])
return {redis.call('TIME'), entries, more, epoch(ARGV[3])}`)

/**
 * KEYS log, marks...; ARGV count, first entry, whether there is a cluster. Newest first. An empty log starts with an
 * entry, so that its loss is visible, and missing marks start now.
 */
export const LOAD: Script = script(`${ADD}${FLOOR}${READ}${EPOCH}
local entries, _, err = readLog('XREVRANGE', KEYS[1], '+', '-', ARGV[1])
if err then redis.call('DEL', KEYS[1]) end
if #entries == 0 then
  add(KEYS[1], ARGV[1], ARGV[2])
  entries = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
end
for i = 2, #KEYS do floor(KEYS[i], entries[1][1]) end
return {redis.call('TIME'), entries, 0, epoch(ARGV[3])}`)

/** KEYS log; ARGV id, head... Returns for each entry 1 if the log has it or starts later, and 0 if the log lacks it. */
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
