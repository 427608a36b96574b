import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { test } from 'node:test'

/** Who may import whom, type imports too. design.md section 4. A room may always import itself. */
const mayImport = new Map<string, readonly string[]>([
  ['mail', []],
  ['wire', ['mail']],
  ['gmail', ['mail']],
  ['store', ['mail']],
  ['auth', ['mail', 'store']],
  ['account', ['mail', 'gmail', 'store']],
  ['imap', ['mail', 'wire']],
  ['pop3', ['mail', 'wire']],
  ['smtp', ['mail', 'wire']],
  ['web', ['mail', 'auth']],
  ['metrics', ['mail']],
  ['simulator', []],
  [
    'cli',
    [
      'mail',
      'metrics',
      'wire',
      'gmail',
      'store',
      'auth',
      'account',
      'imap',
      'pop3',
      'smtp',
      'web',
      'simulator',
    ],
  ],
  ['main.ts', ['cli']],
])

/** Packages that belong to one room alone. */
const ownedPackages = new Map<string, readonly string[]>([
  ['googleapis', ['gmail', 'simulator']],
  ['google-auth-library', ['auth']],
  ['fastify', ['web', 'simulator', 'cli']],
  ['lru-cache', ['account', 'auth', 'imap']],
  ['smtp-server', ['smtp']],
  ['commander', ['cli']],
  ['pino', ['cli']],
  ['@opentelemetry', ['cli']],
  ['prom-client', ['metrics']],
  ['pkijs', ['wire']],
  ['asn1js', ['wire']],
  ['node:sqlite', ['store', 'simulator']],
  ['postgres', ['store']],
])

interface Import {
  readonly file: string
  readonly room: string
  readonly specifier: string
  readonly isTest: boolean
}

const root = join(import.meta.dirname, '..')
const imports = globSync('src/**/*.ts', { cwd: root }).flatMap((path): Import[] => {
  const file = path.split(sep).join('/')
  const text = readFileSync(join(root, path), 'utf8')
  const room = file.split('/')[1] ?? ''
  const isTest = /\.test\.ts$|-contract\.ts$|\/testing\//.test(file)
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map((found) => ({ file, room, specifier: found[1] ?? found[2] ?? found[3] ?? '', isTest }))
})

/** The room that a specifier of this house leads to; undefined for packages. */
function target({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1).split('/')[0]
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier).split('/')[1]
  return undefined
}

test('the test reads the imports of every room', () => {
  assert.ok(imports.length > 300, `only ${imports.length} imports found`)
  for (const { room } of imports) assert.ok(mayImport.has(room), `${room} is not in the table`)
})

test('rooms import only what the table permits', () => {
  const wrong = imports
    .filter(({ isTest }) => !isTest)
    .filter((one) => {
      const room = target(one)
      return room !== undefined && room !== one.room && !mayImport.get(one.room)?.includes(room)
    })
    .map(({ file, specifier }) => `${file} imports ${specifier}`)
  assert.deepEqual(wrong, [])
})

test('a crossing between rooms is written with #, a way within a room with a dot', () => {
  const wrong = imports
    .filter((one) => {
      const room = target(one)
      if (room === undefined || one.file === 'src/main.ts') return false
      return one.specifier.startsWith('#') ? room === one.room : room !== one.room
    })
    .map(({ file, specifier }) => `${file} imports ${specifier}`)
  assert.deepEqual(wrong, [])
})

test('only their own rooms import the packages that a room stands for', () => {
  const wrong = imports
    .filter(({ isTest }) => !isTest)
    .filter(({ room, specifier }) =>
      [...ownedPackages].some(
        ([name, rooms]) => (specifier === name || specifier.startsWith(`${name}/`)) && !rooms.includes(room),
      ),
    )
    .map(({ file, specifier }) => `${file} imports ${specifier}`)
  assert.deepEqual(wrong, [])
})

test('only tests import tests and their helpers', () => {
  const wrong = imports
    .filter(
      ({ isTest, specifier }) => !isTest && /\.test\.ts$|-contract\.ts$|\/testing\/|^#test\//.test(specifier),
    )
    .map(({ file, specifier }) => `${file} imports ${specifier}`)
  assert.deepEqual(wrong, [])
})
