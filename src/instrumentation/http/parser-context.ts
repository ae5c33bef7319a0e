import type { IncomingMessage, Server } from 'node:http'
import { Duplex } from 'node:stream'
import { debug, reasonOf } from '../../base/diag.ts'
import { Stamped } from './stamp.ts'

type Message = IncomingMessage | null | undefined

interface Parser {
  incoming: Message
}

/** Associates a parser with the message that it is reading. */
class MessageOfParser extends Stamped {
  #message: Message

  constructor(parser: object, message: Message) {
    super(parser)
    this.#message = message
  }

  static of(parser: object): Message {
    return #message in parser ? parser.#message : undefined
  }

  static set(parser: object, message: Message): void {
    if (#message in parser) parser.#message = message
    // oxlint-disable-next-line no-new -- puts it on the parser
    else new MessageOfParser(parser, message)
  }
}

let isInstalled = false

/**
 * Calls `onRead` with the message that an HTTP parser is reading whenever Node.js looks it up: before each piece of a
 * body, before its end, and before an upgrade is passed to the server. `onRead` returns before Node.js continues, so it
 * is in no stack. This is the only place where a context can be entered for these events, which otherwise run in the
 * context in which the connection was accepted. The accessor is on the prototype of the parsers, which can only be
 * reached through a socket.
 */
export function watchParsers(
  { Server }: { readonly Server: new () => Server },
  onRead: (message: IncomingMessage) => void,
): void {
  if (isInstalled) return
  isInstalled = true
  try {
    const prototype = parsersOf(Server)
    if (prototype === undefined) return
    Object.defineProperty(prototype, 'incoming', {
      configurable: true,
      enumerable: false,
      get(this: Parser): Message {
        const message = MessageOfParser.of(this)
        if (message) onRead(message)
        return message
      },
      set(this: Parser, message: Message) {
        MessageOfParser.set(this, message)
      },
    })
  } catch (thrown) {
    debug(`the parser of node:http could not be watched (${reasonOf(thrown)}); upgrades are not traced`)
  }
}

/** The last version of Node.js that is known not to print a deprecation warning for `_http_common`. */
const LAST_WITH_COMMON = 26

/** Returns the prototype of Node's parsers. */
function parsersOf(Server: new () => Server): object | undefined {
  if (Number.parseInt(process.versions.node) <= LAST_WITH_COMMON) {
    const common = process.getBuiltinModule('_http_common') as { HTTPParser?: { prototype: object } } | undefined
    if (common?.HTTPParser !== undefined) return common.HTTPParser.prototype
  }
  // Node.js creates a parser for each connection, which can be any stream. The app's `async_hooks` observe this.
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  new Server().emit('connection', connection)
  const { parser } = connection as Duplex & { readonly parser?: Parser }
  // The parser will be reused for other connections and must not keep its own property.
  if (parser !== undefined) delete (parser as Partial<Parser>).incoming
  connection.destroy()
  return parser === undefined ? undefined : (Object.getPrototypeOf(parser) as object)
}

/** Prepares a parser that was created earlier. */
export function adoptParser(socket: object): void {
  const { parser } = socket as { readonly parser?: Parser | null }
  if (!parser || !isInstalled || !Object.hasOwn(parser, 'incoming')) return
  const { incoming } = parser
  delete (parser as Partial<Parser>).incoming
  MessageOfParser.set(parser, incoming)
}

/**
 * Calls `enter` when Node.js has released the parser of an upgrade, immediately before it notifies the server. Without
 * AsyncContextFrame, a context entered earlier is lost by then. Node.js sets `parser = null` on the message at that
 * point.
 */
export function onParserFreed(message: IncomingMessage, enter: () => void): void {
  Object.defineProperty(message, 'parser', {
    configurable: true,
    enumerable: false,
    set(value: unknown) {
      Object.defineProperty(message, 'parser', { configurable: true, enumerable: true, writable: true, value })
      enter()
    },
  })
}
