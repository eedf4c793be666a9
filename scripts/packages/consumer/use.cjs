// The same packages by `require`, from a program in CommonJS.
const assert = require('node:assert/strict')
const { Stampede } = require('@stampede/core')
const { HttpStampede } = require('@stampede/core/http')
const { stampedePlugin } = require('@stampede/fastify')
const { stampede: honoStampede } = require('@stampede/hono')
const { stampede: koaStampede } = require('@stampede/koa')
const { redisStore } = require('@stampede/redis')

const main = async () => {
  assert.equal(await new Stampede().get('k', () => 1), 1)
  assert.equal(new HttpStampede().stats().flights, 0)
  assert.equal(honoStampede().stats().hits, 0)
  assert.equal(koaStampede().stats().hits, 0)
  assert.throws(() => redisStore(), { name: 'OptionError', option: 'client' })
  const app = require('fastify')()
  await app.register(stampedePlugin)
  await app.ready()
  assert.equal(app.stampede.stats().hits, 0)
  await app.close()
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
