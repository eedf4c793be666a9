/** How a request of the `http` kind shows that something in front has stripped a prefix from its URL. */
export interface Stripped {
  /** The target as sent, by the habit of Connect and Express. */
  readonly originalUrl?: string | undefined
  /** The prefix that was stripped from it, by the habit of Express. */
  readonly baseUrl?: string | undefined
}

/** What frameworks say of where a request goes. */
export interface Places extends Stripped {
  /** The target, as far as the framework knows that. */
  readonly own: string
  /** What the framework chooses a handler by. */
  readonly url: string
  /** The prefix that a mount says it has stripped from `url`. */
  readonly mountPath?: string | undefined
}

/** What a request was sent to, and what a handler is chosen by where that is something else. */
export interface Place {
  readonly target: string
  readonly routed: string | undefined
}

/**
 * Only a prefix that a framework shows makes a target whole again: to compare how they end would take a rewritten URL for one
 * that is mounted.
 */
export function placeOf({ originalUrl, baseUrl, own, url, mountPath }: Places): Place {
  const base = textOf(baseUrl)
  const prefix = base + textOf(mountPath)
  const target = textOf(originalUrl) || own
  const isOwnKnown = own === url || own === target || isWhole(base, own, target)
  if (isOwnKnown && isWhole(prefix, url, target)) return { target, routed: undefined }
  const whole = `${prefix}${url}`
  return { target, routed: isOwnKnown ? whole : both(whole, own) }
}

/** Whether a URL is a target without a prefix. Where the prefix was all of the path, a `/` is what is left. */
export function isWhole(prefix: string, url: string, target: string): boolean {
  if (prefix === '') return url === target
  if (`${prefix}${url}` === target) return true
  return (url === '/' || url.startsWith('/?')) && `${prefix}${url.slice(1)}` === target
}

/** What is left of a target when a prefix is stripped from it; the target itself where it has none. */
export function stripped(prefix: string, target: string): string {
  if (prefix === '' || !target.startsWith(prefix)) return target
  const rest = target.slice(prefix.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Two things that a handler is chosen by, as one: no other two make the same. */
export function both(first: string, second: string): string {
  return `${first}#${second}#${first.length}`
}

/** What is no URL, as one: a `?` in it begins no query. */
export function exactly(text: string): string {
  return /[?#]/.test(text) ? `${text}#` : text
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
