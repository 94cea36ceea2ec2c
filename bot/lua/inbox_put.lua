-- Stores messages that came at the same time. KEYS[8] and on mark each as seen; ARGV[1] is how long they are remembered (ms), then
-- for each message: conversation, message, nonce of this call, and the `said` of the message that it replaces, or ''.
-- Returns for each 1 if stored, 0 if it was there. The nonce tells a call that the client repeated after a lost connection.
local seen_ms = ARGV[1]

local function replace_earlier(conversation, replaces)
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

local function store(seen, conversation, message, nonce, replaces)
  if not redis.call('SET', seen, nonce, 'NX', 'PX', seen_ms) then
    return redis.call('GET', seen) == nonce and 1 or 0
  end
  if replaces ~= '' then
    replace_earlier(conversation, replaces)
  end
  local entry = conversation .. ':' .. string.format('%016d', redis.call('HINCRBY', state, 'number', 1))
  redis.call('HSET', messages, entry, message)
  redis.call('ZADD', waiting, 0, entry)
  if not redis.call('ZSCORE', leased, conversation) and not redis.call('ZSCORE', ready, conversation) then
    local now = now_ms()
    offer(conversation, now, now)
  end
  return 1
end

local stored = {}
for n = 1, #KEYS - 7 do
  local at = 4 * n - 2
  stored[n] = store(KEYS[7 + n], ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
end
touch()
return stored
