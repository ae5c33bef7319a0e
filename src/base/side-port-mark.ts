/** By this, whoever watches node's servers from the inside knows ours. */
export const SIDE_PORT_MARK: unique symbol = Symbol.for('@paxx/obs.sidePort')
