import { AsyncResource } from 'node:async_hooks'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { type MessageRefresh, messageRefresh } from '@stampede/core/http'
import type Koa from 'koa'

const refreshes = new WeakMap<Koa, MessageRefresh>()

/** Sends Stampede's own requests through the whole app, in nobody's asynchronous context. */
export function refreshThrough(app: Koa): MessageRefresh {
  const present = refreshes.get(app)
  if (present !== undefined) return present
  const scope = new AsyncResource('stampede.refresh')
  // Made when a request is first refreshed: a callback runs the middleware that the app had when it was made.
  let handle: ReturnType<Koa['callback']> | undefined
  const refresh = messageRefresh<IncomingMessage, ServerResponse>(
    { IncomingMessage, ServerResponse, Duplex },
    (request, reply) => {
      const callback = (handle ??= app.callback())
      void scope.runInAsyncScope(() => callback(request, reply))
    },
  )
  refreshes.set(app, refresh)
  return refresh
}
