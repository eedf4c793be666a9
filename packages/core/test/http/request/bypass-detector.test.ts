import { describe, expect, it } from 'vitest'
import { BypassDetector } from '../../../src/http/request/bypass-detector.ts'

describe('first requests that all bypass', () => {
  it('are reported once there are twenty of them, with their reasons', () => {
    const first = new BypassDetector()
    const told = Array.from({ length: 40 }, (_, index) => first.bypassed(index % 4 === 0 ? 'authorization' : 'cookie'))
    expect(told[19]).toEqual({ authorization: 5, cookie: 15 })
    expect(told.filter(reasons => reasons !== undefined)).toHaveLength(1)
  })

  it('are no matter where a method or a match took them out on purpose, or where one took part', () => {
    const meant = new BypassDetector()
    for (let index = 0; index < 100; index += 1) {
      expect(meant.bypassed('method')).toBeUndefined()
      expect(meant.bypassed('match')).toBeUndefined()
    }
    const shared = new BypassDetector()
    shared.tookPart()
    for (let index = 0; index < 100; index += 1) expect(shared.bypassed('cookie')).toBeUndefined()
  })
})
