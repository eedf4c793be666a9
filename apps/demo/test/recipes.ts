import { expect, vi } from 'vitest'
import type { Served } from './documents.ts'

/** What an example promises, by its heading and, behind that, its place under it. */
type Recipe = (ask: Served['ask'], module: Readonly<Record<string, unknown>>) => Promise<void>

const MISS = 'stampede; fwd=uri-miss'
const HIT = /^stampede; hit; ttl=\d+$/

const builtOnce: Recipe = async ask => {
  expect(await ask('/report')).toMatchObject({ status: MISS, text: '{"report":"built once"}' })
  const { status, text } = await ask('/report')
  expect(status).toMatch(/^stampede; hit; ttl=[45]$/)
  expect(text).toBe('{"report":"built once"}')
}

/** Asks twice for each client, and returns what each got; no other's answer, and the second time from the store. */
async function each(ask: Served['ask'], path: string, headers: readonly Record<string, string>[]): Promise<string[]> {
  const got: string[] = []
  for (const one of headers) {
    const { status, text } = await ask(path, { headers: one })
    expect(status).toBe(MISS)
    const again = await ask(path, { headers: one })
    expect(again.status).toMatch(HIT)
    expect(again.text).toBe(text)
    got.push(text)
  }
  return got
}

export const recipes: Readonly<Record<string, Recipe>> = {
  first: builtOnce,
  async 'Per user'(ask) {
    const [ann, ben] = await each(ask, '/cart', [{ cookie: 'session=ann' }, { cookie: 'session=ben' }])
    expect([ann, ben]).toEqual(['{"cartOf":"ann"}', '{"cartOf":"ben"}'])
    expect((await ask('/cart', { headers: { cookie: '_ga=1; session=ann' } })).text).toBe(ann)
  },
  async 'Per user 1'(ask) {
    const [ann, ben] = await each(ask, '/mail', [{ authorization: 'Bearer a1' }, { authorization: 'Bearer b1' }])
    expect([ann, ben]).toEqual(['{"mail":"ann"}', '{"mail":"ben"}'])
    expect((await ask('/mail', { headers: { authorization: 'Bearer a2' } })).status).toMatch(HIT)
    expect((await ask('/mail', { headers: { authorization: 'Bearer no' } })).status).toBe(
      'stampede; fwd=bypass; detail=key',
    )
  },
  async 'Analytics cookies'(ask) {
    const { status } = await ask('/news', { headers: { cookie: '_ga=1' } })
    expect(status).toBe(MISS)
    expect((await ask('/news', { headers: { cookie: '_ga=2' } })).status).toMatch(HIT)
    const known = await ask('/news', { headers: { cookie: '_ga=2; session=1' } })
    expect(known.status).toBe('stampede; fwd=bypass; detail=cookie')
  },
  async 'Purge by tag'(ask) {
    const prices = async (): Promise<string[]> => [(await ask('/prices')).text, (await ask('/offer')).text]
    for (let time = 0; time < 2; time += 1) expect(await prices()).toEqual(['{"price":1}', '{"offer":0.9}'])
    expect((await ask('/offer')).status).toMatch(HIT)
    await ask('/price', { method: 'PUT' })
    expect(await prices()).toEqual(['{"price":2}', '{"offer":1.8}'])
  },
  async 'Stale while it refreshes'(ask) {
    expect((await ask('/report')).text).toBe('{"built":1}')
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 1_500)
    expect(await ask('/report')).toMatchObject({ status: 'stampede; hit; ttl=-1', text: '{"built":1}' })
    let fresh = await ask('/report')
    for (let time = 0; time < 1_000 && fresh.text === '{"built":1}'; time += 1) fresh = await ask('/report')
    expect(fresh.text).toBe('{"built":2}')
    expect(fresh.status).toMatch(HIT)
  },
  async 'POST search'(ask) {
    const search = async (body: object): ReturnType<Served['ask']> =>
      ask('/search', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    expect(await search({ q: 'cats' })).toMatchObject({ status: MISS, text: '{"found":{"q":"cats"}}' })
    expect((await search({ q: 'cats' })).status).toMatch(HIT)
    expect(await search({ q: 'dogs' })).toMatchObject({ status: MISS, text: '{"found":{"q":"dogs"}}' })
  },
  async 'One instance for several apps'(ask, { onNewRow }) {
    for (let time = 0; time < 2; time += 1) expect((await ask('/rows')).text).toBe('{"rows":1}')
    await (onNewRow as () => Promise<void>)()
    expect(await ask('/rows')).toMatchObject({ status: MISS, text: '{"rows":2}' })
  },
  async 'Several processes'(ask, { client }) {
    expect(await ask('/report')).toMatchObject({ status: MISS, text: '{"report":"built once"}' })
    // Who comes before the store has said that it has the answer still joins the flight.
    let again = await ask('/report')
    for (let time = 0; time < 1_000 && !HIT.test(again.status); time += 1) again = await ask('/report')
    expect(again).toMatchObject({ status: expect.stringMatching(HIT) as string, text: '{"report":"built once"}' })
    const store = client as { keys(pattern: string): Promise<readonly string[]> }
    expect(await store.keys('st:1:{st/h/*}:v')).toHaveLength(1)
  },
  async Compression(ask) {
    const encodings: (string | null)[] = []
    for (const encoding of ['gzip', 'gzip', 'identity']) {
      const { head, text } = await ask('/page', { headers: { 'accept-encoding': encoding } })
      expect(text).toBe('a long page '.repeat(200))
      encodings.push(head.get('content-encoding'))
    }
    expect(encodings).toEqual(['gzip', 'gzip', null])
    expect((await ask('/page')).status).toMatch(HIT)
  },
  async 'Behind a proxy'(ask) {
    const shops = await each(ask, '/shop', [{ 'cf-ipcountry': 'DE' }, { 'cf-ipcountry': 'FR' }])
    expect(shops).toEqual(['{"for":"DE"}', '{"for":"FR"}'])
  },
}

/** Of a block that is the first one of its document, or the second one of its heading, and so on. */
export function recipeOf({ heading, index }: { readonly heading: string; readonly index: number }): Recipe | undefined {
  if (heading.startsWith('@stampede/')) return recipes['first']
  return recipes[index === 0 ? heading : `${heading} ${index}`]
}
