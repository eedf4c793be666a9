import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { Stage } from '../stage.ts'

const options = { ttl: 60_000 }

/** Whether each of the targets is answered from the store. */
async function areStored({ fetch }: Stage, targets: readonly string[], headers = {}): Promise<boolean[]> {
  const replies: boolean[] = []
  for (const target of targets) {
    const { headers: got } = await fetch(target, { headers })
    replies.push(/; hit/.test(got['cache-status']?.toString() ?? ''))
  }
  return replies
}

export function invalidationCases(setUp: SetUp): void {
  it('by path drops all queries, hosts, methods and variants of it, and nothing else', async () => {
    const stage = await setUp({ options, answer: () => ({ headers: { vary: 'accept-language' }, body: 'x' }) })
    stage.gate.open()
    const asked = [
      ['/a', {}],
      ['/a?q=1', {}],
      ['/a', { headers: { host: 'b.example' } }],
      ['/a', { headers: { 'accept-language': 'de' } }],
      ['/a', { headers: { host: 'c.example' }, method: 'HEAD' }],
      ['/a/', {}],
      ['/A', {}],
      ['/ab', {}],
      ['/', {}],
    ] as const
    for (const [target, more] of asked) await stage.fetch(target, more)
    expect(stage.stats().entries).toBe(9)
    await expect(stage.invalidate('/a')).resolves.toEqual({ fleet: true })
    expect(stage.stats().entries).toBe(4)
    expect(await areStored(stage, ['/a/', '/A', '/ab', '/', '/a'])).toEqual([true, true, true, true, false])
  })

  it('by path takes effect before its promise resolves, and refuses anything but an exact path at once', async () => {
    const { fetch, gate, invalidate, stats } = await setUp({ options })
    gate.open()
    await fetch('/a')
    void invalidate('/a')
    expect(stats().entries).toBe(0)
    for (const path of ['/a?q=1', 'a', '', '/a#b', undefined, /a/])
      expect(() => void invalidate(path as string)).toThrow('option "path" got')
  })

  it('by tags drops what the options, the Stampede-Cache-Tag field or the handler gave one', async () => {
    const stage = await setUp({
      options: { ...options, tags: ['all'] },
      answer: ({ target, handle }) => {
        if (target === '/handle') handle.tags = ['two', 'three']
        return { headers: target === '/field' ? { 'Stampede-Cache-Tag': ' one,,two ' } : {}, body: 'x' }
      },
    })
    stage.gate.open()
    const targets = ['/plain', '/field', '/handle']
    for (const target of targets) await stage.fetch(target)
    void stage.invalidateTags('none', 'One', 'p/plain', '/plain')
    expect(await areStored(stage, targets)).toEqual([true, true, true])
    await stage.invalidateTags('one')
    expect(await areStored(stage, targets)).toEqual([true, false, true])
    void stage.invalidateTags('three', 'two')
    expect(await areStored(stage, targets)).toEqual([true, false, false])
    await expect(stage.invalidateTags('all')).resolves.toEqual({ fleet: true })
    expect(await areStored(stage, targets)).toEqual([false, false, false])
    expect(() => void stage.invalidateTags('')).toThrow('option "tags" got')
    expect(() => void stage.invalidateTags(1 as unknown as string)).toThrow('option "tags" got')
  })

  it('never forwards Stampede-Cache-Tag: to a leader, a follower, by a hit, a HEAD, a bypass or an error', async () => {
    const field = (value: string): Record<string, string> => ({ 'stampede-cache-tag': value })
    const { fetch, burst, gate, runs } = await setUp({
      options,
      inFront: { before: () => field('before'), after: ({ target }) => (target === '/' ? field('after') : {}) },
      answer: ({ target }) => {
        if (target === '/throws') throw new Error('down')
        const own = target === '/private' ? { 'cache-control': 'private' } : {}
        return { status: target === '/error' ? 500 : 200, headers: { ...field('own'), ...own }, body: 'x' }
      },
    })
    const replies = await burst(2, '/')
    gate.open()
    const got = await Promise.all(replies)
    for (const target of ['/', '/a', '/a', '/error', '/private', '/throws']) got.push(await fetch(target))
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'DELETE']) got.push(await fetch('/', { method }))
    got.push(await fetch('/', { headers: { cookie: 'a=1' } }))
    expect(got.filter(({ headers }) => 'stampede-cache-tag' in headers)).toEqual([])
    expect([got.length, runs.count('run')]).toEqual([13, 9])
  })

  it('by tags counts a Stampede-Cache-Tag that middleware in front adds after the handler', async () => {
    const stage = await setUp({ options, inFront: { after: () => ({ 'stampede-cache-tag': 'front' }) } })
    stage.gate.open()
    await stage.fetch('/')
    expect(stage.stats().entries).toBe(1)
    void stage.invalidateTags('front')
    expect(stage.stats().entries).toBe(0)
  })

  it.each(['path', 'tags', 'all'])('by %s fences flights: earlier requests get the answer', async by => {
    const stage = await setUp({
      options,
      answer: (_request, run) => ({ headers: { 'stampede-cache-tag': 'late' }, body: `run ${run}` }),
    })
    const before = await stage.burst(2, '/')
    if (by === 'path') await stage.invalidate('/')
    else if (by === 'tags') await stage.invalidateTags('late')
    else await stage.clear()
    const after = stage.fetch('/')
    if (by === 'tags') await stage.events.until('follow', 2)
    else await stage.runs.until('run', 2)
    stage.gate.open()
    expect((await Promise.all(before)).map(({ body }) => body)).toEqual(['run 1', 'run 1'])
    expect((await after).body).toBe('run 2')
    expect((await stage.fetch('/')).body).toBe('run 2')
    expect([stage.events.count('fence'), stage.stats().entries]).toEqual([1, 1])
  })

  it('by path reaches responses with a custom key, by the path of their leader', async () => {
    const stage = await setUp({ options: { ...options, key: () => 'one' } })
    stage.gate.open()
    await stage.fetch('/a?q=1')
    expect(await areStored(stage, ['/b'])).toEqual([true])
    void stage.invalidate('/b')
    expect(await areStored(stage, ['/b'])).toEqual([true])
    void stage.invalidate('/a')
    expect(await areStored(stage, ['/b'])).toEqual([false])
  })
}
