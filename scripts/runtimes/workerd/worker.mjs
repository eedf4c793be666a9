// The worker under test: each name in the path has a cache, or an app, of its own; the work is a request to the origin.
import { Hono } from 'hono'
import { Stampede } from '../../../packages/core/dist/index.js'
import { stampede } from '../../../packages/hono/dist/index.js'
import { smoke } from '../smoke/smoke.mjs'

const caches = new Map()
const apps = new Map()
/** Requests that came for a name. Each is with Stampede before another one can see the count. */
const asked = new Map()

function made(map, name, make) {
  if (!map.has(name)) map.set(name, make())
  return map.get(name)
}

async function work(env, name) {
  const response = await env.ORIGIN.fetch(`http://origin/${name}`)
  // A timer of the request, beside its fetch.
  await new Promise(resolve => setTimeout(resolve, 1))
  return response.text()
}

function settingsOf(url) {
  return Object.fromEntries([...url.searchParams].map(([name, value]) => [name, Number(value)]))
}

async function viaFunction(name, url, env, ctx) {
  const { keep, ...options } = settingsOf(url)
  const cache = made(caches, name, () => new Stampede(options))
  const value = cache.get('key', () => work(env, name))
  if (keep === 1) ctx.waitUntil(value.catch(() => {}))
  try {
    return new Response(await value)
  } catch (error) {
    return new Response(`${error.name}: ${error.message}`, { status: 500 })
  }
}

function viaHono(name, request, env, ctx) {
  const { app } = made(apps, name, () => {
    const { stream, ...options } = settingsOf(new URL(request.url))
    const cached = stampede(options)
    const hono = new Hono()
    hono.use(cached)
    hono.get('*', async c => {
      if (stream === 1) return new Response((await env.ORIGIN.fetch(`http://origin/${name}`)).body)
      return c.text(await work(env, name))
    })
    return { app: hono, stats: cached.stats }
  })
  return app.fetch(request, env, ctx)
}

/** An app whose handler answers as the request's own query says, and names the run and the client's cookie. */
function httpApp(env, { options = {}, front = {} }) {
  let runs = 0
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    await new Promise(resolve => setTimeout(resolve, 1))
    for (const [name, value] of Object.entries(front)) c.header(name, value)
  })
  const cached = stampede({ ...options, refresh: app })
  app.use(cached)
  app.all('*', async c => {
    runs += 1
    const run = runs
    const { held, stream, breaks, status = 200, headers = {} } = settingOf(c.req.raw)
    const origin = held === undefined ? undefined : await env.ORIGIN.fetch(`http://origin/${held}`)
    if (stream) return new Response(origin.body, { status, headers })
    const rest = await origin?.text()
    if (breaks) return new Response(broken(run), { status, headers })
    const who = c.req.header('cookie') ?? c.req.header('authorization') ?? 'nobody'
    return c.body(`run ${run} for ${who}${rest === undefined ? '' : ' held'}`, status, headers)
  })
  return { app, stats: cached.stats, runs: () => runs }
}

/** A body that breaks off behind its first piece. */
function broken(run) {
  let pulled = 0
  return new ReadableStream({
    pull(controller) {
      pulled += 1
      if (pulled === 1) controller.enqueue(new TextEncoder().encode(`run ${run} `))
      else controller.error(new Error('broke off'))
    },
  })
}

/** Sent as a header that no key covers, so that the target stays the same. */
function settingOf(request) {
  return JSON.parse(request.headers.get('x-setting') ?? '{}')
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    const [, route, name] = url.pathname.split('/')
    if (route === 'smoke') return Response.json(await smoke())
    if (route === 'stats') {
      return Response.json({ ...(caches.get(name) ?? apps.get(name)).stats(), asked: asked.get(name) })
    }
    if (route === 'runs') return new Response(String(apps.get(name).runs()))
    asked.set(name, (asked.get(name) ?? 0) + 1)
    if (route === 'http') {
      const { app } = made(apps, name, () => httpApp(env, settingOf(request)))
      return app.fetch(request, env, ctx)
    }
    if (route === 'function') return viaFunction(name, url, env, ctx)
    return viaHono(name, request, env, ctx)
  },
}
