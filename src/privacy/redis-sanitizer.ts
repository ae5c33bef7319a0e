/**
 * How many of a command's first arguments are keys; -1 for all of them. Any other command shows only its name.
 * https://redis.io/docs/latest/commands/
 */
const KEYS: ReadonlyMap<string, number> = new Map([
  ...words(
    'del exists unlink touch mget watch sinter sunion sdiff sinterstore sunionstore sdiffstore pfcount pfmerge',
    -1,
  ),
  ...words('rename renamenx copy lmove rpoplpush smove', 2),
  ...words(
    `append decr decrby dump expire expireat expiretime get getbit getdel getex getrange getset hdel hexists hexpire hget
     hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hpersist hrandfield hscan hset hsetnx hstrlen httl hvals incr incrby
     incrbyfloat lindex linsert llen lpop lpos lpush lpushx lrange lrem lset ltrim mset msetnx persist pexpire pexpireat
     pexpiretime psetex pttl pfadd restore rpop rpush rpushx sadd scard set setbit setex setnx setrange sismember smembers
     smismember sort sort_ro spop srandmember srem sscan strlen substr ttl type bitcount bitfield bitfield_ro bitpos geoadd
     geodist geohash geopos georadius georadiusbymember geosearch xack xadd xautoclaim xclaim xdel xlen xpending xrange
     xrevrange xtrim zadd zcard zcount zincrby zlexcount zmscore zpopmax zpopmin zrandmember zrange zrangebylex
     zrangebyscore zrangestore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange zrevrangebylex
     zrevrangebyscore zrevrank zscan zscore publish spublish`,
    1,
  ),
])

/** Commands whose first argument is the name of a subcommand. */
const CONTAINERS: ReadonlySet<string> = new Set(
  'acl client cluster command config debug function latency memory module object pubsub script slowlog xgroup xinfo'.split(
    ' ',
  ),
)

/**
 * Returns a command for `db.query.text`, with its keys and `?` for everything else. It works on text, whoever wrote it.
 * Of a key with spaces, which look like separate arguments, only the start is kept for certain.
 */
export function sanitizeRedis(command: string): string {
  const [name = '', ...args] = command.slice(0, MAX_COMMAND_CHARS).split(' ')
  return args.length === 0 ? name : withShownArguments(name, args)
}

/** Returns the text of a command given as separate arguments. Values are never converted to text. */
export function redisText(name: string, args: readonly unknown[] = []): string {
  return withShownArguments(name, args).slice(0, MAX_COMMAND_CHARS)
}

const MAX_COMMAND_CHARS = 4096
const SUBCOMMAND = /^[a-z-]{1,20}$/i

/** Returns the command with the arguments that are shown, and one `?` for all others. */
function withShownArguments(name: string, args: readonly unknown[]): string {
  const count = shownCount(String(name).toLowerCase(), args[0])
  const shown = count === -1 ? args : args.slice(0, count)
  const hidden = shown.length === args.length ? [] : ['?']
  return [name, ...shown.map(String), ...hidden].join(' ')
}

/** Returns how many arguments of a command are shown: its keys, or its subcommand; -1 for all of them. */
function shownCount(command: string, first: unknown): number {
  const hasSubcommand = CONTAINERS.has(command) && typeof first === 'string' && SUBCOMMAND.test(first)
  return hasSubcommand ? 1 : (KEYS.get(command) ?? 0)
}

function words(list: string, keys: number): [string, number][] {
  return list.split(/\s+/).map((word) => [word, keys])
}
