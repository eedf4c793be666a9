import { readdirSync } from 'node:fs'
import { Stampede } from '@stampede/core'
import { HttpStampede } from '@stampede/core/http'
import { redisStore } from '@stampede/redis'
import { describe, expect, it } from 'vitest'
import { read, ROOT } from './documents.ts'

/** The sources of a package, by file. */
function sourcesOf(name: string): ReadonlyMap<string, string> {
  const folder = `packages/${name}/src/`
  const files = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
  return new Map(files.filter(file => file.endsWith('.ts')).map(file => [file, read(folder + file)]))
}

const core = sourcesOf('core')
const adapters = ['fastify', 'hono', 'koa'].map(sourcesOf)
const sources = [core, ...adapters, sourcesOf('redis')].flatMap(files => [...files])

/** All that a pattern finds in a text, by its first group that has something. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.find(group => group !== undefined) ?? '')
}

function source(file: string): string {
  const text = core.get(file)
  if (text === undefined) throw new Error(`there is no ${file}`)
  return text
}

/** The cells of the tables under a heading, row by row. */
function rowsUnder(document: string, heading: string): string[][] {
  const section = read(document).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows.slice(2).map(row =>
    row
      .split(/(?<!\\)\|/)
      .map(cell => cell.trim().replaceAll('\\|', '|'))
      .slice(1, -1),
  )
}

function named(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([first = '']) => found(first, /^`([^`]+)`/g)[0] ?? '').filter(name => name !== '')
}

/** Names of credential headers come on top of these. */
const BYPASS_FILES = ['http/request/participation.ts', 'http/http-stampede.ts', 'http/decide/decider.ts']
const WORD = "'([a-z][a-z-]*)'"

describe('docs/cache-status.md', () => {
  const document = 'docs/cache-status.md'

  it('has each reason to bypass', () => {
    const inParticipation = found(source('http/request/participation.ts'), new RegExp(`(?:return|[?:]) ${WORD}`, 'g'))
    const inTurns = BYPASS_FILES.flatMap(file => found(source(file), new RegExp(`bypass\\([^)]*, ${WORD}\\)`, 'g')))
    const byClients = found(source('http/http-stampede.ts'), new RegExp(`noStore \\? ${WORD}`, 'g'))
    // That one has a `fwd` of its own.
    const reasons = new Set([...inParticipation, ...inTurns, ...byClients].filter(reason => reason !== 'method'))
    expect(reasons.size).toBeGreaterThan(8)
    expect(new Set(named(rowsUnder(document, 'Why it took no part')))).toEqual(reasons)
  })

  it('has each reason to run alone', () => {
    const judged = found(source('http/rfc/storable.ts'), new RegExp(`(?:return|undefined :|reason:) ${WORD}`, 'g'))
    const told = sources.flatMap(([, text]) => [
      ...found(text, new RegExp(`\\bdeclined?\\((?:[\\w.]+, )?(?:[^')]*\\? ${WORD} : )?${WORD}\\)`, 'g')),
      ...found(text, new RegExp(`declined?\\([^')]*\\? '[a-z-]+' : ${WORD}\\)`, 'g')),
      ...found(text, new RegExp(`kind: 'alone', reason: ${WORD}`, 'g')),
      ...found(text, new RegExp(`isSolo: true \\}\\), ${WORD}`, 'g')),
    ])
    const ofBodies = found(source('http/flight/http-settlement.ts'), /end\.kind === '(length)'/g)
    const reasons = new Set([...judged, ...told, ...ofBodies])
    expect(reasons.size).toBeGreaterThan(15)
    expect(new Set(named(rowsUnder(document, 'Why it ran the handler by itself')))).toEqual(reasons)
  })

  it('has each reason to give something else', () => {
    const details = sources.flatMap(([, text]) => found(text, new RegExp(`detail: ${WORD}`, 'g')))
    expect(new Set(named(rowsUnder(document, 'What was given instead')))).toEqual(new Set(details))
  })

  it('has each way to go forward, and each X-Cache', () => {
    const outcome = source('http/contract/contract.ts').split('export interface Outcome')[1] ?? ''
    const wordsOf = (line: RegExp): string[] => found(line.exec(outcome)?.[0] ?? '', new RegExp(WORD, 'g'))
    const rows = rowsUnder(document, 'Values')
    expect(new Set(rows.flatMap(([field = '']) => found(field, /fwd=([\w-]+)/g)))).toEqual(
      new Set(wordsOf(/readonly forward\?.*/)),
    )
    expect(new Set(rows.flatMap(([, short = '']) => found(short, /`(\w+)`/g)))).toEqual(
      new Set(wordsOf(/readonly kind.*/).map(kind => kind.toUpperCase())),
    )
  })
})

describe('docs/errors.md', () => {
  const document = 'docs/errors.md'

  it.each([
    ['Events of HTTP', 'http/options/http-events.ts', 18],
    ['Events of functions', 'functions/state/function-events.ts', 14],
    ['Events of a shared store', 'fleet/shared-store.ts', 3],
  ])('has all %s', (heading, file, atLeast) => {
    const types = new Set(found(source(file), new RegExp(`type: ${WORD}`, 'g')))
    expect(types.size).toBeGreaterThanOrEqual(atLeast)
    expect(named(rowsUnder(document, heading)).sort()).toEqual([...types].sort())
  })

  it('has each warning of the process', () => {
    const codes = new Set(sources.flatMap(([, code]) => found(code, /'(STAMPEDE_[A-Z_]+)'/g)))
    expect(codes.size).toBeGreaterThan(1)
    expect(new Set(named(rowsUnder(document, 'Warnings of the process')))).toEqual(codes)
  })

  it('has each reason why a refresh changed nothing', () => {
    const reasons = found(source('http/options/http-events.ts'), /'backoff'[^}]*reason: ([^}]+)/g).flatMap(text =>
      found(text, /('[\w-]+')/g),
    )
    const [, meaning = ''] = rowsUnder(document, 'Events of HTTP').find(([type]) => type === '`backoff`') ?? []
    expect(reasons.length).toBeGreaterThan(2)
    expect(found(meaning, /`('[\w-]+')`/g)).toEqual(reasons)
  })

  it('has each class of errors', () => {
    const classes = found(source('base/errors.ts'), /export class (\w+)/g)
    expect(
      named(rowsUnder(document, 'Errors'))
        .filter(name => /^\w+$/.test(name))
        .sort(),
    ).toEqual(classes.sort())
  })

  it('says what each option takes, in the words of its error', () => {
    const makers = [
      (options: object) => new Stampede(options),
      (options: object) => new HttpStampede(options),
      (options: object) => redisStore(options),
    ]
    const taken = makers.flatMap(make => {
      const names = said(() => make({ none: 0 }))
        .replace(/.*Known ones: /, '')
        .split(', ')
      return names.map(name => said(() => make({ [name]: Symbol('wrong') })).replace(/.*; it takes /, ''))
    })
    const rows = rowsUnder(document, 'What options take').map(([takes = '']) => takes)
    expect(rows.sort()).toEqual([...new Set(taken)].sort())
  })

  it('has each other message', () => {
    const text = read(document)
    const messages = sources.flatMap(([, code]) => [
      ...found(code, /['"`](stampede: (?:[^'`\n]|\\')*?)(?: ?\$\{|['`])/g).filter(
        message => message !== 'stampede: option "',
      ),
      ...found(code, /new OptionError\(\s*'[\w.]+',\s*[\w.]+,\s*[`'](.+?)(?: ?\$\{|['`],?\s*\))/g),
    ])
    expect(messages.length).toBeGreaterThan(20)
    const missing = messages.map(message => message.replaceAll("\\'", "'")).filter(message => !text.includes(message))
    expect(missing).toEqual([])
  })
})

/** What is thrown. */
function said(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}
