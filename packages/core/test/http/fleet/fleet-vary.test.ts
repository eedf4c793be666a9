import { describe, expect, it } from 'vitest'
import { type Handler, setUp, TTL } from '../../support/http-fleets.ts'
import { type Asked, answer, lines } from '../../support/views.ts'

const asks = (language: string, other?: string): Asked => ({ headers: { 'accept-language': language, 'x-own': other } })
const [en, fr] = [asks('en'), asks('fr')]

/** Varies on the language, and on a header of its own where there is that. */
const varying: Handler = (run, { headers = {} }) => {
  const vary = headers['x-own'] === undefined ? 'accept-language' : 'accept-language, x-own'
  return answer(`${headers['accept-language']} ${run}`, { headers: lines({ vary }) })
}

describe('a process that does not know what a key varies on', () => {
  it('finds what one stored that does, though nothing is left of the first answer', async () => {
    const { clock, gate, join } = setUp(varying)
    const { ask } = join()
    gate.open()
    expect([await ask(en), await ask(fr)]).toEqual(['en 1 (miss)', 'fr 2 (miss)'])
    clock.advance(TTL)
    expect([await ask(en), await ask(fr)]).toEqual(['en 3 (miss)', 'fr 4 (miss)'])
    expect(await join().ask(en)).toBe('en 3 (hit)')
    expect(await join().ask(fr)).toBe('fr 4 (hit)')
  })

  it('waits for one that does', async () => {
    const { clock, fleet, gate, tally, join } = setUp(varying)
    const [knowing, unknowing] = [join(), join()]
    gate.open()
    await knowing.ask(en)
    clock.advance(TTL)
    expect(await knowing.ask(en)).toBe('en 2 (miss)')
    fleet.hold('commit', 'request')
    const first = knowing.ask(fr)
    await tally.until('runs', 3)
    const second = unknowing.ask(fr)
    await fleet.sent.until('waiting', 1)
    fleet.release('commit', 'request')
    expect(await Promise.all([first, second])).toEqual(['fr 3 (miss)', 'fr 3 (collapsed)'])
  })

  it.each([{ range: 'bytes=0-1' }, { 'cache-control': 'only-if-cached' }, { 'if-none-match': '"other"' }])(
    'looks into the store once more for a request with %j',
    async headers => {
      const { clock, gate, tally, join } = setUp(varying, { clientDirectives: 'honor' })
      const { ask } = join()
      gate.open()
      for (const asked of [en, en, fr]) {
        await ask(asked)
        clock.advance(TTL / 2)
      }
      await ask(fr)
      const runs = tally.count('runs')
      await join().ask({ headers: { ...fr.headers, ...headers } })
      expect(tally.count('runs')).toBe(runs)
    },
  )
})

describe('a process that knows less of what a key varies on', () => {
  it('learns it before it runs the handler', async () => {
    const { clock, gate, join } = setUp(varying)
    const [less, more] = [join(), join()]
    gate.open()
    expect(await less.ask(en)).toBe('en 1 (miss)')
    clock.advance(TTL)
    expect(await more.ask(asks('en', 'x'))).toBe('en 2 (miss)')
    clock.advance(TTL)
    expect(await more.ask(en)).toBe('en 3 (miss)')
    expect(await less.ask(en)).toBe('en 3 (hit)')
  })

  it('goes on with what it knows where nothing says more', async () => {
    const { clock, gate, join } = setUp(varying)
    const [a, b] = [join(), join()]
    gate.open()
    await a.ask(en)
    clock.advance(TTL)
    expect([await a.ask(en), await b.ask(en), await a.ask(fr)]).toEqual(['en 2 (miss)', 'en 2 (hit)', 'fr 3 (miss)'])
  })
})
