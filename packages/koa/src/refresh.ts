import { AsyncResource } from 'node:async_hooks'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { type MessageRefresh, messageRefresh } from '@stampede/core/http'
import type Koa from 'koa'

/**
 * Sends Stampede's own requests through a whole app, in the asynchronous context of the caller of this function: the
 * context of a visitor's request must not affect a request for all.
 */
export function refreshes(): (app: Koa) => MessageRefresh {
  const scope = new AsyncResource('stampede.refresh')
  const known = new WeakMap<Koa, MessageRefresh>()
  return app => {
    const present = known.get(app)
    if (present !== undefined) return present
    const refresh = refreshThrough(app, scope)
    known.set(app, refresh)
    return refresh
  }
}

function refreshThrough(app: Koa, scope: AsyncResource): MessageRefresh {
  // Made on the first refresh, because a callback runs the middleware that the app has when it is made.
  let handle: ReturnType<Koa['callback']> | undefined
  return messageRefresh<IncomingMessage, ServerResponse>(
    { IncomingMessage, ServerResponse, Duplex },
    (request, reply) => {
      const callback = (handle ??= app.callback())
      void scope.runInAsyncScope(() => callback(request, reply))
    },
  )
}
