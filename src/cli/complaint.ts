/** A command cannot be done, for a reason the person can do something about: one sentence, no stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
}
