import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connected } from '#auth/consent.ts'
import type { AccountReport } from './account-book.ts'
import { Complaint } from './complaint.ts'
import type { Office } from './office.ts'
import type { AccessTier } from './program.ts'
import { table } from './table.ts'
import { withOffice } from './with-office.ts'

const patienceMs = 10 * 60_000
const lookEveryMs = 1000

/**
 * Connects an account: an address for any browser, and Google sends that browser back to a port of ours; on another machine
 * the address it ended on can be pasted instead.
 */
export async function addAccount(email: string | undefined, tier: AccessTier): Promise<void> {
  await withOffice(async (office) => {
    const connected = await consent(office, email, tier)
    process.stdout.write(`Connected ${connected.address} (${connected.tier}).\n`)
    if (connected.tier !== connected.asked)
      process.stdout.write(
        `Google gave less than was asked for (${connected.asked}). To ask again: postern account add ${connected.address} --access ${connected.asked}\n`,
      )
    if (connected.tier !== 'send') await showListing(office, connected)
    process.stdout.write(`A password for a mail client: postern password add ${connected.address}\n`)
  })
}

export async function listAccounts({ json }: { json?: boolean }): Promise<void> {
  const reports = await withOffice((office) => office.reports())
  if (json === true) return void process.stdout.write(`${JSON.stringify(reports)}\n`)
  if (reports.length === 0)
    return void process.stdout.write('There is none. postern account add connects one.\n')
  process.stdout.write(
    table(
      ['account', 'number', 'access', 'state', 'messages', 'read ahead', 'trouble'],
      reports.map((one) => [
        one.address,
        String(one.id),
        one.access ?? 'not known yet',
        one.access === 'send' ? 'nothing to read' : one.phase,
        String(one.messages),
        String(one.hydrated),
        one.alert ?? '',
      ]),
    ),
  )
}

export async function removeAccount(email: string): Promise<void> {
  if (!(await withOffice((office) => office.removeAccount(email))))
    throw new Complaint('There is no such account. postern account list shows them')
  process.stdout.write(
    `Removed here. To end the grant at Google too: https://myaccount.google.com/connections\n`,
  )
}

async function consent(office: Office, loginHint: string | undefined, tier: AccessTier): Promise<Connected> {
  const server = createServer({ maxHeaderSize: 16 * 1024 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
  const input = createInterface({ input: process.stdin })
  try {
    const { url, browser } = await office.beginConsent({ redirectUri, tier, loginHint })
    process.stdout.write(
      `Open this address in a browser and allow:\n\n  ${url}\n\nIs the browser on another machine? It will end on an address that begins with ${redirectUri} and cannot be shown: copy it, paste it here and press Enter.\n`,
    )
    const finish = (address: string) =>
      office.finishConsent(new URL(address, redirectUri).search.slice(1), browser)
    const { promise, resolve, reject } = Promise.withResolvers<Connected>()
    const timer = setTimeout(
      () => reject(new Complaint('Nobody allowed it within ten minutes. Try again')),
      patienceMs,
    )
    timer.unref()
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const isCallback = request.method === 'GET' && request.url?.startsWith('/callback?') === true
      if (!isCallback) return void response.writeHead(404).end()
      try {
        const connected = await finish(request.url ?? '')
        page(response, 200, 'Connected. You can close this page and go back to the terminal.')
        resolve(connected)
      } catch (error) {
        page(response, 400, 'This did not work. The terminal says why.')
        reject(error)
      }
    }
    server.on('request', (request, response) => void answer(request, response))
    input.on('line', (line) => {
      if (URL.canParse(line.trim())) finish(line.trim()).then(resolve, reject)
      else if (line.trim() !== '') process.stdout.write('This is no address. Copy the whole address line.\n')
    })
    return await promise
  } finally {
    input.close()
    server.close()
    server.closeAllConnections()
  }
}

function page(response: ServerResponse, status: number, sentence: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    .end(`${sentence}\n`)
}

/** Until every mailbox can be selected; the rest goes on when Postern serves. */
async function showListing(office: Office, { account }: Connected): Promise<void> {
  for (let last = ''; ;) {
    const report = (await office.reports()).find(({ id }) => id === account)
    if (report === undefined) return
    const sentence = progressOf(report)
    if (sentence !== last) process.stdout.write(`${sentence}\n`)
    last = sentence
    if (report.alert !== undefined || report.phase === 'live') return
    await sleep(lookEveryMs)
  }
}

function progressOf({ phase, messages, mailboxes, alert }: AccountReport): string {
  if (alert !== undefined) return alert
  if (phase === 'live') return `All ${mailboxes.total} mailboxes are listed: ${messages} messages.`
  return `Listing: ${messages} messages, ${mailboxes.whole} of ${mailboxes.total} mailboxes are ready.`
}
