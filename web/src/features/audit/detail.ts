// The details of an audit entry as lines: any shape, flattened to paths and values, nothing left out.

/** Paths and values in their order. */
export function flattened(value: unknown, path = ''): [string, string][] {
  if (value === null || value === undefined) return path ? [[path, 'null']] : []
  if (typeof value !== 'object') return [[path || 'value', String(value)]]
  const entries = Array.isArray(value)
    ? value.map((it, index): [string, unknown] => [String(index + 1), it])
    : Object.entries(value)
  if (entries.length === 0) return path ? [[path, Array.isArray(value) ? '[]' : '{}']] : []
  return entries.flatMap(([key, it]) => flattened(it, path ? `${path}.${key}` : key))
}
