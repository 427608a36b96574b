import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { capabilities } from '#imap/capabilities.ts'
import { protocolSupport } from './document.ts'
import { leftOut } from './left-out.ts'

test('docs/protocol-support.md is up to date (npm run protocol-support)', () => {
  const kept = readFileSync(new URL('../../docs/protocol-support.md', import.meta.url), 'utf8')
  assert.equal(kept.replaceAll('\r\n', '\n'), protocolSupport())
})

test('what is left out is not announced', () => {
  const words = new Set(capabilities.map(([word]) => word))
  for (const { name } of leftOut) assert.ok(!words.has(name), name)
})
