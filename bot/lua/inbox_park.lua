-- ARGV conversation, token, entry, reason.
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
local now = now_ms()
local message = redis.call('HGET', messages, ARGV[3])
remove(ARGV[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', dead, '-inf', string.format('%.0f', now - keep_ms))
local record = cjson.encode({entry = ARGV[3], reason = ARGV[4], message = message})
redis.call('ZADD', dead, string.format('%.0f', now), record)
redis.call('PEXPIRE', dead, keep_ms)
return 1
