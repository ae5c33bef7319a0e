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
  const [name = '', ...rest] = command.slice(0, MAX_COMMAND_CHARS).split(' ')
  if (rest.length === 0) return name
  const lower = name.toLowerCase()
  if (CONTAINERS.has(lower) && /^[a-z-]{1,20}$/i.test(rest[0] ?? ''))
    return rest.length === 1 ? `${name} ${rest[0]}` : `${name} ${rest[0]} ?`
  const keys = KEYS.get(lower) ?? 0
  const shown = keys === -1 ? rest : rest.slice(0, keys)
  return shown.length === rest.length ? [name, ...shown].join(' ') : [name, ...shown, '?'].join(' ')
}

/** Returns the text of a command given as separate arguments. Values are never converted to text. */
export function redisText(name: string, args: readonly unknown[] = []): string {
  const lower = String(name).toLowerCase()
  const [first] = args
  const isContainer = CONTAINERS.has(lower) && typeof first === 'string' && /^[a-z-]{1,20}$/i.test(first)
  const keys = isContainer ? 1 : (KEYS.get(lower) ?? 0)
  const shown = keys === -1 ? args : args.slice(0, keys)
  const rest = shown.length === args.length ? [] : ['?']
  return [name, ...shown.map(String), ...rest].join(' ').slice(0, MAX_COMMAND_CHARS)
}

const MAX_COMMAND_CHARS = 4096

function words(list: string, keys: number): [string, number][] {
  return list.split(/\s+/).map((word) => [word, keys])
}
