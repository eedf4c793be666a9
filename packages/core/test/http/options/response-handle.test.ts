import { TestClock } from '../../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { HttpStampede, type Lease, type OriginResponse, ResponseHandle } from '../../../src/http/index.ts'
import { answer, type Asked, lines, view } from '../../support/views.ts'

const http = (): HttpStampede => new HttpStampede({ clock: new TestClock(), ttl: 5_000 })

async function lead(core: HttpStampede, handle: ResponseHandle, asked: Asked = {}): Promise<Lease> {
  const decision = await core.open(view(asked), undefined, handle)
  if (decision.kind !== 'lead') throw new Error(`expected a lease, got ${decision.kind}`)
  return decision.lease
}

describe('a handle', () => {
  it('says nothing until something is said', () => {
    const { ttl, tags, noStore } = new ResponseHandle()
    expect({ ttl, tags, noStore }).toEqual({ ttl: undefined, tags: [], noStore: false })
  })

  it('keeps the given tags, and no later change of the list', () => {
    const handle = new ResponseHandle()
    const tags = ['a']
    Object.assign(handle, { ttl: 1, tags, noStore: true })
    tags.push('b')
    Object.assign(handle, { ttl: Number.POSITIVE_INFINITY })
    expect([handle.ttl, handle.tags, handle.noStore]).toEqual([Number.POSITIVE_INFINITY, ['a'], true])
    expect(() => (handle.tags as string[]).push('c')).toThrow(TypeError)
    handle.ttl = undefined
    expect(handle.ttl).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['ttl', Number.NaN],
    ['ttl', null],
    ['tags', undefined],
    ['tags', ['a', 1]],
    ['noStore', undefined],
  ])('stays as it was where its %s is given %s', (name, wrong) => {
    const handle = new ResponseHandle()
    expect(() => Object.assign(handle, { [name]: wrong })).toThrow(`option "${name}" got`)
    expect([handle.ttl, handle.tags, handle.noStore]).toEqual([undefined, [], false])
  })

  it.each<[string, (handle: ResponseHandle) => void]>([
    ['noStore', handle => (handle.noStore = true)],
    ['a ttl of 0', handle => (handle.ttl = 0)],
  ])('is heard to the last moment: %s between the answer and its final head', async (_name, say) => {
    const core = http()
    const handle = new ResponseHandle()
    const lease = await lead(core, handle)
    lease.snapshot(answer('x'))
    say(handle)
    lease.fulfill()
    expect(core.stats()).toMatchObject({ entries: 0, flights: 0 })
  })

  it('is asked for only where a handler has run', async () => {
    const core = http()
    let asked = 0
    const given = new ResponseHandle()
    const source = (): ResponseHandle => {
      asked += 1
      return given
    }
    const decision = await core.open(view(), undefined, source)
    expect([decision.kind, asked]).toEqual(['lead', 0])
    given.ttl = 1000
    if (decision.kind === 'lead') decision.lease.snapshot(answer('text'))
    if (decision.kind === 'lead') decision.lease.fulfill()
    const soFar = asked
    expect(soFar).toBeGreaterThan(0)
    const hit = await core.open(view(), undefined, source)
    expect([hit.kind, asked]).toEqual(['replay', soFar])
    expect(hit.outcome.headers[0]?.value).toBe('stampede; hit; ttl=1')
  })

  it('has no effect once the answer is stored', async () => {
    const core = http()
    const handle = new ResponseHandle()
    const lease = await lead(core, handle)
    lease.snapshot(answer('x'))
    lease.fulfill()
    Object.assign(handle, { noStore: true, tags: ['late'] })
    void core.invalidateTags('late')
    expect((await core.open(view())).kind).toBe('replay')
  })

  it.each<[string, Partial<OriginResponse>]>([
    ['a 304', { status: 304, body: null }],
    ['a 206', { status: 206 }],
    ['no-cache', { headers: lines({ 'cache-control': 'no-cache' }) }],
    ['an event stream', { headers: lines({ 'content-type': 'text/event-stream' }) }],
  ])('never makes stored what may not be: %s', async (_name, given) => {
    const core = http()
    const handle = new ResponseHandle()
    handle.ttl = 60_000
    const lease = await lead(core, handle, { headers: { 'if-none-match': '"a"' } })
    lease.snapshot(answer('x', given))
    lease.fulfill()
    expect(core.stats().entries).toBe(0)
  })

  it('with noStore shares the handler’s failure with no other request', async () => {
    const core = http()
    const handle = new ResponseHandle()
    const lease = await lead(core, handle)
    const follower = core.open(view())
    handle.noStore = true
    lease.fail(new Error('own'))
    expect((await follower).kind).toBe('lead')
  })
})
