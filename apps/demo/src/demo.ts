import { randomUUID } from 'node:crypto'
import { Stampede } from '@stampede/core'
import { type Burst, burst, httpAsker } from './burst.ts'
import { type Origin, startOrigin } from './origin.ts'
import { frameworks } from './servers/index.ts'
import type { Start } from './servers/start.ts'
import { table } from './table.ts'
import { failures, type Measured, type Row } from './verdict.ts'

const REQUESTS = 500
const LATENCY = 200
/** Longer than a burst takes: on a slow machine its last requests may come after the first ones were answered. */
const TTL = 60_000
const SHOWN_FAULTS = 3

/** Fires the bursts, prints what they came to, and returns the exit code: 0 only if every figure is as promised. */
export async function runDemo(requests: number = REQUESTS, latency: number = LATENCY): Promise<number> {
  print(`${requests} requests at once, an origin that takes ${latency} ms to answer:\n`)
  const rows = await measure(requests, latency)
  print(`${table(rows)}\n`)
  for (const row of rows) printFaults(row)
  const problems = failures(rows)
  for (const problem of problems) print(problem)
  if (problems.length === 0) print('Every figure is as promised: one origin call for each burst with Stampede.')
  return problems.length === 0 ? 0 : 1
}

/** One row for each framework, and one for plain function calls. */
export async function measure(requests: number, latency: number): Promise<Row[]> {
  const origin = await startOrigin(latency)
  try {
    const rows: Row[] = []
    for (const { name, start } of frameworks) rows.push(await measureFramework(name, start, origin, requests))
    rows.push(await measureFunction(origin, requests))
    return rows
  } finally {
    await origin.close()
  }
}

async function measureFramework(name: string, start: Start, origin: Origin, requests: number): Promise<Row> {
  const server = await start({ origin, stampede: { ttl: TTL }, port: 0 })
  const measureRoute = (path: string): Promise<Measured> =>
    measured(origin, async nonce => {
      const { ask, close } = httpAsker(`${server.url}${path}?nonce=${nonce}`)
      try {
        return await burst(requests, nonce, ask)
      } finally {
        close()
      }
    })
  try {
    return { name, bare: await measureRoute('/bare'), stampede: await measureRoute('/report') }
  } finally {
    await server.close()
  }
}

async function measureFunction(origin: Origin, requests: number): Promise<Row> {
  const cache = new Stampede({ ttl: TTL })
  return {
    name: 'function',
    bare: await measured(origin, nonce => burst(requests, nonce, () => answered(origin.fetch(nonce)))),
    stampede: await measured(origin, nonce =>
      burst(requests, nonce, () => answered(cache.get(nonce, () => origin.fetch(nonce)))),
    ),
  }
}

async function answered(report: Promise<object>): Promise<{ readonly status: number; readonly body: string }> {
  return { status: 200, body: JSON.stringify(await report) }
}

/** Each burst has a nonce of its own: no answer of an earlier one can pass for one of it. */
async function measured(origin: Origin, fire: (nonce: string) => Promise<Burst>): Promise<Measured> {
  const nonce = randomUUID()
  const fired = await fire(nonce)
  return { burst: fired, originCalls: origin.calls(nonce) }
}

function printFaults({ name, bare, stampede }: Row): void {
  const errors = [...bare.burst.errors, ...stampede.burst.errors]
  for (const error of errors.slice(0, SHOWN_FAULTS)) print(`${name}: an error: ${error}`)
  const bodies = [...bare.burst.mismatches, ...stampede.burst.mismatches]
  for (const body of bodies.slice(0, SHOWN_FAULTS)) print(`${name}: a body that does not match: ${body.slice(0, 200)}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
