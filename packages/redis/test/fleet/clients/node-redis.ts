export { createClient, createCluster } from 'redis'
