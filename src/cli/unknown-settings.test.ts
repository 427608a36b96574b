import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellOfUnknown, unknownSettings } from './unknown-settings.ts'

const told = (environment: Record<string, string>) => unknownSettings(environment).map(tellOfUnknown)

test('a variable that is misspelled is told, with the one that was meant', () => {
  assert.deepEqual(told({ POSTERN_IMAP_PROT: '143', GOOGLE_CLIENTID: 'x' }), [
    "POSTERN_IMAP_PROT is no variable of Postern's: is POSTERN_IMAP_PORT meant?",
    "GOOGLE_CLIENTID is no variable of Postern's: is GOOGLE_CLIENT_ID meant?",
  ])
  assert.deepEqual(told({ POSTERN_LISTEN_EVERYWHERE: 'on' }), [
    "POSTERN_LISTEN_EVERYWHERE is no variable of Postern's. .env.example explains all there are",
  ])
})

test('what is spelled right, what others use and what Kubernetes says of a service are not told', () => {
  const environment = {
    POSTERN_IMAP_PORT: '143',
    GOOGLE_CLIENT_SECRET: 'x',
    GOOGLE_APPLICATION_CREDENTIALS: '/x',
    HOME: '/',
    POSTERN_PORT: 'tcp://10.0.0.1:1143',
    POSTERN_PORT_1143_TCP_ADDR: '10.0.0.1',
    POSTERN_SERVICE_HOST: '10.0.0.1',
    POSTERN_SERVICE_PORT_IMAP: '1143',
  }
  assert.deepEqual(unknownSettings(environment), [])
})
