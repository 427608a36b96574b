/** Where a front door listens. */
export interface Door {
  readonly host: string
  readonly port: number
}

/** The first line on standard output with `--json`: what runs and where. design.md section 9. */
export interface Ready {
  readonly imap?: Door
  readonly imaps?: Door
  readonly pop3?: Door
  readonly pop3s?: Door
  readonly smtp?: Door
  readonly smtps?: Door
  readonly web?: { readonly url: string }
  readonly metrics?: { readonly url: string }
  readonly simulator?: {
    readonly url: string
    readonly token: string
    readonly refreshToken: string
    readonly control: string
    readonly clientId: string
    readonly clientSecret: string
    readonly peer: { readonly user: string; readonly token: string }
  }
  readonly account?: { readonly user: string; readonly password: string }
}

export function printReady(ready: Ready): void {
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, ...ready })}\n`)
}
