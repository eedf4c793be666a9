import { headerLines, HttpStampede, webBody } from '../../../packages/core/dist/http/index.js'
import { equal, rejection, testClock } from './assert.mjs'

const TTL = 5_000
const none = new Map()

function view(request = new Request('http://host.example/page')) {
  const { protocol, host, pathname, search } = new URL(request.url)
  return {
    method: request.method,
    scheme: protocol.slice(0, -1),
    host,
    target: pathname + search,
    header: name => request.headers.get(name) ?? undefined,
    hasClientCertificate: () => false,
    isGone: () => request.signal.aborted,
  }
}

/** What a handler left, as the contract wants it; its body is a stream of the runtime. */
function origin(body, headers = {}) {
  const response = new Response(body, { headers })
  return { status: 200, headers: headerLines(response.headers), before: none, body: webBody(response.body) }
}

async function textOf({ body }) {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  let text = ''
  for await (const chunk of body) text += new TextDecoder().decode(chunk)
  return text
}

const setUp = () => {
  const clock = testClock()
  return { http: new HttpStampede({ clock, ttl: TTL, waitTimeout: 1_000 }), clock }
}

async function fulfill(lease, response) {
  const tapped = lease.snapshot(response)
  lease.fulfill()
  return tapped === undefined ? '' : textOf({ body: tapped })
}

async function leadFollowReplay() {
  const { http } = setUp()
  const lead = await http.open(view())
  const followers = [http.open(view()), http.open(view())]
  equal([lead.kind, await fulfill(lead.lease, origin('page', { 'x-own': '1' }))], ['lead', 'page'])
  for (const follower of followers) {
    const decision = await follower
    equal([decision.kind, decision.outcome.kind, await textOf(decision.response)], ['replay', 'collapsed', 'page'])
  }
  const hit = await http.open(view())
  equal([hit.kind, hit.outcome.kind, await textOf(hit.response)], ['replay', 'hit', 'page'])
  equal(hit.response.headers.find(({ name }) => name === 'x-own')?.value, '1')
}

async function runs() {
  const { http } = setUp()
  const page = { ...origin('page'), body: 'page' }
  const forward = () => page
  const answers = await Promise.all([http.run(view(), forward), http.run(view(), forward)])
  equal(
    answers.map(({ kind }) => kind),
    ['forwarded', 'replayed'],
  )
  equal(await textOf(answers[1].response), 'page')
}

async function setCookieIsNotShared() {
  const { http } = setUp()
  const { lease } = await http.open(view())
  const follower = http.open(view())
  await fulfill(lease, origin('mine', { 'set-cookie': 'id=1' }))
  equal([(await follower).kind, http.stats().entries], ['lead', 0])
}

async function credentialsBypass() {
  const { http } = setUp()
  const decision = await http.open(view(new Request('http://host.example/page', { headers: { authorization: 'me' } })))
  equal([decision.kind, decision.outcome.detail], ['bypass', 'authorization'])
}

async function abandonedLeaderIsReplaced() {
  const { http } = setUp()
  const first = await http.open(view())
  const [second, third] = [http.open(view()), http.open(view())]
  first.lease.abandon()
  const promoted = await second
  equal(promoted.kind, 'lead')
  await fulfill(promoted.lease, origin('from the second'))
  equal(await textOf((await third).response), 'from the second')
}

async function followersFailWithTheLeader() {
  const { http } = setUp()
  const { lease } = await http.open(view())
  const follower = http.open(view())
  const down = new Error('down')
  lease.fail(down)
  // Each has a copy of its own: frameworks write into the errors that they answer.
  const own = await rejection(follower)
  equal([own.message, own === down], ['down', false])
}

async function followersHaveADeadline() {
  const { http, clock } = setUp()
  await http.open(view())
  clock.advance(1)
  const follower = http.open(view())
  clock.advance(1_000)
  const decision = await follower
  equal([decision.kind, decision.outcome.detail], ['lead', 'deadline'])
}

/** Name and check: one passes if it resolves. */
export const httpChecks = {
  'HTTP: one leads, the others follow, the next is replayed from the store': leadFollowReplay,
  'HTTP: run() forwards one and replays the other': runs,
  'HTTP: a response with Set-Cookie is not shared': setCookieIsNotShared,
  'HTTP: a request with credentials goes past': credentialsBypass,
  'HTTP: a leader that gives up is replaced': abandonedLeaderIsReplaced,
  'HTTP: the error of the leader is the error of all': followersFailWithTheLeader,
  'HTTP: a follower waits until its deadline and then runs alone': followersHaveADeadline,
}
