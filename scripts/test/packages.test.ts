import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function needsOf(name: string): readonly string[] {
  const file = new URL(`../../packages/${name}/package.json`, import.meta.url)
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  return [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
}

it('the core has no dependencies, and an adapter or a store none but the core and what its framework asks for', () => {
  expect(needsOf('core')).toEqual([])
  expect(needsOf('fastify')).toEqual(['@stampede/core', 'fastify-plugin', 'fastify'])
  expect(needsOf('hono')).toEqual(['@stampede/core', 'hono'])
  expect(needsOf('koa')).toEqual(['@stampede/core', '@types/koa', 'koa'])
  expect(needsOf('redis')).toEqual(['@stampede/core'])
})
