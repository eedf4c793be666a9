import { describe, expect, it } from 'vitest'
import type { SharedRecord, SharedStore, SharedTier } from '../../../src/index.ts'
import { plain, setUp } from '../../support/http-fleets.ts'

const found = {
  version: 'v',
  body: new TextEncoder().encode('theirs'),
  meta: {
    status: 200,
    headers: [
      ['content-type', 'text/plain', false],
      ['x-two', ['1', '2'], true],
      ['set-cookie', [], false],
    ] as readonly unknown[],
    origin: [['etag', ['"v"']]] as readonly unknown[],
    wallNow: 0,
    body: 'text',
    vary: [] as readonly unknown[],
    mayBeStale: false,
  },
  tags: [],
  age: 0,
  ttl: 1_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 0,
  isFor: () => true,
} satisfies SharedRecord

type Meta = Partial<Record<keyof typeof found.meta, unknown>>

/** What a process makes of a record under the key that it asks for. */
function given(own: Meta, body: Uint8Array = found.body, method = 'GET'): Promise<string> {
  const record: SharedRecord = { ...found, body, meta: { ...found.meta, ...own } }
  const stage = setUp(plain)
  const shared = stage.fleet.store()
  const read: SharedTier['read'] = async key => (key.startsWith(method) ? record : undefined)
  const store: SharedStore = { join: local => Object.assign(shared.join(local), { read }) }
  stage.gate.open()
  return stage.join({ store }).ask({ method })
}

const header = (name: string, value: unknown, append = false): Meta => ({ headers: [[name, value, append]] })
const empty = new Uint8Array()

describe('a record that is found under the key of a response', () => {
  it('is given where it can be one', async () => {
    expect(await given({})).toBe('theirs (hit)')
    expect(await given({ status: 204, body: 'none' }, empty)).toBe(' (hit)')
    expect(await given({ body: 'none', ...header('content-length', '0') }, empty)).toBe(' (hit)')
    expect(await given({ body: 'none', ...header('content-length', '12') }, empty, 'HEAD')).toBe(' (hit)')
    expect(await given(header('connection', []))).toBe('theirs (hit)')
  })

  it.each([100, 101, 199, 206, 304, 306, 401, 429, 600, 200.5, '200', undefined])(
    'is a miss with the status %j',
    async status => {
      expect(await given({ status })).toBe('run 1 (miss)')
    },
  )

  it('is a miss with a body where there can be none', async () => {
    expect(await given({ status: 204 })).toBe('run 1 (miss)')
    expect(await given({ status: 205 })).toBe('run 1 (miss)')
    expect(await given({ body: 'none' })).toBe('run 1 (miss)')
  })

  it.each([
    'age',
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'set-cookie',
    'x-ratelimit-limit',
    'stampede-cache-tag',
    'Content-Type',
    'no token',
    'x:y',
    'x\r\ny',
    '',
    1,
  ])('is a miss with the header %j', async name => {
    expect(await given(header(name as string, 'value'))).toBe('run 1 (miss)')
    expect(await given(header(name as string, ['value']))).toBe('run 1 (miss)')
    expect(await given(header(name as string, ''))).toBe('run 1 (miss)')
  })

  it.each(['a\r\nb', 'a\n', '\0', '\x7f', '\u0100', 1, null, ['a', 'b\r'], [1]])(
    'is a miss with the value %j',
    async value => {
      expect(await given(header('x-own', value))).toBe('run 1 (miss)')
    },
  )

  it.each([
    header('content-length', '6'),
    { body: 'none', ...header('content-length', '6') },
    { body: 'none', ...header('content-length', ['0']) },
    { body: 'none', ...header('content-length', '-0') },
    { body: 'none', ...header('content-length', '0', true) },
    { headers: [['x-own', 'value']] },
    { headers: 'x-own' },
    { headers: ['x-own'] },
    { origin: [['set-cookie', ['a=b']]] },
    { origin: [['etag', 'one']] },
    { origin: [['etag', ['a\r\nb']]] },
    { origin: [null] },
    { vary: ['*'] },
    { vary: ['no token'] },
    { vary: ['Accept'] },
    { vary: 'accept' },
    { wallNow: Number.NaN },
    { mayBeStale: 1 },
    { body: 'other' },
  ])('is a miss with %j', async own => {
    const body = own.body === 'none' ? empty : found.body
    expect(await given(own, body)).toBe('run 1 (miss)')
  })

  it('is a miss for a HEAD with a length that is none', async () => {
    const none = { body: 'none', ...header('content-length', 'x') }
    expect(await given(none, empty, 'HEAD')).toBe('run 1 (miss)')
  })
})
