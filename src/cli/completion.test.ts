import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '#test/program.ts'

const main = join(import.meta.dirname, '../main.ts')

function script(shell: string): string {
  return execFileSync(process.execPath, [main, 'completion', shell], { encoding: 'utf8' })
}

/** What bash offers after these words; the last one is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const line = ['postern', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _postern; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', `${script('bash')}\n${ask}`], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

test('bash completes commands, what is below them, and options', { skip: without('bash') }, () => {
  assert.deepEqual(offered('do'), ['doctor'])
  assert.deepEqual(offered('password', ''), ['add', 'list', 'remove', '--help'])
  assert.deepEqual(offered('password', 'add', 'a@example.org', '--read'), ['--read-only'])
  assert.deepEqual(offered('store', 'e'), ['export'])
})

test('fish gets a line for every command and option', () => {
  const lines = script('fish').split('\n')
  assert.ok(lines.some((line) => line.includes('__fish_use_subcommand') && line.includes('-a doctor')))
  assert.ok(lines.some((line) => line.includes('from password; and') && line.includes('-l read-only')))
})
