-- KEYS[8] marks the message as seen; ARGV conversation, message, nonce of this call, how long to remember it (ms), and the
-- `said` of the message that it replaces, or ''.
-- Returns 1 if stored, 0 if it was there. The nonce tells a call that the client repeated after a lost connection.
local conversation, message, nonce, seen_ms, replaces = unpack(ARGV)
if not redis.call('SET', KEYS[8], nonce, 'NX', 'PX', seen_ms) then
  return redis.call('GET', KEYS[8]) == nonce and 1 or 0
end
if replaces ~= '' then
  local first, under_way = head(conversation), redis.call('HEXISTS', state, conversation .. '/token') == 1
  for _, entry in ipairs(redis.call('ZRANGEBYLEX', waiting, '[' .. conversation .. ':', '(' .. conversation .. ';')) do
    local readable, earlier = pcall(cjson.decode, redis.call('HGET', messages, entry) or '')
    if readable and type(earlier) == 'table' and earlier.said == replaces then
      if entry == first and under_way then
        redis.call('HSET', state, conversation .. '/superseded', entry)
      else
        redis.call('HDEL', messages, entry)
        redis.call('ZREM', waiting, entry)
        if entry == first then
          redis.call('HDEL', state, conversation .. '/attempt')
        end
      end
    end
  end
end
local entry = conversation .. ':' .. string.format('%016d', redis.call('HINCRBY', state, 'number', 1))
redis.call('HSET', messages, entry, message)
redis.call('ZADD', waiting, 0, entry)
if not redis.call('ZSCORE', leased, conversation) and not redis.call('ZSCORE', ready, conversation) then
  local now = now_ms()
  offer(conversation, now, now)
end
touch()
return 1
