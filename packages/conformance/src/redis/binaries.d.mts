/** Servers of the same protocol, each by the name of its program. */
export type Flavor = 'redis-server' | 'valkey-server'

/** The servers that are installed. Tests that are not about the difference use the first one. */
export declare function installedServers(): readonly Flavor[]

/** @throws {Error} with one sentence that says how to install a server, where there is none and it may not be installed */
export declare function ensureServer(): void
