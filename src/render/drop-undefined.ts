/** The same fields without those that have no value, so that they are neither printed nor compared. */
export function dropUndefined<Fields extends object>(fields: { [K in keyof Fields]: Fields[K] | undefined }): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
