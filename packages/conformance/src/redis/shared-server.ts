import { RedisServer } from './server.ts'
import { TcpProxy } from '../tcp-proxy.ts'

export interface SharedServer {
  /** On the loopback address. */
  readonly port: number
  close(): Promise<void>
}

/** A server for tests that do it no harm: that of `REDIS_URL` where it is set, else one of their own. */
export async function sharedServer(): Promise<SharedServer> {
  const url = process.env['REDIS_URL']
  if (url === undefined || url === '') return RedisServer.start()
  const { protocol, hostname, port, username, password } = new URL(url)
  if (protocol !== 'redis:' || username !== '' || password !== '') {
    throw new Error('REDIS_URL names a server for tests: redis://host:port, without TLS, a user or a password')
  }
  return TcpProxy.to(Number(port || '6379'), hostname)
}
