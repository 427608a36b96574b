import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { envExample } from './env-example.ts'

test('.env.example says what the settings say', () => {
  const kept = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').replaceAll('\r\n', '\n')
  assert.equal(kept, envExample(), 'run npm run env-example')
})
