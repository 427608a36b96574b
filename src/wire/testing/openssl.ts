import { execFileSync } from 'node:child_process'

const judge = 'openssl'

/** Undefined where there is no openssl to ask. */
export function openssl(...args: string[]): { ok: boolean; text: string } | undefined {
  try {
    return { ok: true, text: execFileSync(judge, args, { stdio: 'pipe' }).toString() }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: Buffer; stderr?: Buffer }
    return code === 'ENOENT' ? undefined : { ok: false, text: `${stdout?.toString()}${stderr?.toString()}` }
  }
}
