// Plain test output: one line per check, a line with the sum at the end. A failed check does not stop
// the story by itself; a step that later ones stand on says so with `must`.

/** Counts and prints checks. */
export class Tap {
  passed = 0
  failed = 0
  #started = Date.now()

  /** Starts a group of checks. */
  step(title) {
    console.log(`# ${title} (${((Date.now() - this.#started) / 1000).toFixed(0)} s)`)
  }

  /** One check that is known already. */
  ok(holds, title, detail = '') {
    if (holds) {
      this.passed++
      console.log(`ok ${this.passed + this.failed} - ${title}`)
    } else {
      this.failed++
      console.log(`not ok ${this.passed + this.failed} - ${title}`)
      if (detail) console.log(String(detail).split('\n').map((line) => `  ${line}`).join('\n'))
    }
    return Boolean(holds)
  }

  /** One check that does something; an exception fails it. Gives what it gave, or undefined. */
  async check(title, run) {
    try {
      const value = await run()
      this.ok(true, title)
      return value
    } catch (error) {
      this.ok(false, title, error?.stack ?? error)
      return undefined
    }
  }

  /** A check that the rest of the story stands on. */
  async must(title, run) {
    const before = this.failed
    const value = await this.check(title, run)
    if (this.failed > before) throw new Stopped(title)
    return value
  }

  /** The last line; gives the process's exit code. */
  end() {
    console.log(`story: ${this.passed} passed, ${this.failed} failed`)
    return this.failed === 0 ? 0 : 1
  }
}

/** The story cannot go on. */
export class Stopped extends Error {}

/** Throws unless it holds. */
export function assert(holds, message) {
  if (!holds) throw new Error(message)
}

/** Throws unless both are the same. */
export function same(found, expected, what) {
  if (found !== expected) throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
}
