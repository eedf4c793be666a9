import { equal } from '../smoke/assert.mjs'
import { get, until } from './client.mjs'

const FRESH = { 'cache-control': 'max-age=60' }

/** An app of the name's own: `ask` sends a request that says how the handler is to answer, should it run. */
function stageOf({ port, origin }, name, app = {}) {
  const ask = ({ path = '', headers, ...options } = {}, answer = {}) =>
    get(port, `/http/${name}${path}`, {
      ...options,
      headers: { ...headers, 'x-setting': JSON.stringify({ ...app, ...answer }) },
    })
  const asked = async count => {
    await until(`${count} requests have come`, async () => {
      const { body } = await get(port, `/stats/${name}`)
      return JSON.parse(body).asked === count
    })
  }
  return {
    ask,
    asked,
    held: name,
    runs: async () => Number((await get(port, `/runs/${name}`)).body),
    arrived: count => origin.arrived(name, count),
    release: () => origin.release(name),
    /** So many at once, of which one is held by the origin, and what became of each. */
    async together(count, answer) {
      const replies = [ask({}, { ...answer, held: name })]
      await origin.arrived(name)
      for (let follower = 1; follower < count; follower += 1) replies.push(ask({}, { ...answer, held: name }))
      await asked(count)
      const releasing = setInterval(() => origin.release(name), 20)
      const settled = await Promise.allSettled(replies)
      clearInterval(releasing)
      return settled.map(({ value, reason }) => value ?? { broken: String(reason) })
    },
  }
}

const bodiesOf = replies => replies.map(({ body }) => body)
const isHit = ({ cacheStatus }) => cacheStatus.startsWith('stampede; hit')
const numbered = count => Array.from({ length: count }, (_, index) => `run ${index + 1} for nobody held`)

const checks = {
  async 'twenty collapse into one run'(place, name) {
    const stage = stageOf(place, name)
    const replies = await stage.together(20, {})
    equal([new Set(bodiesOf(replies)).size, await stage.runs()], [1, 1])
  },

  async 'what is private is each one’s own'(place, name) {
    const stage = stageOf(place, name)
    const replies = await stage.together(4, { headers: { 'cache-control': 'private' } })
    equal(bodiesOf(replies).sort(), numbered(4))
  },

  async 'a Set-Cookie of the handler is never shared'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 } })
    const replies = await stage.together(4, { headers: { 'set-cookie': 'session=1' } })
    equal(bodiesOf(replies).sort(), numbered(4))
    equal(isHit(await stage.ask()), false)
  },

  async 'a Set-Cookie that middleware in front adds later keeps the answer from others'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 }, front: { 'set-cookie': 'session=1' } })
    const replies = await stage.together(4, {})
    equal(bodiesOf(replies).sort(), numbered(4))
  },

  async 'requests with credentials are answered by their own runs'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 } })
    const asked = [{}, { cookie: 'a=1' }, { cookie: 'a=2' }, { authorization: 'Bearer b' }, {}]
    const bodies = []
    for (const headers of asked) bodies.push((await stage.ask({ headers })).body)
    const own = ['run 2 for a=1', 'run 3 for a=2', 'run 4 for Bearer b']
    equal(bodies, ['run 1 for nobody', ...own, 'run 1 for nobody'])
  },

  async 'what varies is given by the variant'(place, name) {
    const stage = stageOf(place, name)
    const answer = { headers: { ...FRESH, vary: 'accept-language' } }
    const bodies = []
    for (const language of ['de', 'en', 'de'])
      bodies.push((await stage.ask({ headers: { 'accept-language': language } }, answer)).body)
    equal(bodies, ['run 1 for nobody', 'run 2 for nobody', 'run 1 for nobody'])
  },

  async 'a body reaches leader, early and late followers while it arrives'(place, name) {
    const stage = stageOf(place, name)
    const begun = [0, 0, 0]
    const open = index => stage.ask({ onBegun: () => (begun[index] = 1) }, { held: name, stream: true })
    const replies = [open(0)]
    await stage.arrived()
    replies.push(open(1))
    await until('both have begun', () => begun[0] + begun[1] === 2)
    replies.push(open(2))
    await until('the late one has, too', () => begun[2] === 1)
    stage.release()
    equal(bodiesOf(await Promise.all(replies)), Array(3).fill('begun;run 1'))
    equal(await stage.runs(), 1)
  },

  async 'a body that breaks off does so for all, and is not stored'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 } })
    const replies = await stage.together(3, { breaks: true })
    equal(
      replies.map(({ broken }) => broken !== undefined),
      [true, true, true],
    )
    equal(isHit(await stage.ask()), false)
  },

  async 'a condition is answered with 304 from the store'(place, name) {
    const stage = stageOf(place, name)
    await stage.ask({}, { headers: { ...FRESH, etag: '"a"' } })
    const reply = await stage.ask({ headers: { 'if-none-match': '"a"' } })
    equal([reply.status, reply.body, await stage.runs()], [304, '', 1])
  },

  async 'a range is answered from the store'(place, name) {
    const stage = stageOf(place, name)
    await stage.ask({}, { headers: FRESH })
    const { status, body, headers } = await stage.ask({ headers: { range: 'bytes=0-4' } })
    equal([status, body, headers['content-range']], [206, 'run 1', 'bytes 0-4/16'])
  },

  async 'a HEAD is answered from a stored GET, and leads nothing that a GET follows'(place, name) {
    const stage = stageOf(place, name)
    equal((await stage.ask({ method: 'HEAD' }, { headers: FRESH })).body, '')
    equal((await stage.ask({}, { headers: FRESH })).body, 'run 2 for nobody')
    const head = await stage.ask({ method: 'HEAD', path: '' })
    equal([head.status, head.body, isHit(head), await stage.runs()], [200, '', true, 2])
  },

  async 'what is stale is given while it is refreshed through the app'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 1, staleWhileRevalidate: 60_000 } })
    equal((await stage.ask()).body, 'run 1 for nobody')
    // A wait for the clock of another process: nothing else tells that a millisecond is over.
    await until('a refresh has run', async () => {
      await stage.ask()
      return (await stage.runs()) > 1
    })
    await until('it is stored', async () => (await stage.ask()).body !== 'run 1 for nobody')
  },

  async 'an unsafe request drops what is stored'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 } })
    await stage.ask()
    equal(isHit(await stage.ask()), true)
    await stage.ask({ method: 'POST' })
    equal((await stage.ask()).body, 'run 3 for nobody')
  },

  async 'tags are never sent on'(place, name) {
    const stage = stageOf(place, name, { options: { ttl: 60_000 } })
    const answer = { headers: { 'stampede-cache-tag': 'a', 'stampede-cache-control': 'max-age=60' } }
    for (const request of [{}, {}, { headers: { cookie: 'a=1' } }, { method: 'HEAD' }]) {
      const { headers } = await stage.ask(request, answer)
      equal(
        Object.keys(headers).filter(field => field.startsWith('stampede-')),
        [],
      )
    }
  },
}

/** What requests get at the wire, each case with an app of its own. */
export const httpCases = Object.entries(checks).map(([name, check], index) => ({
  name: `hono, at the wire: ${name}`,
  run: place => check(place, `wire${index}`),
}))
