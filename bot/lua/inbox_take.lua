-- ARGV token, lease_ms. Returns entry, message, attempt of the next message that may be taken; nothing if there is none.
local token, lease_ms = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
for _, conversation in ipairs(redis.call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, 64)) do
  redis.call('ZREM', leased, conversation)
  redis.call('HDEL', state, conversation .. '/token')
  offer(conversation, now, now)
end
while true do
  local conversation = redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, 1)[1]
  if not conversation then
    return false
  end
  redis.call('ZREM', ready, conversation)
  local entry = head(conversation)
  if entry then
    redis.call('ZADD', leased, string.format('%.0f', now + lease_ms), conversation)
    redis.call('HSET', state, conversation .. '/token', token)
    local attempt = redis.call('HINCRBY', state, conversation .. '/attempt', 1)
    touch()
    return {entry, redis.call('HGET', messages, entry), attempt}
  end
end
