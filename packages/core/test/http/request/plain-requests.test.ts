import { describe, expect, it } from 'vitest'
import { messageView, type RouteOptions } from '../../../src/http/index.ts'
import { bypassReason } from '../../../src/http/request/participation.ts'
import { policy, view } from '../../support/views.ts'

describe('a view that says at once which headers it may carry', () => {
  const message = (headers: Record<string, string>): ReturnType<typeof messageView> =>
    messageView({ method: 'GET', target: '/' }, { headers, socket: {} }, {})

  it.each<RouteOptions>([{}, { credentials: 'share' }, { credentialHeaders: ['x-mine'] }])(
    'bypasses for the same ones as one that is asked for each, with %j',
    route => {
      const names = ['x-http-method-override', 'x-http-method', 'x-method-override', 'content-length', 'upgrade']
      const more = [
        'transfer-encoding',
        'if-match',
        'if-unmodified-since',
        'accept',
        'x-mine',
        'range',
        'if-none-match',
      ]
      for (const name of [...names, ...more, ...policy().credentialHeaders]) {
        const asked = bypassReason(view({ headers: { [name]: 'x' } }), policy(route))
        expect([name, bypassReason(message({ accept: '*/*', [name]: 'x' }), policy(route))]).toEqual([name, asked])
      }
    },
  )

  it('may carry what it has, and nothing else', () => {
    expect(message({ cookie: 'a=1', accept: 'x' }).mayCarry?.(new Set(['cookie']))).toBe(true)
    expect(message({ accept: 'x' }).mayCarry?.(new Set(['cookie']))).toBe(false)
  })
})
