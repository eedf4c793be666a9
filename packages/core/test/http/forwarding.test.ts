import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type ReplayedHeader, sendHead } from '../../src/http/index.ts'

const STATUS: readonly ReplayedHeader[] = [{ name: 'cache-status', value: 'stampede; fwd=bypass', append: true }]

/** The lines of a head as it is sent. */
function headOf(write: (reply: ServerResponse) => void): readonly string[] {
  const reply = new ServerResponse(new IncomingMessage(new Socket()))
  reply.sendDate = false
  expect(sendHead(reply, STATUS)).toBe(true)
  write(reply)
  const { _header: head } = reply as unknown as { readonly _header: string }
  return head.split('\r\n').filter(line => /^(?:a|cache-status|stampede-cache-control):/i.test(line))
}

describe('the headers of a head', () => {
  const added = 'cache-status: stampede; fwd=bypass'

  it.each<[string, (reply: ServerResponse) => void]>([
    ['nothing', reply => reply.writeHead(200)],
    ['a status text', reply => reply.writeHead(200, 'Fine')],
    ['an object', reply => reply.writeHead(200, { a: '1' })],
    ['a list', reply => reply.writeHead(200, ['a', '1'])],
    ['what was set before', reply => void reply.setHeader('a', '1').writeHead(200)],
    ['an end', reply => void reply.end()],
  ])('is added to %s', (name, write) => {
    const isGiven = name.startsWith('an object') || name === 'a list' || name.startsWith('what')
    expect(headOf(write)).toEqual(isGiven ? ['a: 1', added] : [added])
  })

  it.each<[string, (reply: ServerResponse) => void]>([
    ['given', reply => reply.writeHead(200, { 'Cache-Status': 'origin; hit' })],
    ['set', reply => void reply.setHeader('Cache-Status', 'origin; hit').writeHead(200)],
  ])('stands behind what was %s of the same name', (_, write) => {
    expect(headOf(write).map(line => line.toLowerCase())).toEqual(['cache-status: origin; hit', added])
  })

  it('goes without our own fields', () => {
    expect(headOf(reply => reply.writeHead(200, { 'Stampede-Cache-Control': 'max-age=1', a: '1' }))).toEqual([
      'a: 1',
      added,
    ])
  })

  it('is no way for HTTP/2', () => {
    const reply = Object.assign(new ServerResponse(new IncomingMessage(new Socket())), { stream: { destroyed: false } })
    expect(sendHead(reply, STATUS)).toBe(false)
  })
})
