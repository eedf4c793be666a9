/** How a request of the `http` kind shows that a prefix was stripped from its URL. */
export interface Stripped {
  /** The target as sent, by the convention of Connect and Express. */
  readonly originalUrl?: string | undefined
  /** The stripped prefix, by the convention of Express. */
  readonly baseUrl?: string | undefined
}

/** What a framework knows about the target of a request. */
export interface Places extends Stripped {
  /** The target, as far as the framework knows it. */
  readonly own: string
  /** The URL by which the framework chooses a handler. */
  readonly url: string
  /** The prefix that a mount shows it has stripped from `url`. */
  readonly mountPath?: string | undefined
}

/** The target of a request, and the URL by which a handler is chosen, if that differs. */
export interface Place {
  readonly target: string
  readonly routed: string | undefined
}

/**
 * Only a prefix that the framework shows is added to a target: comparing suffixes would mistake a rewritten URL for a
 * mounted one.
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

/** Whether a URL is a target without its prefix. If the prefix was the whole path, `/` remains. */
export function isWhole(prefix: string, url: string, target: string): boolean {
  if (prefix === '') return url === target
  if (`${prefix}${url}` === target) return true
  return (url === '/' || url.startsWith('/?')) && `${prefix}${url.slice(1)}` === target
}

/** The rest of a target without a prefix; the target itself if it has no such prefix. */
export function stripped(prefix: string, target: string): string {
  if (prefix === '' || !target.startsWith(prefix)) return target
  const rest = target.slice(prefix.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Two URLs that choose a handler, as one text that no other two have. */
export function both(first: string, second: string): string {
  return `${first}#${second}#${first.length}`
}

/** A value that is no URL, as text in which `?` begins no query. */
export function exactly(text: string): string {
  return /[?#]/.test(text) ? `${text}#` : text
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
