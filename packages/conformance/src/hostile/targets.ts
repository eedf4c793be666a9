import { withoutPort } from '../raw-client.ts'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginRequest } from '../mount.ts'
import { type Asked, HOST, ask, seen } from './wire.ts'

const TTL = 60_000

/** Targets that some router, proxy, cache or parser takes for the first one of their list. */
const CONFUSED: Readonly<Record<string, readonly string[]>> = {
  'extensions and delimiters': [
    '/account',
    '/account/x.css',
    '/account;x.css',
    '/account%3bx.css',
    '/account%23x.css',
    '/account%3fx.css',
    '/account%3Fx.css',
    '/account%0ax.css',
    '/account%00x.css',
    '/account%00',
    '/account.css',
    '/account.',
    '/account%2e',
    '/account%20',
    '/account/',
    '/account//',
    '/account?',
    '/account??',
    '/account&x.css',
    '/account!x.css',
    '/account~',
    '/account,x',
  ],
  'dots and slashes': [
    '/a/b',
    '/a//b',
    '//a/b',
    '///a/b',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a/b/x%2f..',
    '/a/x/..;/b',
    '/a/..%2fb',
    '/a/%252e%252e/b',
    '/A/b',
    '/a/B',
    '/%61/b',
    '/a/b;jsessionid=1',
    '/a;v=1/b',
  ],
  parameters: [
    '/s?q=1',
    '/s?q=1&q=2',
    '/s?q=2&q=1',
    '/s?q=1;q=2',
    '/s?q=1&utm=x;q=2',
    '/s?q=1%26q=2',
    '/s?q=1%00',
    '/s?%71=1',
    '/s?Q=1',
    '/s?q[]=1',
    '/s?q[0]=1',
    '/s?[q]=1',
    '/s?q.x=1',
    '/s?q=1&',
    '/s?&q=1',
    '/s?q=1?',
    '/s?+q=1',
    '/s?q+=1',
    '/s?q',
    '/s?q=',
    '/s?q=1%',
    '/s?q=%zz',
    '/s?__proto__=1',
    '/s?constructor=1',
  ],
}

/** Hosts as clients may send them. */
const HOSTS: readonly Asked[] = [
  { lines: ['Host: a.example'] },
  { lines: ['Host: a.example:80'] },
  { lines: ['Host: a.example:81'] },
  { lines: ['Host: a.example.'] },
  { lines: ['Host: A.EXAMPLE'] },
  { lines: ['Host: b.example'] },
  { lines: ['Host: user@a.example'] },
  { lines: ['Host: a.example/x'] },
  { lines: ['Host: a.example?'] },
  { lines: ['Host: a.example#'] },
  { lines: ['Host: a.example b.example'] },
  { lines: ['Host: a.example', 'Host: b.example'] },
  { lines: ['Host: b.example', 'Host: a.example'] },
  { lines: ['Host : b.example'] },
  { lines: ['Host:'] },
  { lines: ['Host: [::1]'] },
  { lines: ['Host: a.example:99999'] },
  { lines: ['Host: a.example:80:81'] },
  { lines: ['Host: a.example"><script>'] },
  { lines: ['Host: a.example'], target: 'http://b.example/' },
  { lines: ['Host: b.example'], target: 'http://a.example/' },
  { lines: ['Host: a.example'], target: 'https://a.example/' },
  { lines: ['Host: a.example'], target: 'http://user@a.example/' },
  { lines: ['Host: a.example'], target: 'HTTP://A.EXAMPLE/' },
  { lines: ['Host: a.example'], target: 'ftp://a.example/' },
  { lines: ['Host: a.example'], target: '//b.example/' },
  { lines: ['Host: a.example'], target: '/\\b.example' },
  { lines: ['Host: a.example'], target: '*' },
  { lines: ['Host: a.example'], target: '@b.example' },
  { lines: ['Host: a.example'], target: 'b.example:80' },
  { version: '1.0' },
  { version: '1.0', lines: ['Host: a.example'] },
  { version: '1.0', target: 'http://b.example/' },
  { lines: ['Host: a.example'], target: '/#x' },
  { lines: ['Host: a.example'], target: '/#"><script>' },
  { lines: ['Host: a.example'], target: '/?a#b' },
  { lines: ['Host: a.example'], target: '/?a' },
  { lines: ['Host: a.example'], target: '/#?a' },
]

/** Answers with all that it sees of where it was asked. */
const where = (request: OriginRequest): { body: string } => ({
  body: JSON.stringify([request.method, request.target, request.url, request.header('host') ?? null]),
})

export function targetCases(setUp: SetUp): void {
  /** What a request gets of two apps: one that shares, and one that never does. */
  const pair = async (options: object = {}): Promise<(asked: Asked) => Promise<readonly [string, string]>> => {
    const sharing = await setUp({ options: { ttl: TTL, ...options }, answer: where })
    const bare = await setUp({ options: { match: () => false }, answer: where })
    sharing.gate.open()
    bare.gate.open()
    return async asked => {
      const answers: string[] = []
      for (const { port } of [sharing, bare]) answers.push(withoutPort(await seen(port, asked), port))
      return answers as [string, string]
    }
  }

  for (const [kind, targets] of Object.entries(CONFUSED)) {
    it(`that are taken for one another each have their own answer: ${kind}`, async () => {
      const answersTo = await pair()
      for (const target of [...targets, ...targets.toReversed()]) {
        const [shared, own] = await answersTo({ target })
        expect(shared).toBe(own)
      }
    })
  }

  it('and hosts that are taken for one another each have their own answer', async () => {
    const answersTo = await pair()
    for (const asked of [...HOSTS, ...HOSTS.toReversed()]) {
      const [shared, own] = await answersTo(asked)
      expect(shared).toBe(own)
    }
  })

  it('of any spelling are judged by the final head: a cookie from middleware in front counts', async () => {
    const { port, gate, stats } = await setUp({
      options: { ttl: TTL },
      inFront: { after: () => ({ 'set-cookie': 'session=1' }) },
    })
    gate.open()
    const spelled = [
      "'",
      '"',
      '<',
      '>',
      '`',
      '{',
      '|',
      '}',
      '^',
      '\\',
      '[',
      ']',
      '%',
      '%zz',
      '\xe9',
      '~',
      '#',
      '..',
      '/.',
      '//',
    ]
    const forms = spelled.flatMap(text => [`/${text}`, `/?${text}`, `/a${text}b?${text}#${text}`])
    const absolute = forms.map(form => `http://${HOST}${form}`)
    for (const target of [
      ...forms,
      ...absolute,
      `http://${HOST}`,
      `http://${HOST}:80/`,
      'http://b.example/',
      `HTTP://${HOST}/`,
    ])
      await ask(port, { target })
    expect(stats().entries).toBe(0)
  })

  it('of private pages stay private whatever they end in: deception by an extension', async () => {
    const { port, gate, stats } = await setUp({
      options: { ttl: TTL },
      answer: request => ({ body: `page of ${request.header('cookie') ?? 'nobody'}` }),
    })
    gate.open()
    for (const end of ['/x.css', '%2fx.css', ';x.css', '%23x.css', '%3fx.css', '?x.css', '/..%2fx.css', '%00.css']) {
      const target = `/account${end}`
      // The victim follows the link first, the attacker fetches it then, and the other way round.
      expect(await seen(port, { target, lines: ['Cookie: session=alice'] })).toContain('session=alice')
      expect(await seen(port, { target })).toContain('nobody')
      expect(await seen(port, { target, lines: ['Cookie: session=alice'] })).toContain('session=alice')
    }
    expect(stats().hits).toBe(0)
  })

  it('that are only paths to match take part by their whole path, and by nothing that looks like it', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL, match: ['/public'] } })
    gate.open()
    for (const target of [
      '/public/..%2faccount',
      '/public;x',
      '/public%3f',
      '/PUBLIC',
      '/public/',
      '//public',
      '/public%00',
    ])
      await ask(port, { target })
    expect(stats()).toMatchObject({ entries: 0, misses: 0 })
    await ask(port, { target: '/public?x' })
    expect(stats().entries).toBe(1)
  })

  it('without a host are nobody else’s: HTTP/1.0', async () => {
    const { port, gate } = await setUp({
      options: { ttl: TTL },
      answer: request => ({ body: `host ${request.header('host') ?? ''}` }),
    })
    gate.open()
    expect(await seen(port)).toBe(`200 host ${HOST}`)
    const without = await ask(port, { version: '1.0' })
    expect(without.body.toString()).not.toContain(HOST)
    expect(await seen(port, { version: '1.0', lines: [`Host: ${HOST}`] })).toBe(`200 host ${HOST}`)
    expect(await seen(port)).toBe(`200 host ${HOST}`)
  })
}
