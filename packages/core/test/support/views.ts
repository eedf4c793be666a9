import type { HttpPolicy } from '../../src/http/options/http-policy.ts'
import {
  type HeaderLines,
  headerLines,
  type HeaderValue,
  HttpStampede,
  type OriginResponse,
  type ReplayedResponse,
  type RequestView,
  type RouteOptions,
} from '../../src/http/index.ts'

const NONE: HeaderLines = new Map()

/** What a request shows, its headers by lower-case name. */
export interface Asked {
  readonly method?: string
  readonly scheme?: string
  readonly host?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly hasCertificate?: boolean
  readonly isGone?: boolean
}

/** A request as an adapter shows it: a plain GET of `/`, unless said otherwise. */
export function view(asked: Asked = {}): RequestView {
  const { method = 'GET', scheme = 'http', host = 'example', target = '/', headers = {} } = asked
  return {
    method,
    scheme,
    host,
    target,
    header: name => headers[name],
    hasClientCertificate: () => asked.hasCertificate === true,
    isGone: () => asked.isGone === true,
  }
}

/** Response headers by name; a list has a line for each of its members. */
export function lines(headers: Readonly<Record<string, HeaderValue>>): HeaderLines {
  return headerLines(Object.entries(headers))
}

/** What a handler answered: 200 without headers, unless said otherwise. */
export function answer(body: string | null, given: Partial<OriginResponse> = {}): OriginResponse {
  const bytes = body === null ? null : new TextEncoder().encode(body)
  return { status: 200, headers: NONE, before: NONE, body: bytes, ...given }
}

/** What holds for a route with these options. */
export function policy(route?: RouteOptions, scope = ''): HttpPolicy {
  return new HttpStampede().policy(route, '', scope)
}

/** All of a replayed body. */
export async function textOf(body: ReplayedResponse['body']): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text
}
