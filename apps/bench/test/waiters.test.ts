import { describe, expect, it } from 'vitest'
import { waitersCommand } from '../src/waiters/command.ts'
import { sendAll } from '../src/waiters/load.ts'
import { measureRelease } from '../src/waiters/measure.ts'
import { kinds } from '../src/waiters/served.ts'
import { collecting } from './fakes.ts'

const few = { waiters: 205, sockets: 10, bytes: 100 }

describe('the release of waiters', () => {
  it.each(kinds)('by $name answers each of them once', async kind => {
    const { longest, whole, runs } = await measureRelease(kind, few, sendAll)
    expect(runs).toBe(kind.name === 'Stampede' ? 1 : few.waiters)
    expect(longest).toBeGreaterThan(0)
    expect(whole).toBeGreaterThan(0)
  })

  it('fails where answers are missing', async () => {
    const oneLess = async (asked: Parameters<typeof sendAll>[0]): Promise<number> => (await sendAll(asked)) - 1
    await expect(measureRelease(kinds[0], few, oneLess)).rejects.toThrow('204 answers for 205 who waited')
  })

  it('is printed for each kind, with its runs', async () => {
    const out = collecting()
    const given = ['--waiters', '30', '--sockets', '4', '--rounds', '1']
    expect(await waitersCommand(given, { ...out, load: sendAll })).toBe(0)
    expect(out.printed()).toMatch(/one shared promise +30 /)
    expect(out.printed()).toMatch(/Stampede +1 /)
  })

  it('stops at wrong arguments and prints help', async () => {
    const out = collecting()
    expect(await waitersCommand(['--waiters', '0'], { ...out, load: sendAll })).toBe(2)
    expect(await waitersCommand(['--help'], { ...out, load: sendAll })).toBe(0)
    expect(out.printed()).toContain('--sockets N')
  })
})
