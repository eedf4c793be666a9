import type { StampedeEvent } from '@stampede/core'

/** `breaker open`, `resync flushed`, and else its type. */
export function nameOfEvent(event: StampedeEvent): string {
  if (event.type === 'breaker') return `breaker ${event.state}`
  return event.type === 'resync' && event.flushed ? 'resync flushed' : event.type
}

/** What it says of why. */
export function told(event: StampedeEvent): string {
  if ('error' in event) return String(event.error)
  return 'reason' in event ? event.reason : ''
}
