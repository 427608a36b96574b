import type { AccountReport } from './account-book.ts'
import { withOffice } from './with-office.ts'

const barCells = 30

/** `postern status`: where each account stands; bars on a terminal, plain lines elsewhere. Exits with 1 when one needs somebody. */
export async function status({ json }: { json?: boolean }): Promise<void> {
  const reports = await withOffice((office) => office.reports())
  if (reports.some(({ alert }) => alert !== undefined)) process.exitCode = 1
  if (json === true) return void process.stdout.write(`${JSON.stringify(reports)}\n`)
  process.stdout.write(statusText(reports, process.stdout.isTTY))
}

export function statusText(reports: readonly AccountReport[], bars: boolean): string {
  if (reports.length === 0) return 'No account is connected. postern account add connects one.\n'
  return reports.map((report) => `${lineOf(report, bars)}\n`).join('')
}

function lineOf(
  { address, access, phase, messages, hydrated, alert, etaMs }: AccountReport,
  bars: boolean,
): string {
  const name = address.replaceAll(/\p{Cc}/gu, '?')
  if (alert !== undefined) return `${name}: ${alert}`
  if (access === 'send') return `${name}: connected for sending only`
  const left = hydrated < messages ? `, about ${Math.max(1, Math.ceil(etaMs / 60_000))} min left` : ''
  const share = messages === 0 ? 1 : hydrated / messages
  const bar = `[${'#'.repeat(Math.floor(share * barCells)).padEnd(barCells, '.')}] `
  return `${name}: ${bars ? bar : ''}${phase}, ${hydrated} of ${messages} messages read${left}`
}
