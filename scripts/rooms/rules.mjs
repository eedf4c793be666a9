// Rules of dependency-cruiser: rooms import downwards only, and nothing imports in a circle, types included.
import { importsOf } from './rooms.mjs'

/** @param {string} name @param {string} room */
const filesOf = (name, room) => `^packages/${name}/src/${room === '.' ? '' : `${room}/`}[^/]+$`

const rooms = importsOf().map(({ name, room, below }) => ({
  name: `${name}: ${room}`,
  comment: `scripts/rooms/rooms.mjs says what a room may import: ${room} takes ${below.join(', ') || 'no other'}`,
  severity: 'error',
  from: { path: filesOf(name, room) },
  to: { path: `^packages/${name}/src/`, pathNot: [room, ...below].map(allowed => filesOf(name, allowed)) },
}))

export default {
  forbidden: [
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms,
    {
      name: 'sources stay in their package',
      severity: 'error',
      from: { path: '^packages/(core|fastify|hono|koa|redis)/src/' },
      to: { path: '^(packages|apps|scripts)/', pathNot: '^packages/($1|core)/src/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist|fixtures|consumer)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@stampede/source', 'module', 'node', 'import', 'default'],
      extensions: ['.ts', '.mts', '.mjs', '.js'],
    },
  },
}
