/** Marks our own server, for instrumentations that see all servers of Node.js. */
export const SIDE_PORT_MARK: unique symbol = Symbol.for('@paxx/obs.sidePort')
