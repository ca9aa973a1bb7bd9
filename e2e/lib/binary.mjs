// Starts the shipped binary on a fresh demo in a folder of its own, and stops it again. Nothing here
// knows the app: the story only meets it through the browser, as people do.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LAW = join(dirname(fileURLToPath(import.meta.url)), '../../law')

/** A server that runs. */
export class Server {
  constructor(child, url, dir) {
    this.child = child
    this.url = url
    /** Folder of the demo: database, workbooks. */
    this.dir = dir
  }

  /** Asks it to stop and takes its folder away. */
  async stop() {
    if (this.child && this.child.exitCode === null) {
      const gone = new Promise((done) => this.child.once('exit', done))
      this.child.kill('SIGTERM')
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(timer)
    }
    if (this.child && !process.env.BAIGONG_KEEP) rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Path of the binary: BAIGONG, as `make test-browser` sets it. */
export function binary() {
  const path = process.env.BAIGONG
  if (!path || !existsSync(path)) throw new Error(`BAIGONG names no binary: ${path ?? '(unset)'}; run \`make test-browser\``)
  return path
}

/** Loads a fresh demo (or copies the one that BAIGONG_DEMO names) and serves it on a free port; with
 * BAIGONG_URL it takes the demo that runs there and leaves it running. */
export async function startDemo() {
  if (process.env.BAIGONG_URL) return new Server(null, process.env.BAIGONG_URL, tmpdir())
  const dir = mkdtempSync(join(tmpdir(), 'baigong-story-'))
  if (process.env.BAIGONG_DEMO) cpSync(process.env.BAIGONG_DEMO, dir, { recursive: true })
  return listening(spawn(binary(), ['demo', '--dir', dir, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] }), dir)
}

/** Serves a demo of its own by a changed copy of the law: texts by their paths below `law/`, as `change`
 * gives them back. */
export async function startWithLaw(change) {
  const dir = mkdtempSync(join(tmpdir(), 'baigong-story-'))
  const law = join(dir, 'law')
  cpSync(LAW, law, { recursive: true })
  for (const [path, edit] of Object.entries(change)) {
    const before = readFileSync(join(law, path), 'utf8')
    const after = edit(before)
    if (after === before) throw new Error(`law/${path} is as it was`)
    writeFileSync(join(law, path), after)
  }
  const { code, text } = await run('demo', '--dir', dir, '--load-only')
  if (code !== 0) throw new Error(text)
  const args = ['serve', '--database', join(dir, 'baigong.sqlite'), '--law', law, '--listen', '127.0.0.1:0']
  return listening(spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] }), dir)
}

/** The server of a process, once it has said where it listens. */
async function listening(child, dir) {
  const said = []
  const url = await new Promise((done, fail) => {
    const hear = (chunk) => {
      said.push(chunk.toString())
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said.join(''))
      if (found && found[1] !== '0') done(found[0])
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => fail(new Error(`the binary ended with ${code}:\n${said.join('')}`)))
    setTimeout(() => fail(new Error(`no address after ten minutes:\n${said.join('')}`)), 600_000).unref()
  })
  const server = new Server(child, url, dir)
  server.said = () => said.join('')
  return server
}

/** Runs a command of the binary to its end. */
export function run(...args) {
  return new Promise((done) => {
    const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    child.stderr.on('data', (chunk) => (text += chunk))
    child.once('exit', (code) => done({ code, text }))
  })
}
