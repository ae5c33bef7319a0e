import type { IncomingMessage, Server } from 'node:http'
import { Duplex } from 'node:stream'
import { debug, reasonOf } from '../../base/diag.ts'
import { Stamped } from './stamp.ts'

type Message = IncomingMessage | null | undefined

interface Parser {
  incoming: Message
}

/** The message that a parser is at. */
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
 * Has `onRead` told of the message that a parser of node's is at, whenever node asks for it: before each piece of a body, before
 * its end, and before an upgrade is told to the server. `onRead` returns before node goes on, so it is in no stack; that is the
 * only place where a context can be entered for what these emit, since they run in the one in which the connection was
 * accepted. The accessor stands on the prototype of the parsers, which nobody can reach but through a socket.
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

/** Of Node versions after this one it is not known whether they print a deprecation of that module. */
const LAST_WITH_COMMON = 26

/** The prototype of node's parsers. */
function parsersOf(Server: new () => Server): object | undefined {
  if (Number.parseInt(process.versions.node) <= LAST_WITH_COMMON) {
    const common = process.getBuiltinModule('_http_common') as { HTTPParser?: { prototype: object } } | undefined
    if (common?.HTTPParser !== undefined) return common.HTTPParser.prototype
  }
  // Node makes a parser for each connection, of whatever stream it is. The app's `async_hooks` hear of it.
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  new Server().emit('connection', connection)
  const { parser } = connection as Duplex & { readonly parser?: Parser }
  // It will serve others, and must not have a property of its own then.
  if (parser !== undefined) delete (parser as Partial<Parser>).incoming
  connection.destroy()
  return parser === undefined ? undefined : (Object.getPrototypeOf(parser) as object)
}

/** A parser that was made before. */
export function adoptParser(socket: object): void {
  const { parser } = socket as { readonly parser?: Parser | null }
  if (!parser || !isInstalled || !Object.hasOwn(parser, 'incoming')) return
  const { incoming } = parser
  delete (parser as Partial<Parser>).incoming
  MessageOfParser.set(parser, incoming)
}

/**
 * Calls `enter` when node has given the parser of an upgrade back, last thing before it tells the server: without
 * AsyncContextFrame, what was entered before is gone by then. Node notes it on the message, `parser = null`.
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
