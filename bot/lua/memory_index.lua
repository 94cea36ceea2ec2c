-- KEYS a user's conversations; ARGV ttl_ms, conversation. Lists it, drops those that have expired since, renews the expiry.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] - ARGV[1] / 1000)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
