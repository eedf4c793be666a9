import { createServer } from 'node:http'
import { type Start } from '../served.ts'
import { listening } from './listening.ts'

/** As little as an answer takes. */
export const startNode: Start = (_, { body }) => {
  const isBytes = Buffer.isBuffer(body)
  const type = isBytes ? 'application/octet-stream' : 'application/json; charset=utf-8'
  return listening(
    createServer((_request, response) => {
      const bytes = isBytes ? body : JSON.stringify(body)
      response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(bytes) })
      response.end(bytes)
    }),
  )
}
