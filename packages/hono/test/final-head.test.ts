import { Gate, Tally } from '@stampede/conformance'
import { type Context, Hono, type Next } from 'hono'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { stampede } from '../src/index.ts'

interface Asked {
  /** Middleware in front. */
  readonly front: (c: Context, next: Next) => Promise<void>
  readonly answer?: (c: Context, run: number) => Response
  readonly instances?: number
}

/** An app with no server, to which so many requests come at once; what each of them got, and how often the handler ran. */
async function askedAtOnce({ front, answer, instances = 1 }: Asked, count = 3): Promise<readonly [number, string[]]> {
  const gate = new Gate()
  const events = new Tally()
  const runs = new Tally()
  const app = new Hono()
  app.use(front)
  for (let instance = 0; instance < instances; instance += 1)
    app.use(stampede({ ttl: 60_000, onEvent: event => events.add(event.type) }))
  app.get('/', async c => {
    runs.add('run')
    const run = runs.count('run')
    await gate.passed()
    return answer?.(c, run) ?? c.text(`run ${run}`)
  })
  const replies = Array.from({ length: count }, async () => app.request('/'))
  await events.until('follow', count - 1)
  gate.open()
  // All heads before any body: none of them waits for another one to be read.
  const got: string[] = []
  for (const reply of await Promise.all(replies)) got.push(`${reply.status} ${await reply.text()}`)
  return [runs.count('run'), got]
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

describe('where no server of Node’s kind shows the final head,', () => {
  const makesPrivate: Record<string, Asked['front']> = {
    'at once': async (c, next) => {
      await next()
      c.header('cache-control', 'private')
    },
    'on the answer itself': async (c, next) => {
      await next()
      c.res.headers.append('set-cookie', 'session=1')
    },
    'with an answer of its own': async (c, next) => {
      await next()
      c.res = new Response(c.res.body, { headers: { 'set-cookie': 'session=1' } })
    },
    'after a look at the answer': async (c, next) => {
      await next()
      if (c.res.ok) await Promise.resolve()
      c.header('set-cookie', 'session=1')
    },
    'after some turns of the event loop': async (c, next) => {
      await next()
      await turns(5)
      c.header('set-cookie', 'session=1')
    },
  }
  for (const [name, front] of Object.entries(makesPrivate)) {
    it(`middleware in front may make an answer private: ${name}`, async () => {
      expect(await askedAtOnce({ front })).toEqual([3, ['200 run 1', '200 run 2', '200 run 3']])
    })

    it(`and one without a body: ${name}`, async () => {
      const answer: Asked['answer'] = c => c.redirect('/', 301)
      expect((await askedAtOnce({ front, answer }))[0]).toBe(3)
    })
  }

  const leaves: Record<string, Asked['front']> = {
    'does nothing': (_c, next) => next(),
    'is slow, and adds what may be shared': async (c, next) => {
      await next()
      await turns(5)
      c.header('x-slow', '1')
    },
    'does not look at the answer, and sends it in pieces': async (c, next) => {
      await next()
      c.res = new Response(c.res.body?.pipeThrough(new TransformStream()), c.res)
    },
  }
  for (const [name, front] of Object.entries(leaves)) {
    it(`an answer is shared where middleware in front ${name}`, async () => {
      expect(await askedAtOnce({ front })).toEqual([1, Array(3).fill('200 run 1')])
    })

    it(`and one without a body is, where it ${name}`, async () => {
      expect(await askedAtOnce({ front, answer: c => c.redirect('/', 301) })).toEqual([1, Array(3).fill('301 ')])
    })
  }

  it('two instances in a row see it both', async () => {
    const front = makesPrivate['after some turns of the event loop'] as Asked['front']
    for (const answer of [undefined, (c: Context) => c.redirect('/', 301)])
      expect((await askedAtOnce({ front, instances: 2, ...(answer && { answer }) }))[0]).toBe(3)
  })

  it('an answer of which nothing is read is shared all the same', async () => {
    const app = new Hono()
    const cached = stampede({ ttl: 60_000 })
    app.use(cached)
    app.get('/', c => c.text('page'))
    await Promise.all([app.request('/'), app.request('/')])
    expect(cached.stats()).toMatchObject({ misses: 1, collapsed: 1 })
  })
})

it('a response without a body is final under fake timers too, whose setImmediate never comes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  let runs = 0
  const app = new Hono()
  app.use(stampede({ ttl: 100 }))
  app.get('/', c => {
    runs += 1
    return c.body(null, 200, { 'x-run': `${runs}` })
  })
  const run = async (): Promise<string | null> => (await app.request('/')).headers.get('x-run')
  const both = await Promise.all([run(), run()])
  vi.advanceTimersByTime(100)
  expect([both, await run()]).toEqual([['1', '1'], '2'])
})
