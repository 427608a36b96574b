const methods = ['GET ', 'POST ', 'PUT ', 'HEAD ', 'OPTIONS ', 'CONNECT ', 'DELETE ', 'PATCH ', 'TRACE ']

/**
 * Whether a line is an HTTP request line: a web page makes a browser talk to us. It is cut off at once, since what follows
 * could be a form that holds commands.
 */
export function isHttpRequest(line: Buffer): boolean {
  const start = line.toString('latin1', 0, 8)
  return (
    methods.some((method) => start.startsWith(method)) &&
    / HTTP\/[0-9]/.test(line.toString('latin1', Math.max(0, line.length - 10)))
  )
}

/** Whether a line starts as TLS does: a client that expects TLS on the port without it. */
export function isTlsHello(line: Buffer): boolean {
  return line[0] === 0x16 && line[1] === 0x03
}
