/**
 * The words, in lower case, of which databases, their drivers and GraphQL compose their English error messages:
 * recurring words of PostgreSQL and MariaDB, and those of SQLite, SQL Server, Oracle, MongoDB, Redis and graphql-js.
 * None of them is a value.
 */
export const DATABASE_WORDS: ReadonlySet<string> = new Set(
  `
  a abort aborted aborting about abstract accept accepting access accessible acl action actions active activity actual add
  added adding address administrator affix after again against age aggregate aggregates ahead algorithm all allow allowed allows
  already also alter ambiguous amount an analyze and anonymous another any appear appears applied apply archive are aren't
  argument arguments arithmetic array arrays as ask assign assignment associated at attach attempt attempted attribute
  authenticate authenticated authentication authorization authorized auto auto-increment automatic automatically autovacuum
  available avoid back backend background backup bad base batch be because been before behavior being belonging between beyond
  bigint bin binary bind binlog bit blob block blocked blocks body boolean both bound branch btree buffer buffers build bulk
  busy busygroup busykey but by byte bytea bytes cache call callback called calls can can't canceled canceling cancelled
  cannot carriage cascade cast casts catalog cause caused certificate change changed changes changing channel char character
  characters check checkpoint checksum child choose cidr circuit class clause clauses client close closed closing cluster
  clusterdown clustering code collate collation collations collection collections collects column columns command commands
  comment commit committed communication compare comparing comparison compatible compile compiled complete composite
  compression concurrent concurrently condition conditional conditions configuration configured conflict conflicting conflicts
  connect connected connecting connection connections consider consistency consistent constant constraint constraints consumer
  contain containing contains context control conversion convert converted converting coordinator copy correct corrupt
  corrupted cost could couldn't count crash create created creating creation credentials cross crossslot csv ctype current
  currently cursor custom cycle data data-modifying database dataset datatype date datetime ddl dead deadlock deadlocked
  debugging decimal declaration declare declared decoding default defaults deferrable define defined definer definition delay
  delayed delete deletes delimiter denied deny deprecated depth deserialize destination destroyed detach detail detected
  determine determines dh dictionary did didn't differ different dimensions direct directive directives directory disabled
  discarded disconnected disconnecting disk distinct do document documents does doesn't domain domains double down drop
  dropped due dup duplicate duplicated duration during dynamic each either elapsed element elements empty enable enabled
  enables encoding encountered encryption end ended enforce engine enough enqueue entity entries entry enum environment eof
  equal err errno error error-code errors escape escapes estimate event every exactly exceed exceeded exceeds except exception
  exclusion exec execabort execute executed executing execution exist existing exists exit exited expected expects expired
  explicit expression expressions extension external extra failed fails failure false fatal feature fetch few field fields
  file files filter final find finished first fix flag flags float flush follow following for force foreign foreign-data fork
  form format formatting forward found fraction fragment fragments free freeze from fsync full fulltext function functions
  future generate generated generation geojson geometry geqo get gis given global got grant granted greater group grouping gss
  gssapi gtid handler handshake has hash hasn't have haven't header heartbeat hello here hexadecimal higher history holding
  host i icu id ident identical identifier identifiers identify identity idle ids if ignore ignored ill illegal image
  immediate immutable implement implemented import impossible improper in include included incoming incompatible incomplete
  incorrect incorrectly increase increment index indexes indices infinite info information inherit inheritance inherited
  initial initialize initialized innodb input insert inserted inside instead insufficient int integer integrity internal
  interrupted intersect interval into introduced invalid invalidated io ip is isn't isolation issued it item its jit join json
  jsonb jsonpath kb key keys keyspace kind label language large last lc ldap least left length less level libraries library
  like limit limited line lines link list listen lists literal load loading local locale location lock locked locks log logged
  logging logical login logs long longer lost lower maintenance malformed manager manual many map mapping mariadb marked mask
  masterdown match matched matches matching materialized max maximum may mb md means mediumint member members memory merge
  message messages method might minimum misconf mismatch missing misuse mix mode modified modifier modify modulus mongo
  mongodb more most move moved ms multiple multirange multixact multixactid must mutation myrocks name near named names namespace
  nan native need needed negative neither nested network never new newline next no noauth node nodes non non-null non-nullable
  non-transactional nondeterministic nonexistent nonexisting nonnull noperm nor noscript not notify now null nullable nullish
  nulls number numeric nvarchar object objects occurred of off offset oid old on once one one-dimensional online only oom open
  opened operand operating operation operations operator operators option options or order ordered-set ordering origin other
  out output over overflow overflowed own owned owner packet packets page pages pam parallel parameter parameters parent
  parenthesis parse parser parsing part partition partitioned partitioning partitions password path pending per perform
  performed period permanent permission permissions physical pid plan planner planner's plans platform please plugin point
  points policy pool port portal pos position possible postgresql postmaster preceding precision precondition predicate
  predicted preload prepare prepared present preserve previous primary principal prior private privilege privileges probably
  procedure procedures process processes processing progress projection proto protocol provide provided provider pseudo-type
  publication publications publisher purge purged queries query queryable queue quorum quote quoted radius random range
  reached read read-only reading readonly ready real receive received recognized reconnect record recovery recursion recursive
  redis redo redundant refer reference referenced references refresh refused registered regular reindex rejected relation
  relations relay released remote remove removed removing rename renamed reorganize repair repeatable replace replaced replica
  replication repository represent represents request requested requests required requires reserved reset resolve resolver
  resource response restart restarting restore restricted result retries retrieved retry retryable retrying return returned
  returning revoke rewrite right rocksdb role roles roll rollback rolled root routine row row-based row-level rows rule rules
  run run-time running same sample save scalar scan scans schema schemas scram script scripts search second secondary seconds
  security see seek segment segments select selected selection selects send sent sequence serial serializable serialization
  serialize serve served server server's servers session sessions set set-returning sets setting settings shard shards shared
  shell should shouldn't shows shut shutdown shutting side signal signed since single size sizes skip skipping slave slot
  slots smallint snapshot socket some sort source specific specification specified specifies specify sql sqlite ssl sspi stack
  stage stale standby start started starting startup stat state statement statements statistics status stderr step still stop
  stopped stopping storage stored storing streaming string strings structure subfields subject subpartitions subquery
  subscript subscription subselection subtransaction subtype such superuser superusers supplied support supported supports
  symbolic sync synchronization synchronous syntax system system-versioned table tables tablesample tablespace tablespaces
  taken target tcp template temporary term terminated terminating text than that the them then there thesaurus this thread
  threads time timed timeline timeout times timestamp tinyint to toast together token too topology total transaction
  transaction's transactional transactions transform transition tree tried trigger triggers truncate truncated truncation try
  tryagain trying tsquery tsvector ttl tuple tuples tuplestore turns twice two two-phase type typed types unable
  unacknowledged unauthenticated unauthorized unavailable uncommitted unconditional undefined underflow underlying unexpected
  unexpectedly unhandled unicode uninitialized union unique unix-domain unknown unlogged unnamed unreachable unrecognized
  unresolved unsafe unspecified unsupported unterminated until unusable up updatable update updated updates updating upgrade
  upper usage use used user user-defined users uses using uuid vacuum vacuumed vacuuming valid value values varchar variable
  variables variadic verification version versioning versions via view view's views violated violates violation volatile wait
  waiting wal want warnings was wasn't weight were when where whether which while whole-row will window with within without
  won't word worker workers would wouldn't wraparound wrapper writable write write-ahead writer writes writing written wrong
  wrongpass wrongtype wrote xaer xml yet you your zero zone
`
    .trim()
    .split(/\s+/),
)
