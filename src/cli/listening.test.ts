import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listening } from './listening.ts'

const failing = (error: object) => async (): Promise<never> => {
  throw Object.assign(new Error('x'), error)
}

test('a port that is taken names the variables that there are', async () => {
  const taken = failing({ code: 'EADDRINUSE', port: 7 })
  await assert.rejects(listening('imapPort', taken), /set POSTERN_IMAP_PORT \(or POSTERN_IMAPS_PORT\) to/)
  await assert.rejects(listening('webPort', taken), /set POSTERN_WEB_PORT to/)
  await assert.rejects(listening('scannerPort', taken), /set POSTERN_SCANNER_PORT to/)
})

test('an address of another machine is named, and the variable that says it', async () => {
  const unknown = failing({ code: 'ENOTFOUND', hostname: 'nowhere.invalid' })
  await assert.rejects(
    listening('imapPort', unknown),
    /nowhere\.invalid is no address of this machine\. Set POSTERN_HOST$/,
  )
  const foreign = failing({ code: 'EADDRNOTAVAIL', address: '192.0.2.1' })
  await assert.rejects(
    listening('scannerPort', foreign),
    /192\.0\.2\.1 is no address of this machine\. Set POSTERN_SCANNER_HOST/,
  )
})
