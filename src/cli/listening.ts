import { Complaint } from './complaint.ts'
import { settings } from './settings.ts'
import type { Config, Port } from './settings.ts'

type PortSetting = { [Key in keyof Config]: Config[Key] extends Port ? Key : never }[keyof Config]

/** Which setting names the address where it is not the one of all. */
const hostNames: Partial<Record<PortSetting, string>> = {
  webPort: 'POSTERN_WEB_HOST, or POSTERN_HOST',
  metricsPort: 'POSTERN_METRICS_HOST, or POSTERN_HOST',
  scannerPort: 'POSTERN_SCANNER_HOST',
}

/** Turns what the system says of a port into what a person can do about it. */
export async function listening<T>(setting: PortSetting, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    const { code, port, address, hostname } = error as NodeJS.ErrnoException & {
      port?: number
      address?: string
      hostname?: string
    }
    const { name } = settings[setting]
    // The one with TLS beside it may be meant, where there is one.
    const secure = `${name.slice(0, name.lastIndexOf('_PORT'))}S_PORT`
    const either = Object.values(settings).some((one) => one.name === secure) ? ` (or ${secure})` : ''
    if (code === 'EADDRINUSE')
      throw new Complaint(
        `Port ${port ?? ''} is taken by another program. End it, or set ${name}${either} to another port, for example ${name}=0 for any free one`,
        { cause: error },
      )
    if (code === 'EACCES')
      throw new Complaint(`Port ${port ?? ''} needs more rights. Set ${name} to one above 1023`, {
        cause: error,
      })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      throw new Complaint(
        `${address ?? hostname ?? 'The address'} is no address of this machine. Set ${hostNames[setting] ?? 'POSTERN_HOST'}`,
        { cause: error },
      )
    throw error
  }
}
