import { fileURLToPath } from 'node:url'

export const demo: string = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
/** Where it finds the frameworks, and where nothing is checked in. */
export const builtMember: string = `${demo}/node_modules/.stampede/member.mjs`
