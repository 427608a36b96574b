import type { DoorName } from './manners.ts'
import type { Bindings } from './pattern.ts'
import type { Transcript } from './transcript.ts'

/** Everything that one transcript needs: a server, an account of its own with the seed in it, and Google behind. */
export interface Scene {
  readonly doors: Readonly<Partial<Record<DoorName, { host: string; port: number }>>>
  /** What the names of an account stand for. */
  readonly bindings: Bindings
  /** Does or checks what a G line says. Rejects when it is not so. */
  google(sentence: string): Promise<void>
}

/** A server on which transcripts are played. */
export interface Stage {
  scene(transcript: Transcript): Promise<Scene>
  /** What the server logged so far. */
  log(): string
  close(): Promise<void>
}
