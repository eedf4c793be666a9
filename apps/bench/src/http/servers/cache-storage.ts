interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly status: number
  readonly headers: Record<string, string>
}

/**
 * As much of a CacheStorage as hono/cache asks of it, over a Map: less work than any real one does. Node has none, and that of
 * undici takes only its own Responses.
 */
export function cacheStorage(): { readonly open: (name: string) => Promise<object> } {
  const kept = new Map<string, Kept>()
  const cache = {
    async match(key: string): Promise<Response | undefined> {
      const found = kept.get(key)
      return found && new Response(found.bytes, found)
    },
    async put(key: string, response: Response): Promise<void> {
      const bytes = new Uint8Array(await response.arrayBuffer())
      kept.set(key, { bytes, status: response.status, headers: Object.fromEntries(response.headers) })
    },
  }
  return { open: async () => cache }
}
