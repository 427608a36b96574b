import { stat } from 'node:fs/promises'

/** Octets of the file and of the journal beside it, which comes and goes. */
export async function fileSize(path: string): Promise<number> {
  const sizes = await Promise.all(
    [path, `${path}-wal`].map((one) =>
      stat(one).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
