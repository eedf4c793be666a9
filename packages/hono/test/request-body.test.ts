import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'
import { served } from './served.ts'

const OPTIONS = { ttl: 60_000, methods: ['GET', 'POST'] }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const BYPASS = 'stampede; fwd=bypass; detail=body'
const MIB = 2 ** 20

function appOf(handler: (c: Context) => unknown, ...inFront: readonly MiddlewareHandler[]): Hono {
  const app = new Hono()
  for (const middleware of inFront) app.use(middleware)
  app.use(stampede(OPTIONS))
  app.post('/', async c => c.json((await handler(c)) as object))
  return app
}

/** What an app answers to a POST of each body, on Node and without. */
async function answers(app: Hono, ...bodies: readonly string[]): Promise<readonly (readonly string[])[]> {
  const client = await served(app)
  const onNode: string[] = []
  const without: string[] = []
  for (const body of bodies) {
    const reply = await client.fetch('/', { method: 'POST', body, headers: { ...FORM, 'x-on': 'node' } })
    onNode.push(`${reply.body} ${shown(String(reply.headers['cache-status']))}`)
    // Another host, and thus other keys.
    const response = await app.request('http://other/', { method: 'POST', body, headers: FORM })
    without.push(`${await response.text()} ${shown(String(response.headers.get('cache-status')))}`)
  }
  return [onNode, without]
}

const shown = (status: string): string => status.replace(/; ttl=.*/, '')

describe('a handler behind Stampede reads the body', () => {
  const ways: Readonly<Record<string, (c: Context) => unknown>> = {
    'as JSON': c => c.req.json(),
    'as text': async c => JSON.parse(await c.req.text()) as unknown,
    'as bytes': async c => JSON.parse(Buffer.from(await c.req.arrayBuffer()).toString()) as unknown,
    'as a blob': async c => JSON.parse(await (await c.req.blob()).text()) as unknown,
    'as a form': async c => JSON.parse(Object.keys(await c.req.parseBody())[0] ?? '') as unknown,
    'off the raw request': c => c.req.raw.json(),
    'off its stream': async c => JSON.parse(await new Response(c.req.raw.body).text()) as unknown,
    'of a copy': c => c.req.raw.clone().json(),
  }
  for (const [name, read] of Object.entries(ways)) {
    it(`${name}, on Node and without`, async () => {
      const all = await answers(appOf(read), '[1]', '[2]', '[1]')
      const expected = ['[1] stampede; fwd=uri-miss', '[2] stampede; fwd=uri-miss', '[1] stampede; hit']
      expect(all).toEqual([expected, expected])
    })
  }

  it('all of it where it is too large for the key', async () => {
    const app = appOf(async c => [(await c.req.text()).length])
    const response = await app.request('/', { method: 'POST', body: 'x'.repeat(MIB + 1) })
    expect([await response.text(), response.headers.get('cache-status')]).toEqual([`[${MIB + 1}]`, BYPASS])
  })
})

describe('a body that was read in front', () => {
  const reading =
    (read: (c: Context) => unknown): MiddlewareHandler =>
    async (c, next) => {
      await read(c)
      await next()
    }

  it.each<[string, MiddlewareHandler]>([
    ['JSON', reading(c => c.req.json())],
    ['text', reading(c => c.req.text())],
    ['bytes', reading(c => c.req.arrayBuffer())],
  ])('as %s is the key as Hono keeps it', async (_name, inFront) => {
    const all = await answers(
      appOf(c => c.req.json(), inFront),
      '[1]',
      '[2]',
      '[1]',
    )
    const expected = ['[1] stampede; fwd=uri-miss', '[2] stampede; fwd=uri-miss', '[1] stampede; hit']
    expect(all).toEqual([expected, expected])
  })

  it.each<[string, MiddlewareHandler]>([
    ['as a form', reading(c => c.req.parseBody())],
    ['as a blob', reading(c => c.req.blob())],
    ['past Hono', reading(c => c.req.raw.text())],
    ['by somebody who is not done', reading(c => void c.req.raw.body?.getReader())],
  ])('%s makes its request bypass', async (_name, inFront) => {
    const all = await answers(
      appOf(() => [], inFront),
      'a',
      'a',
    )
    expect(all).toEqual([
      [`[] ${BYPASS}`, `[] ${BYPASS}`],
      [`[] ${BYPASS}`, `[] ${BYPASS}`],
    ])
  })

  it('is not mistaken for none in a sub-request that is given the environment', async () => {
    const app = appOf(c => c.req.text())
    const outer = new Hono()
    outer.get('/:body', c => app.request('/', { method: 'POST', body: c.req.param('body') }, c.env as object))
    const client = await served(outer)
    const bodies: string[] = []
    for (const target of ['/a', '/b', '/a']) bodies.push((await client.fetch(target)).body)
    expect(bodies).toEqual(['"a"', '"b"', '"a"'])
  })
})
