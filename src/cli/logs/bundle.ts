import { writeFile } from 'node:fs/promises'
import { arch, release } from 'node:os'
import { Complaint } from '../complaint.ts'
import { examination } from '../doctor/doctor.ts'
import { runningOffice } from '../office-line.ts'
import type { Office } from '../office.ts'
import { readConfig, settings } from '../settings.ts'
import { version } from '../version.ts'
import { Redaction } from './redaction.ts'

/** Variables of which a bundle says only that they are set. */
const secretNames = /KEY|SECRET|PASSWORD|CLIENT_ID|DATABASE_URL|SOURCES/

/**
 * `postern logs bundle`: one text file for a bug report, that a person can read before sending: version, machine,
 * settings, the doctor's findings, accounts, metrics and the last log lines, without addresses, subjects, tokens, bodies.
 */
export async function bundle({ output }: { output?: string }): Promise<void> {
  const redaction = new Redaction()
  const office = await runningHere()
  const text = redaction.apply(
    [
      section('Postern', machine()),
      section('Settings', settingsText()),
      section('Doctor', await doctorText()),
      section('Accounts', office === undefined ? notRunning : await accountsText(office)),
      section('Metrics', office === undefined ? notRunning : await office.metrics()),
      section('Log', office === undefined ? notRunning : (await office.recentLog()).join('\n')),
    ].join('\n'),
  )
  if (output === '-') return void process.stdout.write(text)
  const path = output ?? `postern-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.txt`
  await writeFile(path, text, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw new Complaint(`${path} cannot be written (${error.code ?? 'unknown error'})`, { cause: error })
  })
  process.stdout.write(
    `${path} is written. It should hold no address, subject, token or mail; read it before you send it.\n`,
  )
}

/** `postern logs show`: the last lines of the Postern that runs, as they are. */
export async function showLog(): Promise<void> {
  const office = await runningHere()
  if (office === undefined) throw new Complaint('Postern does not run on this data folder; start it first')
  for (const line of await office.recentLog()) process.stdout.write(`${line}\n`)
}

const notRunning = 'Postern does not run on this data folder.'

async function runningHere(): Promise<Office | undefined> {
  try {
    return await runningOffice(readConfig(process.env).dataDir)
  } catch {
    // A setting that cannot be used is a finding of the doctor's, below.
    return undefined
  }
}

function section(title: string, text: string): string {
  return `=== ${title}\n${text.trimEnd()}\n`
}

function machine(): string {
  return [
    `version ${version()}`,
    `node ${process.version}, ${process.platform} ${release()} ${arch()}`,
    `made ${new Date().toISOString()}`,
  ].join('\n')
}

function settingsText(): string {
  return Object.values(settings)
    .filter(({ name }) => (process.env[name] ?? '') !== '')
    .map(({ name }) => `${name}=${secretNames.test(name) ? '[set]' : process.env[name]}`)
    .join('\n')
}

async function doctorText(): Promise<string> {
  const lines: string[] = []
  await examination(({ check, ok, text }) => lines.push(`${ok ? 'ok' : 'FAIL'} ${check}: ${text}`))
  return lines.join('\n')
}

async function accountsText(office: Office): Promise<string> {
  return (await office.reports()).map((report) => JSON.stringify(report)).join('\n')
}
