import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { without } from '../program.ts'

const judge = 'xmllint'

/** Why tests that ask xmllint are left out. */
export const noXmllint: string | false = without(judge) && 'no xmllint here (Debian: libxml2-utils)'

/** What xmllint says against a document by a RELAX NG schema of this folder; empty for a valid one. */
export function complaintsOf(document: string, schema: 'autoconfig' | 'autodiscover'): string {
  const { status, stderr } = spawnSync(
    judge,
    ['--nonet', '--noout', '--relaxng', join(import.meta.dirname, `${schema}.rng`), '-'],
    { input: document, encoding: 'utf8' },
  )
  return status === 0 ? '' : stderr
}

/** The texts that an XPath leads to, in the order of the document; names are compared without their namespaces. */
export function textsAt(document: string, path: readonly string[]): string[] {
  const xpath = path.map((name) => `/*[local-name()='${name}']`).join('')
  const { status, stdout, stderr } = spawnSync(judge, ['--nonet', '--xpath', `${xpath}/text()`, '-'], {
    input: document,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.split('\n').filter((text) => text !== '')
}
