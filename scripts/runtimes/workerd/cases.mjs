import { equal } from '../smoke/assert.mjs'
import { get, until } from './client.mjs'

const WHOLE = 'begun;run 1'

/** What a case needs: requests of one name, and the origin's side of it. */
function stageOf({ port, origin }, name, path) {
  const ask = options => get(port, path, options)
  const stats = async () => JSON.parse((await get(port, `/stats/${name}`)).body)
  return {
    ask,
    stats,
    release: () => origin.release(name),
    runs: () => origin.runs(name),
    arrived: count => origin.arrived(name, count),
    /** A request that its own worker drops when `leave` is called. */
    leaving() {
      const drop = `${name}-drop`
      const reply = ask({ headers: { 'x-drop': drop } })
      const leave = async () => {
        await origin.arrived(drop)
        origin.release(drop)
        await reply
      }
      return { leave }
    },
  }
}

/** A second request during the first. */
async function following(stage) {
  const reply = stage.ask()
  reply.catch(() => {})
  await until('a second request has come', async () => (await stage.stats()).asked === 2)
  return { reply }
}

async function collapses(stage) {
  const first = stage.ask()
  await stage.arrived()
  const { reply } = await following(stage)
  stage.release()
  equal([(await first).body, (await reply).body, stage.runs()], [WHOLE, WHOLE, 1])
}

async function hits(stage) {
  const first = stage.ask()
  await stage.arrived()
  stage.release()
  equal((await first).body, WHOLE)
  equal([(await stage.ask()).body, (await stage.stats()).hits, stage.runs()], [WHOLE, 1, 1])
}

async function outlivesItsClient(stage) {
  const first = stage.leaving()
  await stage.arrived()
  const { reply } = await following(stage)
  await first.leave()
  stage.release()
  equal([(await reply).body, stage.runs(), (await stage.stats()).flights], [WHOLE, 1, 0])
}

async function outlivesItsConnection(stage) {
  const controller = new AbortController()
  const first = stage.ask({ signal: controller.signal }).catch(() => {})
  await stage.arrived()
  const { reply } = await following(stage)
  controller.abort()
  await first
  stage.release()
  equal([(await reply).body, stage.runs()], [WHOLE, 1])
}

/** Without `waitUntil` the fetch goes down with the request of the leader; its key must not. */
async function failsAtOnceAndRecovers(stage) {
  const first = stage.leaving()
  await stage.arrived()
  const { reply } = await following(stage)
  await first.leave()
  equal([(await reply).status, stage.runs()], [500, 1])
  const releasing = setInterval(() => stage.release(), 20)
  try {
    await until('the key is free', async () => (await stage.ask()).status === 200)
  } finally {
    clearInterval(releasing)
  }
}

async function hasADeadline(stage) {
  const first = stage.ask()
  await stage.arrived()
  const { reply } = await following(stage)
  await stage.arrived(2)
  stage.release()
  equal((await reply).cacheStatus, 'stampede; fwd=uri-miss; detail=deadline')
  equal([(await first).status, (await reply).status], [200, 200])
}

/** Name, path, and what must be true of it. */
export const cases = [
  ['function: overlapping requests collapse', '/function/a', collapses],
  ['function: a value outlives the request that fetched it', '/function/b?ttl=60000', hits],
  ['function: with waitUntil a fetch outlives its client', '/function/c?keep=1', outlivesItsClient],
  [
    'function: without it who waits fails at once, and the key is free after the timeout',
    '/function/d?timeout=1000',
    failsAtOnceAndRecovers,
  ],
  ['hono: overlapping requests collapse', '/hono/e', collapses],
  ['hono: an answer outlives the request that led', '/hono/f?ttl=60000', hits],
  ['hono: a run outlives its client', '/hono/g', outlivesItsClient],
  ['hono: a streamed body outlives its client', '/hono/h?stream=1', outlivesItsClient],
  ['hono: a run outlives its connection', '/hono/i', outlivesItsConnection],
  ['hono: a streamed body outlives its connection', '/hono/j?stream=1', outlivesItsConnection],
  ['hono: who waits for a handler that hangs runs its own at the deadline', '/hono/k?deadline=300', hasADeadline],
].map(([name, path, check]) => ({
  name,
  run: place => check(stageOf(place, path.split(/[/?]/)[2], path)),
}))
