import { afterEach, expect, it, vi } from 'vitest'
import { Stampede } from '../src/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('a wall clock that jumps changes nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const cache = new Stampede({ ttl: 60_000 })
  await cache.get('k', () => 'value')
  for (const year of [1970, 2100]) {
    vi.setSystemTime(new Date(year, 0))
    expect(cache.peek('k')).toMatchObject({ value: 'value', state: 'fresh' })
    expect(await cache.get('k', () => 'another')).toBe('value')
  }
})
