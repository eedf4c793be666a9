import { GlideClient, GlideClusterClient, Logger } from '@valkey/valkey-glide'

// It reports each script that the server does not know yet.
Logger.init('off')

/** By default a command may take a quarter of a second, which is too short for a busy machine. */
const PATIENT = { requestTimeout: 10_000, advancedConfiguration: { connectionTimeout: 10_000 } }

export function glideOf(port: number): Promise<GlideClient> {
  return GlideClient.createClient({ ...PATIENT, addresses: [{ host: '127.0.0.1', port }] })
}

export function glideOfCluster(port: number): Promise<GlideClusterClient> {
  return GlideClusterClient.createClient({ ...PATIENT, addresses: [{ host: '127.0.0.1', port }] })
}

/** Closes them once their last commands are written: a closed client prints an error for each that is not. */
export async function endGlide(...clients: readonly (GlideClient | GlideClusterClient)[]): Promise<void> {
  await Promise.all(clients.map(client => client.ping()))
  for (const client of clients) client.close()
}
