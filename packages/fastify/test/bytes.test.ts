import { ServerResponse } from 'node:http'
import { clientOf, listening } from '@stampede/conformance'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, vi } from 'vitest'
import { stampedePlugin } from '../src/index.ts'

it('a hook cannot change the bytes of a hit for others', async () => {
  const app = fastify()
  await app.register(stampedePlugin, { ttl: 60_000 })
  const seen: string[] = []
  app.addHook('onSend', async (_request, _reply, payload) => {
    seen.push(String(payload))
    if (seen.length > 1) (payload as Buffer).fill('z')
  })
  app.get('/', async () => Buffer.from('bytes'))
  for (const _ of [1, 2, 3]) await app.inject('/')
  expect(seen).toEqual(['bytes', 'bytes', 'bytes'])
  await app.close()
})

describe('the bytes of a hit', () => {
  /** What Node was given to send for three requests, the last two of them hits. */
  async function sentBy(setUp: (app: FastifyInstance) => void): Promise<readonly unknown[]> {
    const app = fastify()
    await app.register(stampedePlugin, { ttl: 60_000 })
    setUp(app)
    await app.ready()
    await listening(app.server)
    const client = clientOf(app.server)
    const spies = [vi.spyOn(ServerResponse.prototype, 'write'), vi.spyOn(ServerResponse.prototype, 'end')]
    try {
      for (const _ of [1, 2, 3]) expect((await client.fetch('/')).body).toBe('bytes')
      const given = spies.flatMap((spy): readonly (readonly unknown[])[] => spy.mock.calls)
      return given.map(([chunk]) => chunk).filter(chunk => Buffer.isBuffer(chunk))
    } finally {
      for (const spy of spies) spy.mockRestore()
      await client.close()
      await app.close()
    }
  }

  const answer = (app: FastifyInstance, route: object = {}): void => {
    app.get('/', route, async () => Buffer.from('bytes'))
  }

  it('are the stored ones if only Node receives them', async () => {
    const [first, second, third] = await sentBy(answer)
    expect(second).toBe(third)
    expect(second).not.toBe(first)
  })

  it.each<readonly [string, (app: FastifyInstance) => void]>([
    [
      'a hook of the instance',
      app => {
        app.addHook('onSend', async () => {})
        answer(app)
      },
    ],
    ['a hook of the route', app => answer(app, { onSend: async () => {} })],
    [
      'a hook in the place of ours',
      app => {
        app.addHook('onRoute', route => {
          route.onSend = [(_request, _reply, payload, done) => done(null, payload)]
        })
        answer(app)
      },
    ],
    [
      'a wrapper of the route’s hooks',
      app => {
        app.addHook('onRoute', route => {
          route.onSend = [route.onSend ?? []]
            .flat()
            .map(hook => (request, reply, payload, done) => void hook.call(app, request, reply, payload, done))
        })
        answer(app)
      },
    ],
    [
      'a `send` that is wrapped',
      app => {
        app.addHook('onRequest', async (_, reply) => {
          const send = reply.send.bind(reply)
          reply.send = payload => send(payload)
        })
        answer(app)
      },
    ],
    [
      'an `end` that is wrapped',
      app => {
        app.addHook('onRequest', async (_, { raw }) => {
          raw.end = raw.end.bind(raw)
        })
        answer(app)
      },
    ],
  ])('are copies where %s could see them', async (_, setUp) => {
    const [, second, third] = await sentBy(setUp)
    expect(second).not.toBe(third)
  })
})
