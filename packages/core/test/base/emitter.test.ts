import { describe, expect, it } from 'vitest'
import { contained } from '../../src/base/emitter.ts'

describe('a listener', () => {
  it('that is not there stays so', () => {
    expect(contained(undefined)).toBeUndefined()
  })

  const listeners: readonly [name: string, does: () => unknown][] = [
    ['returns', () => 'anything'],
    [
      'throws',
      () => {
        throw new Error('its own affair')
      },
    ],
    ['resolves', () => Promise.resolve()],
    ['rejects', () => Promise.reject(new Error('its own affair'))],
  ]
  it.each(listeners)('that %s is called, without an effect', async (_, does) => {
    const told: string[] = []
    const rejections: unknown[] = []
    const onRejection = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', onRejection)
    const emit = contained<string>(event => {
      told.push(event)
      return does()
    })
    expect(emit?.('event')).toBeUndefined()
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', onRejection)
    expect({ told, rejections }).toEqual({ told: ['event'], rejections: [] })
  })
})
