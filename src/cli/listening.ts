import { Complaint } from './complaint.ts'
import { settings } from './settings.ts'
import type { Config, Port } from './settings.ts'

type PortSetting = { [Key in keyof Config]: Config[Key] extends Port ? Key : never }[keyof Config]

/** Turns what the system says of a port into what a person can do about it. */
export async function listening<T>(setting: PortSetting, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
    const { name } = settings[setting]
    const prefix = name.slice(0, name.lastIndexOf('_PORT'))
    if (code === 'EADDRINUSE')
      throw new Complaint(
        `Port ${port ?? ''} is taken by another program. End it, or set ${name} (or ${prefix}S_PORT) to another port, for example ${name}=0 for any free one`,
        { cause: error },
      )
    if (code === 'EACCES')
      throw new Complaint(`Port ${port ?? ''} needs more rights. Set ${name} to one above 1023`, {
        cause: error,
      })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Complaint(`${address ?? 'The address'} is no address of this machine. Set POSTERN_HOST`, {
        cause: error,
      })
    throw error
  }
}
