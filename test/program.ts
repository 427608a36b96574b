import { spawnSync } from 'node:child_process'

/** A reason to skip a test that needs this program, or false where the program is. */
export function without(program: string): string | false {
  return spawnSync(program, ['--version']).error === undefined ? false : `no ${program} here`
}
