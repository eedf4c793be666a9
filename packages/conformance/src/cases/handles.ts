import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

export function handleCases(setUp: SetUp): void {
  it('ttl wins over what headers and options say', async () => {
    const { fetch, gate, clock } = await setUp({
      options: { ttl: 60_000 },
      answer: ({ target, handle }, run) => {
        handle.ttl = target === '/none' ? 0 : 2_000
        return { headers: target === '/stated' ? { 'cache-control': 'max-age=60' } : {}, body: `run ${run}` }
      },
    })
    gate.open()
    for (const target of ['/stated', '/plain']) {
      const { body } = await fetch(target)
      clock.advance(1_999)
      expect(await fetch(target)).toMatchObject({ body, headers: { 'cache-status': 'stampede; hit; ttl=0' } })
      clock.advance(1)
      expect((await fetch(target)).body).not.toBe(body)
    }
    expect((await fetch('/none')).body).not.toBe((await fetch('/none')).body)
  })

  it('ttl stores what states no lifetime, an error and a temporary redirect too', async () => {
    const { fetch, gate } = await setUp({
      answer: ({ target, handle }, run) => {
        handle.ttl = 5_000
        return { status: Number(target.slice(1)), body: `run ${run}` }
      },
    })
    gate.open()
    for (const target of ['/200', '/302', '/503']) expect((await fetch(target)).body).toBe((await fetch(target)).body)
  })

  it.each([
    ['Cache-Control: private', 200, { 'cache-control': 'private' }],
    ['Cache-Control: no-store', 200, { 'cache-control': 'no-store' }],
    ['Set-Cookie', 200, { 'set-cookie': 'a=1' }],
    ['Vary: *', 200, { vary: '*' }],
    ['status 401', 401, {}],
    ['status 206', 206, {}],
  ] as const)('ttl never makes an answer shareable that is not: %s', async (_name, status, headers) => {
    const { burst, gate, stats } = await setUp({
      answer: ({ handle }, run) => {
        handle.ttl = 5_000
        return { status, headers: { ...headers }, body: `run ${run}` }
      },
    })
    const replies = await burst(3, '/')
    gate.open()
    expect(new Set((await Promise.all(replies)).map(({ body }) => body)).size).toBe(3)
    expect(stats().entries).toBe(0)
  })

  it('noStore keeps an answer from being shared or stored', async () => {
    const { burst, fetch, gate, stats } = await setUp({
      options: { ttl: 5_000 },
      answer: ({ handle }, run) => {
        handle.noStore = true
        return { headers: { 'cache-control': 'public, max-age=60' }, body: `run ${run}` }
      },
    })
    const replies = await burst(3, '/')
    gate.open()
    expect(new Set((await Promise.all(replies)).map(({ body }) => body)).size).toBe(3)
    expect((await fetch('/')).body).toBe('run 4')
    expect(stats().entries).toBe(0)
  })

  it('is there where Stampede takes no part, and changes nothing', async () => {
    const { fetch, gate, stats } = await setUp({
      answer: ({ handle }) => {
        handle.ttl = 5_000
        handle.tags = ['a']
        handle.noStore = false
        return { body: `${handle.ttl} ${handle.tags.join()} ${handle.noStore}` }
      },
    })
    gate.open()
    for (const more of [{ method: 'POST' }, { headers: { cookie: 'a=1' } }])
      expect(await fetch('/', more)).toMatchObject({ status: 200, body: '5000 a false' })
    expect(stats().entries).toBe(0)
  })

  it('throws for a wrong value at the moment when it is set', async () => {
    const { fetch, gate } = await setUp({
      answer: ({ handle }) => {
        const said: string[] = []
        for (const wrong of [{ ttl: -1 }, { ttl: '1' }, { tags: 'a' }, { tags: [''] }, { noStore: 1 }]) {
          try {
            Object.assign(handle, wrong)
          } catch (error) {
            said.push((error as Error).message.replace(/;.*/, ''))
          }
        }
        return { body: said }
      },
    })
    gate.open()
    expect(JSON.parse((await fetch('/')).body)).toEqual([
      'stampede: option "ttl" got -1',
      'stampede: option "ttl" got "1"',
      'stampede: option "tags" got "a"',
      'stampede: option "tags" got an array ("")',
      'stampede: option "noStore" got 1',
    ])
  })
}
