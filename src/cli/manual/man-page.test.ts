import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandLine } from '../program.ts'
import { settings } from '../settings.ts'
import { manPage } from './man-page.ts'

const file = new URL('../../../docs/postern.1', import.meta.url)

test('the manual page says what the commands and settings say', () => {
  const kept = readFileSync(file, 'utf8').replaceAll('\r\n', '\n')
  assert.equal(kept, manPage(commandLine()), 'run npm run env-example')
})

const groff = spawnSync('groff', ['--version'])
test(
  'groff reads the manual page without a word, and every variable and command is in it',
  { skip: groff.error !== undefined && 'there is no groff' },
  () => {
    const { stdout, stderr, status } = spawnSync(
      'groff',
      ['-man', '-ww', '-Tascii', '-P-cbou', '-rLL=200n', file.pathname],
      { encoding: 'utf8' },
    )
    assert.equal(status, 0)
    assert.equal(stderr, '')
    for (const { name } of Object.values(settings)) assert.match(stdout, new RegExp(`^ +${name}\\b`, 'm'))
    for (const words of [
      'postern password add <email>',
      'postern store import <file>',
      'postern sendmail \\[recipients ...\\]',
    ])
      assert.match(stdout, new RegExp(`^ +${words}`, 'm'))
  },
)
