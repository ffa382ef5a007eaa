-- Makes a record unless the incident has one for this delivery order, or the lineage has an open one (which is then the
-- owner).
--
-- keys.record
-- keys.rows            of the incident
-- keys.counts          of the incident
-- keys.open            root > record that owns the lineage
-- keys.lineage         delivery order > root
-- keys.watch           delivery order > record
-- keys.due             record > when somebody has to look (ms)
-- keys.group           records of the incident in this state
-- args.id              of the record
-- args.delivery_order
-- args.body
-- args.state
-- args.due_in_ms
-- args.root            that the body names
--
-- Answers new, known, joined (with the owner), or root (with the root that the body should name).
if redis.call('ZSCORE', keys.rows, args.id) then return {'known', args.id} end
local root = redis.call('HGET', keys.lineage, args.delivery_order) or args.delivery_order
local owner = redis.call('HGET', keys.open, root)
if owner then return {'joined', owner} end
if root ~= args.root then return {'root', root} end
redis.call('HSET', keys.record, 'version', 1, 'state', args.state, 'body', args.body)
redis.call('ZADD', keys.rows, 0, args.id)
redis.call('HINCRBY', keys.counts, args.state, 1)
redis.call('ZADD', keys.group, 0, args.id)
redis.call('HSET', keys.open, root, args.id)
redis.call('HSET', keys.lineage, args.delivery_order, root)
redis.call('HSET', keys.watch, args.delivery_order, args.id)
redis.call('ZADD', keys.due, now_ms() + args.due_in_ms, args.id)
return {'new', root}
