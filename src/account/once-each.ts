/**
 * A function that is asked once for each object: of a thousand messages most have the same labels, and what follows from these
 * is worked out for the few sets that there are. It must always give the same.
 */
export function onceEach<Asked extends object, Given>(
  work: (asked: Asked) => Given,
): (asked: Asked) => Given {
  const known = new Map<Asked, Given>()
  return (asked) => {
    let given = known.get(asked)
    if (given === undefined) {
      given = work(asked)
      known.set(asked, given)
    }
    return given
  }
}
