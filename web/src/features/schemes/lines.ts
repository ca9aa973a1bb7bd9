// The text of a scheme file by line: numbers, comments, and which lines carry parameters that were
// not seen in their source. Lines can be linked to (`#L41`), as a clause can be cited.

/** One line of the file. */
export interface Line {
  number: number
  /** Leading blanks, kept. */
  indent: string
  /** `key:` part, when there is one. */
  key: string
  /** The rest before a comment. */
  rest: string
  /** Comment, with its `#`. */
  comment: string
  /** Says that something was not seen in its source. */
  unverified: boolean
}

/** Start of a comment outside quotes, or −1. */
function commentAt(text: string): number {
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quote) {
      if (c === quote) quote = ''
    } else if (c === "'" || c === '"') quote = c
    else if (c === '#' && (i === 0 || /\s/.test(text[i - 1]!))) return i
  }
  return -1
}

/** The file, line by line. Joined again, the parts give the text back exactly. */
export function lines(text: string): Line[] {
  const rows = text.split('\n')
  if (rows.length > 1 && rows[rows.length - 1] === '') rows.pop()
  return rows.map((row, index) => {
    const at = commentAt(row)
    const body = at < 0 ? row : row.slice(0, at)
    const match = /^(\s*(?:- )?)([A-Za-z_][\w.-]*:)?(.*)$/s.exec(body)!
    return {
      number: index + 1,
      indent: match[1] ?? '',
      key: match[2] ?? '',
      rest: match[3] ?? '',
      comment: at < 0 ? '' : row.slice(at),
      unverified: /\bunverified\b/.test(body),
    }
  })
}

/** Line number of an anchor such as `#L41`; none when it is not one. */
export function lineOf(hash: string): number | null {
  const match = /^#L(\d+)$/.exec(hash)
  return match ? Number(match[1]) : null
}
