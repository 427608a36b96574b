import { z } from 'zod'
import type { OAuth } from '../oauth/oauth.ts'
import type { World } from '../world.ts'

/** What a control verb works on. */
export interface ControlHouse {
  readonly world: World
  readonly oauth: OAuth
  /** Opens a further mailbox. */
  addAccount(address: string, name: string): void
  /** Service accounts are remembered with the rest of the state. */
  addServiceAccount(account: z.output<typeof serviceAccountShape>): void
}

export const serviceAccountShape = z.strictObject({
  email: z.string().min(3).describe('`iss` of its assertions'),
  publicKey: z.string().describe('PEM; a private key will do, its public half is kept'),
  clientId: z.string().optional(),
  scopes: z.array(z.string()).optional().describe('exactly what it may ask for; absent: everything'),
  delegated: z.boolean().optional().describe('false: it may speak for nobody'),
})

/** A verb of the control endpoint is a value: its name, what it does in a line, what it takes, and how it is done. */
export interface Verb<Shape extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly does: string
  readonly takes: Shape
  run(house: ControlHouse, args: z.output<Shape>): object | undefined
}

export function verb<Shape extends z.ZodType>(value: Verb<Shape>): Verb {
  // Safe, since each verb is run with what its own shape has parsed; TypeScript checks methods loosely enough.
  return value
}

/** The control endpoint's own refusal: HTTP 400 with this text. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
}
